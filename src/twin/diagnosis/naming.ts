import { type Course, clearer, courseOf, courseWeight, dustWeight, goneWeight, NO_COURSE } from './course.js';
import type { DaySummary } from './day.js';
import { type Fit, type Projection, weights } from './evidence.js';
import type { Candidate, Finding } from './finding.js';
import type { Hypothesis } from './hypothesis.js';
import { SECTORS } from './quantities.js';

/** Snow: mean air of the coldest day, °C, at which it is likely and unlikely, and what that adds to its logarithm of probability. */
const SNOW = { cold: { air: 4, weight: 4 }, warm: { air: 12, weight: -10 } } as const;
/**
 * What a cause gains in logarithm of probability by being held already, in layer and place: that a second fault follows
 * while the first lasts is rare.
 */
const LASTS = { layer: 4, target: 1 } as const;
/** Divisor of differences in likelihood: signatures are models, and models err together. */
const TEMPER = 2.5;
/** Kinds whose weight is this near to the first cannot be told from it. */
const INDISTINCT = 0.5;

/** Causes that are listed at most. */
const LISTED = 12;

/** What causes are ranked by. */
export interface NamingInput {
  readonly hypotheses: readonly Hypothesis[];
  /** Fits of those that are looked at closely, to the days `judged`. */
  readonly fits: readonly Fit[];
  /** Of each hypothesis its days, the last today. */
  readonly projections: readonly (readonly Projection[])[];
  readonly days: readonly DaySummary[];
  /** The days that the fits are to, from the first to before the end. */
  readonly judged: readonly [begin: number, end: number];
  /** Index of the day on which it began. */
  readonly onset: number;
  /** What was held before. */
  readonly held: { readonly finding: Finding; readonly course: Course } | undefined;
}

/** A cause with its best fit, the logarithm of its weight and its course. */
export interface RankedCause {
  readonly fit: Fit;
  readonly score: number;
  readonly course: Course;
}

/** Ranks causes by fit, prior, course in time, weather and what was held before: of each kind at each target its best. */
export function rankCauses({
  hypotheses,
  fits,
  projections,
  days,
  judged: [begin, end],
  onset,
  held,
}: NamingInput): readonly RankedCause[] {
  const airs = days.slice(Math.max(0, begin - 1), end).map(({ air }) => air);
  const coldest = Math.min(...airs.filter(Number.isFinite));
  const gone = end < days.length;
  const best = new Map<string, RankedCause>();
  for (const fit of fits) {
    const hypothesis = hypotheses[fit.hypothesis] as Hypothesis;
    const { kind, layer, target, prior } = hypothesis;
    const own = projections[fit.hypothesis] ?? [];
    const seen = courseOf(own, days, onset);
    const course = clearer(held?.finding.kind === kind ? held.course : NO_COURSE, seen);
    const lasts = held?.finding.layer === layer ? LASTS.layer + (held.finding.target === target ? LASTS.target : 0) : 0;
    const weather =
      kind === 'soiling' ? dustWeight(course, lossAtSizeOne(hypothesis)) : kind === 'snow' ? snowWeight(coldest) : 0;
    const score = fit.gain + prior + courseWeight(kind, course) + weather + lasts + (gone ? goneWeight(kind, own) : 0);
    const key = `${kind} ${target ?? ''}`;
    const before = best.get(key);
    if (before === undefined || score > before.score) best.set(key, { fit, score, course });
  }
  return [...best.values()].sort((x, y) => y.score - x.score);
}

/** The likeliest causes with their probabilities; a sound plant is one more possibility. */
export function candidatesOf(
  hypotheses: readonly Hypothesis[],
  ranked: readonly RankedCause[],
  grows: boolean,
): Candidate[] {
  const share = weights([...ranked.map(({ score }) => score), 0], TEMPER);
  return ranked.slice(0, LISTED).map(({ fit }, r): Candidate => {
    const { kind, layer, target } = hypotheses[fit.hypothesis] as Hypothesis;
    return { kind: grows ? growing(kind, target) : kind, layer, target, probability: share[r] as number };
  });
}

/** Those of the candidates that cannot be told from the first. */
export const indistinctOf = ([head, ...others]: readonly Candidate[]): Candidate[] =>
  others.filter(({ probability }) => probability > INDISTINCT * (head?.probability ?? 1));

function snowWeight(air: number): number {
  const { cold, warm } = SNOW;
  const part = Math.min(1, Math.max(0, (air - cold.air) / (warm.air - cold.air)));
  return cold.weight + part * (warm.weight - cold.weight);
}

/** Logarithmic loss of light at noon of the severity that projections are made at. */
function lossAtSizeOne({ severities, touches, shift }: Hypothesis): number {
  const noon = { sector: SECTORS / 2, level: 2, light: 800, temperature: 40, load: 0.5, day: 0 };
  return Math.max(...touches.map((k) => -shift(k, noon, severities.length >> 1)));
}

/** How an error of an instrument is called that grows. */
function growing(kind: string, target: string | undefined): string {
  const light = /poaGlobal|irradiance|ghi/.test(target ?? '');
  if (kind === 'gain') return light ? 'irradiance-sensor-soiling' : 'drift';
  return kind === 'bias' ? 'drift' : kind;
}
