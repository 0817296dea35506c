import { type Frame, TimeZone, TwinergyError } from '../../core/index.js';
import { Sky, type SkySite } from '../../twin/index.js';

/** A stretch of time, ms since the epoch: `from` ≤ t < `to`. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** When people can work at a place. */
export interface WorkHours {
  /** Place of the plant: gives daylight. */
  readonly site?: SkySite | undefined;
  /** IANA zone of the hours of work. Default `UTC`. */
  readonly timeZone?: string | undefined;
  /** Hours of work, local, as `[from, to]`. Default 7 to 17. */
  readonly hours?: readonly [number, number] | undefined;
  /** Weekdays of work, 0 = Sunday … 6. Default Monday to Friday. */
  readonly weekdays?: readonly number[] | undefined;
  /** Local days without work, as `2026-12-25`. */
  readonly holidays?: readonly string[] | undefined;
  /** Height of the sun above which there is light to work by, degrees. Default 3; without a site it is not asked for. */
  readonly leastSun?: number | undefined;
  /**
   * Weather forecast with any of `windSpeed` (m/s), `precipitation` (mm/h), `airTemperature` (°C). Beyond its end the
   * weather is taken as fit for work.
   */
  readonly weather?: Frame | undefined;
  /** What the weather must keep to. Defaults: wind ≤ 12 m/s, rain ≤ 0.2 mm/h, −5 … 38 °C. */
  readonly limits?: {
    readonly windSpeed?: number | undefined;
    readonly precipitation?: number | undefined;
    readonly airTemperature?: readonly [number, number] | undefined;
  };
  /** Times at which nobody gets in: harvest, grid works, an owner's wish. */
  readonly closed?: readonly TimeSpan[] | undefined;
}

const STEP = 15 * 60_000;

/**
 * The stretches between `from` and `to` in which work is possible: in hours of work, by daylight, in weather fit for it,
 * with access. Looked at every quarter of an hour.
 * @throws TwinergyError `PLAN_BAD_PERIOD`, `ZONE_UNKNOWN`
 */
export function workWindows(from: number, to: number, work: WorkHours = {}): TimeSpan[] {
  if (!(to > from))
    throw new TwinergyError('PLAN_BAD_PERIOD', `The period ends at ${to}, before it begins at ${from}.`);
  const { hours = [7, 17], weekdays = [1, 2, 3, 4, 5], holidays = [], leastSun = 3, closed = [] } = work;
  const zone = new TimeZone(work.timeZone ?? 'UTC');
  const sky = work.site === undefined ? undefined : new Sky(work.site);
  const weather = weatherGate(work);
  const free = new Set(holidays);
  const windows: TimeSpan[] = [];
  let start = Number.NaN;
  for (let time = Math.ceil(from / STEP) * STEP; time < to; time += STEP) {
    const local = new Date(time + zone.offsetAt(time));
    const hour = local.getUTCHours() + local.getUTCMinutes() / 60;
    let open =
      hour >= hours[0] &&
      hour < hours[1] &&
      weekdays.includes(local.getUTCDay()) &&
      !free.has(local.toISOString().slice(0, 10)) &&
      !closed.some((span) => time >= span.from && time < span.to);
    if (open && sky !== undefined) {
      sky.look(time);
      open = 90 - sky.zenith >= leastSun;
    }
    open &&= weather(time);
    if (open && Number.isNaN(start)) start = time;
    if (!open && !Number.isNaN(start)) {
      windows.push({ from: start, to: time });
      start = Number.NaN;
    }
  }
  if (!Number.isNaN(start)) windows.push({ from: start, to: Math.min(to, Math.ceil(to / STEP) * STEP) });
  return windows;
}

/** Whether the weather at a time is fit for work, by the forecast's row that holds then. */
function weatherGate({ weather, limits = {} }: WorkHours): (time: number) => boolean {
  if (weather === undefined || weather.length === 0) return () => true;
  const { windSpeed = 12, precipitation = 0.2, airTemperature = [-5, 38] } = limits;
  const column = (name: string) => (weather.has(name) ? weather.column(name) : undefined);
  const wind = column('windSpeed');
  const rain = column('precipitation');
  const air = column('airTemperature');
  const last = weather.time[weather.length - 1] as number;
  const first = weather.time[0] as number;
  const step = weather.length > 1 ? (weather.time[1] as number) - first : STEP;
  return (time) => {
    if (time < first || time >= last + step) return true;
    const at = weather.time[weather.indexAt(time)] === time ? weather.indexAt(time) : weather.indexAt(time) - 1;
    // What the forecast does not say is no reason to stay at home.
    return (
      !((wind?.[at] ?? 0) > windSpeed) &&
      !((rain?.[at] ?? 0) > precipitation) &&
      !((air?.[at] ?? 20) < airTemperature[0]) &&
      !((air?.[at] ?? 20) > airTemperature[1])
    );
  };
}
