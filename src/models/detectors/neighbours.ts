import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, rowOf, sampleRows, scoreEach, takeRows } from './engine.js';

/** Options of the nearest-neighbour engines. */
export interface NeighboursOptions {
  /** Neighbours looked at. Default 10 for `knn`, 20 for `lof`; never more than the reference rows. */
  readonly neighbours?: number;
  /** Training rows kept as reference, drawn at random. Default 2048. */
  readonly references?: number;
}

interface NeighboursState {
  readonly measure: 'distance' | 'local';
  readonly k: number;
  readonly references: { readonly data: string; readonly rows: number; readonly columns: number };
  readonly kth: string;
  readonly reach: string;
}

/** The k nearest of the reference rows, nearest first: positions and squared distances. */
class Nearest {
  readonly index: Int32Array;
  readonly squared: Float64Array;

  constructor(k: number) {
    this.index = new Int32Array(k);
    this.squared = new Float64Array(k);
  }

  /** Finds them by one pass; a distance is given up as soon as it exceeds the k-th best. `skip` is left out. */
  find(references: Matrix, row: Float64Array, skip: number): void {
    const { data, rows, columns } = references;
    const { index, squared } = this;
    const last = squared.length - 1;
    squared.fill(Number.POSITIVE_INFINITY);
    index.fill(-1);
    for (let i = 0; i < rows; i++) {
      if (i === skip) continue;
      const worst = squared[last] as number;
      const start = i * columns;
      let sum = 0;
      let j = 0;
      while (j < columns) {
        // Eight columns between looks at the bound: a look per column costs more than it saves.
        const end = Math.min(columns, j + 8);
        for (; j < end; j++) {
          const difference = (row[j] as number) - (data[start + j] as number);
          sum += difference * difference;
        }
        if (sum >= worst) break;
      }
      if (sum >= worst) continue;
      let place = last;
      while (place > 0 && (squared[place - 1] as number) > sum) {
        squared[place] = squared[place - 1] as number;
        index[place] = index[place - 1] as number;
        place--;
      }
      squared[place] = sum;
      index[place] = i;
    }
  }
}

/**
 * Distance to the nearest training rows. `distance`: the mean distance to the k nearest (Angiulli & Pizzuti 2002).
 * `local`: the local outlier factor (Breunig, Kriegel, Ng & Sander 2000), the density of the row's neighbours over its
 * own, which finds what is unusual for its neighbourhood where densities differ.
 */
class Neighbours implements DetectorEngine {
  readonly #measure: 'distance' | 'local';
  readonly #wanted: number;
  readonly #limit: number;
  readonly #random: Random | undefined;
  #references: Matrix = { data: new Float64Array(0), rows: 0, columns: 0 };
  #nearest = new Nearest(1);
  #kth: Float64Array<ArrayBufferLike> = new Float64Array(0);
  /** Local reachability density of each reference row. */
  #density: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(measure: 'distance' | 'local', wanted: number, limit: number, random: Random | undefined) {
    this.#measure = measure;
    this.#wanted = wanted;
    this.#limit = limit;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    const chosen = this.#random === undefined ? [] : sampleRows(rows.rows, this.#limit, this.#random);
    this.#references = takeRows(rows, chosen);
    this.#nearest = new Nearest(Math.max(1, Math.min(this.#wanted, this.#references.rows - 1)));
    if (this.#measure === 'local') yield* this.#fitDensity();
  }

  *#fitDensity(): Work<void> {
    const references = this.#references;
    const k = this.#nearest.index.length;
    const neighbours = new Int32Array(references.rows * k);
    const distances = new Float64Array(references.rows * k);
    this.#kth = new Float64Array(references.rows);
    for (let i = 0; i < references.rows; i++) {
      this.#nearest.find(references, rowOf(references, i), i);
      for (let m = 0; m < k; m++) {
        neighbours[i * k + m] = this.#nearest.index[m] as number;
        distances[i * k + m] = finiteRoot(this.#nearest.squared[m] as number);
      }
      this.#kth[i] = distances[i * k + k - 1] as number;
      if (i % 256 === 0) yield { phase: 'finding neighbours', done: i, total: references.rows };
    }
    this.#density = new Float64Array(references.rows);
    for (let i = 0; i < references.rows; i++) {
      let reach = 0;
      for (let m = 0; m < k; m++) {
        const other = neighbours[i * k + m] as number;
        reach += Math.max(other < 0 ? 0 : (this.#kth[other] as number), distances[i * k + m] as number);
      }
      this.#density[i] = k / Math.max(reach, tiny);
    }
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    const nearest = this.#nearest;
    nearest.find(this.#references, row, -1);
    const k = nearest.index.length;
    let sum = 0;
    if (this.#measure === 'distance') {
      for (let m = 0; m < k; m++) sum += finiteRoot(nearest.squared[m] as number);
      return sum / k;
    }
    let reach = 0;
    for (let m = 0; m < k; m++) {
      const other = nearest.index[m] as number;
      if (other < 0) continue;
      reach += Math.max(this.#kth[other] as number, finiteRoot(nearest.squared[m] as number));
      sum += this.#density[other] as number;
    }
    return (sum / k) * (Math.max(reach, tiny) / k);
  }

  contributionsInto(row: Float64Array, out: Float64Array): void {
    this.#nearest.find(this.#references, row, -1);
    out.fill(0);
    const { data, columns } = this.#references;
    for (const other of this.#nearest.index) {
      if (other < 0) continue;
      for (let j = 0; j < columns; j++) {
        const difference = (row[j] as number) - (data[other * columns + j] as number);
        out[j] = (out[j] as number) + difference * difference;
      }
    }
  }

  toJSON(): NeighboursState {
    const { data, rows, columns } = this.#references;
    return {
      measure: this.#measure,
      k: this.#nearest.index.length,
      references: { data: packFloats(data), rows, columns },
      kth: packFloats(this.#kth),
      reach: packFloats(this.#density),
    };
  }

  static restore(state: NeighboursState): Neighbours {
    const engine = new Neighbours(state.measure, state.k, state.references.rows, undefined);
    engine.#references = { ...state.references, data: unpackFloats(state.references.data) };
    engine.#nearest = new Nearest(state.k);
    engine.#kth = unpackFloats(state.kth);
    engine.#density = unpackFloats(state.reach);
    return engine;
  }
}

/** Duplicates have distance zero and infinite density; this keeps the factor finite and their score ordinary. */
const tiny = 1e-9;

function finiteRoot(squared: number): number {
  return Number.isFinite(squared) ? Math.sqrt(squared) : 0;
}

const tags = { missing: false, sequential: false, online: false } as const;

/** Mean distance to the nearest training rows. */
export const knn: EngineKind<NeighboursOptions> = {
  name: 'knn',
  tags,
  create: ({ neighbours = 10, references = 2048 }, random) =>
    new Neighbours('distance', neighbours, references, random),
  restore: (state: NeighboursState) => Neighbours.restore(state),
};

/** Local outlier factor. */
export const lof: EngineKind<NeighboursOptions> = {
  name: 'lof',
  tags,
  create: ({ neighbours = 20, references = 2048 }, random) => new Neighbours('local', neighbours, references, random),
  restore: (state: NeighboursState) => Neighbours.restore(state),
};
