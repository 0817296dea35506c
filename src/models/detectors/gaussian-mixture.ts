import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, rowOf, sampleRows, scoreEach, takeRows } from './engine.js';

/** Options of the Gaussian mixture. */
export interface GaussianMixtureOptions {
  /** Components. Default 5; fewer where there are less than 20 rows for each. */
  readonly components?: number;
  /** Rows it is fitted on at most, drawn at random. Default 5000. */
  readonly rows?: number;
}

interface GaussianMixtureState {
  readonly columns: number;
  readonly logWeights: string;
  readonly means: string;
  readonly variances: string;
}

/** Least variance of a component in a column, in scaled units: keeps a component from closing in on one row. */
const floor = 1e-2;

/**
 * Mixture of Gaussians with diagonal covariance by expectation maximisation (Dempster, Laird & Rubin 1977), started
 * from k-means++ centres (Arthur & Vassilvitskii 2007); the score is the negative log density. Finds rows between the
 * operating modes of a plant, and columns that are out of their mode's ordinary narrow range.
 */
class GaussianMixture implements DetectorEngine {
  readonly #wanted: number;
  readonly #limit: number;
  readonly #random: Random | undefined;
  #columns = 0;
  #logWeights: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #means: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #variances: Float64Array<ArrayBufferLike> = new Float64Array(0);
  /** Log of each component's weight over its norm: what does not depend on the row. */
  #constants: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(wanted: number, limit: number, random: Random | undefined) {
    this.#wanted = wanted;
    this.#limit = limit;
    this.#random = random;
  }

  *fitWork(all: Matrix): Work<void> {
    const random = this.#random;
    if (random === undefined) return;
    const rows = takeRows(all, sampleRows(all.rows, this.#limit, random));
    const k = Math.max(1, Math.min(this.#wanted, Math.floor(rows.rows / 20)));
    this.#columns = rows.columns;
    this.#means = startingCentres(rows, k, random);
    this.#variances = new Float64Array(k * rows.columns).fill(1);
    this.#logWeights = new Float64Array(k).fill(-Math.log(k));
    this.#prepare();
    const share = new Float64Array(rows.rows * k);
    let last = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 60; round++) {
      const likelihood = this.#expect(rows, share, k) / rows.rows;
      this.#maximise(rows, share, k);
      yield { phase: 'mixture', done: round + 1, total: 60 };
      if (likelihood - last < 1e-3) break;
      last = likelihood;
    }
  }

  #prepare(): void {
    const d = this.#columns;
    this.#constants = this.#logWeights.map((logWeight, c) => {
      let norm = d * Math.log(2 * Math.PI);
      for (let j = 0; j < d; j++) norm += Math.log(this.#variances[c * d + j] as number);
      return logWeight - norm / 2;
    });
  }

  #expect(rows: Matrix, share: Float64Array, k: number): number {
    let likelihood = 0;
    for (let i = 0; i < rows.rows; i++) {
      const row = rowOf(rows, i);
      const log = this.#logDensities(row, share.subarray(i * k, (i + 1) * k));
      for (let c = 0; c < k; c++) share[i * k + c] = Math.exp((share[i * k + c] as number) - log);
      likelihood += log;
    }
    return likelihood;
  }

  /** Writes each component's log density and gives the log of their sum. */
  #logDensities(row: Float64Array, out: Float64Array): number {
    const d = this.#columns;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < this.#constants.length; c++) {
      let squared = 0;
      for (let j = 0; j < d; j++) {
        const difference = (row[j] as number) - (this.#means[c * d + j] as number);
        squared += (difference * difference) / (this.#variances[c * d + j] as number);
      }
      const log = (this.#constants[c] as number) - squared / 2;
      out[c] = log;
      if (log > largest) largest = log;
    }
    let sum = 0;
    for (let c = 0; c < this.#constants.length; c++) sum += Math.exp((out[c] as number) - largest);
    return largest + Math.log(sum);
  }

  #maximise(rows: Matrix, share: Float64Array, k: number): void {
    const d = this.#columns;
    for (let c = 0; c < k; c++) {
      let total = 1e-9;
      const mean = new Float64Array(d);
      for (let i = 0; i < rows.rows; i++) {
        const weight = share[i * k + c] as number;
        if (weight < 1e-9) continue;
        total += weight;
        for (let j = 0; j < d; j++) mean[j] = (mean[j] as number) + weight * (rows.data[i * d + j] as number);
      }
      const variance = new Float64Array(d);
      for (let j = 0; j < d; j++) mean[j] = (mean[j] as number) / total;
      for (let i = 0; i < rows.rows; i++) {
        const weight = share[i * k + c] as number;
        if (weight < 1e-9) continue;
        for (let j = 0; j < d; j++) {
          const difference = (rows.data[i * d + j] as number) - (mean[j] as number);
          variance[j] = (variance[j] as number) + weight * difference * difference;
        }
      }
      this.#means.set(mean, c * d);
      this.#variances.set(
        variance.map((v) => v / total + floor),
        c * d,
      );
      this.#logWeights[c] = Math.log(total / rows.rows);
    }
    this.#prepare();
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    return -this.#logDensities(row, new Float64Array(this.#constants.length));
  }

  /** By the component nearest to the row: each column's squared distance in that component's units. */
  contributionsInto(row: Float64Array, out: Float64Array): void {
    const logs = new Float64Array(this.#constants.length);
    this.#logDensities(row, logs);
    let best = 0;
    for (let c = 1; c < logs.length; c++) if ((logs[c] as number) > (logs[best] as number)) best = c;
    for (let j = 0; j < row.length; j++) {
      const at = best * this.#columns + j;
      out[j] = ((row[j] as number) - (this.#means[at] as number)) ** 2 / (this.#variances[at] as number);
    }
  }

  toJSON(): GaussianMixtureState {
    return {
      columns: this.#columns,
      logWeights: packFloats(this.#logWeights),
      means: packFloats(this.#means),
      variances: packFloats(this.#variances),
    };
  }

  static restore(state: GaussianMixtureState): GaussianMixture {
    const engine = new GaussianMixture(0, 0, undefined);
    engine.#columns = state.columns;
    engine.#logWeights = unpackFloats(state.logWeights);
    engine.#means = unpackFloats(state.means);
    engine.#variances = unpackFloats(state.variances);
    engine.#prepare();
    return engine;
  }
}

/** k-means++: each further centre is a row drawn by its squared distance to the centres before. */
function startingCentres(rows: Matrix, k: number, random: Random): Float64Array {
  const d = rows.columns;
  const centres = new Float64Array(k * d);
  const nearest = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  let chosen = random.int(rows.rows);
  for (let c = 0; c < k; c++) {
    centres.set(rowOf(rows, chosen), c * d);
    let total = 0;
    for (let i = 0; i < rows.rows; i++) {
      let distance = 0;
      for (let j = 0; j < d; j++) {
        distance += ((rows.data[i * d + j] as number) - (centres[c * d + j] as number)) ** 2;
      }
      nearest[i] = Math.min(nearest[i] as number, distance);
      total += nearest[i] as number;
    }
    let draw = random.next() * total;
    chosen = rows.rows - 1;
    for (let i = 0; i < rows.rows; i++) {
      draw -= nearest[i] as number;
      if (draw < 0) {
        chosen = i;
        break;
      }
    }
  }
  return centres;
}

/** Mixture of Gaussians with diagonal covariance. */
export const gaussianMixture: EngineKind<GaussianMixtureOptions> = {
  name: 'gaussian-mixture',
  tags: { missing: false, sequential: false, online: false },
  create: ({ components = 5, rows = 5000 }, random) => new GaussianMixture(components, rows, random),
  restore: (state: GaussianMixtureState) => GaussianMixture.restore(state),
};
