import type { Labels, Loss } from './losses.js';

/** Cumulative baseline hazard: `hazard[i]` from `times[i]` on. */
export interface BaselineHazard {
  readonly times: Float64Array;
  readonly hazard: Float64Array;
}

/** Greatest exponent that is still told apart. */
const MOST_EXPONENT = 30;

/**
 * Cox's partial likelihood (1972) with Breslow's treatment of ties. The answer is the log of the relative hazard. The
 * hessian is the diagonal of the true one.
 */
export class CoxLoss implements Loss {
  readonly constantHessian = false;
  readonly #labels: Labels;
  /** Training rows, latest time first. */
  readonly #order: Uint32Array;

  constructor(labels: Labels, train: Uint32Array) {
    this.#labels = labels;
    this.#order = latestFirst(labels.target, train);
  }

  start(): number {
    return 0;
  }

  derive(answer: Float64Array, pairs: Float64Array): void {
    const { weights, events } = this.#labels;
    const order = this.#order;
    const sums = riskSums(this.#labels, order, answer);
    let first = 0;
    let second = 0;
    // From the earliest time on: a row is at risk at every event up to its own time.
    for (let end = order.length; end > 0; ) {
      const start = this.#tieStart(end);
      const sum = sums.risk[start] as number;
      let deaths = 0;
      for (let i = start; i < end; i++) {
        const row = order[i] as number;
        if ((events?.[row] ?? 1) === 1) deaths += weights?.[row] ?? 1;
      }
      if (deaths > 0 && sum > 0) {
        first += deaths / sum;
        second += deaths / (sum * sum);
      }
      for (let i = start; i < end; i++) {
        const row = order[i] as number;
        const weight = weights?.[row] ?? 1;
        const e = Math.exp((answer[row] as number) - sums.shift);
        pairs[2 * row] = weight * (e * first - (events?.[row] ?? 1));
        pairs[2 * row + 1] = weight * Math.max(e * first - weight * e * e * second, 1e-16);
      }
      end = start;
    }
  }

  mean(labels: Labels, answer: Float64Array): number {
    const { target, weights, events } = labels;
    const order = latestFirst(
      target,
      Uint32Array.from(target, (_, i) => i),
    );
    const { risk, shift } = riskSums(labels, order, answer);
    let sum = 0;
    let total = 0;
    for (let i = 0; i < order.length; i++) {
      const row = order[i] as number;
      if ((events?.[row] ?? 1) === 0) continue;
      const weight = weights?.[row] ?? 1;
      sum += weight * (Math.log(risk[i] as number) + shift - (answer[row] as number));
      total += weight;
    }
    return total > 0 ? sum / total : 0;
  }

  /** Breslow's estimate of the cumulative hazard at an answer of 0. */
  baseline(answer: Float64Array): BaselineHazard {
    const { target, weights, events } = this.#labels;
    const order = this.#order;
    const { risk, shift } = riskSums(this.#labels, order, answer);
    const times: number[] = [];
    const hazard: number[] = [];
    let sum = 0;
    for (let end = order.length; end > 0; ) {
      const start = this.#tieStart(end);
      let deaths = 0;
      for (let i = start; i < end; i++) {
        const row = order[i] as number;
        if ((events?.[row] ?? 1) === 1) deaths += weights?.[row] ?? 1;
      }
      if (deaths > 0) {
        sum += deaths / ((risk[start] as number) * Math.exp(shift));
        times.push(target[order[start] as number] as number);
        hazard.push(sum);
      }
      end = start;
    }
    return { times: Float64Array.from(times), hazard: Float64Array.from(hazard) };
  }

  /** Where the run of equal times that ends before `end` starts. */
  #tieStart(end: number): number {
    const { target } = this.#labels;
    let start = end - 1;
    while (start > 0 && target[this.#order[start - 1] as number] === target[this.#order[end - 1] as number]) start--;
    return start;
  }
}

function latestFirst(target: Float64Array, rows: Uint32Array): Uint32Array {
  return rows.slice().sort((a, b) => (target[b] as number) - (target[a] as number) || a - b);
}

/** For each place of `order`, the sum of w · exp(answer − shift) over all rows whose time is not earlier. */
function riskSums({ target, weights }: Labels, order: Uint32Array, answer: Float64Array) {
  let shift = Number.NEGATIVE_INFINITY;
  for (const row of order) shift = Math.max(shift, answer[row] as number);
  const risk = new Float64Array(order.length);
  let sum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && target[order[end] as number] === target[order[start] as number]) {
      const row = order[end] as number;
      sum += (weights?.[row] ?? 1) * Math.exp((answer[row] as number) - shift);
      end++;
    }
    risk.fill(sum, start, end);
    start = end;
  }
  return { risk, shift };
}

/**
 * Accelerated failure time with a Weibull distribution and right censoring (Barnwal, Cho & Hocking 2022, as in XGBoost).
 * The answer is the log of the distribution's scale; its shape is one number for all rows, estimated anew as trees are
 * added.
 */
export class WeibullLoss implements Loss {
  readonly constantHessian = false;
  readonly #labels: Labels;
  readonly #train: Uint32Array;
  readonly #logTime: Float64Array;
  #shape = 1;
  #calls = 0;

  constructor(labels: Labels, train: Uint32Array) {
    this.#labels = labels;
    this.#train = train;
    this.#logTime = labels.target.map(Math.log);
  }

  /** The distribution's shape, as far as it has been estimated. */
  get shape(): number {
    return this.#shape;
  }

  start(): number {
    const { weights, events } = this.#labels;
    const answer = new Float64Array(this.#logTime.length);
    let scale = 0;
    // For a shape, the best scale is known; the two are bettered in turn.
    for (let round = 0; round < 20; round++) {
      let sum = 0;
      let deaths = 0;
      let most = Number.NEGATIVE_INFINITY;
      for (const row of this.#train) most = Math.max(most, this.#logTime[row] as number);
      for (const row of this.#train) {
        const weight = weights?.[row] ?? 1;
        sum += weight * Math.exp(this.#shape * ((this.#logTime[row] as number) - most));
        deaths += weight * (events?.[row] ?? 1);
      }
      // Without any event, time goes on for at least as long as it has been watched.
      scale = most + Math.log(sum / Math.max(deaths, 0.5)) / this.#shape;
      answer.fill(scale);
      this.#estimateShape(answer);
    }
    return scale;
  }

  derive(answer: Float64Array, pairs: Float64Array): void {
    if (++this.#calls % 10 === 0) this.#estimateShape(answer);
    const { weights, events } = this.#labels;
    const shape = this.#shape;
    for (const row of this.#train) {
      const weight = weights?.[row] ?? 1;
      const e = Math.exp(Math.min(MOST_EXPONENT, shape * ((this.#logTime[row] as number) - (answer[row] as number))));
      pairs[2 * row] = weight * shape * ((events?.[row] ?? 1) - e);
      pairs[2 * row + 1] = weight * Math.max(shape * shape * e, 1e-6);
    }
  }

  mean({ target, weights, events }: Labels, answer: Float64Array): number {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < target.length; i++) {
      const weight = weights?.[i] ?? 1;
      const logTime = Math.log(target[i] as number);
      const z = Math.min(MOST_EXPONENT, this.#shape * (logTime - (answer[i] as number)));
      sum += weight * (Math.exp(z) - (events?.[i] ?? 1) * (Math.log(this.#shape) - logTime + z));
      total += weight;
    }
    return total > 0 ? sum / total : 0;
  }

  /** Newton's method on the log likelihood, which is concave in the shape. */
  #estimateShape(answer: Float64Array): void {
    const { weights, events } = this.#labels;
    for (let step = 0; step < 8; step++) {
      const shape = this.#shape;
      let slope = 0;
      let curve = 0;
      for (const row of this.#train) {
        const weight = weights?.[row] ?? 1;
        const u = (this.#logTime[row] as number) - (answer[row] as number);
        const e = Math.exp(Math.min(MOST_EXPONENT, shape * u));
        const event = events?.[row] ?? 1;
        slope += weight * (event * (1 / shape + u) - u * e);
        curve -= weight * (event / (shape * shape) + u * u * e);
      }
      if (!(curve < 0)) return;
      // At most to half or twice, so that the shape stays above 0.
      const next = Math.min(2 * shape, Math.max(shape / 2, shape - slope / curve));
      this.#shape = Math.min(100, Math.max(0.01, next));
      if (Math.abs(next - shape) < 1e-9 * shape) return;
    }
  }
}
