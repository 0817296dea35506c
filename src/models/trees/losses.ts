import { quote, TwinergyError } from '../../core/errors.js';
import { CoxLoss, WeibullLoss } from './survival.js';

/** What gradient boosting minimises. */
export type LossName = 'squared' | 'absolute' | 'huber' | 'quantile' | 'logistic' | 'cox' | 'weibull';

/** Targets, with what belongs to them. */
export interface Labels {
  readonly target: Float64Array;
  /** One a row; undefined: all 1. */
  readonly weights: Float64Array | undefined;
  /** For survival: 1 where the target is the time of the event, 0 where it was not met until then. Undefined: all 1. */
  readonly events: Float64Array | undefined;
}

/** A loss over the rows of a fit. */
export interface Loss {
  /** Whether the second derivative is 1 for every row before weights. */
  readonly constantHessian: boolean;
  /** The best constant answer. */
  start(): number;
  /** Writes gradient and hessian, times the weight, of each training row to `pairs`; a constant hessian without weights too. */
  derive(answer: Float64Array, pairs: Float64Array): void;
  /** The mean loss of answers to other rows. */
  mean(labels: Labels, answer: Float64Array): number;
  /** For losses whose Newton step says little: the best shift for some rows. */
  leaf?(rows: Uint32Array, answer: Float64Array): number;
}

/** The `quantile` of values with weights. */
export function weightedQuantile(values: Float64Array, weights: Float64Array | undefined, quantile: number): number {
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

/** The mean of `loss` over rows, by weight. */
export function meanLoss({ target, weights }: Labels, loss: (row: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < target.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * loss(i);
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

/** Some rows of labels. */
export function pickLabels({ target, weights, events }: Labels, rows: Uint32Array): Labels {
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] as number);
  return { target: pick(target), weights: weights && pick(weights), events: events && pick(events) };
}

/** A loss of the error `answer − target` alone, with a hessian of 1. */
function ofError(
  { target, weights }: Labels,
  train: Uint32Array,
  start: (labels: Labels) => number,
  slope: (error: number) => number,
  loss: (error: number) => number,
  shift?: (residuals: Float64Array, weights: Float64Array | undefined) => number,
): Loss {
  const result: Loss = {
    constantHessian: true,
    start: () => start(pickLabels({ target, weights, events: undefined }, train)),
    derive(answer, pairs) {
      for (let i = 0; i < target.length; i++) {
        const weight = weights === undefined ? 1 : (weights[i] as number);
        pairs[2 * i] = weight * slope((answer[i] as number) - (target[i] as number));
        pairs[2 * i + 1] = weight;
      }
    },
    mean: (labels, answer) => meanLoss(labels, (i) => loss((answer[i] as number) - (labels.target[i] as number))),
  };
  if (shift !== undefined) {
    result.leaf = (rows, answer) =>
      shift(
        Float64Array.from(rows, (row) => (target[row] as number) - (answer[row] as number)),
        weights && Float64Array.from(rows, (row) => weights[row] as number),
      );
  }
  return result;
}

function squared(labels: Labels, train: Uint32Array): Loss {
  return ofError(
    labels,
    train,
    ({ target, weights }) => weightedMean(target, weights),
    (error) => error,
    (error) => error * error,
  );
}

function pinball(labels: Labels, train: Uint32Array, quantile: number): Loss {
  return ofError(
    labels,
    train,
    ({ target, weights }) => weightedQuantile(target, weights, quantile),
    (error) => (error < 0 ? -quantile : 1 - quantile),
    (error) => (error < 0 ? -quantile * error : (1 - quantile) * error),
    (residuals, weights) => weightedQuantile(residuals, weights, quantile),
  );
}

/** Huber's loss (1964): squared up to `delta`, absolute beyond. */
function huber(labels: Labels, train: Uint32Array, delta: number): Loss {
  return ofError(
    labels,
    train,
    ({ target, weights }) => weightedQuantile(target, weights, 0.5),
    (error) => Math.max(-delta, Math.min(delta, error)),
    (error) => (Math.abs(error) <= delta ? error * error : delta * (2 * Math.abs(error) - delta)),
  );
}

/** Raw answer of the loss `logistic` → probability. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function logistic({ target, weights }: Labels, train: Uint32Array): Loss {
  return {
    constantHessian: false,
    start() {
      const own = pickLabels({ target, weights, events: undefined }, train);
      const share = Math.min(1 - 1e-12, Math.max(1e-12, weightedMean(own.target, own.weights)));
      return Math.log(share / (1 - share));
    },
    derive(answer, pairs) {
      for (let i = 0; i < target.length; i++) {
        const p = sigmoid(answer[i] as number);
        const weight = weights === undefined ? 1 : (weights[i] as number);
        pairs[2 * i] = weight * (p - (target[i] as number));
        pairs[2 * i + 1] = weight * Math.max(p * (1 - p), 1e-16);
      }
    },
    mean: (labels, answer) =>
      meanLoss(labels, (i) => {
        const x = answer[i] as number;
        return Math.max(x, 0) - x * (labels.target[i] as number) + Math.log1p(Math.exp(-Math.abs(x)));
      }),
  };
}

/** What a loss may be told beside its name. */
export interface LossSettings {
  readonly loss: LossName;
  readonly quantile: number;
  readonly delta: number;
}

/**
 * The loss of a name over the rows `train` of the labels.
 * @throws TwinergyError `MODEL_BAD_TARGET`
 */
export function lossOf({ loss, quantile, delta }: LossSettings, labels: Labels, train: Uint32Array): Loss {
  checkTargets(loss, labels);
  switch (loss) {
    case 'squared':
      return squared(labels, train);
    case 'absolute':
      return pinball(labels, train, 0.5);
    case 'quantile':
      return pinball(labels, train, quantile);
    case 'huber':
      return huber(labels, train, delta);
    case 'logistic':
      return logistic(labels, train);
    case 'cox':
      return new CoxLoss(labels, train);
    case 'weibull':
      return new WeibullLoss(labels, train);
  }
}

const names: readonly LossName[] = ['squared', 'absolute', 'huber', 'quantile', 'logistic', 'cox', 'weibull'];

/** Refuses a loss that there is not. @throws TwinergyError `TREES_BAD_OPTION` */
export function checkLoss({ loss, quantile }: LossSettings): void {
  if (!names.includes(loss)) {
    throw new TwinergyError('TREES_BAD_OPTION', `There is no loss ${quote(loss)}.`, {
      path: 'loss',
      value: loss,
      hint: `Losses: ${names.join(', ')}.`,
    });
  }
  if (!(quantile > 0 && quantile < 1)) {
    throw new TwinergyError('TREES_BAD_OPTION', `A quantile lies between 0 and 1, got ${quantile}.`, {
      path: 'quantile',
      value: quantile,
    });
  }
}

function checkTargets(loss: LossName, { target, events }: Labels): void {
  const [fits, wish] =
    loss === 'logistic'
      ? [(value: number) => value >= 0 && value <= 1, 'The loss logistic takes targets from 0 to 1']
      : loss === 'weibull'
        ? [(value: number) => value > 0, 'The loss weibull takes times above 0']
        : [undefined, ''];
  const bad = fits === undefined ? -1 : target.findIndex((value) => !fits(value));
  if (bad >= 0)
    throw new TwinergyError('MODEL_BAD_TARGET', `${wish}, target ${bad} is ${target[bad]}.`, {
      path: `target[${bad}]`,
      value: target[bad],
    });
  const odd = events?.findIndex((value) => value !== 0 && value !== 1) ?? -1;
  if (odd >= 0)
    throw new TwinergyError('MODEL_BAD_TARGET', `An event is 0 or 1, event ${odd} is ${events?.[odd]}.`, {
      path: `events[${odd}]`,
      value: events?.[odd],
    });
}
