import { Random } from '../../core/random.js';
import { type Progress, throwIfAborted, type WorkOptions } from '../../core/work.js';
import { simplexWeights } from '../simplex.js';
import { Calibration, type HeldOut } from './calibration.js';
import { type CourseOptions, Preparation, switchingChannels, type TrainingLife } from './course.js';
import {
  type FittedLifeEngine,
  fitLifeEngine,
  type LifeEngine,
  type LifeEngineSpec,
  rowsOf,
  stageWeights,
  strideOf,
} from './engine.js';
import type { Life } from './history.js';
import { FaultRisks } from './risks.js';

/** Options of learning. */
export interface LearnOptions extends CourseOptions, Omit<LifeEngineSpec, 'channels'> {
  /** Whether each held-out row counts alike, or each life. */
  readonly intervalsFor: 'rows' | 'lives';
  /** Seconds after which `auto` takes no further engine to the end. */
  readonly timeBudget: number;
}

/** An engine with its part in the answer. */
export interface Member {
  readonly engine: LifeEngine;
  readonly weight: number;
  readonly fitted: FittedLifeEngine;
}

/** One line of the table of what was tried. */
export interface LifeCandidate {
  readonly engine: string;
  /** Root mean square error on assets that were held out, in units; lives beyond the cap count as the cap. */
  readonly rmse: number;
  /** Part in the answer. */
  readonly weight: number;
  /** Seconds of learning. */
  readonly seconds: number;
}

/** Everything that a predictor has learned. */
export interface Learned {
  readonly preparation: Preparation;
  readonly members: readonly Member[];
  readonly calibration: Calibration;
  readonly candidates: readonly LifeCandidate[];
  /** Width of an 80 % interval for an asset of which nothing is known, in units. */
  readonly ignorance: number;
  /** What assets fail of, where the histories tell more than one fault. */
  readonly risks: FaultRisks | undefined;
}

/** Work that may wait: it goes on when a promise that it yields has been kept. */
type Learning<Result> = Generator<Progress | Promise<void>, Result, void>;

const FOLDS = 5;
const COSTLY_FOLDS = 3;
/** Most held-out rows that are looked at. */
const MOST_HELD_OUT = 12_000;
/** Members with less weight are left out. */
const LEAST_WEIGHT = 0.05;

interface Trial {
  readonly engine: LifeEngine;
  seconds: number;
  readonly center: Float64Array;
  readonly spread: Float64Array;
}

/** Learns in one go. */
export function learnSync(
  lives: readonly Life[],
  channels: readonly string[],
  engines: readonly LifeEngine[],
  options: LearnOptions,
  { signal, onProgress }: WorkOptions,
): Learned {
  const work = learning(lives, channels, engines, options, undefined);
  throwIfAborted(signal);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (!(step.value instanceof Promise)) onProgress?.(step.value);
    throwIfAborted(signal);
  }
}

/** Learns and gives the event loop its turn; engines that have to wait are waited for. */
export async function learnAsync(
  lives: readonly Life[],
  channels: readonly string[],
  engines: readonly LifeEngine[],
  options: LearnOptions,
  work: WorkOptions,
): Promise<Learned> {
  const { signal, onProgress } = work;
  const steps = learning(lives, channels, engines, options, work);
  throwIfAborted(signal);
  let turnEnds = performance.now() + SLICE;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (step.value instanceof Promise) await step.value;
    else onProgress?.(step.value);
    throwIfAborted(signal);
    if (performance.now() < turnEnds) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    turnEnds = performance.now() + SLICE;
  }
}

/** ms of work between turns of the event loop: under one frame of a screen. */
const SLICE = 12;

function* learning(
  lives: readonly Life[],
  channels: readonly string[],
  engines: readonly LifeEngine[],
  given: LearnOptions,
  waiting: WorkOptions | undefined,
): Learning<Learned> {
  const random = new Random(given.seed);
  const frames = lives.map(({ frame }) => frame);
  const settings = given.settingsGiven ? given.settings : switchingChannels(frames, channels, random.split('settings'));
  const options: LearnOptions = { ...given, settings };
  const began = performance.now();
  const learn = function* (
    engine: LifeEngine,
    training: readonly TrainingLife[],
    preparation: Preparation,
  ): Learning<FittedLifeEngine> {
    const spec: LifeEngineSpec = { ...options, channels: preparation.channels };
    if (waiting === undefined || engine.fitAsync === undefined) return yield* fitLifeEngine(engine, training, spec);
    const found: FittedLifeEngine[] = [];
    yield engine.fitAsync(training, spec, waiting).then((fitted) => {
      found.push(fitted);
    });
    return found[0] as FittedLifeEngine;
  };

  // Whole assets are held out: rows of one asset know each other too well.
  const folds = foldsOf(lives, engines.some(({ costly }) => costly) ? COSTLY_FOLDS : FOLDS, random);
  const stride = strideOf(frames, MOST_HELD_OUT);
  const rows = frames.map((frame) => rowsOf(frame, stride));
  const starts: number[] = [];
  let total = 0;
  for (const own of rows) {
    starts.push(total);
    total += own.length;
  }
  const remaining = new Float64Array(total);
  const lifeOf = new Uint32Array(total);
  let trials: Trial[] = engines.map((engine) => ({
    engine,
    seconds: 0,
    center: new Float64Array(total),
    spread: new Float64Array(total),
  }));
  for (const [fold, held] of folds.entries()) {
    const rest = lives.filter((_, i) => !held.has(i));
    const preparation = Preparation.fit(rest, channels, options, random.split(`regimes ${fold}`));
    const training = rest.map((life) => preparation.life(life));
    const tested = [...held].map((i) => ({ i, life: preparation.life(lives[i] as Life) }));
    for (const trial of trials) {
      yield { phase: `holding assets out: ${trial.engine.name}`, done: fold, total: folds.length + 1 };
      const start = performance.now();
      const fitted = yield* learn(trial.engine, training, preparation);
      trial.seconds += (performance.now() - start) / 1000;
      for (const { i, life } of tested) {
        const { center, spread } = fitted.outlook(life, rows[i] as Uint32Array);
        trial.center.set(center, starts[i] as number);
        trial.spread.set(spread, starts[i] as number);
      }
    }
    for (const { i, life } of tested) {
      rows[i]?.forEach((row, k) => {
        remaining[(starts[i] as number) + k] = life.remaining[row] as number;
        lifeOf[(starts[i] as number) + k] = i;
      });
    }
    if (fold === 0) trials = affordable(trials, folds.length, options.timeBudget - (performance.now() - began) / 1000);
  }

  const weight = stageWeights(remaining, lifeOf, options.cap);
  const failed = Uint8Array.from(lifeOf, (i) => (lives[i]?.failed ? 1 : 0));
  const { weights, candidates } = blend(trials, { remaining, failed, weight }, options.cap);
  const heldOut: HeldOut[] = Array.from(remaining, (left, i) => ({
    ...mixed(
      trials.map(({ center, spread }, t) => ({
        center: center[i] as number,
        spread: spread[i] as number,
        weight: weights[t] as number,
      })),
    ),
    remaining: left,
    failed: failed[i] === 1,
    weight: (weight[i] as number) / (options.intervalsFor === 'lives' ? (rows[lifeOf[i] as number]?.length ?? 1) : 1),
  }));

  const preparation = Preparation.fit(lives, channels, options, random.split('regimes'));
  const training = lives.map((life) => preparation.life(life));
  const members: Member[] = [];
  for (const [t, { engine }] of trials.entries()) {
    const part = weights[t] as number;
    if (part === 0) continue;
    yield { phase: `learning from all: ${engine.name}`, done: folds.length, total: folds.length + 1 };
    members.push({ engine, weight: part, fitted: yield* learn(engine, training, preparation) });
  }
  const risks = yield* FaultRisks.fit(training, { ...options, channels: preparation.channels });
  return {
    preparation,
    members,
    calibration: Calibration.fit(heldOut, options.cap),
    candidates,
    ignorance: ignoranceOf(heldOut, options.cap),
    risks,
  };
}

/** Numbers of the lives that are held out together: those of one asset always are. */
function foldsOf(lives: readonly Life[], most: number, random: Random): Set<number>[] {
  const assets = [...new Set(lives.map(({ asset }) => asset))];
  // One asset alone with several lives is taken apart after all: there is nothing else to hold out.
  const groups =
    assets.length > 1
      ? assets.map((asset) => lives.flatMap((life, i) => (life.asset === asset ? [i] : [])))
      : lives.map((_, i) => [i]);
  // Failures first, so that no fold is without any to learn from where it can be helped.
  const order = Uint32Array.from(groups, (_, g) => g);
  random.split('folds').shuffle(order);
  const fails = (g: number) => (groups[g] as number[]).some((i) => lives[i]?.failed);
  const sorted = [...order].sort((a, b) => Number(fails(b)) - Number(fails(a)));
  const count = Math.min(most, groups.length);
  return Array.from(
    { length: count },
    (_, fold) => new Set(sorted.filter((_, place) => place % count === fold).flatMap((g) => groups[g] as number[])),
  );
}

/** The first engine always, and those after it that fit into what is left of the time. */
function affordable(trials: readonly Trial[], folds: number, secondsLeft: number): Trial[] {
  let left = secondsLeft;
  return trials.filter(({ seconds }, t) => {
    const cost = seconds * folds;
    if (t > 0 && cost > left) return false;
    left -= cost;
    return true;
  });
}

/** One outlook of several: mean, and deviation of the mixture. */
export function mixed(
  parts: readonly { readonly center: number; readonly spread: number; readonly weight: number }[],
): { center: number; spread: number } {
  let center = 0;
  for (const part of parts) center += part.weight * part.center;
  let variance = 0;
  for (const part of parts) variance += part.weight * (part.spread ** 2 + (part.center - center) ** 2);
  return { center, spread: Math.sqrt(variance) };
}

/** The mixture with the least square error on held-out rows whose truth is known. */
function blend(
  trials: readonly Trial[],
  { remaining, failed, weight }: { remaining: Float64Array; failed: Uint8Array; weight: Float64Array },
  cap: number,
): { weights: number[]; candidates: LifeCandidate[] } {
  const m = trials.length;
  const gram = new Float64Array(m * m);
  let total = 0;
  remaining.forEach((left, i) => {
    if (failed[i] === 0 && left < cap) return;
    const w = weight[i] as number;
    const truth = Math.min(cap, left);
    total += w;
    for (let a = 0; a < m; a++) {
      const error = w * ((trials[a]?.center[i] as number) - truth);
      for (let b = 0; b < m; b++)
        gram[a * m + b] = (gram[a * m + b] as number) + error * ((trials[b]?.center[i] as number) - truth);
    }
  });
  const raw = simplexWeights(gram, m);
  const kept = raw.map((w) => (w >= LEAST_WEIGHT ? w : 0));
  const sum = kept.reduce((a, b) => a + b, 0);
  const weights = kept.map((w) => w / sum);
  const candidates = trials
    .map(({ engine, seconds }, t) => ({
      engine: engine.name,
      rmse: Math.sqrt((gram[t * m + t] as number) / Math.max(1, total)),
      weight: weights[t] as number,
      seconds,
    }))
    .sort((a, b) => a.rmse - b.rmse);
  return { weights, candidates };
}

function ignoranceOf(rows: readonly HeldOut[], cap: number): number {
  const sorted = rows
    .map(({ remaining, weight }) => ({ life: Math.min(cap, remaining), weight }))
    .sort((a, b) => a.life - b.life);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const at = (p: number) => {
    let sum = 0;
    for (const { life, weight } of sorted) {
      sum += weight;
      if (sum >= p * total) return life;
    }
    return 0;
  };
  return at(0.9) - at(0.1);
}
