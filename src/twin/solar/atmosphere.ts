import { cos, pow } from '../../core/math/index.js';
import { cosDegrees, RADIANS, sinDegrees } from './angles.js';

/** Pressure of the standard atmosphere at sea level, Pa. */
export const STANDARD_PRESSURE = 101_325;

/** Pressure, Pa, of the standard atmosphere at an altitude in metres. Source: US Standard Atmosphere 1976. */
export function pressureOfAltitude(altitude: number): number {
  return 100 * pow((44_331.514 - altitude) / 11_880.516, 1 / 0.1902632);
}

/** Altitude, m, at which the standard atmosphere has this pressure, Pa. Inverse of `pressureOfAltitude`. */
export function altitudeOfPressure(pressure: number): number {
  return 44_331.5 - 4946.62 * pow(pressure, 0.190263);
}

/** The published formulas of relative airmass. */
export type AirmassModel =
  | 'kastenyoung1989'
  | 'kasten1966'
  | 'simple'
  | 'pickering2002'
  | 'youngirvine1967'
  | 'young1994'
  | 'gueymard1993'
  | 'gueymard2003';

/** Each formula of zenith in degrees; which kind of zenith it was made for is said at `relativeAirmass`. */
const AIRMASS: Record<AirmassModel, (zenith: number) => number> = {
  kastenyoung1989: (z) => 1 / (cosDegrees(z) + 0.50572 * pow(6.07995 + (90 - z), -1.6364)),
  kasten1966: (z) => 1 / (cosDegrees(z) + 0.15 * pow(93.885 - z, -1.253)),
  simple: (z) => 1 / cosDegrees(z),
  pickering2002: (z) => 1 / sinDegrees(90 - z + 244 / (165 + 47 * pow(90 - z, 1.1))),
  youngirvine1967: (z) => {
    const secant = 1 / cos(z * RADIANS);
    return secant * (1 - 0.0012 * (secant * secant - 1));
  },
  young1994: (z) => {
    const c = cosDegrees(z);
    return (1.002432 * c * c + 0.148386 * c + 0.0096467) / (c * c * c + 0.149864 * c * c + 0.0102963 * c + 0.000303978);
  },
  gueymard1993: (z) => 1 / (cosDegrees(z) + 0.00176759 * z * pow(94.37515 - z, -1.21563)),
  gueymard2003: (z) => 1 / (cosDegrees(z) + (0.48353 * pow(z, 0.095846)) / pow(96.741 - z, 1.754)),
};

/**
 * How much more air a ray crosses than one from the zenith; NaN where the zenith exceeds 90°.
 *
 * `kastenyoung1989` (default), `simple`, `kasten1966`, `pickering2002`, `gueymard1993` and `gueymard2003` are made for the
 * apparent zenith, `youngirvine1967` and `young1994` for the true one. Degrees.
 * Sources: F. Kasten, A. T. Young, Applied Optics 28, 1989; F. Kasten 1966; K. A. Pickering, DIO 12, 2002; A. T. Young,
 * W. M. Irvine, Astron. J. 72, 1967; A. T. Young, Applied Optics 33, 1994; C. Gueymard, Solar Energy 51, 1993 and 74, 2003.
 */
export function relativeAirmass(zenith: number, model: AirmassModel = 'kastenyoung1989'): number {
  return zenith <= 90 ? AIRMASS[model](zenith) : Number.NaN;
}

/** Airmass at a pressure in Pa: relative airmass times pressure over 101,325 Pa. */
export function absoluteAirmass(relative: number, pressure: number = STANDARD_PRESSURE): number {
  return (relative * pressure) / STANDARD_PRESSURE;
}
