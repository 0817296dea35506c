import { exp, gammaShareBelow, log } from '../math/index.js';
import type { Random } from '../random.js';
import type { WearHistory } from './law.js';
import { type Level, levelsOf } from './levels.js';

/** Greatest deviation of a step, as a share of an ordinary one. */
const TELLING = 0.35;
/** Cells of the grid of days to full severity and of sizes of step (logarithms), as many on each side. */
const SPANS = { from: log(60), to: log(10_000), count: 28 } as const;
const SIZES = { reach: 1.8, count: 13 } as const;

/** What is thought of a Gamma process before its history. */
interface StepPrior {
  /** Wear at full severity. */
  readonly full: number;
  /** Logarithm of the usual size of a step over full wear, variance over mean. */
  readonly size: number;
  /** Logarithm of the density of the logarithm of the days to full severity, and of the step's size. */
  readonly density: (lnSpan: number, lnSize: number) => number;
}

/** Days to full severity and size of a step, as logarithms. */
interface StepDraw {
  readonly lnSpan: number;
  readonly lnSize: number;
}

/**
 * How fast a Gamma process goes and how large its steps are, from the few steps that its history shows. A Gamma process
 * rests for weeks and then goes far in a day: a filter with normal noise takes each day of rest for evidence that it goes
 * slowly in small steps, where it is none. Here each stretch counts by the Gamma distribution itself, as far as measuring
 * tells its growth (within √3 standard deviations, as a uniform error of the same spread).
 */
export class GammaSteps {
  readonly #levels: readonly Level[];
  readonly #prior: StepPrior;
  readonly #spans: readonly number[];
  readonly #sizes: readonly number[];
  /** By level the log likelihood of all stretches after it, cell by cell. */
  readonly #after: Float64Array[];
  /** By whole days since the onset the log density of the cells, and its greatest. */
  readonly #known = new Map<number, { readonly logs: Float64Array; readonly most: number }>();

  constructor(history: WearHistory, prior: StepPrior) {
    this.#prior = prior;
    this.#levels = levelsOf(history, TELLING * exp(prior.size) * prior.full);
    const { from, to, count } = SPANS;
    this.#spans = Array.from({ length: count }, (_, s) => from + ((s + 0.5) * (to - from)) / count);
    this.#sizes = Array.from(
      { length: SIZES.count },
      (_, s) => prior.size + SIZES.reach * ((2 * (s + 0.5)) / SIZES.count - 1),
    );
    const cells = count * SIZES.count;
    this.#after = this.#levels.map(() => new Float64Array(cells));
    for (let l = this.#levels.length - 2; l >= 0; l--) {
      const [from, to] = [this.#levels[l] as Level, this.#levels[l + 1] as Level];
      const later = this.#after[l + 1] as Float64Array;
      const variance = from.variance + to.variance;
      this.#after[l] = this.#stretch(to.day - from.day, to.value - from.value, variance).map(
        (own, cell) => own + (later[cell] as number),
      );
    }
  }

  /** Draws what the history leaves possible if wear began `age` days ago. */
  draw(age: number, random: Random): StepDraw {
    const { logs, most } = this.#since(Math.max(1, Math.round(age)));
    let left = random.next() * logs.reduce((sum, value) => sum + exp(value - most), 0);
    let cell = 0;
    for (; cell < logs.length - 1; cell++) {
      left -= exp((logs[cell] as number) - most);
      if (left <= 0) break;
    }
    const [lnSpan, lnSize] = this.#at(cell);
    return {
      lnSpan: lnSpan + (random.next() - 0.5) * ((SPANS.to - SPANS.from) / SPANS.count),
      lnSize: lnSize + (random.next() - 0.5) * ((2 * SIZES.reach) / SIZES.count),
    };
  }

  #since(age: number): { readonly logs: Float64Array; readonly most: number } {
    const known = this.#known.get(age);
    if (known !== undefined) return known;
    const next = this.#levels.findIndex(({ day }) => day > -age);
    const first = this.#levels[next];
    const begun = first === undefined ? undefined : this.#stretch(first.day + age, first.value, first.variance);
    const later = this.#after[next];
    const logs = Float64Array.from(
      { length: SPANS.count * SIZES.count },
      (_, cell) => (begun?.[cell] ?? 0) + (later?.[cell] ?? 0) + this.#prior.density(...this.#at(cell)),
    );
    const most = logs.reduce((top, value) => Math.max(top, value), Number.NEGATIVE_INFINITY);
    this.#known.set(age, { logs, most });
    return { logs, most };
  }

  #at(cell: number): [lnSpan: number, lnSize: number] {
    return [this.#spans[Math.floor(cell / SIZES.count)] as number, this.#sizes[cell % SIZES.count] as number];
  }

  /** Log likelihood, cell by cell, of so much growth in so many days. */
  #stretch(days: number, growth: number, variance: number): Float64Array {
    const half = Math.sqrt(3 * variance);
    const low = Math.max(0, growth - half) / this.#prior.full;
    // Less than nothing is a stretch of rest that was measured badly.
    const high = Math.max(half, growth + half) / this.#prior.full;
    return Float64Array.from({ length: SPANS.count * SIZES.count }, (_, cell) => {
      const [lnSpan, lnSize] = this.#at(cell);
      const size = exp(lnSize);
      const shape = days / (size * exp(lnSpan));
      return log(Math.max(1e-12, gammaShareBelow(shape, high / size) - gammaShareBelow(shape, low / size)));
    });
  }
}
