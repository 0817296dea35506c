import { acos, asin, atan2, cos, sin } from '../../core/math/index.js';
import { DEGREES, RADIANS, wrapDegrees } from './angles.js';
import type { SolarSite } from './position.js';
import { DEFAULT_DELTA_T, geocentricSun, meanSiderealTime, observerTerms, topocentricDirection } from './spa.js';

const DAY = 86_400_000;

/** Elevation of the sun's centre, degrees, when its upper edge touches the sea's horizon: refraction 34', radius 16'. */
export const SUNRISE_ELEVATION = -0.8333;

/** Options of `sunriseSunset`. */
export interface SunriseOptions {
  /**
   * `crossing` (default): the instants at which the sun's true elevation, with parallax, crosses `elevation`, and its
   * azimuth the meridian. `spa-report`: the closed algorithm of the SPA report, which agrees with it to a second or two at
   * moderate latitudes, but is wrong by up to two minutes where the event falls on the neighbouring UTC day.
   */
  readonly method?: 'crossing' | 'spa-report';
  /** Degrees; default −0.8333. Use −6, −12, −18 for the twilights. */
  readonly elevation?: number;
}

/** Instants in ms since the epoch, UTC. NaN: the sun does not cross that elevation on the day. */
export interface SunEvents {
  readonly sunrise: number;
  readonly sunset: number;
  /** When the sun is highest (crosses the meridian); always a number. */
  readonly transit: number;
}

const fraction = (x: number): number => x - Math.floor(x);

/** An angle brought to (-180, 180]. */
function halfTurn(angle: number): number {
  const wrapped = wrapDegrees(angle);
  return wrapped > 180 ? wrapped - 360 : wrapped;
}

/** Difference of right ascensions or declinations, as the report limits it. */
const limited = (difference: number): number => (Math.abs(difference) > 2 ? fraction(difference) : difference);

/** The algorithm of appendix A.2. `day` is 0 h UTC. Gives days after it. */
function reportEvents(day: number, site: SolarSite, elevation: number) {
  const deltaT = site.deltaT ?? DEFAULT_DELTA_T;
  // Right ascension and declination at 0 h of terrestrial time on three days.
  const at = (offset: number) => geocentricSun(day + offset * DAY - deltaT * 1000, deltaT);
  const [before, now, after] = [at(-1), at(0), at(1)];
  const sidereal = meanSiderealTime(day) + geocentricSun(day, deltaT).equationOfEquinoxes;
  const phi = site.latitude * RADIANS;
  const delta = now.declination * RADIANS;
  const cosHour = (sin(elevation * RADIANS) - sin(phi) * sin(delta)) / (cos(phi) * cos(delta));
  const hour = Math.abs(cosHour) <= 1 ? acos(cosHour) * DEGREES : Number.NaN;
  const noon = fraction((now.rightAscension - site.longitude - sidereal) / 360);

  const a = limited(now.rightAscension - before.rightAscension);
  const aNext = limited(after.rightAscension - now.rightAscension);
  const b = limited(now.declination - before.declination);
  const bNext = limited(after.declination - now.declination);
  const place = (m: number) => {
    const n = m + deltaT / 86_400;
    const rightAscension = now.rightAscension + (n * (a + aNext + (aNext - a) * n)) / 2;
    const declination = (now.declination + (n * (b + bNext + (bNext - b) * n)) / 2) * RADIANS;
    const hourAngle = halfTurn(sidereal + 360.985647 * m + site.longitude - rightAscension);
    return { hourAngle, declination };
  };
  const correct = (m: number): number => {
    const { hourAngle, declination } = place(fraction(m));
    const h = hourAngle * RADIANS;
    const height = asin(sin(phi) * sin(declination) + cos(phi) * cos(declination) * cos(h)) * DEGREES;
    const slope = 360 * cos(declination) * cos(phi) * sin(h);
    // The event is reduced to one day for the interpolation and put back afterwards.
    return m + (height - elevation) / slope;
  };
  return {
    transit: noon - place(noon).hourAngle / 360,
    sunrise: correct(noon - hour / 360),
    sunset: correct(noon + hour / 360),
  };
}

/** Elevation above the wanted one, and the hour angle, both in degrees, of the sun at sea level without refraction. */
function track(site: SolarSite, elevation: number) {
  const deltaT = site.deltaT ?? DEFAULT_DELTA_T;
  const observer = observerTerms(site.latitude, 0);
  const direction = (time: number) => {
    const sun = geocentricSun(time, deltaT);
    const hourAngle = meanSiderealTime(time) + sun.equationOfEquinoxes + site.longitude - sun.rightAscension;
    return { hourAngle, ...topocentricDirection(hourAngle, sun.declination, sun.distance, observer) };
  };
  return {
    height: (time: number): number => {
      const { east, north, up } = direction(time);
      return atan2(up, Math.hypot(east, north)) * DEGREES - elevation;
    },
    meridian: (time: number): number => halfTurn(direction(time).hourAngle),
  };
}

/** Root of `f` between two times of opposite sign, to a tenth of a millisecond (Illinois form of the secant method). */
function crossing(f: (time: number) => number, from: number, to: number): number {
  let [a, fa, b, fb] = [from, f(from), to, f(to)];
  if (!(fa * fb <= 0)) return Number.NaN;
  for (let count = 0; count < 60 && Math.abs(b - a) > 0.1 && fb !== 0; count++) {
    const c = (a * fb - b * fa) / (fb - fa);
    const fc = f(c);
    if (fc * fb < 0) [a, fa] = [b, fb];
    else fa /= 2;
    if (Math.abs(c - b) < 0.05) return c;
    [b, fb] = [c, fc];
  }
  return b;
}

/**
 * Sunrise, transit and sunset of the calendar day at the site that belongs to the UTC date of `day` (ms since the epoch):
 * the transit lies on that UTC day, sunrise and sunset within 12 hours of it. Altitude, pressure and temperature of the
 * site play no part.
 *
 * Source: I. Reda, A. Andreas: Solar Position Algorithm for Solar Radiation Applications, NREL/TP-560-34302, 2008,
 * appendix A.2 for `spa-report`; its sections 3.2 to 3.13 under a root finder for `crossing`.
 */
export function sunriseSunset(
  day: number,
  site: SolarSite,
  { method = 'crossing', elevation = SUNRISE_ELEVATION }: SunriseOptions = {},
): SunEvents {
  const start = Math.floor(day / DAY) * DAY;
  const report = reportEvents(start, site, elevation);
  if (method === 'spa-report')
    return {
      sunrise: start + report.sunrise * DAY,
      sunset: start + report.sunset * DAY,
      transit: start + report.transit * DAY,
    };
  const { height, meridian } = track(site, elevation);
  const noon = start + report.transit * DAY;
  const transit = crossing(meridian, noon - 300_000, noon + 300_000);
  return {
    transit,
    sunrise: crossing(height, transit - DAY / 2, transit),
    sunset: crossing(height, transit + DAY / 2, transit),
  };
}
