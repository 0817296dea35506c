import { exp } from '../../core/math/index.js';
import { cosDegrees } from './angles.js';
import { absoluteAirmass, relativeAirmass } from './atmosphere.js';
import { extraterrestrialRadiation } from './extraterrestrial.js';

/** Beam and diffuse irradiance found from the global one. */
export interface Decomposition {
  /** Direct normal irradiance, W/m². */
  readonly dni: number;
  /** Diffuse horizontal irradiance, W/m². */
  readonly dhi: number;
  /** Clearness index: global irradiance over what would fall without an atmosphere, [0, 1]. */
  readonly kt: number;
}

/** Above this true zenith, degrees, all light is taken as diffuse: the correlations were not made for it. */
const MAX_ZENITH = 87;
/** Floor of the zenith's cosine in the clearness index: that of about 86.3°. */
const MIN_COS_ZENITH = 0.065;

/** Clearness index in [0, 1] from global horizontal irradiance, true zenith and extraterrestrial irradiance. */
export function clearnessIndex(ghi: number, zenith: number, extraterrestrial: number): number {
  const kt = ghi / (extraterrestrial * Math.max(cosDegrees(zenith), MIN_COS_ZENITH));
  return Math.min(Math.max(kt, 0), 1);
}

/** Diffuse fraction of global irradiance by Erbs' correlation with the clearness index. */
export function diffuseFractionErbs(kt: number): number {
  if (kt <= 0.22) return 1 - 0.09 * kt;
  if (kt <= 0.8) return 0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)));
  return 0.165;
}

/**
 * Beam and diffuse from global horizontal irradiance (W/m²), the true zenith (degrees) and the day of the year.
 * Source: D. G. Erbs, S. A. Klein, J. A. Duffie, Solar Energy 28, 293–302, 1982.
 */
export function decomposeErbs(ghi: number, zenith: number, day: number): Decomposition {
  const kt = clearnessIndex(ghi, zenith, extraterrestrialRadiation(day));
  const dhi = diffuseFractionErbs(kt) * ghi;
  const dni = (ghi - dhi) / cosDegrees(zenith);
  return zenith > MAX_ZENITH || ghi < 0 || dni < 0 ? { dni: 0, dhi: ghi, kt } : { dni, dhi, kt };
}

/** What DISC answers; `airmass` is the one it used. */
export interface DiscDecomposition extends Decomposition {
  readonly airmass: number;
}

/**
 * As `decomposeErbs`, by the physically motivated DISC model. Without a pressure (Pa) the airmass is relative. The model
 * was fitted with its own solar constant, 1370 W/m², and the airmass of Kasten 1966, cut at 12.
 * Source: E. L. Maxwell: A quasi-physical model for converting hourly global horizontal to direct normal insolation,
 * SERI/TR-215-3087, 1987.
 */
export function decomposeDisc(ghi: number, zenith: number, day: number, pressure?: number): DiscDecomposition {
  const extraterrestrial = extraterrestrialRadiation(day, 1370);
  const kt = clearnessIndex(ghi, zenith, extraterrestrial);
  const relative = relativeAirmass(zenith, 'kasten1966');
  const airmass = Math.min(pressure === undefined ? relative : absoluteAirmass(relative, pressure), 12);
  let a: number;
  let b: number;
  let c: number;
  if (kt <= 0.6) {
    a = 0.512 + kt * (-1.56 + kt * (2.286 - 2.222 * kt));
    b = 0.37 + 0.962 * kt;
    c = -0.28 + kt * (0.932 - 2.048 * kt);
  } else {
    a = -5.743 + kt * (21.77 + kt * (-27.49 + 11.56 * kt));
    b = 41.4 + kt * (-118.5 + kt * (66.05 + 31.9 * kt));
    c = -47.01 + kt * (184.2 + kt * (-222 + 73.81 * kt));
  }
  const clear = 0.866 + airmass * (-0.122 + airmass * (0.0121 + airmass * (-0.000653 + 1.4e-5 * airmass)));
  const dni = (clear - (a + b * exp(c * airmass))) * extraterrestrial;
  const beam = zenith > MAX_ZENITH || ghi < 0 || !(dni > 0) ? 0 : dni;
  return { dni: beam, dhi: ghi - beam * cosDegrees(zenith), kt, airmass };
}
