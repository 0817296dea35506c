import { type Frame, TwinergyError } from '../../core/index.js';
import { acos, asin, cos, sin } from '../../core/math/index.js';
import { usualStep } from '../../core/quality/statistics.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const RADIANS = Math.PI / 180;
/** Share of a good day's power at which the plant counts as woken. */
const WAKING = 0.01;
/** Days to either side whose earliest rise and latest set count: clouds and snow only ever delay. */
const WINDOW = 10;
const LEAST_DAYS = 60;
const USUAL_WAKING = 3;

/** Where a plant must be for its days to be as long as they are. */
export interface LocatedSite {
  /** Degrees, with the standard deviation of what the season leaves open. */
  readonly latitude: number;
  readonly longitude: number;
  readonly latitudeSd: number;
  readonly longitudeSd: number;
  /** Elevation of the sun, degrees, at which the plant wakes: horizon, start power. */
  readonly wakingElevation: number;
}

/**
 * Estimates latitude and longitude from power alone: the middle of a day gives the longitude, its length through the
 * seasons the latitude. Hills to one side and trackers of irradiance bend it; a few degrees are usual. The times must be
 * UTC (or right in another known zone).
 * @throws TwinergyError `LOCATE_TOO_SHORT`, `CALIBRATION_NO_POWER`
 */
export function locateSite(history: Frame): LocatedSite {
  const name = ['acPower', 'meterPower', 'dcPower', 'poaGlobal', 'ghi'].find((candidate) => history.has(candidate));
  if (name === undefined) {
    throw new TwinergyError('CALIBRATION_NO_POWER', 'To find the place, power or irradiance is needed.', {
      path: 'acPower',
      hint: `There are ${history.names.join(', ')}.`,
    });
  }
  const days = wakingDays(history.time, history.column(name));
  if (days.length < LEAST_DAYS) {
    throw new TwinergyError(
      'LOCATE_TOO_SHORT',
      `There are ${days.length} whole days; at least ${LEAST_DAYS} are needed, better a year, to find the place.`,
      { path: 'history', value: days.length },
    );
  }
  const sun = days.map(({ middle }) => declination(middle));
  const noons = days.map(({ middle }, i) => {
    const hours = (middle % DAY) / HOUR + (sun[i]?.equation ?? 0) / 60;
    return ((((12 - hours) * 15 + 540) % 360) + 360) % 360;
  });
  const longitude = circularMedian(noons) - 180;
  let best = { latitude: 0, elevation: 0, cost: Number.POSITIVE_INFINITY };
  const judge = (latitude: number, elevation: number) => {
    let cost = 0;
    days.forEach(({ length }, i) => {
      const expected = dayLength(latitude, sun[i]?.declination ?? 0, elevation);
      const error = Math.min(2, Math.abs(length / HOUR - expected));
      cost += error;
    });
    // Roofs wake some degrees above the horizon; how many, the length of the days alone hardly tells.
    return cost / days.length + 0.01 * ((elevation - USUAL_WAKING) / 2) ** 2;
  };
  for (let latitude = -66; latitude <= 66; latitude += 1) {
    for (let elevation = -1; elevation <= 14; elevation += 1) {
      const cost = judge(latitude, elevation);
      if (cost < best.cost) best = { latitude, elevation, cost };
    }
  }
  for (let fine = 0.25; fine >= 0.05; fine /= 5) {
    const home = best;
    for (let i = -6; i <= 6; i++) {
      for (let j = -6; j <= 6; j++) {
        const latitude = home.latitude + i * fine;
        const elevation = home.elevation + j * fine;
        const cost = judge(latitude, elevation);
        if (cost < best.cost) best = { latitude, elevation, cost };
      }
    }
  }
  // What a degree costs, against the error that is left, says how well the season tells the latitude.
  const steep = Math.min(
    ...[-3, 3].map((off) =>
      Math.min(...[-3, -1.5, 0, 1.5, 3].map((lift) => judge(best.latitude + off, best.elevation + lift))),
    ),
  );
  const gain = Math.max(1e-4, steep - best.cost);
  const deviations = noons
    .map((value) => Math.abs(((value - longitude - 180 + 540) % 360) - 180))
    .sort((a, b) => a - b);
  return {
    latitude: best.latitude,
    longitude,
    latitudeSd: Math.max(0.5, (3 * best.cost) / gain / Math.sqrt(days.length / (2 * WINDOW))),
    longitudeSd: Math.max(0.3, deviations[deviations.length >> 1] ?? 0),
    wakingElevation: best.elevation,
  };
}

/** Middle, ms since the epoch, and length, ms, of each day on which the plant woke and slept again. */
function wakingDays(time: Float64Array, power: Float64Array): { middle: number; length: number }[] {
  const positive = power.filter((value) => value > 0).sort();
  const threshold = WAKING * (positive[Math.floor(0.95 * positive.length)] ?? 0);
  // The day is cut where the plant sleeps most surely.
  const byHour = new Float64Array(24);
  time.forEach((t, row) => {
    if ((power[row] as number) > threshold)
      byHour[Math.floor((t % DAY) / HOUR)] = (byHour[Math.floor((t % DAY) / HOUR)] as number) + 1;
  });
  let quiet = 0;
  const awake = (hour: number) =>
    [-2, -1, 0, 1, 2].reduce((sum, off) => sum + (byHour[(hour + off + 24) % 24] as number), 0);
  for (let hour = 1; hour < 24; hour++) if (awake(hour) < awake(quiet)) quiet = hour;
  const cut = (quiet + 0.5) * HOUR;
  const byDay = new Map<number, { rise: number; set: number }>();
  for (let row = 0; row < time.length; row++) {
    if (!((power[row] as number) > threshold)) continue;
    const t = time[row] as number;
    const day = Math.floor((t - cut) / DAY);
    const before = row > 0 && t - (time[row - 1] as number) < 2 * HOUR ? (time[row - 1] as number) : t;
    // The crossing lies between two rows.
    const crossing = (t + before) / 2;
    const entry = byDay.get(day);
    if (entry === undefined) byDay.set(day, { rise: crossing, set: t });
    else entry.set = t;
  }
  const step = usualStep(time);
  const list = [...byDay.entries()].map(([day, { rise, set }]) => ({
    day,
    rise: rise - day * DAY,
    set: set + step / 2 - day * DAY,
  }));
  return list.flatMap(({ day }) => {
    const near = list.filter((other) => Math.abs(other.day - day) <= WINDOW && other.set - other.rise > 3 * HOUR);
    if (near.length < WINDOW / 2) return [];
    const rises = near.map(({ rise }) => rise).sort((a, b) => a - b);
    const sets = near.map(({ set }) => set).sort((a, b) => a - b);
    const rise = rises[Math.floor(0.15 * rises.length)] as number;
    const set = sets[Math.floor(0.85 * sets.length)] as number;
    return [{ middle: day * DAY + (rise + set) / 2, length: set - rise }];
  });
}

/** Declination, radians, and equation of time, minutes. J. W. Spencer, Search 2, 172, 1971. */
function declination(time: number): { declination: number; equation: number } {
  const year = new Date(time).getUTCFullYear();
  const angle = (2 * Math.PI * (time - Date.UTC(year, 0, 1))) / (365.2422 * DAY);
  return {
    declination:
      0.006918 -
      0.399912 * cos(angle) +
      0.070257 * sin(angle) -
      0.006758 * cos(2 * angle) +
      0.000907 * sin(2 * angle) -
      0.002697 * cos(3 * angle) +
      0.00148 * sin(3 * angle),
    equation:
      229.18 *
      (0.000075 +
        0.001868 * cos(angle) -
        0.032077 * sin(angle) -
        0.014615 * cos(2 * angle) -
        0.040849 * sin(2 * angle)),
  };
}

/** Hours that the sun is above an elevation, degrees. */
function dayLength(latitude: number, delta: number, elevation: number): number {
  const phi = latitude * RADIANS;
  const cosine = (sin(elevation * RADIANS) - sin(phi) * sin(delta)) / (cos(phi) * cos(delta));
  if (cosine <= -1) return 24;
  if (cosine >= 1) return 0;
  return (2 * acos(cosine)) / RADIANS / 15;
}

/** Median of angles, degrees, in 0…360. */
function circularMedian(angles: readonly number[]): number {
  const s = angles.reduce((sum, value) => sum + sin(value * RADIANS), 0);
  const c = angles.reduce((sum, value) => sum + cos(value * RADIANS), 0);
  const length = Math.sqrt(s * s + c * c) || 1;
  const middle = (c >= 0 ? asin(s / length) : Math.PI - asin(s / length)) / RADIANS;
  const off = angles.map((value) => ((value - middle + 540) % 360) - 180).sort((a, b) => a - b);
  return (((middle + (off[off.length >> 1] ?? 0)) % 360) + 360) % 360;
}
