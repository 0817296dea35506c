import { TwinergyError } from '../../core/errors.js';
import type { Work, WorkOptions } from '../../core/work.js';
import { runAsync, throwIfAborted } from '../../core/work.js';
import { type EngineSpec, type FittedEngine, type ForecastEngine, fitEngine } from './engine.js';
import { isActive } from './features.js';
import { ConformalIntervals, type Residual, residualsOf } from './intervals.js';
import type { Series } from './series.js';

/** Share of a history that is held out where the caller does not say from when. */
const HOLDOUT = 0.25;
/** Most origins from which held-out forecasts are made to calibrate. */
const MOST_ORIGINS = 3000;

/** A fitted engine with the intervals that belong to it. */
export interface Calibrated {
  readonly fitted: FittedEngine;
  readonly intervals: ConformalIntervals;
}

/** Where the held-out part of each series begins. */
export function holdoutOf(pool: readonly Series[], from: number | undefined): number[] {
  return pool.map((series) => {
    const cut =
      from === undefined ? Math.floor(series.length * (1 - HOLDOUT)) : Math.round((from - series.start) / series.step);
    return Math.max(1, Math.min(series.length - 1, cut));
  });
}

/**
 * Refuses a history that is too short for an engine.
 * @throws TwinergyError `FORECAST_HISTORY_TOO_SHORT`, which says how much is needed
 */
export function requireHistory(engine: ForecastEngine, pool: readonly Series[], spec: EngineSpec): void {
  const learn = engine.minimumHistory?.(spec) ?? spec.season + spec.horizon;
  const needed = Math.ceil(Math.max(learn / (1 - HOLDOUT), learn + spec.horizon + 8));
  const longest = pool.reduce((best, series) => Math.max(best, series.length), 0);
  if (longest >= needed) return;
  const days = (steps: number) => `${((steps * (pool[0]?.step ?? 0)) / 864e5).toFixed(1)} days`;
  throw new TwinergyError(
    'FORECAST_HISTORY_TOO_SHORT',
    `The history has ${longest} steps (${days(longest)}); the engine "${engine.name}" needs at least ${needed} (${days(needed)}).`,
    { path: 'frame', value: longest, hint: 'Give a longer history, a shorter horizon, or a simpler engine.' },
  );
}

/** Learns from the part before the hold-out, calibrates the intervals on it, and at the end learns from all if asked to. */
export function* fitPool(
  engine: ForecastEngine,
  pool: readonly Series[],
  spec: EngineSpec,
  refit: boolean,
): Work<Calibrated> {
  requireHistory(engine, pool, spec);
  const fitted = yield* fitEngine(engine, pool, spec);
  return yield* calibrate(fitted, pool, spec, refit);
}

/** As `fitPool`, with engines that must wait. */
export async function fitPoolAsync(
  engine: ForecastEngine,
  pool: readonly Series[],
  spec: EngineSpec,
  refit: boolean,
  options: WorkOptions,
): Promise<Calibrated> {
  requireHistory(engine, pool, spec);
  const fitted = engine.fitAsync
    ? await engine.fitAsync(pool, spec, options)
    : await runAsync(fitEngine(engine, pool, spec), options);
  if (fitted.predictAsync !== undefined) return calibrateRemote(fitted, pool, spec, options);
  return runAsync(calibrate(fitted, pool, spec, refit), options);
}

/** Most questions that a model elsewhere is asked to calibrate its intervals. */
const MOST_QUESTIONS = 200;

async function calibrateRemote(
  fitted: FittedEngine,
  pool: readonly Series[],
  spec: EngineSpec,
  options: WorkOptions,
): Promise<Calibrated> {
  const residuals: Residual[] = [];
  const origins = heldOutOrigins(pool, spec, MOST_QUESTIONS);
  for (const [done, { series, origin }] of origins.entries()) {
    throwIfAborted(options.signal);
    const forecast = await fitted.predictAsync?.(series, origin, spec.horizon, options);
    if (forecast !== undefined) residualsOf(series, origin, forecast, residuals);
    options.onProgress?.({ phase: 'calibrating intervals', done: done + 1, total: origins.length });
  }
  return { fitted, intervals: ConformalIntervals.calibrate(residuals, spec.horizon) };
}

function* calibrate(fitted: FittedEngine, pool: readonly Series[], spec: EngineSpec, refit: boolean): Work<Calibrated> {
  const residuals: Residual[] = [];
  const out = new Float64Array(spec.horizon);
  const origins = heldOutOrigins(pool, spec);
  let done = 0;
  for (const { series, origin } of origins) {
    if (done++ % 50 === 0) yield { phase: 'calibrating intervals', done, total: origins.length };
    fitted.predictInto(series, origin, out);
    residualsOf(series, origin, out, residuals);
  }
  const intervals = ConformalIntervals.calibrate(residuals, spec.horizon);
  return { fitted: refit && fitted.refit ? yield* fitted.refit(pool) : fitted, intervals };
}

/** Origins whose forecasts fall into the held-out part, evenly spread if there are very many. */
export function heldOutOrigins(
  pool: readonly Series[],
  spec: EngineSpec,
  most = MOST_ORIGINS,
): { series: Series; origin: number }[] {
  const origins: { series: Series; origin: number }[] = [];
  pool.forEach((series, i) => {
    for (let origin = (spec.holdout[i] as number) - 1; origin < series.length - 1; origin++) {
      if (isActive(series, origin)) origins.push({ series, origin });
    }
  });
  let every = Math.max(1, Math.ceil(origins.length / most));
  // A stride that shares a divisor with the day would look at some hours only.
  while (every > 1 && (every % 2 === 0 || every % 3 === 0)) every++;
  return every === 1 ? origins : origins.filter((_, i) => i % every === 0);
}
