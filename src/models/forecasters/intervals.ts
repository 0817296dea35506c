import { isActive, levelAt } from './features.js';
import type { Series } from './series.js';

/** Probabilities at which residual quantiles are kept: dense in the tails, symmetric about ½. */
export const PROBABILITIES: readonly number[] = [
  0.005, 0.01, 0.0175, 0.025, 0.0375, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55,
  0.6, 0.65, 0.7, 0.75, 0.8, 0.825, 0.85, 0.875, 0.9, 0.925, 0.95, 0.9625, 0.975, 0.9825, 0.99, 0.995,
];

/** Least number of residuals from which quantiles of one place are taken. */
const NEIGHBOURS = 120;
const ANCHORS = 12;

/** One residual of the held-out part. */
export interface Residual {
  /** Steps ahead, from 1. */
  readonly lead: number;
  /** Where the forecast lay, as a fraction of the level: residuals are compared with those of like forecasts. */
  readonly place: number;
  /** (measured − forecast) / spread unit. */
  readonly error: number;
  /** Number of the day that was forecast: residuals of one day have much in common. */
  readonly day: number;
}

/** Quantile tables of one group of leads. */
interface Group {
  /** The greatest lead of the group. */
  readonly upTo: number;
  /** Places of the tables, increasing. */
  readonly anchors: readonly number[];
  /** anchors × probabilities. */
  readonly table: readonly number[];
}

/** The calibrated spread of forecasts as plain JSON values. */
export interface IntervalState {
  readonly groups: readonly Group[];
  /** Correlation of the normal scores of residuals from one step to the next. */
  readonly persistence: number;
  /** About how many independent residuals there were: two for each day. */
  readonly independent: number;
}

/** What a residual is measured in: the clear sky, with a floor at its edges, or the typical size of the target. */
export function spreadUnit(series: Series, step: number): number {
  return Math.max(levelAt(series, step), 0.1 * series.scale);
}

/**
 * Split conformal intervals, localised: the residuals of forecasts on the held-out part, by lead and by where the forecast
 * lay, since a clear hour errs downwards and a cloudy one upwards (Lei et al. 2018; Guan 2023). Quantiles of one place
 * come from its nearest residuals, and places between are interpolated, so that quantiles cannot cross. Probabilities are
 * moved outward by the finite-sample factor 1 + 1/n, with n the number of residuals that are about independent.
 */
export class ConformalIntervals {
  readonly #state: IntervalState;

  constructor(state: IntervalState) {
    this.#state = state;
  }

  /** @param residuals in the order of time for each lead */
  static calibrate(residuals: readonly Residual[], horizon: number): ConformalIntervals {
    const groups: Group[] = [];
    for (let low = 1; low <= horizon; ) {
      const high = low < 4 ? low : Math.min(horizon, Math.ceil(low * 1.6));
      const list = residuals.filter(({ lead }) => lead >= low && lead <= high).sort((a, b) => a.place - b.place);
      groups.push({ upTo: high, ...tables(list.length > 0 ? list : [...residuals]) });
      low = high + 1;
    }
    const independent = 2 * new Set(residuals.map(({ day }) => day)).size;
    return new ConformalIntervals({ groups, persistence: serialCorrelation(residuals), independent });
  }

  /** The residual, in spread units, at the probability `nominal` for a forecast at `place`, `lead` steps ahead. */
  quantile(lead: number, place: number, nominal: number): number {
    const { groups, independent } = this.#state;
    const probability = Math.min(0.999, Math.max(0.001, 0.5 + (nominal - 0.5) * (1 + 1 / Math.max(2, independent))));
    const { anchors, table } = groups.find(({ upTo }) => lead <= upTo) ?? (groups[groups.length - 1] as Group);
    let right = 0;
    while (right < anchors.length - 1 && (anchors[right] as number) < place) right++;
    const left = Math.max(0, right - 1);
    const width = (anchors[right] as number) - (anchors[left] as number);
    const share = width > 0 ? Math.min(1, Math.max(0, (place - (anchors[left] as number)) / width)) : 1;
    const n = PROBABILITIES.length;
    let k = 1;
    while (k < n - 1 && (PROBABILITIES[k] as number) < probability) k++;
    const p0 = PROBABILITIES[k - 1] as number;
    const t = Math.min(1, Math.max(0, (probability - p0) / ((PROBABILITIES[k] as number) - p0)));
    const at = (anchor: number) =>
      (1 - t) * (table[anchor * n + k - 1] as number) + t * (table[anchor * n + k] as number);
    return (1 - share) * at(left) + share * at(right);
  }

  /** Correlation of neighbouring steps, for sampled paths. */
  get persistence(): number {
    return this.#state.persistence;
  }

  toJSON(): IntervalState {
    return this.#state;
  }
}

function tables(sorted: readonly Residual[]): { anchors: number[]; table: number[] } {
  const n = sorted.length;
  const width = Math.min(n, Math.max(NEIGHBOURS, Math.ceil(n / 5)));
  const count = Math.max(1, Math.min(ANCHORS, Math.floor((2 * n) / width)));
  const anchors: number[] = [];
  const table: number[] = [];
  for (let a = 0; a < count; a++) {
    const from = count === 1 ? 0 : Math.round((a * (n - width)) / (count - 1));
    const part = sorted.slice(from, from + width);
    const place = part.reduce((sum, residual) => sum + residual.place, 0) / Math.max(1, part.length);
    if (anchors.length > 0 && place <= (anchors[anchors.length - 1] as number)) continue;
    const errors = Float64Array.from(part, ({ error }) => error).sort();
    anchors.push(place);
    for (const probability of PROBABILITIES) table.push(quantileOf(errors, probability));
  }
  return { anchors, table };
}

/** The quantile of a sorted list, between its places as at rank p·(n + 1). */
function quantileOf(sorted: Float64Array, probability: number): number {
  const n = sorted.length;
  if (n === 0) return 0;
  const rank = probability * (n + 1) - 1;
  const low = Math.min(n - 1, Math.max(0, Math.floor(rank)));
  const high = Math.min(n - 1, low + 1);
  const t = Math.min(1, Math.max(0, rank - low));
  return (1 - t) * (sorted[low] as number) + t * (sorted[high] as number);
}

/** Correlation of the signs and sizes of residuals between leads next to each other, from successive residuals. */
function serialCorrelation(residuals: readonly Residual[]): number {
  let sum = 0;
  let squares = 0;
  for (let i = 1; i < residuals.length; i++) {
    const a = residuals[i - 1] as Residual;
    const b = residuals[i] as Residual;
    if (b.lead !== a.lead + 1) continue;
    sum += a.error * b.error;
    squares += 0.5 * (a.error * a.error + b.error * b.error);
  }
  return squares > 0 ? Math.min(0.98, Math.max(0, sum / squares)) : 0;
}

/** The residuals of a forecast of `series` from `origin`, for the steps that were measured. */
export function residualsOf(series: Series, origin: number, forecast: Float64Array, into: Residual[]): void {
  for (let h = 0; h < forecast.length; h++) {
    const step = origin + 1 + h;
    const measured = step < series.length ? (series.target[step] as number) : Number.NaN;
    if (!Number.isFinite(measured) || !isActive(series, step)) continue;
    const unit = spreadUnit(series, step);
    into.push({
      lead: h + 1,
      place: (forecast[h] as number) / unit,
      error: (measured - (forecast[h] as number)) / unit,
      day: Math.floor((series.start + step * series.step) / 864e5),
    });
  }
}
