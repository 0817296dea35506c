import type { Progress } from '../../core/index.js';
import { log } from '../../core/math/index.js';
import { cholesky, choleskyInverse, choleskySolve } from './linear.js';
import type { Parameter } from './parameters.js';

/** Measurements of one kind that the model is fitted to; NaN where there is none. */
export interface Block {
  readonly name: string;
  readonly measured: Float64Array;
  /** Least standard deviation of its error, in its unit: what the instrument itself is off. */
  readonly floor: number;
}

/** What is fitted: `predict` gives a vector for each block. */
export interface Problem {
  readonly parameters: readonly Parameter[];
  readonly blocks: readonly Block[];
  predict(theta: Float64Array): readonly Float64Array[];
}

/** A fit. */
export interface Fitted {
  readonly theta: Float64Array;
  readonly predicted: readonly Float64Array[];
  /** Standard deviation of each block's error, row by row. */
  readonly sigma: readonly Float64Array[];
  /** Weight of each row for its residual: 1 for an ordinary one, near 0 for one that does not belong. */
  readonly weight: readonly Float64Array[];
  /** Covariance with the priors, and what the data alone know of each parameter: JᵀWJ, both by rows. */
  readonly covariance: Float64Array;
  readonly information: Float64Array;
  /** Correlation of an error with the next one in time, by block. */
  readonly persistence: readonly number[];
  readonly cost: number;
}

/** Degrees of freedom of Student's distribution, for which the weights are made: heavy tails. */
const FREEDOM = 4;
const BINS = 8;

/**
 * Robust least squares about the priors: Levenberg–Marquardt steps with Student-t weights, the spread of the errors
 * found anew from the residuals at each step, by the size of the prediction.
 * Source of the weights: K. L. Lange, R. J. A. Little, J. M. G. Taylor, J. Am. Stat. Assoc. 84, 881–896, 1989.
 */
export function* robustFit(
  problem: Problem,
  start: Float64Array,
  steps: number,
  phase: string,
): Generator<Progress, Fitted, void> {
  const { parameters, blocks } = problem;
  const size = parameters.length;
  let theta = clamp(start, parameters);
  let predicted = problem.predict(theta);
  let damping = 1e-3;
  let sigma = blocks.map((block, b) => spread(block, predicted[b] as Float64Array));
  let still = 0;
  for (let iteration = 0; iteration < steps && still < 2; iteration++) {
    yield { phase, done: iteration, total: steps };
    sigma = blocks.map((block, b) => spread(block, predicted[b] as Float64Array));
    const weight = blocks.map((block, b) => weights(block, predicted[b] as Float64Array, sigma[b] as Float64Array));
    const here = costOf(problem, theta, predicted, sigma);
    const { information, gradient } = normal(problem, theta, predicted, sigma, weight);
    let accepted = false;
    for (let attempt = 0; attempt < 6 && !accepted; attempt++) {
      const matrix = Float64Array.from(information);
      const right = Float64Array.from(gradient);
      addPriors(matrix, right, theta, parameters);
      for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] as number) * (1 + damping) + 1e-12;
      const factor = cholesky(matrix, size);
      const move = factor === undefined ? undefined : choleskySolve(factor, size, right);
      if (move !== undefined) {
        const trial = clamp(
          theta.map((value, i) => value + (move[i] as number)),
          parameters,
        );
        const trialPredicted = problem.predict(trial);
        const there = costOf(problem, trial, trialPredicted, sigma);
        if (there <= here) {
          accepted = true;
          still = here - there < 1e-5 * here ? still + 1 : 0;
          theta = trial;
          predicted = trialPredicted;
          damping = Math.max(1e-7, damping / 5);
          break;
        }
      }
      damping = Math.min(1e6, damping * 6);
    }
    if (!accepted) still += 1;
  }
  sigma = blocks.map((block, b) => spread(block, predicted[b] as Float64Array));
  const weight = blocks.map((block, b) => weights(block, predicted[b] as Float64Array, sigma[b] as Float64Array));
  const { information } = normal(problem, theta, predicted, sigma, weight);
  const persistence = blocks.map((block, b) =>
    lagCorrelation(block, predicted[b] as Float64Array, sigma[b] as Float64Array, weight[b] as Float64Array),
  );
  // Errors that persist say less than their number: the information shrinks by the usual factor of a first-order process.
  const rho = Math.min(0.98, Math.max(0, ...persistence));
  const worth = (1 - rho) / (1 + rho);
  const honest = information.map((value) => value * worth);
  const matrix = Float64Array.from(honest);
  addPriors(matrix, new Float64Array(size), theta, parameters);
  for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] as number) * (1 + 1e-10) + 1e-14;
  const factor = cholesky(matrix, size);
  const covariance = factor === undefined ? new Float64Array(size * size) : choleskyInverse(factor, size);
  return {
    theta,
    predicted,
    sigma,
    weight,
    covariance,
    information: honest,
    persistence,
    cost: costOf(problem, theta, predicted, sigma),
  };
}

function clamp(theta: Float64Array, parameters: readonly Parameter[]): Float64Array {
  return theta.map((value, i) => {
    const { least, most } = parameters[i] as Parameter;
    return Math.min(most, Math.max(least, value));
  });
}

function addPriors(
  matrix: Float64Array,
  right: Float64Array,
  theta: Float64Array,
  parameters: readonly Parameter[],
): void {
  const size = parameters.length;
  parameters.forEach(({ prior, priorSd }, i) => {
    if (!Number.isFinite(priorSd)) return;
    const precision = 1 / (priorSd * priorSd);
    matrix[i * size + i] = (matrix[i * size + i] as number) + precision;
    right[i] = (right[i] as number) + precision * (prior - (theta[i] as number));
  });
}

/** The error's standard deviation by the size of the prediction: 1.4826 · median |error| in bins, between them by a line. */
function spread({ measured, floor }: Block, predicted: Float64Array): Float64Array {
  let top = 0;
  for (let row = 0; row < measured.length; row++) {
    if (!Number.isNaN(measured[row] as number)) top = Math.max(top, Math.abs(predicted[row] as number) || 0);
  }
  const bins: number[][] = Array.from({ length: BINS }, () => []);
  const binOf = (value: number) => Math.min(BINS - 1, Math.max(0, Math.floor((Math.abs(value) / (top || 1)) * BINS)));
  for (let row = 0; row < measured.length; row++) {
    const error = (measured[row] as number) - (predicted[row] as number);
    if (!Number.isNaN(error)) bins[binOf(predicted[row] as number)]?.push(Math.abs(error));
  }
  const typical = bins.map((errors) => {
    if (errors.length < 20) return Number.NaN;
    errors.sort((a, b) => a - b);
    return 1.4826 * (errors[errors.length >> 1] as number);
  });
  const known = typical.map((value, i) => ({ value, i })).filter(({ value }) => !Number.isNaN(value));
  const at = (bin: number) => {
    if (known.length === 0) return floor;
    let nearest = known[0] as { value: number; i: number };
    for (const entry of known) if (Math.abs(entry.i - bin) < Math.abs(nearest.i - bin)) nearest = entry;
    return Math.max(floor, nearest.value);
  };
  const nodes = Array.from({ length: BINS }, (_, i) => at(i));
  return predicted.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const x = Math.min(BINS - 1, Math.max(0, (Math.abs(value) / (top || 1)) * BINS - 0.5));
    const low = Math.floor(x);
    const share = x - low;
    return (nodes[low] as number) * (1 - share) + (nodes[Math.min(BINS - 1, low + 1)] as number) * share;
  });
}

function weights({ measured }: Block, predicted: Float64Array, sigma: Float64Array): Float64Array {
  return measured.map((value, row) => {
    const z = (value - (predicted[row] as number)) / (sigma[row] as number);
    return Number.isNaN(z) ? 0 : (FREEDOM + 1) / (FREEDOM + z * z);
  });
}

function costOf(
  { parameters, blocks }: Problem,
  theta: Float64Array,
  predicted: readonly Float64Array[],
  sigma: readonly Float64Array[],
): number {
  let cost = 0;
  blocks.forEach(({ measured }, b) => {
    const p = predicted[b] as Float64Array;
    const s = sigma[b] as Float64Array;
    for (let row = 0; row < measured.length; row++) {
      const z = ((measured[row] as number) - (p[row] as number)) / (s[row] as number);
      if (!Number.isNaN(z)) cost += log(1 + (z * z) / FREEDOM);
    }
  });
  cost *= FREEDOM + 1;
  parameters.forEach(({ prior, priorSd }, i) => {
    if (Number.isFinite(priorSd)) cost += (((theta[i] as number) - prior) / priorSd) ** 2;
  });
  return cost;
}

function normal(
  { parameters, blocks, predict }: Problem,
  theta: Float64Array,
  predicted: readonly Float64Array[],
  sigma: readonly Float64Array[],
  weight: readonly Float64Array[],
): { information: Float64Array; gradient: Float64Array } {
  const size = parameters.length;
  const information = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  const columns = parameters.map(({ step, most }, i) => {
    const moved = Float64Array.from(theta);
    const delta = (theta[i] as number) + step > most ? -step : step;
    moved[i] = (theta[i] as number) + delta;
    return predict(moved).map((values, b) => {
      const base = predicted[b] as Float64Array;
      return values.map((value, row) => (value - (base[row] as number)) / delta);
    });
  });
  blocks.forEach(({ measured }, b) => {
    const s = sigma[b] as Float64Array;
    const w = weight[b] as Float64Array;
    const p = predicted[b] as Float64Array;
    const own = columns.map((column) => column[b] as Float64Array);
    for (let row = 0; row < measured.length; row++) {
      const wr = (w[row] as number) / ((s[row] as number) * (s[row] as number));
      if (!(wr > 0)) continue;
      const error = (measured[row] as number) - (p[row] as number);
      for (let i = 0; i < size; i++) {
        const ji = (own[i] as Float64Array)[row] as number;
        if (ji === 0) continue;
        gradient[i] = (gradient[i] as number) + wr * ji * error;
        for (let j = 0; j <= i; j++) {
          information[i * size + j] =
            (information[i * size + j] as number) + wr * ji * ((own[j] as Float64Array)[row] as number);
        }
      }
    }
  });
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) information[j * size + i] = information[i * size + j] as number;
  }
  return { information, gradient };
}

function lagCorrelation(
  { measured }: Block,
  predicted: Float64Array,
  sigma: Float64Array,
  weight: Float64Array,
): number {
  let product = 0;
  let square = 0;
  let before = Number.NaN;
  for (let row = 0; row < measured.length; row++) {
    const z =
      (weight[row] as number) > 0.2
        ? ((measured[row] as number) - (predicted[row] as number)) / (sigma[row] as number)
        : Number.NaN;
    if (!Number.isNaN(z)) {
      square += z * z;
      if (!Number.isNaN(before)) product += z * before;
    }
    before = z;
  }
  return square > 0 ? product / square : 0;
}
