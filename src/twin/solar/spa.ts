import { asin, atan, atan2, cos, sin, tan } from '../../core/math/index.js';
import { DEGREES, RADIANS, wrapDegrees } from './angles.js';
import { DISTANCE_TERMS, LATITUDE_TERMS, LONGITUDE_TERMS, NUTATION_TERMS } from './spa-terms.js';

/** Days from 1970-01-01T00:00Z to the epoch J2000.0 (2000-01-01T12:00 terrestrial time). */
const J2000_DAYS = 10957.5;

/** Difference between terrestrial and universal time, s. The value of the SPA report; real ones: 57 s in 1990, 69 s in 2025. */
export const DEFAULT_DELTA_T = 67;

/** The sun as seen from the centre of the earth. */
export interface GeocentricSun {
  /** Apparent right ascension, degrees in [0, 360). */
  rightAscension: number;
  /** Apparent declination, degrees. */
  declination: number;
  /** Distance earth–sun, astronomical units. */
  distance: number;
  /** Nutation's part of the sidereal time (Δψ cos ε), degrees. */
  equationOfEquinoxes: number;
  /** Mean longitude of the sun, degrees in [0, 360). */
  meanLongitude: number;
}

/** Sum of the periodic terms of one power after the other, as a polynomial in the Julian millennium. */
function periodicSum(powers: readonly (readonly number[])[], millennium: number): number {
  let sum = 0;
  for (let power = powers.length - 1; power >= 0; power--) {
    const terms = powers[power] as readonly number[];
    let part = 0;
    for (let k = 0; k < terms.length; k += 3)
      part += (terms[k] as number) * cos((terms[k + 1] as number) + (terms[k + 2] as number) * millennium);
    sum = sum * millennium + part;
  }
  return sum * 1e-8;
}

/** Nutation in longitude and in obliquity, degrees. Centuries of terrestrial time since J2000. */
function nutation(century: number): { longitude: number; obliquity: number } {
  const t = century;
  const x0 = 297.85036 + t * (445267.11148 + t * (-0.0019142 + t / 189474));
  const x1 = 357.52772 + t * (35999.05034 + t * (-0.0001603 - t / 300000));
  const x2 = 134.96298 + t * (477198.867398 + t * (0.0086972 + t / 56250));
  const x3 = 93.27191 + t * (483202.017538 + t * (-0.0036825 + t / 327270));
  const x4 = 125.04452 + t * (-1934.136261 + t * (0.0020708 + t / 450000));
  let longitude = 0;
  let obliquity = 0;
  for (let k = 0; k < NUTATION_TERMS.length; k += 9) {
    const argument =
      RADIANS *
      ((NUTATION_TERMS[k] as number) * x0 +
        (NUTATION_TERMS[k + 1] as number) * x1 +
        (NUTATION_TERMS[k + 2] as number) * x2 +
        (NUTATION_TERMS[k + 3] as number) * x3 +
        (NUTATION_TERMS[k + 4] as number) * x4);
    longitude += ((NUTATION_TERMS[k + 5] as number) + (NUTATION_TERMS[k + 6] as number) * t) * sin(argument);
    obliquity += ((NUTATION_TERMS[k + 7] as number) + (NUTATION_TERMS[k + 8] as number) * t) * cos(argument);
  }
  return { longitude: longitude / 36e6, obliquity: obliquity / 36e6 };
}

/**
 * The slow quantities of the sun at `time` (ms since the epoch, UTC): everything that does not turn with the earth.
 * Reda and Andreas 2008, sections 3.2 to 3.10.
 */
export function geocentricSun(time: number, deltaT: number = DEFAULT_DELTA_T): GeocentricSun {
  const century = (time / 86_400_000 + deltaT / 86_400 - J2000_DAYS) / 36_525;
  const millennium = century / 10;
  const longitude = periodicSum(LONGITUDE_TERMS, millennium) * DEGREES + 180;
  const latitude = -periodicSum(LATITUDE_TERMS, millennium);
  const distance = periodicSum(DISTANCE_TERMS, millennium);
  const nutated = nutation(century);
  const u = millennium / 10;
  const meanObliquity =
    84381.448 +
    u *
      (-4680.93 +
        u *
          (-1.55 +
            u *
              (1999.25 +
                u * (-51.38 + u * (-249.67 + u * (-39.05 + u * (7.12 + u * (27.87 + u * (5.79 + u * 2.45)))))))));
  const obliquity = (meanObliquity / 3600 + nutated.obliquity) * RADIANS;
  const aberration = -20.4898 / (3600 * distance);
  const lambda = (longitude + nutated.longitude + aberration) * RADIANS;
  const sinObliquity = sin(obliquity);
  const cosObliquity = cos(obliquity);
  const sinLambda = sin(lambda);
  const rightAscension = atan2(sinLambda * cosObliquity - tan(latitude) * sinObliquity, cos(lambda));
  const declination = asin(sin(latitude) * cosObliquity + cos(latitude) * sinObliquity * sinLambda);
  const meanLongitude =
    280.4664567 +
    millennium *
      (360007.6982779 +
        millennium * (0.03032028 + millennium * (1 / 49931 + millennium * (-1 / 15300 - millennium / 2_000_000))));
  return {
    rightAscension: wrapDegrees(rightAscension * DEGREES),
    declination: declination * DEGREES,
    distance,
    equationOfEquinoxes: nutated.longitude * cosObliquity,
    meanLongitude: wrapDegrees(meanLongitude),
  };
}

/** Mean sidereal time at Greenwich, degrees in [0, 360), from days since J2000.0. Section 3.8. */
function siderealTime(days: number): number {
  const century = days / 36_525;
  return wrapDegrees(280.46061837 + 360.98564736629 * days + century * century * (0.000387933 - century / 38_710_000));
}

/**
 * Mean sidereal time at Greenwich, degrees in [0, 360). The algorithm's input is the Julian day as one double, which
 * resolves 40 µs (1.7e-7° of rotation); it is kept so that results agree with other implementations to the last digits,
 * also near the zenith where the azimuth magnifies this.
 */
export function meanSiderealTime(time: number): number {
  return siderealTime(time / 86_400_000 + 2_440_587.5 - 2_451_545);
}

/** As `meanSiderealTime`, without the rounding of the Julian day: smooth in time, as an interpolation needs it. */
export function smoothSiderealTime(time: number): number {
  return siderealTime(time / 86_400_000 - J2000_DAYS);
}

/** Where the observer stands on the flattened earth, as the parallax needs it. Section 3.12. */
export interface ObserverTerms {
  readonly sinLatitude: number;
  readonly cosLatitude: number;
  /** Distance from the axis, in units of the equator's radius. */
  readonly x: number;
  /** Height above the plane of the equator, in the same unit. */
  readonly y: number;
}

/** The observer's terms from latitude (degrees) and altitude (m). */
export function observerTerms(latitude: number, altitude: number): ObserverTerms {
  const phi = latitude * RADIANS;
  const u = atan(0.99664719 * tan(phi));
  const height = altitude / 6_378_140;
  return {
    sinLatitude: sin(phi),
    cosLatitude: cos(phi),
    x: cos(u) + height * cos(phi),
    y: 0.99664719 * sin(u) + height * sin(phi),
  };
}

/** The sun's direction as seen by an observer, before refraction: a unit vector (east, north, up). */
export interface TopocentricDirection {
  east: number;
  north: number;
  up: number;
}

/**
 * Direction of the sun from the observer with parallax. The vector form of sections 3.12 to 3.14: the same formulas
 * without an arc function, so no digit is lost near the zenith.
 *
 * @param hourAngle observer's local hour angle of the sun's centre, degrees
 * @param declination geocentric declination, degrees
 * @param distance astronomical units
 */
export function topocentricDirection(
  hourAngle: number,
  declination: number,
  distance: number,
  observer: ObserverTerms,
  result: TopocentricDirection = { east: 0, north: 0, up: 0 },
): TopocentricDirection {
  const parallax = sin((8.794 / (3600 * distance)) * RADIANS);
  const h = hourAngle * RADIANS;
  const delta = declination * RADIANS;
  const cosDelta = cos(delta);
  // Towards the meridian, towards the west, towards the pole; not of length one after the shift by the parallax.
  const meridian = cosDelta * cos(h) - observer.x * parallax;
  const west = cosDelta * sin(h);
  const pole = sin(delta) - observer.y * parallax;
  const length = Math.sqrt(meridian * meridian + west * west + pole * pole);
  result.east = -west / length;
  result.north = (pole * observer.cosLatitude - meridian * observer.sinLatitude) / length;
  result.up = (pole * observer.sinLatitude + meridian * observer.cosLatitude) / length;
  return result;
}
