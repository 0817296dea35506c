import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { symmetricEigen } from './eigen.js';
import { type DetectorEngine, type EngineKind, rowOf, sampleRows, scoreEach, takeRows } from './engine.js';

/** Options of the PCA engine. */
export interface PcaOptions {
  /** Share of the variance that the model's components carry. Default 0.9. */
  readonly variance?: number;
  /** Which statistic is the score: Hotelling's T², the residual Q (SPE), or both combined (default). */
  readonly statistic?: 't2' | 'q' | 'combined';
}

interface PcaState {
  readonly statistic: 't2' | 'q' | 'combined';
  readonly mean: string;
  readonly values: string;
  readonly vectors: string;
  readonly t2Scale: number;
  readonly qScale: number;
}

/** Rows that a decomposition looks at when there are more columns than this. */
const widest = 256;

/**
 * Principal components with Hotelling's T² (how far inside the model's plane) and Q, the squared prediction error (how
 * far off it) (Jackson & Mudholkar 1979). Combined, each is divided by its mean over the training rows (the combined
 * index of Yue & Qin 2001). Finds broken correlations between channels.
 */
class Pca implements DetectorEngine {
  readonly #variance: number;
  readonly #statistic: 't2' | 'q' | 'combined';
  readonly #random: Random | undefined;
  #mean: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #values: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #vectors: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #t2Scale = 1;
  #qScale = 1;

  constructor(variance: number, statistic: 't2' | 'q' | 'combined', random: Random | undefined) {
    this.#variance = variance;
    this.#statistic = statistic;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    const d = rows.columns;
    this.#mean = new Float64Array(d);
    for (let i = 0; i < rows.rows; i++) {
      for (let j = 0; j < d; j++) {
        this.#mean[j] = (this.#mean[j] as number) + (rows.data[i * d + j] as number) / rows.rows;
      }
    }
    yield { phase: 'principal components', done: 0, total: 2 };
    const { values, vectors } =
      d <= widest ? this.#fromCovariance(rows) : this.#fromGram(takeRows(rows, this.#sample(rows.rows)));
    yield { phase: 'principal components', done: 1, total: 2 };
    let total = 0;
    for (const value of values) total += Math.max(0, value);
    let kept = 0;
    let carried = 0;
    while (kept < values.length && carried < this.#variance * total && (values[kept] as number) > 1e-12 * total) {
      carried += values[kept++] as number;
    }
    this.#values = values.slice(0, kept);
    this.#vectors = vectors.slice(0, kept * d);
    this.#t2Scale = Math.max(1, kept);
    this.#qScale = Math.max(total - carried, 1e-9 * Math.max(total, 1e-9));
  }

  #sample(total: number): ArrayLike<number> {
    return this.#random === undefined ? [] : sampleRows(total, widest, this.#random);
  }

  #fromCovariance(rows: Matrix) {
    const d = rows.columns;
    const covariance = new Float64Array(d * d);
    const centred = new Float64Array(d);
    for (let i = 0; i < rows.rows; i++) {
      for (let j = 0; j < d; j++) centred[j] = (rows.data[i * d + j] as number) - (this.#mean[j] as number);
      for (let j = 0; j < d; j++) {
        const x = centred[j] as number;
        if (x === 0) continue;
        for (let k = 0; k <= j; k++) {
          covariance[j * d + k] = (covariance[j * d + k] as number) + x * (centred[k] as number);
        }
      }
    }
    const divisor = Math.max(1, rows.rows - 1);
    for (let j = 0; j < d; j++) {
      for (let k = 0; k <= j; k++) {
        const value = (covariance[j * d + k] as number) / divisor;
        covariance[j * d + k] = value;
        covariance[k * d + j] = value;
      }
    }
    return symmetricEigen(covariance, d);
  }

  /** With more columns than rows the same components come from the inner products of the rows. */
  #fromGram(rows: Matrix) {
    const { rows: n, columns: d } = rows;
    const centred = new Float64Array(rows.data);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) centred[i * d + j] = (centred[i * d + j] as number) - (this.#mean[j] as number);
    }
    const gram = new Float64Array(n * n);
    const divisor = Math.max(1, n - 1);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k <= i; k++) {
        let sum = 0;
        for (let j = 0; j < d; j++) sum += (centred[i * d + j] as number) * (centred[k * d + j] as number);
        gram[i * n + k] = sum / divisor;
        gram[k * n + i] = sum / divisor;
      }
    }
    const { values, vectors } = symmetricEigen(gram, n);
    const wide = new Float64Array(n * d);
    for (let k = 0; k < n; k++) {
      const target = rowOf({ data: wide, rows: n, columns: d }, k);
      for (let i = 0; i < n; i++) {
        const weight = vectors[k * n + i] as number;
        for (let j = 0; j < d; j++) target[j] = (target[j] as number) + weight * (centred[i * d + j] as number);
      }
      let norm = 0;
      for (const x of target) norm += x * x;
      const scale = norm > 0 ? 1 / Math.sqrt(norm) : 0;
      for (let j = 0; j < d; j++) target[j] = (target[j] as number) * scale;
    }
    return { values, vectors: wide };
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    const d = row.length;
    let squared = 0;
    for (let j = 0; j < d; j++) squared += ((row[j] as number) - (this.#mean[j] as number)) ** 2;
    let t2 = 0;
    let explained = 0;
    for (let k = 0; k < this.#values.length; k++) {
      const t = this.#project(row, k);
      t2 += (t * t) / (this.#values[k] as number);
      explained += t * t;
    }
    const q = Math.max(0, squared - explained);
    if (this.#statistic === 't2') return t2;
    if (this.#statistic === 'q') return q;
    return t2 / this.#t2Scale + q / this.#qScale;
  }

  #project(row: Float64Array, k: number): number {
    let t = 0;
    const start = k * row.length;
    for (let j = 0; j < row.length; j++) {
      t += ((row[j] as number) - (this.#mean[j] as number)) * (this.#vectors[start + j] as number);
    }
    return t;
  }

  /** Reconstruction-based: the residual's squares for Q; for T² what each column adds to the sum, its sign dropped. */
  contributionsInto(row: Float64Array, out: Float64Array): void {
    const d = row.length;
    const residual = new Float64Array(d);
    const inPlane = new Float64Array(d);
    for (let j = 0; j < d; j++) residual[j] = (row[j] as number) - (this.#mean[j] as number);
    for (let k = 0; k < this.#values.length; k++) {
      const t = this.#project(row, k);
      const weight = t / (this.#values[k] as number);
      for (let j = 0; j < d; j++) {
        const loading = this.#vectors[k * d + j] as number;
        residual[j] = (residual[j] as number) - t * loading;
        inPlane[j] = (inPlane[j] as number) + weight * loading * ((row[j] as number) - (this.#mean[j] as number));
      }
    }
    for (let j = 0; j < d; j++) {
      const q = ((residual[j] as number) * (residual[j] as number)) / this.#qScale;
      const t2 = Math.max(0, inPlane[j] as number) / this.#t2Scale;
      out[j] = this.#statistic === 'q' ? q : this.#statistic === 't2' ? t2 : q + t2;
    }
  }

  toJSON(): PcaState {
    return {
      statistic: this.#statistic,
      mean: packFloats(this.#mean),
      values: packFloats(this.#values),
      vectors: packFloats(this.#vectors),
      t2Scale: this.#t2Scale,
      qScale: this.#qScale,
    };
  }

  static restore(state: PcaState): Pca {
    const engine = new Pca(0, state.statistic, undefined);
    engine.#mean = unpackFloats(state.mean);
    engine.#values = unpackFloats(state.values);
    engine.#vectors = unpackFloats(state.vectors);
    engine.#t2Scale = state.t2Scale;
    engine.#qScale = state.qScale;
    return engine;
  }
}

/** Principal components with T² and Q. */
export const pca: EngineKind<PcaOptions> = {
  name: 'pca',
  tags: { missing: false, sequential: false, online: false },
  create: ({ variance = 0.9, statistic = 'combined' }, random) => new Pca(variance, statistic, random),
  restore: (state: PcaState) => Pca.restore(state),
};
