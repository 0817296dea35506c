import { cos, sin } from '../../core/math/index.js';
import { earthSunDistance } from './position.js';

/** Solar constant, W/m², that Spencer's and the ASCE's series are used with. */
export const SOLAR_CONSTANT = 1366.1;

/** Day of the year in UTC, 1 for 1 January, of `time` (ms since the epoch). */
export function dayOfYear(time: number): number {
  const year = new Date(time).getUTCFullYear();
  return Math.floor((time - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
}

/** Angle of the day on the earth's orbit, radians. It divides by 365 in leap years too. */
function dayAngle(day: number): number {
  return ((2 * Math.PI) / 365) * (day - 1);
}

/**
 * Irradiance on a plane normal to the sun outside the atmosphere, W/m², by the day of the year (1…366).
 * Source: J. W. Spencer: Fourier series representation of the sun, Search 2 (5), 1971.
 */
export function extraterrestrialRadiation(day: number, solarConstant: number = SOLAR_CONSTANT): number {
  const b = dayAngle(day);
  const inverseSquare = 1.00011 + 0.034221 * cos(b) + 0.00128 * sin(b) + 0.000719 * cos(2 * b) + 7.7e-5 * sin(2 * b);
  return solarConstant * inverseSquare;
}

/** As `extraterrestrialRadiation`, with the one-term series of the ASCE evapotranspiration equation (2005). */
export function extraterrestrialRadiationAsce(day: number, solarConstant: number = SOLAR_CONSTANT): number {
  return solarConstant * (1 + 0.033 * cos(((2 * Math.PI) / 365) * day));
}

/** As `extraterrestrialRadiation`, from the true distance of the sun at `time` (ms since the epoch) by the SPA. */
export function extraterrestrialRadiationAt(
  time: number,
  solarConstant: number = SOLAR_CONSTANT,
  deltaT?: number,
): number {
  return solarConstant / earthSunDistance(time, deltaT) ** 2;
}
