import type { Work } from '../../core/work.js';
import { GradientBoosting } from '../trees/index.js';
import type { Course, TrainingLife } from './course.js';
import { examplesOf, type LifeEngineSpec } from './engine.js';
import { rulFeatures } from './features.js';
import { leastTime } from './survival-engine.js';

/** How likely an asset fails of one fault rather than of another. */
export interface FaultRisk {
  readonly fault: string;
  readonly probability: number;
}

/** `FaultRisks` as JSON data. */
export interface SavedRisks {
  readonly faults: readonly string[];
  readonly models: readonly ReturnType<GradientBoosting['toJSON']>[];
  readonly longest: number;
}

/** Failures of a fault that are needed to learn it. */
const LEAST_FAILURES = 2;
/** Parts of the longest life in which the risks are added up. */
const STEPS = 100;
/** What failures are called whose fault is not known. */
const UNKNOWN = 'unknown';

/**
 * Failure modes as competing risks: for each fault a time to failure of its own (Weibull gradient boosting), in which failures of
 * other faults count as "not until then" (Prentice et al. 1978). Together they say of what an asset fails first.
 */
export class FaultRisks {
  readonly #faults: readonly string[];
  readonly #models: readonly GradientBoosting[];
  readonly #longest: number;
  readonly #spec: LifeEngineSpec;

  private constructor(
    faults: readonly string[],
    models: readonly GradientBoosting[],
    longest: number,
    spec: LifeEngineSpec,
  ) {
    this.#faults = faults;
    this.#models = models;
    this.#longest = longest;
    this.#spec = spec;
  }

  /** Learns the faults that the lives name; undefined where there are fewer than two. */
  static *fit(lives: readonly TrainingLife[], spec: LifeEngineSpec): Work<FaultRisks | undefined> {
    const faultOf = (life: TrainingLife) => (life.failed ? (life.fault ?? UNKNOWN) : undefined);
    const counts = new Map<string, number>();
    for (const fault of lives.map(faultOf)) if (fault !== undefined) counts.set(fault, (counts.get(fault) ?? 0) + 1);
    const faults = [...counts].filter(([, count]) => count >= LEAST_FAILURES).map(([fault]) => fault);
    if (faults.filter((fault) => fault !== UNKNOWN).length < 2) return undefined;
    const { matrix, remaining, life, weight } = examplesOf(lives, spec);
    const least = leastTime(remaining);
    let longest = 0;
    for (const left of remaining) longest = Math.max(longest, left);
    const models: GradientBoosting[] = [];
    for (const [done, fault] of faults.entries()) {
      yield { phase: `learning the risk of ${fault}`, done, total: faults.length };
      const model = new GradientBoosting({
        loss: 'weibull',
        trees: 30,
        learningRate: 0.2,
        maxLeaves: 6,
        minLeaf: Math.min(20, Math.max(2, Math.floor(matrix.rows / 50))),
        rowSample: 0.3,
        columnSample: 0.3,
        lambda: 1,
        seed: spec.seed,
      });
      models.push(
        yield* model.fitting(
          matrix,
          remaining.map((left) => Math.max(least, left)),
          {
            weights: weight,
            events: Float64Array.from(life, (l) => (faultOf(lives[l] as TrainingLife) === fault ? 1 : 0)),
          },
        ),
      );
    }
    return new FaultRisks(faults, models, longest, spec);
  }

  /** The faults at a row, most likely first: probabilities that it is the one of which the asset fails. */
  at(course: Course, row: number): FaultRisk[] {
    const { data } = rulFeatures(course, [row], this.#spec);
    const survivals = this.#models.map((model) => model.survivalOf(data));
    const shares = new Float64Array(this.#faults.length);
    let before = this.#models.map(() => 0);
    let alive = 1;
    for (let step = 1; step <= STEPS; step++) {
      // Small steps first: near the end much happens in little time.
      const time = this.#longest * (step / STEPS) ** 2;
      const hazard = survivals.map((survival) => -Math.log(Math.max(1e-300, survival(time))));
      const rise = hazard.map((h, k) => Math.max(0, h - (before[k] as number)));
      const sum = rise.reduce((a, b) => a + b, 0);
      const ended = alive * (1 - Math.exp(-sum));
      if (sum > 0)
        rise.forEach((part, k) => {
          shares[k] = (shares[k] as number) + (ended * part) / sum;
        });
      alive -= ended;
      before = hazard;
      if (alive < 1e-6) break;
    }
    const total = shares.reduce((a, b) => a + b, 0);
    return this.#faults
      .map((fault, k) => ({ fault, probability: total > 0 ? (shares[k] as number) / total : 1 / this.#faults.length }))
      .sort((a, b) => b.probability - a.probability);
  }

  toJSON(): SavedRisks {
    return { faults: this.#faults, models: this.#models.map((model) => model.toJSON()), longest: this.#longest };
  }

  static fromJSON({ faults, models, longest }: SavedRisks, spec: LifeEngineSpec): FaultRisks {
    return new FaultRisks(
      faults,
      models.map((model) => GradientBoosting.fromJSON(model)),
      longest,
      spec,
    );
  }
}
