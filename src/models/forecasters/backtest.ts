import type { Work } from '../../core/work.js';
import { AdaptiveLevels } from './adaptive.js';
import { type Bounds, ForecastDistribution } from './distribution.js';
import { type EngineSpec, type ForecastEngine, fitEngine } from './engine.js';
import { isActive } from './features.js';
import { type ForecastMetrics, MetricsSum } from './metrics.js';
import { fitPool, holdoutOf } from './pipeline.js';
import { type Series, truncate } from './series.js';

/** One forecast of a back-test beside what came. */
export interface BacktestForecast {
  /** Time of the step forecast, ms. */
  readonly time: number;
  /** Time at which the forecast was made (the end of the last step seen), ms. */
  readonly issued: number;
  /** Steps ahead, from 1. */
  readonly lead: number;
  readonly measured: number;
  readonly mean: number;
  /** The baseline's forecast. */
  readonly baseline: number;
  /** The value of a day before, at the same time. */
  readonly naive: number;
  /** Bounds of the intervals, in the order of the levels. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** The quantile function of this forecast. */
  readonly quantile: (probability: number) => number;
}

/** The answer of `Forecaster.backtest`. */
export interface BacktestReport extends ForecastMetrics {
  /** The engine that was tested. */
  readonly engine: string;
  /** The forecast that `skill` compares with. */
  readonly baseline: string;
  /** The same figures for each lead, from 1 step on. */
  readonly byLead: readonly ForecastMetrics[];
  /** Number of times the engine was fitted. */
  readonly folds: number;
}

/** What a back-test goes over, with lengths in steps. */
export interface BacktestPlan {
  readonly series: Series;
  readonly engine: ForecastEngine;
  readonly baseline: ForecastEngine;
  readonly horizon: number;
  readonly season: number;
  readonly seed: number;
  readonly levels: readonly number[];
  readonly bounds: Bounds;
  readonly adaptation: number;
  /** First step that is forecast. */
  readonly first: number;
  /** How many parts the tested time is cut into; the engine is fitted anew before each. */
  readonly folds: number;
  /** Steps between the end of what is learned from and the first origin of a fold. */
  readonly gap: number;
  /** Steps between origins. */
  readonly every: number;
  readonly onForecast: ((forecast: BacktestForecast) => void) | undefined;
}

/** An interval that waits for its outcome. */
interface Pending {
  readonly step: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/**
 * Rolling origin: the engine is fitted on what was known before each fold, then forecasts from every origin of it; the
 * intervals adapt to outcomes only once these are in the past (Tashman 2000).
 */
export function* runBacktest(plan: BacktestPlan): Work<BacktestReport> {
  const { series, horizon, season, levels, folds } = plan;
  const total = new MetricsSum(levels);
  const byLead = Array.from({ length: horizon }, () => new MetricsSum(levels));
  const adaptive = new AdaptiveLevels(
    levels.map((level) => level / 100),
    plan.adaptation,
  );
  let pending: Pending[] = [];
  const size = Math.ceil((series.length - plan.first) / folds);
  const naive = new Float64Array(horizon);
  const base = new Float64Array(horizon);
  for (let fold = 0; fold < folds; fold++) {
    const from = plan.first + fold * size;
    const to = Math.min(series.length, from + size);
    if (from >= to) break;
    yield { phase: `fitting fold ${fold + 1}`, done: fold, total: folds };
    const past = truncate(series, from - plan.gap);
    const spec: EngineSpec = { horizon, season, seed: plan.seed, holdout: holdoutOf([past], undefined) };
    const { fitted, intervals } = yield* fitPool(plan.engine, [past], spec, true);
    const baseline = yield* fitEngine(plan.baseline, [past], spec);
    for (let origin = from - 1; origin < to - 1; origin += plan.every) {
      if (!isActive(series, origin)) continue;
      pending = settle(pending, origin, series.target, adaptive);
      const known = truncate(series, origin + 1);
      const values = new Float64Array(horizon);
      fitted.predictInto(known, origin, values);
      baseline.predictInto(known, origin, base);
      for (let h = 0; h < horizon; h++) {
        naive[h] = series.filled[origin + 1 + h - season * Math.ceil((h + 1) / season)] ?? 0;
      }
      const forecast = new ForecastDistribution(known, origin, values, intervals, plan.bounds);
      for (let h = 0; h < horizon && origin + 1 + h < series.length; h++) {
        const step = origin + 1 + h;
        const measured = series.target[step] as number;
        if (!Number.isFinite(measured) || !isActive(series, step)) continue;
        const quantile = (p: number) => forecast.quantile(h, p);
        const edge = (i: number, side: 1 | -1) => quantile(0.5 + side * 0.5 * adaptive.working(i));
        const lower = levels.map((_, i) => edge(i, -1));
        const upper = levels.map((_, i) => edge(i, 1));
        const mean = forecast.mean[h] as number;
        const answer = { mean, naive: naive[h] as number, baseline: base[h] as number, lower, upper, quantile };
        total.add(measured, answer);
        byLead[h]?.add(measured, answer);
        pending.push({ step, lower, upper });
        plan.onForecast?.({
          time: series.start + step * series.step,
          issued: series.start + (origin + 1) * series.step,
          lead: h + 1,
          measured,
          mean,
          baseline: answer.baseline,
          naive: answer.naive,
          lower,
          upper,
          quantile,
        });
      }
      if (origin % 20 === 0) yield { phase: `forecasting fold ${fold + 1}`, done: fold, total: folds };
    }
  }
  return {
    ...total.result(),
    engine: plan.engine.name,
    baseline: plan.baseline.name,
    byLead: byLead.map((sum) => sum.result()),
    folds,
  };
}

/**
 * Lets the intervals whose outcome is known by `origin` adapt; gives those that still wait. All intervals drawn for one step
 * tell of one outcome, so together they count as one: their share of hits.
 */
function settle(pending: Pending[], origin: number, measured: Float64Array, adaptive: AdaptiveLevels): Pending[] {
  const due = new Map<number, Pending[]>();
  const waiting: Pending[] = [];
  for (const one of pending) {
    if (one.step > origin) waiting.push(one);
    else due.set(one.step, [...(due.get(one.step) ?? []), one]);
  }
  for (const [step, drawn] of due) {
    const value = measured[step] as number;
    adaptive.nominal.forEach((_, i) => {
      const hits = drawn.filter(({ lower, upper }) => value >= (lower[i] as number) && value <= (upper[i] as number));
      adaptive.observe(i, hits.length / drawn.length);
    });
  }
  return waiting;
}
