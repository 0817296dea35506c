import { Forecaster, type Frame } from 'twinergy';
import type { Model } from './model.js';
import { RATED_POWER } from './plant.js';

const HOUR = 3_600_000;

/** A forecast, what then came, and how well such forecasts did before. */
export interface Outlook {
  /** Local noon of the last whole day: what was measured later is not known to it. */
  readonly from: number;
  /** Columns `mean`, `median`, `lower50`, `upper50`, `lower80`, …, W. */
  readonly forecast: Frame;
  readonly backtest: {
    readonly count: number;
    /** Mean absolute error, W. */
    readonly mae: number;
    /** Share of values inside the 80 % interval, %. */
    readonly coverage80: number;
    /** 1 − error / error of "as yesterday". */
    readonly skill: number;
  };
}

/** Forecasts six hours from the last noon, and tests such forecasts on the last fifth of the time before. */
export function foresee({ rows, clearSky }: Model, noon: number): Outlook {
  const history = rows.select('acPower').slice(Number.NEGATIVE_INFINITY, noon);
  const forecaster = new Forecaster({ engine: 'feature-linear', levels: [50, 80, 95], seed: 1 });
  const task = { target: 'acPower', horizon: 6 * HOUR, step: HOUR / 2, clearSky, max: 1.05 * RATED_POWER };
  const forecast = forecaster.fit(history, task).predict({ from: noon });
  const { count, mae, coverage, skill } = forecaster.backtest(history, { ...task, from: 0.8, folds: 2, every: HOUR });
  return { from: noon, forecast, backtest: { count, mae, coverage80: coverage[80] ?? 0, skill } };
}
