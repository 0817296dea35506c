import { quote, TwinergyError } from '../../core/errors.js';

/** What gradient boosting minimises. */
export type LossName = 'squared' | 'absolute' | 'huber' | 'quantile' | 'logistic';

/** A loss: where to start, how it slopes, and what a leaf answers. */
export interface Loss {
  /** Whether the second derivative is 1 everywhere (times the row's weight). */
  readonly constantHessian: boolean;
  /** The best constant answer. */
  start(target: Float64Array, weights: Float64Array | undefined): number;
  /** Writes gradient and hessian for each row; with a constant hessian, `hessian` is left alone. */
  derive(target: Float64Array, answer: Float64Array, gradient: Float64Array, hessian: Float64Array): void;
  /** The mean loss. */
  mean(target: Float64Array, answer: Float64Array): number;
  /** For losses whose Newton step says little: the best shift of the rows of a leaf. */
  leaf?(rows: Uint32Array, target: Float64Array, answer: Float64Array, weights: Float64Array | undefined): number;
  /** Raw answer → what the user asked for: logistic gives a probability. */
  link?(raw: number): number;
}

/** The `quantile` of values with weights. */
function weightedQuantile(values: Float64Array, weights: Float64Array | undefined, quantile: number): number {
  if (values.length === 0) return 0;
  if (weights === undefined) {
    const sorted = values.slice().sort();
    const place = quantile * (sorted.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return (sorted[low] as number) + (place - low) * ((sorted[high] as number) - (sorted[low] as number));
  }
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  let total = 0;
  for (const weight of weights) total += weight;
  let sum = 0;
  for (const i of order) {
    sum += weights[i] as number;
    if (sum >= quantile * total) return values[i] as number;
  }
  return values[order[order.length - 1] as number] as number;
}

function weightedMean(values: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * (values[i] as number);
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

function meanOver(target: Float64Array, answer: Float64Array, loss: (error: number) => number): number {
  let sum = 0;
  for (let i = 0; i < target.length; i++) sum += loss((target[i] as number) - (answer[i] as number));
  return sum / target.length;
}

/** Residuals of some rows, with their weights. */
function residualsOf(rows: Uint32Array, target: Float64Array, answer: Float64Array, weights: Float64Array | undefined) {
  return {
    residuals: Float64Array.from(rows, (row) => (target[row] as number) - (answer[row] as number)),
    own: weights === undefined ? undefined : Float64Array.from(rows, (row) => weights[row] as number),
  };
}

const squared: Loss = {
  constantHessian: true,
  start: weightedMean,
  derive(target, answer, gradient) {
    for (let i = 0; i < target.length; i++) gradient[i] = (answer[i] as number) - (target[i] as number);
  },
  mean: (target, answer) => meanOver(target, answer, (error) => error * error),
};

function pinball(quantile: number): Loss {
  return {
    constantHessian: true,
    start: (target, weights) => weightedQuantile(target, weights, quantile),
    derive(target, answer, gradient) {
      for (let i = 0; i < target.length; i++)
        gradient[i] = (target[i] as number) > (answer[i] as number) ? -quantile : 1 - quantile;
    },
    mean: (target, answer) =>
      meanOver(target, answer, (error) => (error > 0 ? quantile * error : (quantile - 1) * error)),
    leaf(rows, target, answer, weights) {
      const { residuals, own } = residualsOf(rows, target, answer, weights);
      return weightedQuantile(residuals, own, quantile);
    },
  };
}

/** Huber's loss (1964): squared up to `delta`, absolute beyond. */
function huber(delta: number): Loss {
  return {
    constantHessian: true,
    start: (target, weights) => weightedQuantile(target, weights, 0.5),
    derive(target, answer, gradient) {
      for (let i = 0; i < target.length; i++)
        gradient[i] = Math.max(-delta, Math.min(delta, (answer[i] as number) - (target[i] as number)));
    },
    mean: (target, answer) =>
      meanOver(target, answer, (error) =>
        Math.abs(error) <= delta ? error * error : delta * (2 * Math.abs(error) - delta),
      ),
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

const logistic: Loss = {
  constantHessian: false,
  start(target, weights) {
    const share = Math.min(1 - 1e-12, Math.max(1e-12, weightedMean(target, weights)));
    return Math.log(share / (1 - share));
  },
  derive(target, answer, gradient, hessian) {
    for (let i = 0; i < target.length; i++) {
      const p = sigmoid(answer[i] as number);
      gradient[i] = p - (target[i] as number);
      hessian[i] = Math.max(p * (1 - p), 1e-16);
    }
  },
  mean(target, answer) {
    let sum = 0;
    for (let i = 0; i < target.length; i++) {
      const x = answer[i] as number;
      sum += Math.max(x, 0) - x * (target[i] as number) + Math.log1p(Math.exp(-Math.abs(x)));
    }
    return sum / target.length;
  },
  link: sigmoid,
};

/** The loss of a name. @throws TwinergyError `TREES_BAD_OPTION` */
export function lossOf(name: LossName, quantile: number, delta: number): Loss {
  switch (name) {
    case 'squared':
      return squared;
    case 'absolute':
      return pinball(0.5);
    case 'quantile':
      if (!(quantile > 0 && quantile < 1)) {
        throw new TwinergyError('TREES_BAD_OPTION', `A quantile lies between 0 and 1, got ${quantile}.`, {
          path: 'quantile',
          value: quantile,
        });
      }
      return pinball(quantile);
    case 'huber':
      return huber(delta);
    case 'logistic':
      return logistic;
    default:
      throw new TwinergyError('TREES_BAD_OPTION', `There is no loss ${quote(name)}.`, {
        path: 'loss',
        value: name,
        hint: 'Losses: squared, absolute, huber, quantile, logistic.',
      });
  }
}
