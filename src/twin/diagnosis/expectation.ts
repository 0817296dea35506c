import type { Layout } from './layout.js';
import { quantityModels } from './quantities.js';
import { fitLinear, type LinearFit, predict } from './ridge.js';
import type { SignalRows } from './rows.js';

/** What the healthy period taught of one signal; null where it had too few rows. */
export type Expectation = LinearFit | null;

/** Rows below which a signal is not learned: a few days of light. */
const FEWEST_ROWS = 60;

/**
 * Learns each signal from rows of a healthy period.
 * @param usable whether the row counts for the signal (the inverter runs and is not held back)
 */
export function learnExpectations(
  layout: Layout,
  rows: SignalRows,
  usable: (signal: number, row: number) => boolean,
): Expectation[] {
  return layout.signals.map((signal, k) => {
    const values = rows.values[k] as Float64Array;
    const model = quantityModels[signal.quantity];
    const width = model.priors.length;
    const places: number[] = [];
    values.forEach((value, row) => {
      if (Number.isFinite(value) && usable(k, row)) places.push(row);
    });
    const x = new Float64Array(places.length * width);
    const y = new Float64Array(places.length);
    let kept = 0;
    for (const row of places) {
      model.regressors(rows, signal, row, x, kept * width);
      let good = true;
      for (let i = 0; i < width; i++) good &&= Number.isFinite(x[kept * width + i] as number);
      if (!good) continue;
      y[kept++] = values[row] as number;
    }
    if (kept < FEWEST_ROWS) {
      // A battery that was never empty while it was well has a floor all the same.
      return model.described === undefined
        ? null
        : { mean: model.priors.map(() => 0), covariance: [], spread: model.described, rows: 0 };
    }
    return fitLinear(x.subarray(0, kept * width), y.subarray(0, kept), model.priors);
  });
}

/** The signals less what was learned: NaN where a signal was not measured or not learned. */
export function residualRows(layout: Layout, rows: SignalRows, expectations: readonly Expectation[]): Float64Array[] {
  const scratch = new Float64Array(8);
  return layout.signals.map((signal, k) => {
    const fit = expectations[k];
    const values = rows.values[k] as Float64Array;
    if (fit === null || fit === undefined) return new Float64Array(values.length).fill(Number.NaN);
    const model = quantityModels[signal.quantity];
    return values.map((value, row) => {
      if (!Number.isFinite(value)) return Number.NaN;
      model.regressors(rows, signal, row, scratch, 0);
      return value - predict(fit.mean, scratch);
    });
  });
}
