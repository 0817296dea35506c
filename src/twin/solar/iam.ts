import { cos, exp, pow, sin } from '../../core/math/index.js';
import { cosDegrees, RADIANS, sinDegrees } from './angles.js';

/** Part of the beam that is lost as the angle of incidence (degrees) grows, ASHRAE's one-parameter form; 0 from 90° on. */
export function incidenceAngleModifierAshrae(angle: number, b = 0.05): number {
  if (Math.abs(angle) >= 90) return 0;
  return Math.max(0, 1 - b * (1 / cos(angle * RADIANS) - 1));
}

/** The glass of `incidenceAngleModifierPhysical`. */
export interface GlassCover {
  /** Refractive index of the glass; default 1.526. */
  readonly refractiveIndex?: number;
  /** Extinction of the glass, 1/m; default 4. */
  readonly extinction?: number;
  /** Thickness, m; default 0.002. */
  readonly thickness?: number;
  /** Refractive index of an anti-reflective coating; default none. */
  readonly coatingIndex?: number | undefined;
}

/** Reflectances (perpendicular and parallel) at a boundary, by Fresnel. */
function fresnel(n1: number, cos1: number, n2: number, cos2: number): [number, number] {
  const perpendicular = (n1 * cos1 - n2 * cos2) / (n1 * cos1 + n2 * cos2);
  const parallel = (n1 * cos2 - n2 * cos1) / (n1 * cos2 + n2 * cos1);
  return [perpendicular * perpendicular, parallel * parallel];
}

/** Transmittance of the cover for a cosine and sine of the angle of incidence in air. */
function transmittance(
  cosine: number,
  sine: number,
  cover: Required<Omit<GlassCover, 'coatingIndex'>>,
  coating?: number,
) {
  const outer = coating ?? cover.refractiveIndex;
  const cosOuter = Math.sqrt(1 - (sine / outer) ** 2);
  const [rhoS, rhoP] = fresnel(1, cosine, outer, cosOuter);
  let tauS = 1 - rhoS;
  let tauP = 1 - rhoP;
  let cosGlass = cosOuter;
  if (coating !== undefined) {
    cosGlass = Math.sqrt(1 - (sine / cover.refractiveIndex) ** 2);
    const [innerS, innerP] = fresnel(coating, cosOuter, cover.refractiveIndex, cosGlass);
    // Light goes to and fro in the coating.
    tauS *= (1 - innerS) / (1 - innerS * rhoS);
    tauP *= (1 - innerP) / (1 - innerP * rhoP);
  }
  return 0.5 * (tauS + tauP) * exp((-cover.extinction * cover.thickness) / cosGlass);
}

/**
 * Incidence-angle modifier of a glass cover from refraction (Snell, Fresnel) and absorption (Bouguer); 0 from 90° on.
 * Sources: W. De Soto et al., Solar Energy 80, 78–88, 2006; J. A. Duffie, W. A. Beckman: Solar engineering of thermal
 * processes, 3rd ed., 2006.
 */
export function incidenceAngleModifierPhysical(
  angle: number,
  { refractiveIndex = 1.526, extinction = 4, thickness = 0.002, coatingIndex }: GlassCover = {},
): number {
  if (Math.abs(angle) >= 90) return 0;
  const cover = { refractiveIndex, extinction, thickness };
  return (
    transmittance(cosDegrees(angle), sinDegrees(angle), cover, coatingIndex) / transmittance(1, 0, cover, coatingIndex)
  );
}

/**
 * Incidence-angle modifier by the one angular-loss coefficient of N. Martin, J. M. Ruiz, Solar Energy Materials and Solar
 * Cells 70, 25–38, 2001; 0 from 90° on.
 */
export function incidenceAngleModifierMartinRuiz(angle: number, angularLoss = 0.16): number {
  if (Math.abs(angle) >= 90) return 0;
  return (1 - exp(-cosDegrees(angle) / angularLoss)) / (1 - exp(-1 / angularLoss));
}

/**
 * Modifiers for diffuse light from the sky and from the ground on a plane of this tilt, degrees.
 * Source: N. Martin, J. M. Ruiz: A new model for PV modules angular losses under field conditions, Int. J. Solar Energy
 * 22, 19–31, 2002; corrigendum in Progress in Photovoltaics 21, 2013.
 */
export function incidenceAngleModifierDiffuse(
  surfaceTilt: number,
  angularLoss = 0.16,
): { sky: number; ground: number } {
  const c1 = 0.4244;
  const c2 = 0.5 * angularLoss - 0.154;
  // Flat and upside-down planes are limits of the formulas, taken a hair away from their 0/0.
  const small = 1e-6 * RADIANS;
  const tilt = Math.min(Math.max(Math.abs(surfaceTilt) * RADIANS, small), Math.PI - small);
  const sine = sin(tilt);
  // The second term of each tends to 0 at its end, where its digits are those of rounding alone.
  const sky = tilt === Math.PI - small ? sine : sine + (Math.PI - tilt - sine) / (1 + cos(tilt));
  const ground = tilt === small ? sine : sine + (tilt - sine) / (1 - cos(tilt));
  return {
    sky: 1 - exp(-((c1 + c2 * sky) * sky) / angularLoss),
    ground: 1 - exp(-((c1 + c2 * ground) * ground) / angularLoss),
  };
}

/** Schlick's approximation of Fresnel reflection, 1 − (1 − cos)⁵; 0 from 90° on. Computer Graphics Forum 13, 1994. */
export function incidenceAngleModifierSchlick(angle: number): number {
  return Math.abs(angle) >= 90 ? 0 : 1 - pow(1 - cosDegrees(angle), 5);
}
