import { TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import type { BoostingFitOptions, ResolvedBoosting } from './boosting-options.js';
import { addPredictions, checkTraining, checkWidth, type TreeArrays, TreeBuilder } from './ensemble.js';
import { TreeGrower } from './grower.js';
import { type Labels, type Loss, lossOf, pickLabels } from './losses.js';
import { type BaselineHazard, CoxLoss, WeibullLoss } from './survival.js';
import { Workspace } from './workspace.js';

/** What a fit of gradient boosting gives. */
export interface BoostedTrees {
  readonly trees: TreeArrays;
  readonly columns: number;
  /** The answer before any tree. */
  readonly start: number;
  /** For the loss `weibull`: the distribution's shape. */
  readonly shape: number | undefined;
  /** For the loss `cox`: the hazard at an answer of 0. */
  readonly baseline: BaselineHazard | undefined;
}

/** Fits trees one after the other, each to the slope of the loss at the answers so far. */
export function* boost(
  options: ResolvedBoosting,
  matrix: Matrix,
  target: ArrayLike<number>,
  fitOptions: Omit<BoostingFitOptions, 'worker'>,
  prefer?: 'wasm' | 'js',
): Work<BoostedTrees> {
  checkTraining(matrix, target);
  const { rows, columns } = matrix;
  if (options.monotone !== undefined && options.monotone.length !== columns)
    throw wrongLength(columns, 'columns', options.monotone.length, 'monotone constraints');
  const labels = labelsOf(rows, target, fitOptions.weights, fitOptions.events);
  const random = new Random(options.seed);
  const { train, held, watched } = splitRows(options, matrix, labels, fitOptions, random);
  const loss = lossOf(options, labels, train);
  yield { phase: 'binning', done: 0, total: options.trees };
  const space = new Workspace(
    matrix,
    options.maxLeaves,
    { maxBins: options.maxBins, seed: options.seed, categorical: options.categorical },
    prefer,
  );
  const start = loss.start();
  const answer = new Float64Array(rows).fill(start);
  const watchedAnswer = watched === undefined ? undefined : new Float64Array(watched.matrix.rows).fill(start);
  const grower = new TreeGrower(space, options, loss.constantHessian && labels.weights === undefined);
  const builder = new TreeBuilder();
  const allColumns = Int32Array.from({ length: columns }, (_, i) => i);
  const perTree = Math.max(1, Math.round(options.columnSample * columns));
  const perSample = Math.max(1, Math.round(options.rowSample * train.length));
  const { rowOrder } = space;
  const rate = options.learningRate;
  const leafAnswer = (from: number, to: number, newton: number) =>
    rate * (loss.leaf === undefined ? newton : loss.leaf(rowOrder.subarray(from, to), answer));
  let best = Number.POSITIVE_INFINITY;
  let bestCount = 0;
  for (let t = 0; t < options.trees; t++) {
    loss.derive(answer, space.pairs);
    if (perSample < train.length) random.shuffle(train, perSample);
    const sample = perSample < train.length ? train.slice(0, perSample).sort() : train;
    const leaves = grower.grow(builder, sample, pick(allColumns, perTree, random), leafAnswer);
    if (perSample === rows) {
      for (const { start: from, end, value } of leaves) {
        for (let i = from; i < end; i++) {
          const row = rowOrder[i] as number;
          answer[row] = (answer[row] as number) + value;
        }
      }
    } else addPredictions(builder.lastTree(), matrix, answer);
    if (options.earlyStopping !== undefined) {
      if (watched !== undefined && watchedAnswer !== undefined)
        addPredictions(builder.lastTree(), watched.matrix, watchedAnswer);
      const value = currentLoss(loss, labels, answer, held, watched?.labels, watchedAnswer);
      if (value < best) {
        best = value;
        bestCount = t + 1;
      } else if (t + 1 - bestCount >= options.earlyStopping) break;
    }
    if (t % 4 === 3) yield { phase: 'boosting', done: t + 1, total: options.trees };
  }
  if (options.earlyStopping !== undefined && bestCount > 0) builder.truncate(bestCount);
  const trees = builder.finish();
  return {
    trees,
    columns,
    start,
    shape: loss instanceof WeibullLoss ? loss.shape : undefined,
    baseline: loss instanceof CoxLoss ? loss.baseline(answersOf(trees, matrix, start)) : undefined,
  };
}

function answersOf(trees: TreeArrays, matrix: Matrix, start: number): Float64Array {
  const answer = new Float64Array(matrix.rows).fill(start);
  addPredictions(trees, matrix, answer);
  return answer;
}

/** The loss on rows that trees do not learn from, or where there are none, on all. */
function currentLoss(
  loss: Loss,
  labels: Labels,
  answer: Float64Array,
  held: Uint32Array,
  watched: Labels | undefined,
  watchedAnswer: Float64Array | undefined,
): number {
  if (watched !== undefined && watchedAnswer !== undefined) return loss.mean(watched, watchedAnswer);
  if (held.length === 0) return loss.mean(labels, answer);
  return loss.mean(
    pickLabels(labels, held),
    Float64Array.from(held, (row) => answer[row] as number),
  );
}

/** Rows to learn from, rows that are held back for early stopping, and other rows for it that the user gave. */
function splitRows(
  options: ResolvedBoosting,
  matrix: Matrix,
  { weights }: Labels,
  { groups, validation }: BoostingFitOptions,
  random: Random,
) {
  const all = Uint32Array.from({ length: matrix.rows }, (_, i) => i);
  if (groups !== undefined && groups.length !== matrix.rows)
    throw wrongLength(matrix.rows, 'rows', groups.length, 'groups');
  // A row without weight says nothing, and must not count as one of a leaf's rows.
  const counted = weights === undefined ? all : all.filter((row) => (weights[row] as number) > 0);
  if (counted.length === 0) throw new TwinergyError('MODEL_NO_DATA', 'Every row has weight 0.');
  const none = new Uint32Array(0);
  if (options.earlyStopping === undefined || (validation === undefined && counted.length < 10))
    return { train: counted, held: none, watched: undefined };
  if (validation !== undefined) {
    checkWidth(validation.matrix, matrix.columns);
    checkTraining(validation.matrix, validation.target);
    const labels = labelsOf(validation.matrix.rows, validation.target, validation.weights, validation.events);
    return { train: counted, held: none, watched: { matrix: validation.matrix, labels } };
  }
  const drawing = random.split('validation');
  const least = Math.floor(counted.length / 10);
  if (groups === undefined) {
    const drawn = counted.slice();
    drawing.shuffle(drawn, least);
    return { train: drawn.slice(least).sort(), held: drawn.slice(0, least).sort(), watched: undefined };
  }
  const names: number[] = [...new Set(Array.from(counted, (row) => groups[row] as number))];
  drawing.shuffle(names);
  const chosen = new Set<number>();
  let count = 0;
  // One group at least stays to be learned from.
  for (const name of names.slice(1)) {
    if (count >= least) break;
    chosen.add(name);
    for (const row of counted) if (groups[row] === name) count++;
  }
  const isHeld = (row: number) => chosen.has(groups[row] as number);
  return { train: counted.filter((row) => !isHeld(row)), held: counted.filter(isHeld), watched: undefined };
}

/** Copies targets and what belongs to them. @throws TwinergyError `MODEL_WRONG_LENGTH`, `MODEL_BAD_WEIGHT` */
export function labelsOf(
  rows: number,
  target: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  events: ArrayLike<number> | undefined,
): Labels {
  for (const [name, values] of Object.entries({ weights, events }))
    if (values !== undefined && values.length !== rows) throw wrongLength(rows, 'rows', values.length, name);
  const own = weights === undefined ? undefined : Float64Array.from(weights);
  const bad = own?.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY)) ?? -1;
  if (bad >= 0)
    throw new TwinergyError('MODEL_BAD_WEIGHT', `A weight is a number of at least 0, weight ${bad} is ${own?.[bad]}.`, {
      path: `weights[${bad}]`,
      value: own?.[bad],
    });
  return {
    target: Float64Array.from(target),
    weights: own,
    events: events === undefined ? undefined : Float64Array.from(events),
  };
}

function wrongLength(wanted: number, of: string, got: number, what: string): TwinergyError {
  return new TwinergyError('MODEL_WRONG_LENGTH', `There are ${wanted} ${of}, but ${got} ${what}.`, { value: got });
}

function pick(columns: Int32Array, count: number, random: Random): Int32Array {
  if (count === columns.length) return columns;
  const mixed = columns.slice();
  random.shuffle(mixed, count);
  return mixed.slice(0, count).sort();
}
