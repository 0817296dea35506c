import { TwinergyError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, scoreEach } from './engine.js';

/** Options of the ECOD engine. */
export interface EcodOptions {
  /** Training values kept per column, as evenly spaced order statistics. Default 4096. */
  readonly resolution?: number;
}

interface EcodState {
  readonly columns: number;
  readonly skew: string;
  readonly sorted: readonly string[];
}

/**
 * Empirical-cumulative-distribution outlier detection (Li, Zhao, Hu, Botta, Ionescu & Chen 2022): each column adds the
 * negative log of its empirical tail probability; the row's score is the largest of the left sum, the right sum, and
 * the sum over the tail each column is skewed to. It has no parameters to tune, needs no scaling, takes missing values
 * (they add nothing) and grows linearly with the number of columns.
 */
class Ecod implements DetectorEngine {
  readonly #resolution: number;
  #sorted: Float64Array[] = [];
  #skew: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(resolution: number) {
    this.#resolution = resolution;
  }

  *fitWork(rows: Matrix): Work<void> {
    this.#sorted = [];
    this.#skew = new Float64Array(rows.columns);
    for (let j = 0; j < rows.columns; j++) {
      const values = new Float64Array(rows.rows);
      let count = 0;
      let sum = 0;
      for (let i = 0; i < rows.rows; i++) {
        const x = rows.data[i * rows.columns + j] as number;
        if (Number.isNaN(x)) continue;
        values[count++] = x;
        sum += x;
      }
      const present = values.subarray(0, count).sort();
      const mean = sum / Math.max(1, count);
      let third = 0;
      for (const x of present) third += (x - mean) ** 3;
      this.#skew[j] = Math.sign(third);
      this.#sorted.push(thinned(present, this.#resolution));
      if (j % 64 === 0) yield { phase: 'sorting columns', done: j, total: rows.columns };
    }
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    let left = 0;
    let right = 0;
    let skewed = 0;
    for (let j = 0; j < row.length; j++) {
      const [l, r] = this.#tails(j, row[j] as number);
      left += l;
      right += r;
      const skew = this.#skew[j] as number;
      skewed += skew < 0 ? l : skew > 0 ? r : Math.max(l, r);
    }
    return Math.max(left, right, skewed);
  }

  contributionsInto(row: Float64Array, out: Float64Array): void {
    for (let j = 0; j < row.length; j++) {
      const [left, right] = this.#tails(j, row[j] as number);
      // A value in the middle has −ln ½ on both sides: that is not unusual.
      out[j] = Math.max(0, Math.max(left, right) - Math.LN2);
    }
  }

  /** −ln of the left and right tail probability; beyond all training values the tail is 1 / (n + 1). */
  #tails(j: number, x: number): [left: number, right: number] {
    const sorted = this.#sorted[j];
    if (sorted === undefined) throw new TwinergyError('DETECTOR_WIDTH_MISMATCH', `Column ${j} was not fitted.`);
    if (Number.isNaN(x) || sorted.length === 0) return [0, 0];
    const n = sorted.length;
    return [-Math.log((upperBound(sorted, x) + 1) / (n + 1)), -Math.log((n - lowerBound(sorted, x) + 1) / (n + 1))];
  }

  toJSON(): EcodState {
    return { columns: this.#sorted.length, skew: packFloats(this.#skew), sorted: this.#sorted.map(packFloats) };
  }

  static restore(state: EcodState): Ecod {
    const engine = new Ecod(0);
    engine.#skew = unpackFloats(state.skew);
    engine.#sorted = state.sorted.map(unpackFloats);
    return engine;
  }
}

function thinned(sorted: Float64Array, limit: number): Float64Array {
  if (sorted.length <= limit) return sorted.slice();
  return Float64Array.from({ length: limit }, (_, k) => {
    return sorted[Math.round((k * (sorted.length - 1)) / (limit - 1))] as number;
  });
}

/** How many of the `sorted` values are < x. */
export function lowerBound(sorted: Float64Array, x: number, length: number = sorted.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the `sorted` values are ≤ x. */
export function upperBound(sorted: Float64Array, x: number, length: number = sorted.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** ECOD as a kind of engine. */
export const ecod: EngineKind<EcodOptions> = {
  name: 'ecod',
  tags: { missing: true, sequential: false, online: false },
  create: ({ resolution = 4096 }: EcodOptions, _random: Random) => new Ecod(resolution),
  restore: (state: EcodState) => Ecod.restore(state),
};
