import { TwinergyError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { foldBlocks, splitBlocks } from './blocks.js';
import { Calibration } from './calibration.js';
import { CustomEngine } from './custom.js';
import { type DetectorEngine, type EngineTags, type FitContext, rowOf, sampleRows, takeRows } from './engine.js';
import type { ResolvedOptions } from './options.js';
import { Smoother } from './preparation.js';
import { engineKind } from './registry.js';

/** Tags of an engine of the user's own: nothing is assumed of it. */
const customTags: EngineTags = { missing: false, sequential: false, online: false };

/** Rows whose scores are enough, where the engine is judged by its own training rows. */
const enoughScores = 20_000;

/** What the configured engine can do. */
export function tagsOf(options: ResolvedOptions): EngineTags {
  return typeof options.engine === 'string' ? engineKind(options.engine).tags : customTags;
}

/** A new engine as the options say. */
function createEngine(options: ResolvedOptions, random: Random): DetectorEngine {
  if (typeof options.engine !== 'string') return new CustomEngine(options.engine);
  return engineKind(options.engine).create(options.engineOptions ?? {}, random);
}

/** A fitted engine with the scores of normal rows that it was not fitted on, in order of time. */
export interface FittedEngine {
  readonly engine: DetectorEngine;
  readonly normalScores: Float64Array;
}

/** Where a fit leaves the promise that has to be waited for before the next step of the work. */
export interface Waiting {
  promise: Promise<void> | undefined;
}

/**
 * Fits an engine on scaled `rows` and finds out what normal rows score.
 * @param waiting given by callers that can wait for an asynchronous engine
 * @throws TwinergyError `DETECTOR_ASYNC_ENGINE` when the engine fits asynchronously and the caller cannot wait
 */
export function* fitEngine(
  rows: Matrix,
  options: ResolvedOptions,
  random: Random,
  context: FitContext,
  waiting: Waiting | undefined,
): Work<FittedEngine> {
  const { sequential, online } = tagsOf(options);
  if (sequential && online) return yield* fitInStream(rows, options, random, context);
  const custom = typeof options.engine !== 'string';
  const way =
    options.calibration ??
    (rows.rows >= (sequential ? 60 : 1000) ? 'split' : rows.rows >= 20 && !sequential ? 'cross' : 'none');
  if (way === 'cross' && !custom) {
    const scores: number[] = [];
    for (const [fold, { train, held }] of foldBlocks(rows.rows).entries()) {
      const engine = createEngine(options, random.split(`fold ${fold}`));
      yield* engine.fitWork(takeRows(rows, train), context);
      scores.push(...scoreBlock(engine, takeRows(rows, held), options.smoothing));
    }
    const engine = createEngine(options, random.split('engine'));
    yield* engine.fitWork(rows, context);
    return { engine, normalScores: Float64Array.from(scores) };
  }
  const { train, held } =
    way === 'none'
      ? { train: undefined, held: undefined }
      : splitBlocks(rows.rows, sequential || options.smoothing > 1);
  const engine = createEngine(options, random.split('engine'));
  yield* engine.fitWork(train === undefined ? rows : takeRows(rows, train), context);
  if (engine instanceof CustomEngine && engine.pending !== undefined) {
    if (waiting === undefined) {
      // Nobody will wait for it: what becomes of it must not bring the process down.
      engine.pending.catch(() => undefined);
      throw new TwinergyError('DETECTOR_ASYNC_ENGINE', 'This engine fits asynchronously.', {
        hint: 'Use await detector.fitAsync(frame).',
      });
    }
    waiting.promise = engine.pending;
    yield { phase: 'waiting for the engine', done: 0, total: 1 };
  }
  const all = sequential || options.smoothing > 1 || rows.rows <= enoughScores;
  const blocks = held?.map((block) => takeRows(rows, block)) ?? [
    all ? rows : takeRows(rows, sampleRows(rows.rows, enoughScores, random.split('scores'))),
  ];
  return { engine, normalScores: Float64Array.from(blocks.flatMap((b) => scoreBlock(engine, b, options.smoothing))) };
}

/** An engine that learns in a stream is calibrated by what it said of each row before it learnt from it. */
function* fitInStream(rows: Matrix, options: ResolvedOptions, random: Random, context: FitContext): Work<FittedEngine> {
  const engine = createEngine(options, random.split('engine'));
  const first = Math.max(1, Math.floor(0.3 * rows.rows));
  const head = { data: rows.data.subarray(0, first * rows.columns), rows: first, columns: rows.columns };
  yield* engine.fitWork(head, { ...context, total: rows.rows });
  const smoother = new Smoother(options.smoothing);
  const normalScores = new Float64Array(Math.max(1, rows.rows - first));
  for (let i = first; i < rows.rows; i++) {
    normalScores[i - first] = smoother.push(engine.step(rowOf(rows, i)));
    if (i % 256 === 0) yield { phase: 'reading the training rows', done: i, total: rows.rows };
  }
  return { engine, normalScores };
}

function scoreBlock(engine: DetectorEngine, block: Matrix, smoothing: number): number[] {
  const out = new Float64Array(block.rows);
  engine.scoreInto(block, out);
  const smoother = new Smoother(smoothing);
  return Array.from(out, (score) => smoother.push(score));
}

/** The alarm threshold on raw scores. */
export function thresholdOf(
  rows: Matrix,
  { engine, normalScores }: FittedEngine,
  calibration: Calibration,
  options: ResolvedOptions,
): number {
  const rule = options.threshold;
  if (typeof rule === 'object' && 'contamination' in rule) {
    const scores = Float64Array.from(scoreBlock(engine, rows, options.smoothing));
    return Calibration.fit(scores).threshold(rule.contamination);
  }
  if (normalScores.length === 0) throw new TwinergyError('DETECTOR_NO_ROWS', 'There are no rows to calibrate on.');
  return calibration.threshold(options.falseAlarmRate);
}
