import { exp, log, pow } from '../../core/math/index.js';
import { cosDegrees, sinDegrees } from './angles.js';
import { STANDARD_PRESSURE } from './atmosphere.js';

/** Irradiance on the ground, W/m². */
export interface Irradiance {
  /** Global on a horizontal plane. */
  readonly ghi: number;
  /** Direct (beam) on a plane normal to the sun. */
  readonly dni: number;
  /** Diffuse on a horizontal plane. */
  readonly dhi: number;
}

/** Options of `clearSkyIneichen`. */
export interface IneichenOptions {
  /** Metres; default 0. */
  readonly altitude?: number;
  /** Irradiance outside the atmosphere, W/m²; default 1364. */
  readonly extraterrestrial?: number;
  /** Whether global irradiance is raised by exp(0.01 airmass^1.8), as R. Perez proposed; default false. */
  readonly perezEnhancement?: boolean;
}

/**
 * Clear sky from the apparent zenith (degrees), the absolute airmass and the Linke turbidity. At night (airmass NaN) all
 * is 0. Sources: P. Ineichen, R. Perez, Solar Energy 73, 151–157, 2002; R. Perez et al., Solar Energy 73, 307–317, 2002.
 */
export function clearSkyIneichen(
  apparentZenith: number,
  airmass: number,
  linkeTurbidity: number,
  { altitude = 0, extraterrestrial = 1364, perezEnhancement = false }: IneichenOptions = {},
): Irradiance {
  const cosZenith = Math.max(cosDegrees(apparentZenith), 0);
  if (Number.isNaN(airmass) || cosZenith === 0) return { ghi: 0, dni: 0, dhi: 0 };
  const fh1 = exp(-altitude / 8000);
  const fh2 = exp(-altitude / 1250);
  const cg1 = 5.09e-5 * altitude + 0.868;
  const cg2 = 3.92e-5 * altitude + 0.0387;
  let transmittance = exp(-cg2 * airmass * (fh1 + fh2 * (linkeTurbidity - 1)));
  if (perezEnhancement) transmittance *= exp(0.01 * pow(airmass, 1.8));
  const ghi = cg1 * extraterrestrial * cosZenith * Math.max(transmittance, 0);
  const b = 0.664 + 0.163 / fh1;
  const beam = extraterrestrial * Math.max(b * exp(-0.09 * airmass * (linkeTurbidity - 1)), 0);
  // The empirical correction of the second paper keeps the beam below what the global irradiance allows.
  const limit = (ghi * Math.max(1 - (0.1 - 0.2 * exp(-linkeTurbidity)) / (0.1 + 0.882 / fh1), 0)) / cosZenith;
  const dni = Math.min(beam, limit);
  return { ghi, dni, dhi: ghi - dni * cosZenith };
}

/**
 * Linke turbidity on a day of the year from twelve monthly values, linear between the middles of the months, as the
 * SoDa maps are used.
 */
export function linkeTurbidityOfDay(monthly: readonly number[], day: number): number {
  const at = (day - 0.5) / (365 / 12) - 0.5;
  const month = Math.floor(at);
  const before = monthly[(month + 12) % 12] as number;
  const after = monthly[(month + 13) % 12] as number;
  return before + (after - before) * (at - month);
}

/** Global horizontal irradiance under a clear sky, W/m², from the apparent zenith alone. B. Haurwitz, J. Meteorology 2, 1945. */
export function clearSkyHaurwitz(apparentZenith: number): number {
  const cosZenith = cosDegrees(apparentZenith);
  return cosZenith > 0 ? 1098 * cosZenith * exp(-0.059 / cosZenith) : 0;
}

/** Options of `clearSkySolis`. */
export interface SolisOptions {
  /** Aerosol optical depth at 700 nm; default 0.1. */
  readonly aod700?: number;
  /** Precipitable water, cm; default 1; at least 0.2 is taken. */
  readonly precipitableWater?: number;
  /** Pa; default 101,325. */
  readonly pressure?: number;
  /** Irradiance outside the atmosphere, W/m²; default 1364. */
  readonly extraterrestrial?: number;
}

/**
 * Clear sky by the simplified Solis model from the apparent elevation, degrees.
 * Source: P. Ineichen: A broadband simplified version of the Solis clear sky model, Solar Energy 82, 758–762, 2008.
 */
export function clearSkySolis(
  apparentElevation: number,
  { aod700 = 0.1, precipitableWater = 1, pressure = STANDARD_PRESSURE, extraterrestrial = 1364 }: SolisOptions = {},
): Irradiance {
  const a = aod700;
  const w = Math.max(precipitableWater, 0.2);
  const logWater = log(w);
  const logPressure = log(pressure / STANDARD_PRESSURE);
  const enhanced =
    extraterrestrial *
    (0.12 * pow(w, 0.56) * a * a + 0.97 * pow(w, 0.032) * a + 1.08 * pow(w, 0.0051) + 0.071 * logPressure);

  const beamDepth =
    (1.82 + 0.056 * logWater + 0.0071 * logWater ** 2) * a +
    (0.33 + 0.045 * logWater + 0.0096 * logWater ** 2) +
    (0.0089 * w + 0.13) * logPressure;
  const beamExponent = (0.00925 * a * a + 0.0148 * a - 0.0172) * logWater + (-0.7565 * a * a + 0.5057 * a + 0.4557);

  const globalDepth =
    (1.24 + 0.047 * logWater + 0.0061 * logWater ** 2) * a +
    (0.27 + 0.043 * logWater + 0.009 * logWater ** 2) +
    (0.0079 * w + 0.1) * logPressure;
  const globalExponent = -0.0147 * logWater - 0.3079 * a * a + 0.2846 * a + 0.3798;

  // The published fit of the diffuse part has one branch for very clear air.
  const [t4, t3, t2, t1, t0, tp] =
    a < 0.05
      ? [
          86 * w - 13_800,
          -3.11 * w + 79.4,
          -0.23 * w + 74.8,
          0.092 * w - 8.86,
          0.0042 * w + 3.12,
          -0.83 * pow(1 + a, -17.2),
        ]
      : [
          -0.21 * w + 11.6,
          0.27 * w - 20.7,
          -0.134 * w + 15.5,
          0.0554 * w - 5.71,
          0.0057 * w + 2.94,
          -0.71 * pow(1 + a, -15),
        ];
  const diffuseDepth = t4 * pow(a, 4) + t3 * pow(a, 3) + t2 * a ** 2 + t1 * a + t0 + tp * logPressure;
  const diffuseExponent = -0.337 * a * a + 0.63 * a + 0.116 + logPressure / (18 + 152 * a);

  const sinElevation = Math.max(1e-30, sinDegrees(apparentElevation));
  return {
    ghi: enhanced * exp(-globalDepth / pow(sinElevation, globalExponent)) * sinElevation,
    dni: enhanced * exp(-beamDepth / pow(sinElevation, beamExponent)),
    dhi: enhanced * exp(-diffuseDepth / pow(sinElevation, diffuseExponent)),
  };
}
