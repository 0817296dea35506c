import { Random } from '../../core/index.js';
import { exp } from '../../core/math/index.js';

/** Share of particles that must count before they are drawn anew. */
const LEAST_EFFECTIVE = 0.5;

/**
 * A particle filter (sequential importance resampling) for states that no bell curve describes: dirt that rain takes away
 * at a stroke, events that come and go. Particles and weights are the caller's memory: `width` numbers each, then the
 * weights. Resampling is systematic; each step's random numbers come from a stream of its own, so that nothing but the
 * particles has to be saved.
 * Source: M. S. Arulampalam et al.: A tutorial on particle filters, IEEE Trans. Signal Processing 50, 2002.
 */
export class ParticleFilter {
  readonly count: number;
  readonly width: number;
  readonly #drawn: Float64Array;
  readonly #order: Uint32Array;

  /** @param count how many particles @param width numbers in the state of one */
  constructor(count: number, width: number) {
    this.count = count;
    this.width = width;
    this.#drawn = new Float64Array(count * width);
    this.#order = new Uint32Array(count);
  }

  /** How many numbers the memory holds. */
  get memorySize(): number {
    return this.count * (this.width + 1);
  }

  /** Fills the memory with particles that `draw` makes. */
  begin(memory: Float64Array, seed: number, draw: (random: Random, particle: Float64Array) => void): void {
    const random = new Random(seed);
    for (let p = 0; p < this.count; p++) draw(random, this.#particle(memory, p));
    memory.fill(1 / this.count, this.count * this.width, this.memorySize);
  }

  #particle(memory: Float64Array, p: number): Float64Array {
    return memory.subarray(p * this.width, (p + 1) * this.width);
  }

  /** Lets each particle go on by itself. */
  move(memory: Float64Array, random: Random, transition: (random: Random, particle: Float64Array) => void): void {
    for (let p = 0; p < this.count; p++) transition(random, this.#particle(memory, p));
  }

  /**
   * Weighs the particles by a measurement and draws them anew where too few of them count.
   * @param logLikelihood logarithm of the measurement's density given a particle, up to a constant
   */
  weigh(memory: Float64Array, random: Random, logLikelihood: (particle: Float64Array) => number): void {
    const { count, width } = this;
    const weights = memory.subarray(count * width, count * (width + 1));
    const drawn = this.#drawn;
    let best = Number.NEGATIVE_INFINITY;
    for (let p = 0; p < count; p++) {
      const value = logLikelihood(this.#particle(memory, p));
      drawn[p] = value;
      if (value > best) best = value;
    }
    if (!Number.isFinite(best)) return;
    let sum = 0;
    for (let p = 0; p < count; p++) {
      // A floor keeps the filter alive where the measurement surprises all particles.
      const weight = (weights[p] as number) * exp(Math.max(-50, (drawn[p] as number) - best));
      weights[p] = weight;
      sum += weight;
    }
    let squares = 0;
    for (let p = 0; p < count; p++) {
      const weight = (weights[p] as number) / sum;
      weights[p] = weight;
      squares += weight * weight;
    }
    if (1 / squares < LEAST_EFFECTIVE * count) this.#resample(memory, weights, random.next());
  }

  #resample(memory: Float64Array, weights: Float64Array, offset: number): void {
    const { count, width } = this;
    let source = 0;
    let reached = weights[0] as number;
    for (let p = 0; p < count; p++) {
      const mark = (p + offset) / count;
      while (reached < mark && source < count - 1) reached += weights[++source] as number;
      for (let i = 0; i < width; i++) this.#drawn[p * width + i] = memory[source * width + i] as number;
    }
    memory.set(this.#drawn);
    weights.fill(1 / count);
  }

  /** What `read` makes of a particle that is drawn by weight. */
  draw<Result>(memory: Float64Array, random: Random, read: (particle: Float64Array) => Result): Result {
    const mark = random.next();
    let sum = 0;
    let p = 0;
    for (; p < this.count - 1; p++) {
      sum += memory[this.count * this.width + p] as number;
      if (sum > mark) break;
    }
    return read(this.#particle(memory, p));
  }

  /** Mean of one number of the state. */
  mean(memory: Float64Array, index: number): number {
    let sum = 0;
    for (let p = 0; p < this.count; p++) {
      sum += (memory[this.count * this.width + p] as number) * (memory[p * this.width + index] as number);
    }
    return sum;
  }

  /** Standard deviation of one number of the state. */
  deviation(memory: Float64Array, index: number): number {
    const mean = this.mean(memory, index);
    let sum = 0;
    for (let p = 0; p < this.count; p++) {
      const off = (memory[p * this.width + index] as number) - mean;
      sum += (memory[this.count * this.width + p] as number) * off * off;
    }
    return Math.sqrt(sum);
  }

  /** The value of one number of the state below which the share `p` of the weight lies. */
  quantile(memory: Float64Array, index: number, p: number): number {
    const { count, width } = this;
    for (let k = 0; k < count; k++) this.#order[k] = k;
    this.#order.sort((a, b) => (memory[a * width + index] as number) - (memory[b * width + index] as number));
    let sum = 0;
    for (const k of this.#order) {
      sum += memory[count * width + k] as number;
      if (sum >= p) return memory[k * width + index] as number;
    }
    return memory[(this.#order[count - 1] as number) * width + index] as number;
  }
}
