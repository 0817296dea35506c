import { acos, asin, cos, sin } from '../../core/math/index.js';
import { DEGREES, RADIANS, wrapDegrees } from './angles.js';
import type { SolarSite } from './position.js';
import {
  DEFAULT_DELTA_T,
  type GeocentricSun,
  geocentricSun,
  meanSiderealTime,
  type ObserverTerms,
  observerTerms,
  topocentricDirection,
} from './spa.js';

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

/**
 * The sun around a day: right ascension and declination at 0 h of terrestrial time on three days, quadratic between them, a
 * first approximation good to some hundredths of a second of sunrise.
 */
class DaySun {
  /** Apparent sidereal time at 0 h UTC, degrees. */
  readonly sidereal: number;
  readonly now: GeocentricSun;
  private readonly deltaT: number;
  private readonly ascension: readonly [number, number];
  private readonly declination: readonly [number, number];

  constructor(
    readonly day: number,
    readonly site: SolarSite,
  ) {
    const deltaT = site.deltaT ?? DEFAULT_DELTA_T;
    this.deltaT = deltaT;
    const at = (offset: number) => geocentricSun(day + offset * DAY - deltaT * 1000, deltaT);
    const [before, now, after] = [at(-1), at(0), at(1)];
    this.now = now;
    this.sidereal = meanSiderealTime(day) + now.equationOfEquinoxes;
    this.ascension = [
      limited(now.rightAscension - before.rightAscension),
      limited(after.rightAscension - now.rightAscension),
    ];
    this.declination = [limited(now.declination - before.declination), limited(after.declination - now.declination)];
  }

  /** Hour angle and declination, degrees, m days after 0 h UTC. Appendix A.2, equations A7 to A11. */
  at(m: number): { hourAngle: number; declination: number } {
    const n = m + this.deltaT / 86_400;
    const [a, aNext] = this.ascension;
    const [b, bNext] = this.declination;
    const rightAscension = this.now.rightAscension + (n * (a + aNext + (aNext - a) * n)) / 2;
    const declination = this.now.declination + (n * (b + bNext + (bNext - b) * n)) / 2;
    const hourAngle = halfTurn(this.sidereal + 360.985647 * m + this.site.longitude - rightAscension);
    return { hourAngle, declination };
  }
}

/** The algorithm of appendix A.2. Gives days after 0 h UTC. */
function reportEvents(sun: DaySun, elevation: number) {
  const { site, now, sidereal } = sun;
  const phi = site.latitude * RADIANS;
  const delta = now.declination * RADIANS;
  const cosHour = (sin(elevation * RADIANS) - sin(phi) * sin(delta)) / (cos(phi) * cos(delta));
  const hour = Math.abs(cosHour) <= 1 ? acos(cosHour) * DEGREES : Number.NaN;
  const noon = fraction((now.rightAscension - site.longitude - sidereal) / 360);
  const correct = (m: number): number => {
    // The event is reduced to one day for the interpolation and put back afterwards.
    const place = sun.at(fraction(m));
    const h = place.hourAngle * RADIANS;
    const declination = place.declination * RADIANS;
    const height = asin(sin(phi) * sin(declination) + cos(phi) * cos(declination) * cos(h)) * DEGREES;
    return m + (height - elevation) / (360 * cos(declination) * cos(phi) * sin(h));
  };
  return {
    transit: noon - sun.at(noon).hourAngle / 360,
    sunrise: correct(noon - hour / 360),
    sunset: correct(noon + hour / 360),
  };
}

/** Hour angle (degrees) and sine of the elevation by the whole algorithm. */
function exactDirection(time: number, site: SolarSite, observer: ObserverTerms): { hourAngle: number; up: number } {
  const sun = geocentricSun(time, site.deltaT ?? DEFAULT_DELTA_T);
  const hourAngle = halfTurn(meanSiderealTime(time) + sun.equationOfEquinoxes + site.longitude - sun.rightAscension);
  return { hourAngle, up: topocentricDirection(hourAngle, sun.declination, sun.distance, observer).up };
}

/** A microsecond, in days. */
const CLOSE = 1e-6 / 86_400;

/**
 * Root of `f` between two times (days) of opposite sign (Illinois form of the secant method). Near a guess the bracket is
 * narrowed first.
 */
function crossing(f: (m: number) => number, from: number, to: number, guess = Number.NaN): number {
  let [a, fa, b, fb] = [from, f(from), to, f(to)];
  if (!(fa * fb <= 0)) return Number.NaN;
  for (const near of [guess - 2e-4, guess + 2e-4]) {
    if (!((near > a && near < b) || (near < a && near > b))) continue;
    const value = f(near);
    if (value * fb < 0) [a, fa] = [near, value];
    else [b, fb] = [near, value];
  }
  for (let count = 0; count < 80 && fb !== 0; count++) {
    const c = (a * fb - b * fa) / (fb - fa);
    const fc = f(c);
    if (fc * fb < 0) [a, fa] = [b, fb];
    else fa /= 2;
    const step = Math.abs(c - b);
    [b, fb] = [c, fc];
    if (step < CLOSE || Math.abs(b - a) < CLOSE) break;
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
  const sun = new DaySun(start, site);
  const report = reportEvents(sun, elevation);
  const instants = (events: { sunrise: number; sunset: number; transit: number }): SunEvents => ({
    sunrise: start + events.sunrise * DAY,
    sunset: start + events.sunset * DAY,
    transit: start + events.transit * DAY,
  });
  if (method === 'spa-report') return instants(report);
  const observer = observerTerms(site.latitude, 0);
  // Sine of the elevation less the wanted one: with parallax, at sea level, without refraction.
  const wanted = sin(elevation * RADIANS);
  const height = (m: number): number => {
    const { hourAngle, declination } = sun.at(m);
    return topocentricDirection(hourAngle, declination, sun.now.distance, observer).up - wanted;
  };
  const meridian = (m: number): number => sun.at(m).hourAngle;
  const transit = crossing(meridian, report.transit - 0.01, report.transit + 0.01);
  // What the interpolation leaves is taken out by a Newton step on the algorithm itself, with the interpolation's slope.
  const polished = (m: number, f: (m: number) => number, exact: (time: number) => number): number => {
    if (Number.isNaN(m)) return m;
    const slope = (f(m + 1e-5) - f(m - 1e-5)) / 2e-5;
    const next = m - exact(start + m * DAY) / slope;
    return Math.abs(next - m) < 1e-3 ? next : m;
  };
  const exactHeight = (time: number): number => exactDirection(time, site, observer).up - wanted;
  return instants({
    transit: polished(transit, meridian, (time) => exactDirection(time, site, observer).hourAngle),
    sunrise: polished(crossing(height, transit - 0.5, transit, report.sunrise), height, exactHeight),
    sunset: polished(crossing(height, transit + 0.5, transit, report.sunset), height, exactHeight),
  });
}
