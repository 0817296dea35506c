import { atan2, tan } from '../../core/math/index.js';
import { DEGREES, RADIANS, wrapDegrees } from './angles.js';
import { DEFAULT_DELTA_T, geocentricSun, meanSiderealTime, observerTerms, topocentricDirection } from './spa.js';

/** Where the sun is looked at from, and through which air. */
export interface SolarSite {
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
  /** Metres above the sea; default 0. */
  readonly altitude?: number | undefined;
  /** Mean pressure, Pa; default 101,325. It bends the light. */
  readonly pressure?: number | undefined;
  /** Mean air temperature, °C; default 12. It bends the light. */
  readonly temperature?: number | undefined;
  /** Terrestrial minus universal time, s; default 67 (the SPA report's). */
  readonly deltaT?: number | undefined;
  /** Refraction at the horizon, degrees; default 0.5667. Below a true elevation of -(0.26667 + this) no light is bent. */
  readonly horizonRefraction?: number | undefined;
}

/** Where the sun stands. Angles in degrees. */
export interface SolarPosition {
  /** Angle from the vertical as it is seen, with refraction. */
  readonly apparentZenith: number;
  /** Angle from the vertical, without refraction. */
  readonly zenith: number;
  /** 90 − apparentZenith. */
  readonly apparentElevation: number;
  /** 90 − zenith. */
  readonly elevation: number;
  /** Clockwise from north, [0, 360). */
  readonly azimuth: number;
  /** Sundial minus clock, minutes. */
  readonly equationOfTime: number;
}

/**
 * Bending of light by the air, degrees to be added to the true elevation (degrees). Bennett's formula as in the SPA
 * report, equation 42: pressure against 1010 hPa, temperature against 283 K with 273 added.
 */
export function refraction(
  elevation: number,
  pressure: number,
  temperature: number,
  horizonRefraction = 0.5667,
): number {
  if (elevation < -(0.26667 + horizonRefraction)) return 0;
  return (
    ((pressure / 101_000) * (283 / (273 + temperature)) * 1.02) /
    (60 * tan((elevation + 10.3 / (elevation + 5.11)) * RADIANS))
  );
}

/** Equation of time in minutes from the slow quantities, in (-20, 20]. SPA report, appendix A.1. */
function equationOfTime(meanLongitude: number, rightAscension: number, equationOfEquinoxes: number): number {
  const minutes = 4 * (meanLongitude - 0.0057183 - rightAscension + equationOfEquinoxes);
  if (minutes > 20) return minutes - 1440;
  return minutes < -20 ? minutes + 1440 : minutes;
}

/**
 * Where the sun stands at `time` (ms since the epoch, UTC), by the Solar Position Algorithm: good to 0.0003° in the years
 * -2000 to 6000, and equal to the published algorithm to 1e-9°.
 *
 * Source: I. Reda, A. Andreas: Solar Position Algorithm for Solar Radiation Applications, NREL/TP-560-34302, 2008.
 */
export function solarPosition(time: number, site: SolarSite): SolarPosition {
  const sun = geocentricSun(time, site.deltaT ?? DEFAULT_DELTA_T);
  const hourAngle = meanSiderealTime(time) + sun.equationOfEquinoxes + site.longitude - sun.rightAscension;
  const observer = observerTerms(site.latitude, site.altitude ?? 0);
  const { east, north, up } = topocentricDirection(hourAngle, sun.declination, sun.distance, observer);
  // The arc tangent of both legs keeps its digits where an arc sine loses half of them, near the zenith.
  const elevation = atan2(up, Math.sqrt(east * east + north * north)) * DEGREES;
  const apparentElevation =
    elevation + refraction(elevation, site.pressure ?? 101_325, site.temperature ?? 12, site.horizonRefraction);
  return {
    apparentZenith: 90 - apparentElevation,
    zenith: 90 - elevation,
    apparentElevation,
    elevation,
    azimuth: wrapDegrees(atan2(east, north) * DEGREES),
    equationOfTime: equationOfTime(sun.meanLongitude, sun.rightAscension, sun.equationOfEquinoxes),
  };
}

/** Distance earth–sun at `time` (ms since the epoch, UTC), astronomical units, to 1e-10 of the SPA's. */
export function earthSunDistance(time: number, deltaT: number = DEFAULT_DELTA_T): number {
  return geocentricSun(time, deltaT).distance;
}
