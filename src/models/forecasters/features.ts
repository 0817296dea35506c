import type { Series } from './series.js';

/** A step counts as daylight where the clear sky is above this part of the series' scale. */
const DAYLIGHT = 0.02;

/** Sums up to each step, so that the sum over any window costs two look-ups. */
interface Sums {
  readonly value: Float64Array;
  readonly level: Float64Array;
}

const sumsOf = new WeakMap<Float64Array, Sums>();

function sums(series: Series): Sums {
  const cached = sumsOf.get(series.filled);
  if (cached !== undefined) return cached;
  const value = new Float64Array(series.length + 1);
  const level = new Float64Array(series.length + 1);
  for (let i = 0; i < series.length; i++) {
    value[i + 1] = (value[i] as number) + (series.filled[i] as number);
    level[i + 1] = (level[i] as number) + levelAt(series, i);
  }
  const result = { value, level };
  sumsOf.set(series.filled, result);
  return result;
}

const heightOf = new WeakMap<Float64Array, Float64Array>();

/** The greatest clear sky within half a season of each step: how high the day goes. */
function dayHeight(clearSky: Float64Array, season: number): Float64Array {
  const cached = heightOf.get(clearSky);
  if (cached !== undefined) return cached;
  const half = season >> 1;
  const height = clearSky.map((_, i) => {
    let most = 1e-9;
    for (let j = Math.max(0, i - half); j < Math.min(clearSky.length, i + half + 1); j++) {
      most = Math.max(most, clearSky[j] as number);
    }
    return most;
  });
  heightOf.set(clearSky, height);
  return height;
}

/** Forgets the sums of a series whose values have changed. */
export function forgetSums(series: Series): void {
  sumsOf.delete(series.filled);
}

/** What a value is measured against: the clear-sky curve, or the scale of the series where there is none. */
export function levelAt(series: Series, step: number): number {
  return series.clearSky === null ? series.scale : (series.clearSky[step] as number);
}

/** Whether there is something to forecast at `step`: always, or with a clear-sky curve in daylight. */
export function isActive(series: Series, step: number): boolean {
  return series.clearSky === null || (series.clearSky[step] as number) > DAYLIGHT * series.scale;
}

/** How many columns of each kind a series has: what decides on the inputs. */
export interface FeatureShape {
  readonly past: number;
  readonly known: number;
  readonly static: number;
  /** Whether there is a clear-sky curve. */
  readonly solar: boolean;
}

/** The shape of a series. */
export function shapeOf(series: Series): FeatureShape {
  const { past, known, clearSky } = series;
  return { past: past.length, known: known.length, static: series.static.length, solar: clearSky !== null };
}

/**
 * The inputs of regression engines for one origin and one lead. Everything is made comparable across series, hours and
 * seasons: values as a fraction of the clear sky (or of the scale), times as sine and cosine.
 */
export class FeatureMap {
  /** What the map was made for. */
  readonly shape: FeatureShape;
  /** Names of the inputs, in order. */
  readonly names: readonly string[];
  /** Look-back in steps. */
  readonly lookback: number;
  readonly #season: number;
  readonly #hour: number;
  readonly #solar: boolean;

  /** @param season steps of a day */
  constructor(shape: FeatureShape, season: number) {
    this.shape = shape;
    this.#season = season;
    this.#hour = Math.max(1, Math.round(season / 24));
    this.#solar = shape.solar;
    this.lookback = 8 * season;
    const names = ['lead', 'season sine', 'season cosine', 'week sine', 'week cosine'];
    if (this.#solar) names.push('clear sky at target', 'clear sky at origin', 'hours from noon');
    names.push('same time 1 day before', 'same time 2 days before', 'same time 3 days before', 'same time, week');
    names.push('around the same time the day before', 'now', 'now, a day before', 'change');
    names.push('last 3 hours', 'last 6 hours', 'last day', 'last 3 days', 'last week');
    for (let k = 0; k < shape.past; k++) {
      names.push(`past ${k} now`, `past ${k} change in a day`);
      if (this.#solar) names.push(`past ${k} to clear sky`);
    }
    for (let k = 0; k < shape.known; k++) {
      names.push(`known ${k}`, `known ${k} change in a day`, `known ${k} before`, `known ${k} after`);
      if (this.#solar) names.push(`known ${k} to clear sky`, `known ${k} to clear sky, change in a day`);
    }
    for (let k = 0; k < shape.static; k++) {
      names.push(`static ${k}`);
    }
    this.names = names;
  }

  /** Writes the inputs for `origin` and the step `lead` ahead of it (1 …) to `out` from `offset` on. */
  write(series: Series, origin: number, lead: number, out: Float64Array, offset: number): void {
    const season = this.#season;
    const hour = this.#hour;
    const target = origin + lead;
    const before = target - season * Math.ceil(lead / season);
    let at = offset;
    const put = (value: number) => {
      out[at++] = value;
    };
    put(lead);
    const angle = (2 * Math.PI * ((series.start + target * series.step) % 864e5)) / 864e5;
    put(Math.sin(angle));
    put(Math.cos(angle));
    const week = (2 * Math.PI * ((series.start + target * series.step) % 6048e5)) / 6048e5;
    put(Math.sin(week));
    put(Math.cos(week));
    if (series.clearSky !== null) {
      // Against the height of its day, not in itself: a season that is not in the history must not look like another hour.
      const height = dayHeight(series.clearSky, season);
      put(levelAt(series, target) / (height[target] as number));
      put(levelAt(series, origin) / (height[origin] as number));
      put(this.#slope(series, target));
    }
    let sum = 0;
    let level = 0;
    for (let day = 0; day < 8; day++) {
      const i = before - day * season;
      if (day < 3) put(this.#ratio(series, i, i));
      if (i >= 0) {
        sum += series.filled[i] as number;
        level += levelAt(series, i);
      }
    }
    put(level > 0 ? limited(sum / level) : 0);
    put(this.#ratio(series, before - hour, Math.min(origin, before + hour)));
    const now = this.#ratio(series, origin - hour + 1, origin);
    put(now);
    put(this.#ratio(series, origin - season - hour + 1, origin - season));
    put(now - this.#ratio(series, origin - 2 * hour + 1, origin - hour));
    for (const hours of [3, 6]) put(this.#ratio(series, origin - hours * hour + 1, origin));
    for (const days of [1, 3, 7]) put(this.#ratio(series, origin - days * season + 1, origin));
    for (const column of series.past) {
      put(column[origin] as number);
      put((column[origin] as number) - (column[Math.max(0, origin - season)] as number));
      if (this.#solar) put(toClearSky(series, column, origin));
    }
    for (const column of series.known) {
      const value = column[target] as number;
      put(value);
      put(value - (column[Math.max(0, before)] as number));
      put(column[Math.max(0, target - 1)] as number);
      put(column[Math.min(series.extent - 1, target + 1)] as number);
      if (this.#solar) {
        const clear = toClearSky(series, column, target);
        put(clear);
        put(clear - toClearSky(series, column, Math.max(0, before)));
      }
    }
    for (const value of series.static) put(value);
  }

  /** Mean over the steps `from … to` against the mean level there: a clearness, at night that of the evening before. */
  #ratio(series: Series, from: number, to: number): number {
    const { value, level } = sums(series);
    let low = Math.max(0, from);
    const high = Math.max(low, Math.min(series.length - 1, to)) + 1;
    if (this.#solar) {
      const least = DAYLIGHT * series.scale * (high - low);
      const stop = Math.max(0, high - this.#season);
      while (low > stop && (level[high] as number) - (level[low] as number) < least) low--;
    }
    const clear = (level[high] as number) - (level[low] as number);
    return clear > 0 ? limited(((value[high] as number) - (value[low] as number)) / clear) : 0;
  }

  /** How the clear sky goes on at `step`: positive in the morning, negative in the afternoon. */
  #slope(series: Series, step: number): number {
    const after = levelAt(series, Math.min(series.extent - 1, step + this.#hour));
    const before = levelAt(series, Math.max(0, step - this.#hour));
    return (after - before) / (after + before + 1e-9 * series.scale);
  }
}

/** A covariate over the clear sky (an irradiance thus becomes a clearness), kept within bounds near sunrise and sunset. */
function toClearSky(series: Series, column: Float64Array, step: number): number {
  return (column[step] as number) / Math.max(levelAt(series, step), 0.1 * series.scale);
}

function limited(ratio: number): number {
  return Math.min(2, Math.max(-2, ratio));
}
