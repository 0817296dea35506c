import { log, pow } from '../../core/math/index.js';
import type { DayCells } from './day.js';
import type { CellCondition } from './geometry.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout } from './layout.js';
import type { SeriesNoise } from './noise.js';
import { LEVELS } from './quantities.js';
import type { Series } from './series.js';

/** Cells of every series over one day or several, with what they are worth. */
export interface Sample {
  readonly cells: readonly (DayCells | null)[];
  /** Days that the cells are the mean of. */
  readonly days: number;
  readonly start: number;
}

/** Series that a hypothesis moves, by hypothesis. */
export type Touched = readonly number[];

/** Shifts below this share of the largest one are left out, for speed. */
const NEGLIGIBLE = 1e-4;
/** Groups larger than this are only compared at the members that a cause names. */
const LARGE_GROUP = 8;

/** Which series a hypothesis moves: the common level of each group that it touches, and its members. */
export function touchedSeries(layout: Layout, series: readonly Series[], hypothesis: Hypothesis): Touched {
  const groups = new Set(hypothesis.touches.map((k) => layout.signals[k]?.group));
  const all = (group: number) => (layout.groups[group] ?? []).every((k) => hypothesis.touches.includes(k));
  return series.flatMap(({ group, signal }, j) => {
    if (!groups.has(group)) return [];
    if (signal < 0) return [j];
    if (all(group) && hypothesis.loss === 'common') return [];
    if ((layout.groups[group] ?? []).length > LARGE_GROUP && !hypothesis.touches.includes(signal)) return [];
    return [j];
  });
}

/** What a hypothesis foretells of a series, cell by cell. */
export function foretold(
  layout: Layout,
  series: Series,
  hypothesis: Hypothesis,
  cells: DayCells,
  start: number,
  severity: number,
): Float64Array {
  const members = layout.groups[series.group] ?? [];
  const touched = members.filter((k) => hypothesis.touches.includes(k));
  return Float64Array.from(cells.cell, (cell, c) => {
    const at: CellCondition = {
      sector: Math.floor(cell / LEVELS),
      level: cell % LEVELS,
      light: cells.light[c] as number,
      temperature: cells.temperature[c] as number,
      load: cells.load[c] as number,
      day: start,
    };
    let mean = 0;
    let own = 0;
    for (const k of touched) {
      const shift = hypothesis.shift(k, at, severity);
      mean += shift;
      if (k === series.signal) own = shift;
    }
    mean /= members.length;
    return series.signal < 0 ? mean : own - mean;
  });
}

/** Projection of a day onto a hypothesis: `b` along it, `a` its own length, `c` its length along each series' level. */
export interface Projection {
  readonly a: number;
  readonly b: number;
  readonly c: readonly number[];
  /** Part of the variance of `b` that is the same each day (a sun path that the healthy period did not have). */
  readonly e: number;
}

/** Variance of a cell of a day, and of what a series' cells share. */
const cellVariance = (noise: SeriesNoise, rows: number, days: number) => noise.row / rows + noise.cell / days;

/** Projects one day onto a hypothesis at a severity: the matched filter. */
export function project(
  layout: Layout,
  series: readonly Series[],
  noise: readonly SeriesNoise[],
  hypothesis: Hypothesis,
  touched: Touched,
  sample: Sample,
  severity: number,
): Projection {
  let a = 0;
  let b = 0;
  let e = 0;
  const c: number[] = [];
  for (const j of touched) {
    const cells = sample.cells[j];
    const own = noise[j] as SeriesNoise;
    if (cells === null || cells === undefined) {
      c.push(0);
      continue;
    }
    const m = foretold(layout, series[j] as Series, hypothesis, cells, sample.start, severity);
    const shared = own.day + own.lasting;
    let sw = 0;
    let swm = 0;
    let swy = 0;
    let swmm = 0;
    let swmy = 0;
    let most = 0;
    for (let k = 0; k < m.length; k++) most = Math.max(most, Math.abs(m[k] as number));
    if (most < NEGLIGIBLE) {
      c.push(0);
      continue;
    }
    for (let k = 0; k < m.length; k++) {
      const w = 1 / (cellVariance(own, cells.rows[k] as number, 1) + own.pattern);
      const y = cells.value[k] as number;
      const s = m[k] as number;
      sw += w;
      swm += w * s;
      swy += w * y;
      swmm += w * s * s;
      swmy += w * s * y;
    }
    // Woodbury: the cells share one error of variance `shared`.
    const pull = shared / (1 + shared * sw);
    for (let k = 0; k < m.length; k++) {
      const w = 1 / (cellVariance(own, cells.rows[k] as number, 1) + own.pattern);
      e += own.pattern * (w * ((m[k] as number) - pull * swm)) ** 2;
    }
    a += swmm - pull * swm * swm;
    b += swmy - pull * swm * swy;
    c.push(swm - pull * swm * sw);
  }
  return { a, b, c, e };
}

/** How far one day stands along a hypothesis by itself, standard deviations. */
export const dayStanding = ({ a, b }: Projection): number => (a > 0 ? b / Math.sqrt(a) : 0);

/** How many standard deviations the days stand along a hypothesis, with what does not average out. */
export function standing(projections: readonly Projection[], noise: readonly SeriesNoise[], touched: Touched): number {
  let a = 0;
  let b = 0;
  let e = 0;
  const c = touched.map(() => 0);
  for (const projection of projections) {
    a += projection.a;
    b += projection.b;
    e += projection.e;
    projection.c.forEach((value, t) => {
      c[t] = (c[t] as number) + value;
    });
  }
  if (!(a > 0)) return 0;
  let lasting = 0;
  touched.forEach((j, t) => {
    lasting += (noise[j] as SeriesNoise).lasting * (c[t] as number) ** 2;
  });
  // What stays the same is in `a` once for each day already; over n days it counts n² times.
  const repeats = 1 - 1 / projections.length;
  return b / Math.sqrt(a + repeats * (lasting + projections.length * e));
}

/** The mean of several days, cell by cell, weighted by rows. */
export function meanSample(samples: readonly Sample[]): Sample {
  const series = samples[0]?.cells.length ?? 0;
  const cells = Array.from({ length: series }, (_, j): DayCells | null => {
    const sums = new Map<number, number[]>();
    for (const sample of samples) {
      const own = sample.cells[j];
      if (own === null || own === undefined) continue;
      own.cell.forEach((cell, c) => {
        const rows = own.rows[c] as number;
        const sum = sums.get(cell) ?? [0, 0, 0, 0, 0];
        sum[0] = (sum[0] as number) + rows;
        sum[1] = (sum[1] as number) + rows * (own.value[c] as number);
        sum[2] = (sum[2] as number) + rows * (own.light[c] as number);
        sum[3] = (sum[3] as number) + rows * (own.temperature[c] as number);
        sum[4] = (sum[4] as number) + rows * (own.load[c] as number);
        sums.set(cell, sum);
      });
    }
    if (sums.size === 0) return null;
    const order = [...sums.keys()].sort((x, y) => x - y);
    const part = (place: number) =>
      order.map((cell) => (sums.get(cell)?.[place] as number) / (sums.get(cell)?.[0] as number));
    return {
      cell: order,
      rows: order.map((cell) => sums.get(cell)?.[0] as number),
      value: part(1),
      light: part(2),
      temperature: part(3),
      load: part(4),
      restless: Number.NaN,
    };
  });
  return { cells, days: samples.length, start: samples[samples.length >> 1]?.start ?? 0 };
}

/** Degrees of freedom of the evidence of one series: heavy tails keep one odd series from deciding alone. */
const FREEDOM = 6;

/**
 * Share of a signature's tolerance that each cell has for itself; most of what a signature gets wrong it gets wrong in all
 * cells alike.
 */
const ODD = 0.25;

/** Logarithm of the likelihood of the series at hand under a foretold shift (null: none). */
export function seriesLikelihood(
  noise: SeriesNoise,
  cells: DayCells,
  days: number,
  m: Float64Array | null,
  tolerance: number,
  gain: number,
): number {
  const n = cells.value.length;
  let sw = 0;
  let swr = 0;
  let swrr = 0;
  let logs = 0;
  let level = 0;
  for (let k = 0; k < n; k++) {
    const s = m === null ? 0 : gain * (m[k] as number);
    level += s / n;
    const variance =
      cellVariance(noise, cells.rows[k] as number, Math.max(1, days)) + noise.pattern + (ODD * tolerance * s) ** 2;
    const r = (cells.value[k] as number) - s;
    const w = 1 / variance;
    sw += w;
    swr += w * r;
    swrr += w * r * r;
    logs += log(variance);
  }
  const shared = noise.day / Math.max(1, days) + noise.lasting + (tolerance * level) ** 2;
  const q = Math.max(0, swrr - (shared / (1 + shared * sw)) * swr * swr);
  logs += log(1 + shared * sw);
  return -0.5 * logs - 0.5 * (FREEDOM + n) * log(1 + q / FREEDOM);
}

/** How well a hypothesis explains a sample, at its best severity. */
export interface Fit {
  readonly hypothesis: number;
  /** Logarithm of the likelihood ratio against "nothing is wrong". */
  readonly gain: number;
  /** Severity on the catalogue's scale. */
  readonly severity: number;
  readonly severityIndex: number;
}

/** Fits one hypothesis to a sample: the best severity among those that its signature is told for. */
export function fitHypothesis(
  layout: Layout,
  series: readonly Series[],
  noise: readonly SeriesNoise[],
  hypothesis: Hypothesis,
  index: number,
  touched: Touched,
  sample: Sample,
  none: readonly number[],
): Fit {
  let best: Fit = { hypothesis: index, gain: Number.NEGATIVE_INFINITY, severity: 0, severityIndex: 0 };
  hypothesis.severities.forEach((severity, s) => {
    let gain = 0;
    for (const j of touched) {
      const cells = sample.cells[j];
      if (cells === null || cells === undefined) continue;
      const m = foretold(layout, series[j] as Series, hypothesis, cells, sample.start, s);
      gain +=
        seriesLikelihood(noise[j] as SeriesNoise, cells, sample.days, m, hypothesis.tolerance, 1) - (none[j] as number);
    }
    if (gain > best.gain) best = { hypothesis: index, gain, severity: Math.min(1, severity), severityIndex: s };
  });
  return best;
}

/** Probability-like weights of log values, tempered so that model error cannot make them certain. */
export function weights(logs: readonly number[], temper: number): number[] {
  const most = Math.max(...logs);
  const raw = logs.map((value) => pow(Math.E, (value - most) / temper));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}
