import type { LifeDistribution } from '../../src/monitor/planner/index.js';
import { population } from './world.js';

/** Distribution function of the normal distribution (Abramowitz & Stegun 26.2.17, 7.5e-8). */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    0.3989422804 *
    Math.exp(-0.5 * x * x) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x >= 0 ? 1 - tail : tail;
}

/** Mean and variance of the rate of wear over the population: the rate is one over a Gamma-distributed life. */
const shape = 1 / population.lifeVariation ** 2;
const meanRate = shape / (population.meanLife * (shape - 1));
const rateVariance = meanRate ** 2 / (shape - 2);

/** Life of a part whose wear is `w ± √p` now and grows at `r ± √v` a day: the time until wear reaches 1. */
function firstPassage(w: number, p: number, r: number, v: number, cross: number): LifeDistribution {
  return {
    survival(days) {
      const spread = Math.sqrt(p + 2 * cross * days + v * days * days + population.wearNoise * days);
      return normalCdf((1 - w - r * days) / Math.max(1e-3, spread)) / normalCdf((1 - w) / Math.max(1e-3, Math.sqrt(p)));
    },
  };
}

/** Life of a new part, by what is known of the population. */
export function newLife(): LifeDistribution {
  // The life is Gamma-distributed: its survival by quantiles would do as well; a normal of the life's own moments is close.
  const spread = population.lifeVariation * population.meanLife;
  return {
    survival: (days) => normalCdf((population.meanLife - days) / spread) / normalCdf(1 / population.lifeVariation),
  };
}

/** Follows the wear of one part from its noisy index: a Kalman filter on wear and rate. */
export class WearFilter {
  #w: number;
  #r = meanRate;
  #pw: number;
  #pr = rateVariance;
  #pwr: number;

  /** @param age days that the part has run, with a wear that nobody has measured */
  constructor(age = 0) {
    this.#w = Math.min(0.7, meanRate * age);
    this.#pw = 1e-4 + rateVariance * age * age;
    this.#pwr = rateVariance * age;
  }

  /** A day passes; the index was `seen`, or NaN. */
  step(seen: number): void {
    this.#w += this.#r;
    this.#pw += 2 * this.#pwr + this.#pr + population.wearNoise;
    this.#pwr += this.#pr;
    if (!Number.isFinite(seen)) return;
    // The offset of a unit does not average out: it is counted as slow noise by a wider scatter.
    const noise = population.indexNoise ** 2 + 10 * population.indexOffset ** 2;
    const s = this.#pw + noise;
    const kw = this.#pw / s;
    const kr = this.#pwr / s;
    const error = seen - this.#w;
    this.#w += kw * error;
    this.#r = Math.max(0.1 * meanRate, this.#r + kr * error);
    this.#pr -= kr * this.#pwr;
    this.#pwr -= kw * this.#pwr;
    this.#pw -= kw * this.#pw;
  }

  get wear(): number {
    return this.#w;
  }

  get rate(): number {
    return this.#r;
  }

  get life(): LifeDistribution {
    return firstPassage(Math.min(0.98, this.#w), this.#pw + population.indexOffset ** 2, this.#r, this.#pr, this.#pwr);
  }
}
