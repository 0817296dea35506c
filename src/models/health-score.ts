import { type Duration, durationMs } from '../core/duration.js';
import { TwinergyError } from '../core/errors.js';
import { pow } from '../core/math/index.js';
import { checkComponent, type HealthComponent, scoreOnCurve, solarHealthComponents } from './health/component.js';

/** A named range of the score, from best to worst in `healthBands`. */
export interface HealthBand {
  readonly label: string;
  /** Least score of the band. */
  readonly from: number;
}

/** The default bands; their edges are the original design's thresholds of panel health. */
export const healthBands: readonly HealthBand[] = [
  { label: 'good', from: 85 },
  { label: 'fair', from: 75 },
  { label: 'poor', from: 60 },
  { label: 'critical', from: 0 },
];

/** Options of `HealthScoreCalculator`; all have defaults. */
export interface HealthScoreOptions {
  /** The parts of the score. Default: power .30, temperature .25, battery .25, inverter .20. */
  readonly components?: readonly HealthComponent[];
  /** Labels with their least score, from best to worst; the last must begin at 0. Default: `healthBands`. */
  readonly bands?: readonly HealthBand[];
  /** How many points the score must pass an edge by before the label changes, where `previous` is given. Default 1. */
  readonly hysteresis?: number;
  /** Age at which a value is worth half, for the confidence. Default `1h`. */
  readonly halfLife?: Duration;
}

/** What one component contributed. */
export interface HealthComponentScore {
  readonly name: string;
  /** The value that was scored, in its own unit. */
  readonly value: number;
  /** 0…100. */
  readonly score: number;
  /** Share in this score after the missing ones were left out; the shares add up to 1. */
  readonly share: number;
  /** Points of the whole that this component costs: `share · (100 − score)`. */
  readonly lost: number;
}

/** The answer of `HealthScoreCalculator.calculate`. */
export interface HealthScore {
  /** 0…100, or null where no component had a value (then `reason` says so). */
  readonly score: number | null;
  /** The band, or `unknown`. */
  readonly label: string;
  readonly components: readonly HealthComponentScore[];
  /** Points taken off for degradation. */
  readonly degradation: number;
  /** Components without a value; the others were weighted up. */
  readonly missing: readonly string[];
  /** How much the score is worth, 0…1: the declared weight that had a value, each value by its quality and its age. */
  readonly confidence: number;
  /** Why the score is incomplete, for people; absent when it is not. */
  readonly reason?: string;
}

/** The components of a score that have a value, those that have none, and what is said of that. */
interface Selection {
  readonly known: readonly HealthComponent[];
  readonly missing: readonly string[];
  readonly reason: string | undefined;
}

/** Selections that are kept. */
const MOST_SELECTIONS = 8;

/**
 * Scores are made of classes and by `map`, not of literals: V8 allocates literals that once outlived a large batch among the
 * old from then on, where each waits for the great collection.
 */
class ComponentScore implements HealthComponentScore {
  constructor(
    readonly name: string,
    readonly value: number,
    readonly score: number,
    readonly share: number,
    readonly lost: number,
  ) {}
}

class Score implements HealthScore {
  readonly reason?: string;

  constructor(
    readonly score: number | null,
    readonly label: string,
    readonly components: readonly HealthComponentScore[],
    readonly degradation: number,
    readonly missing: readonly string[],
    readonly confidence: number,
    reason: string | undefined,
  ) {
    if (reason !== undefined) this.reason = reason;
  }
}

/** What is known beside the values. */
export interface HealthContext {
  /** The label of the last score of this asset: the label then only changes when an edge is passed clearly. */
  readonly previous?: string | undefined;
  /** How good each value is, 0…1, by the name of its input; default 1. */
  readonly quality?: Readonly<Record<string, number | undefined>> | undefined;
  /** How old each value is, ms, by the name of its input; default 0. */
  readonly age?: Readonly<Record<string, number | undefined>> | undefined;
}

/** Values by name; those that are absent, null or NaN are missing. */
export type HealthInput = Readonly<Record<string, number | null | undefined>> & {
  /** Lasting loss against new, as a fraction 0…1: 0.05 costs 5 points. */
  readonly degradation?: number | null | undefined;
};

/**
 * Scores the health of an asset: weighted component scores, minus degradation, in 0…100. A missing value does not count
 * as good or bad: its weight goes to the others, and the answer says so. The score is bounded, continuous, and monotone
 * in each value whose curve is.
 *
 * Default inputs: `powerRatio` (measured / expected power, 1 = as expected), `temperature` (°C), `batteryLevel` (%),
 * `inverterEfficiency` (%), `degradation` (fraction).
 */
export class HealthScoreCalculator {
  readonly #components: readonly HealthComponent[];
  readonly #bands: readonly HealthBand[];
  readonly #hysteresis: number;
  readonly #halfLife: number;
  /** Sum of all weights. */
  readonly #declared: number;
  readonly #selections: Selection[] = [];

  /** @throws TwinergyError `HEALTH_BAD_WEIGHT`, `HEALTH_BAD_CURVE`, `HEALTH_BAD_BANDS` */
  constructor({
    components = solarHealthComponents,
    bands = healthBands,
    hysteresis = 1,
    halfLife = '1h',
  }: HealthScoreOptions = {}) {
    components.forEach((component, i) => {
      checkComponent(component, `components[${i}]`);
    });
    const falling = bands.every((band, i) => i === 0 || band.from < (bands[i - 1] as HealthBand).from);
    if (bands.length === 0 || !falling || bands.at(-1)?.from !== 0) {
      throw new TwinergyError('HEALTH_BAD_BANDS', 'Bands must go from best to worst, and the last must begin at 0.', {
        path: 'bands',
      });
    }
    this.#components = components;
    this.#declared = components.reduce((sum, { weight }) => sum + weight, 0);
    this.#bands = bands;
    this.#hysteresis = hysteresis;
    this.#halfLife = durationMs(halfLife, 'halfLife');
  }

  /**
   * @param input values by name
   * @param context the last label, and how good and how old the values are
   */
  calculate(input: HealthInput, { previous, quality, age }: HealthContext = {}): HealthScore {
    const { known, missing, reason } = this.#selection(input);
    let weight = 0;
    let worth = 0;
    for (const { input: key, weight: own } of known) {
      weight += own;
      worth += own * this.#worth(quality?.[key] ?? 1, age?.[key] ?? 0);
    }
    const degradation = isNumber(input.degradation) ? 100 * Math.min(1, Math.max(0, input.degradation)) : 0;
    if (weight === 0) {
      return new Score(null, 'unknown', [], degradation, missing, 0, 'No component has a value.');
    }
    let lost = 0;
    const components = known.map(({ name, input: key, curve, weight: own }) => {
      const value = Number(input[key]);
      const score = scoreOnCurve(curve, value);
      const share = own / weight;
      const cost = share * (100 - score);
      lost += cost;
      return new ComponentScore(name, value, score, share, cost);
    });
    const score = Math.min(100, Math.max(0, 100 - lost - degradation));
    const label = this.#label(score, previous);
    const confidence = worth / this.#declared;
    return new Score(score, label, components, degradation, missing, confidence, reason);
  }

  /** Which components have a value: of an asset nearly always the same ones, so that what goes with them is kept. */
  #selection(input: HealthInput): Selection {
    for (const selection of this.#selections) if (this.#fits(selection, input)) return selection;
    const known = this.#components.filter(({ input: key }) => isNumber(input[key]));
    const missing = this.#components.filter((component) => !known.includes(component)).map(({ name }) => name);
    const reason =
      missing.length === 0 ? undefined : `No value for ${missing.join(', ')}; the other components were weighted up.`;
    const selection = { known, missing: Object.freeze(missing), reason };
    if (this.#selections.length < MOST_SELECTIONS) this.#selections.push(selection);
    return selection;
  }

  #fits({ known }: Selection, input: HealthInput): boolean {
    let k = 0;
    for (const component of this.#components) {
      const expected = component === known[k];
      if (isNumber(input[component.input]) !== expected) return false;
      if (expected) k++;
    }
    return true;
  }

  /** What a value of that quality and age is worth, 0…1. */
  #worth(quality: number, age: number): number {
    return Math.min(1, Math.max(0, quality)) * (age > 0 ? pow(0.5, age / this.#halfLife) : 1);
  }

  #label(score: number, previous: string | undefined): string {
    const label = this.#bandOf(score);
    if (previous === undefined || label === previous) return label;
    // The edge counts as passed only when the score is beyond it by the hysteresis, from either side.
    const near =
      this.#bandOf(Math.max(0, score - this.#hysteresis)) === previous ||
      this.#bandOf(Math.min(100, score + this.#hysteresis)) === previous;
    return near ? previous : label;
  }

  #bandOf(score: number): string {
    for (const { label, from } of this.#bands) if (score >= from) return label;
    return (this.#bands.at(-1) as HealthBand).label;
  }
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
