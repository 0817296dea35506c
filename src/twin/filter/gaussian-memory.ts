import { exp } from '../../core/math/index.js';
import type { HealthEstimate } from './health-filter.js';
import { limitVariance } from './unscented.js';

/** One number of a filter's state: how it begins, drifts and is limited. */
export interface StateNumber {
  /** Standard deviation before any evidence. */
  readonly prior: number;
  /** Variance that a day adds, and the greatest that it may come to; absent where the filter moves it by itself. */
  readonly drift?: number;
  readonly most?: number;
  /** Values beyond which it makes no sense. */
  readonly least?: number;
  readonly greatest?: number;
  /** Whether the state holds the logarithm of the quantity. */
  readonly logarithm?: boolean;
}

/**
 * Where a filter keeps the mean and the covariance of its state in the memory that it is given: the numbers, then the
 * covariance row by row; what follows from `end` on is the filter's own.
 */
export class GaussianMemory {
  readonly size: number;
  /** Place after the covariance. */
  readonly end: number;
  readonly #numbers: readonly StateNumber[];

  constructor(numbers: readonly StateNumber[]) {
    this.#numbers = numbers;
    this.size = numbers.length;
    this.end = this.size * (this.size + 1);
  }

  /** The means, as a view. */
  mean(memory: Float64Array): Float64Array {
    return memory.subarray(0, this.size);
  }

  /** The covariance, as a view. */
  covariance(memory: Float64Array): Float64Array {
    return memory.subarray(this.size, this.end);
  }

  /** Empties the memory, with what is thought possible beforehand. */
  begin(memory: Float64Array): void {
    memory.fill(0);
    for (let i = 0; i < this.size; i++) this.lift(memory, i);
  }

  /** Lets days pass. */
  age(memory: Float64Array, days: number): void {
    const covariance = this.covariance(memory);
    this.#numbers.forEach(({ drift = 0 }, i) => {
      const at = i * (this.size + 1);
      if (drift > 0) covariance[at] = (covariance[at] as number) + drift * days;
    });
    this.#numbers.forEach(({ most }, i) => {
      if (most !== undefined) limitVariance(covariance, this.size, i, most);
    });
  }

  /** Makes a number as uncertain again as it was before any evidence. */
  lift(memory: Float64Array, index: number): void {
    const at = this.size + index * (this.size + 1);
    memory[at] = (memory[at] as number) + (this.#numbers[index] as StateNumber).prior ** 2;
  }

  /** Takes the means back to where they make sense. */
  limit(memory: Float64Array): void {
    this.#numbers.forEach(({ least, greatest }, i) => {
      if (least !== undefined) memory[i] = Math.max(least, memory[i] as number);
      if (greatest !== undefined) memory[i] = Math.min(greatest, memory[i] as number);
    });
  }

  /** Writes a number as the quantity that it stands for, without the time of its evidence. */
  read(memory: Float64Array, index: number, out: HealthEstimate): void {
    const mean = memory[index] as number;
    const sd = Math.sqrt(memory[this.size + index * (this.size + 1)] as number);
    const logarithm = (this.#numbers[index] as StateNumber).logarithm === true;
    out.mean = logarithm ? exp(mean) : mean;
    out.sd = logarithm ? out.mean * sd : sd;
  }
}
