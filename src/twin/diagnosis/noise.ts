import type { DayCells } from './day.js';
import type { Layout } from './layout.js';
import { quantityModels } from './quantities.js';
import { medianOf } from './ridge.js';
import type { Series } from './series.js';

/** How a series of a sound plant varies: variances, in the square of the signal's unit. */
export interface SeriesNoise {
  /** From day to day, all cells together. */
  readonly day: number;
  /** From cell to cell within a day, beyond the rows' own noise. */
  readonly cell: number;
  /** Of one row. */
  readonly row: number;
  /** Of what does not average out over days (`lasting` of the quantity). */
  readonly lasting: number;
  /** The same of one cell against the others. */
  readonly pattern: number;
  /** Median step from row to row on the most restless of its days but a few; 0 where it was not seen. */
  readonly restless: number;
}

/** Days below which the noise is the default alone. */
const FEWEST_DAYS = 5;

/** Share of the healthy days that are calmer than the limit of restlessness. */
const CALMER = 0.95;

/** Times as restless as that a day must be before its rows count for less. */
const RESTLESS = 2;

/** How restless a series is on its worst healthy days. */
export function usualRestlessness(days: readonly (readonly (DayCells | null)[])[], series: number): number {
  const steps = days.flatMap((day) => {
    const value = day[series]?.restless ?? Number.NaN;
    return Number.isFinite(value) ? [value] : [];
  });
  const sorted = steps.sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(CALMER * sorted.length))] ?? 0;
}

/**
 * The cells of a day as what they are worth: rows of a day that is more restless than the healthy ones (an instrument that
 * has become noisy, a loose contact) count for less, by the ratio of variances.
 */
export function worthOf(cells: readonly (DayCells | null)[], noise: readonly SeriesNoise[]): (DayCells | null)[] {
  return cells.map((own, j) => {
    const usual = noise[j]?.restless ?? 0;
    if (own === null || !(usual > 0) || !(own.restless > RESTLESS * usual)) return own;
    const worth = ((RESTLESS * usual) / own.restless) ** 2;
    return { ...own, rows: own.rows.map((rows) => rows * worth) };
  });
}

/** Learns the variances of each series from the days of a healthy period. */
export function learnNoise(
  layout: Layout,
  series: readonly Series[],
  days: readonly (readonly (DayCells | null)[])[],
): SeriesNoise[] {
  return series.map(({ like, signal }, j) => {
    const quantity = layout.signals[like]?.quantity ?? 'current';
    const model = quantityModels[quantity];
    const lasting = signal < 0 ? model.lasting : model.lastingApart;
    const means: number[] = [];
    const meanVariance: number[] = [];
    // Squared deviations within the day, by rows of the cell.
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let t0 = 0;
    let t1 = 0;
    const restless = usualRestlessness(days, j);
    for (const day of days) {
      const cells = day[j];
      if (cells === null || cells === undefined) continue;
      let total = 0;
      let rows = 0;
      cells.value.forEach((value, c) => {
        total += value * (cells.rows[c] as number);
        rows += cells.rows[c] as number;
      });
      const mean = total / rows;
      means.push(mean);
      meanVariance.push(1 / rows);
      if (cells.value.length < 2) continue;
      cells.value.forEach((value, c) => {
        // Regression of the squared deviation on 1/rows: a constant part and the rows' part. Deviations are winsorised
        // at five lasting errors plus what a row may do, against the odd outage in the learning period.
        const x = 1 / (cells.rows[c] as number);
        const share = (cells.rows[c] as number) / rows;
        const limit = 25 * (lasting * lasting + 100 * lasting * lasting * x);
        const y = Math.min(limit, (value - mean) ** 2) / Math.max(0.3, 1 - share);
        s0 += 1;
        s1 += x;
        s2 += x * x;
        t0 += y;
        t1 += y * x;
      });
    }
    if (means.length < FEWEST_DAYS || s0 < 2 * FEWEST_DAYS) {
      return {
        day: lasting ** 2,
        cell: lasting ** 2,
        row: (4 * lasting) ** 2,
        lasting: (model.described ?? lasting) ** 2,
        pattern: (signal < 0 ? model.pattern : model.lastingApart) ** 2,
        restless,
      };
    }
    const det = s0 * s2 - s1 * s1;
    let row = det > 1e-12 ? (s0 * t1 - s1 * t0) / det : 0;
    row = Math.max(row, 0);
    const cell = Math.max((t0 - row * s1) / s0, 0.02 * (t0 / s0), (0.1 * lasting) ** 2);
    const centre = medianOf(means);
    const spread = 1.4826 * medianOf(means.map((value) => Math.abs(value - centre)));
    const explained = medianOf(meanVariance) * row + cell / 4;
    return {
      day: Math.max(spread * spread - explained, 0.1 * spread * spread, (0.1 * lasting) ** 2),
      cell,
      row: Math.max(row, 1e-12),
      lasting: lasting ** 2,
      pattern: (signal < 0 ? model.pattern : model.lastingApart) ** 2,
      restless,
    };
  });
}
