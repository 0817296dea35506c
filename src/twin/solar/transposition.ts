import { acosDegrees, cosDegrees, RADIANS, sinDegrees } from './angles.js';

/** A plane and the sun, degrees. Azimuths clockwise from north; tilt 0 is flat, 90 upright. */
export interface PlaneGeometry {
  readonly surfaceTilt: number;
  readonly surfaceAzimuth: number;
  /** Apparent zenith of the sun. */
  readonly solarZenith: number;
  readonly solarAzimuth: number;
}

/** Diffuse light of the sky on a plane, and its parts, W/m². */
export interface SkyDiffuse {
  /** Sum of the parts, at least 0. */
  readonly sky: number;
  readonly isotropic: number;
  /** From around the sun: shaded with it. */
  readonly circumsolar: number;
  readonly horizon: number;
}

const NO_LIGHT: SkyDiffuse = { sky: 0, isotropic: 0, circumsolar: 0, horizon: 0 };

/** Light on a plane, W/m². */
export interface PlaneOfArray {
  readonly global: number;
  readonly direct: number;
  /** Sky and ground. */
  readonly diffuse: number;
  readonly sky: number;
  readonly ground: number;
}

/** Cosine of the angle between the sun and the plane's normal, in [-1, 1]; negative when the sun is behind. */
export function incidenceProjection(plane: PlaneGeometry): number {
  const projection =
    cosDegrees(plane.surfaceTilt) * cosDegrees(plane.solarZenith) +
    sinDegrees(plane.surfaceTilt) *
      sinDegrees(plane.solarZenith) *
      cosDegrees(plane.solarAzimuth - plane.surfaceAzimuth);
  return Math.min(1, Math.max(-1, projection));
}

/** Angle between the sun and the plane's normal, degrees. */
export function angleOfIncidence(plane: PlaneGeometry): number {
  return acosDegrees(incidenceProjection(plane));
}

/** Light that the ground sends to the plane, W/m²; albedo is the part of global irradiance it reflects. */
export function groundDiffuse(surfaceTilt: number, ghi: number, albedo = 0.25): number {
  return ghi * albedo * (1 - cosDegrees(surfaceTilt)) * 0.5;
}

/** Sky diffuse, W/m², of an evenly bright sky. B. Y. H. Liu, R. C. Jordan, Solar Energy 4, 1960. */
export function skyDiffuseIsotropic(surfaceTilt: number, dhi: number): SkyDiffuse {
  const isotropic = dhi * (1 + cosDegrees(surfaceTilt)) * 0.5;
  return { sky: isotropic, isotropic, circumsolar: 0, horizon: 0 };
}

/**
 * Sky diffuse, W/m², with the light around the sun treated as beam.
 * Source: J. E. Hay, J. A. Davies: Calculations of the solar radiation incident on an inclined surface, 1980.
 */
export function skyDiffuseHayDavies(
  plane: PlaneGeometry,
  dhi: number,
  dni: number,
  extraterrestrial: number,
): SkyDiffuse {
  const ratio = Math.max(incidenceProjection(plane), 0) / Math.max(cosDegrees(plane.solarZenith), 0.01745);
  const anisotropy = dni / extraterrestrial;
  const isotropic = Math.max(dhi * (1 - anisotropy) * 0.5 * (1 + cosDegrees(plane.surfaceTilt)), 0);
  const circumsolar = Math.max(dhi * anisotropy * ratio, 0);
  return { sky: isotropic + circumsolar, isotropic, circumsolar, horizon: 0 };
}

/** Upper edges of Perez' bins of sky clearness; an edge belongs to the bin above. */
const PEREZ_EDGES = [1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2];

/**
 * Perez' coefficients, eight rows of F11 F12 F13 F21 F22 F23: R. Perez et al., Solar Energy 44, 271–289, 1990, table 6,
 * all sites.
 */
const PEREZ_COEFFICIENTS = Float64Array.of(
  ...[-0.008, 0.588, -0.062, -0.06, 0.072, -0.022],
  ...[0.13, 0.683, -0.151, -0.019, 0.066, -0.029],
  ...[0.33, 0.487, -0.221, 0.055, -0.064, -0.026],
  ...[0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
  ...[0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
  ...[1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
  ...[1.06, -1.6, -0.359, 0.264, -1.127, 0.131],
  ...[0.678, -0.327, -0.25, 0.156, -1.377, 0.251],
);

/** Perez' two brightness coefficients: of the sky around the sun, and of the horizon. */
export interface PerezBrightness {
  circumsolar: number;
  horizon: number;
}

/** Writes the brightness coefficients for a zenith in radians into `result`. */
export function perezBrightness(
  zenith: number,
  dhi: number,
  dni: number,
  extraterrestrial: number,
  airmass: number,
  result: PerezBrightness,
): void {
  const kappa = 1.041 * zenith * zenith * zenith;
  const clearness = ((dhi + dni) / dhi + kappa) / (1 + kappa);
  const brightness = (dhi * airmass) / extraterrestrial;
  let bin = 0;
  while (bin < 7 && clearness >= (PEREZ_EDGES[bin] as number)) bin++;
  const at = 6 * bin;
  const c = PEREZ_COEFFICIENTS;
  result.circumsolar = Math.max(
    (c[at] as number) + (c[at + 1] as number) * brightness + (c[at + 2] as number) * zenith,
    0,
  );
  result.horizon = (c[at + 3] as number) + (c[at + 4] as number) * brightness + (c[at + 5] as number) * zenith;
}

/**
 * Sky diffuse, W/m², by Perez' model of 1990 with the coefficients of all sites; `airmass` is relative. Without any light
 * and where the airmass is NaN (sun below the horizon) the answer is 0.
 * Source: R. Perez et al.: Modeling daylight availability and irradiance components from direct and global irradiance,
 * Solar Energy 44, 271–289, 1990.
 */
export function skyDiffusePerez(
  plane: PlaneGeometry,
  dhi: number,
  dni: number,
  extraterrestrial: number,
  airmass: number,
): SkyDiffuse {
  if (Number.isNaN(airmass) || dhi <= 0) return { ...NO_LIGHT };
  const brightness = { circumsolar: 0, horizon: 0 };
  perezBrightness(plane.solarZenith * RADIANS, dhi, dni, extraterrestrial, airmass, brightness);
  const ratio = Math.max(incidenceProjection(plane), 0) / Math.max(cosDegrees(plane.solarZenith), cosDegrees(85));
  const isotropic = dhi * 0.5 * (1 - brightness.circumsolar) * (1 + cosDegrees(plane.surfaceTilt));
  const circumsolar = dhi * brightness.circumsolar * ratio;
  const horizon = dhi * brightness.horizon * sinDegrees(plane.surfaceTilt);
  const sky = isotropic + circumsolar + horizon;
  // The model can fall below zero behind a plane that sees little sky; then there is no light, and no parts of it.
  return sky > 0 ? { sky, isotropic, circumsolar, horizon } : { ...NO_LIGHT };
}

/** Adds beam, sky and ground: light on the plane, W/m². `projection` is the cosine of the angle of incidence. */
export function planeOfArray(projection: number, dni: number, sky: number, ground: number): PlaneOfArray {
  const direct = Math.max(dni * projection, 0);
  const diffuse = sky + ground;
  return { global: direct + diffuse, direct, diffuse, sky, ground };
}

/** Published models of the sky's diffuse light. */
export type TranspositionModel = 'isotropic' | 'hay-davies' | 'perez';

/** What `transpose` needs to know of the light. Irradiances in W/m². */
export interface SkyLight {
  readonly dni: number;
  readonly ghi: number;
  readonly dhi: number;
  readonly extraterrestrial: number;
  /** Relative; only Perez' model takes it. */
  readonly airmass: number;
}

/** Light on a plane by one of the models, W/m². */
export function transpose(
  plane: PlaneGeometry,
  light: SkyLight,
  { model = 'hay-davies', albedo = 0.25 }: { readonly model?: TranspositionModel; readonly albedo?: number } = {},
): PlaneOfArray {
  let sky: SkyDiffuse;
  if (model === 'isotropic') sky = skyDiffuseIsotropic(plane.surfaceTilt, light.dhi);
  else if (model === 'perez') sky = skyDiffusePerez(plane, light.dhi, light.dni, light.extraterrestrial, light.airmass);
  else sky = skyDiffuseHayDavies(plane, light.dhi, light.dni, light.extraterrestrial);
  return planeOfArray(
    incidenceProjection(plane),
    light.dni,
    sky.sky,
    groundDiffuse(plane.surfaceTilt, light.ghi, albedo),
  );
}
