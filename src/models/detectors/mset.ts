import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, rowOf, sampleRows, scoreEach, takeRows } from './engine.js';

/** Options of the auto-associative kernel engine. */
export interface MsetOptions {
  /** Training rows in the memory. Default 256. */
  readonly memory?: number;
}

interface MsetState {
  readonly memory: { readonly data: string; readonly rows: number; readonly columns: number };
  readonly bandwidth: number;
  readonly scale: string;
}

/**
 * Auto-associative kernel regression, the kernel form of the multivariate state estimation technique (Singer, Gross,
 * Herzog, King & Wegerich 1997; Baraldi et al. 2015): a memory of normal states votes, by likeness, for what each
 * channel should read; the score is the mean squared difference, each channel by its own error on training data. Made
 * for plants: the estimate follows the operating state, so that load changes are not anomalies.
 */
class Mset implements DetectorEngine {
  readonly #limit: number;
  readonly #random: Random | undefined;
  #memory: Matrix = { data: new Float64Array(0), rows: 0, columns: 0 };
  #bandwidth = 1;
  /** Root mean squared error of each channel on training rows outside the memory. */
  #scale: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #estimate: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(limit: number, random: Random | undefined) {
    this.#limit = limit;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    if (this.#random === undefined) return;
    this.#memory = takeRows(rows, spread(rows, this.#limit, this.#random));
    this.#estimate = new Float64Array(rows.columns);
    const probes = takeRows(rows, sampleRows(rows.rows, 512, this.#random));
    yield { phase: 'bandwidth', done: 0, total: 8 };
    // The bandwidth with the least error when each probe is estimated without its own memory entry.
    const typical = Math.max(1e-6, typicalDistance(this.#memory, probes));
    let best = Number.POSITIVE_INFINITY;
    let chosen = typical;
    for (let step = 0; step < 8; step++) {
      this.#bandwidth = typical * 2 ** (1 - step / 2);
      const error = sum(this.#errors(probes));
      if (error < best) {
        best = error;
        chosen = this.#bandwidth;
      }
      yield { phase: 'bandwidth', done: step + 1, total: 8 };
    }
    this.#bandwidth = chosen;
    this.#scale = this.#errors(probes).map((error) => Math.max(1e-3, Math.sqrt(error / probes.rows)));
  }

  #errors(probes: Matrix): Float64Array {
    const errors = new Float64Array(probes.columns);
    for (let i = 0; i < probes.rows; i++) {
      const row = rowOf(probes, i);
      this.#estimateInto(row, true);
      for (let j = 0; j < row.length; j++) {
        errors[j] = (errors[j] as number) + ((row[j] as number) - (this.#estimate[j] as number)) ** 2;
      }
    }
    return errors;
  }

  #estimateInto(row: Float64Array, leaveOut: boolean): void {
    const { data, rows, columns } = this.#memory;
    const factor = -0.5 / (this.#bandwidth * this.#bandwidth);
    const estimate = this.#estimate;
    estimate.fill(0);
    let nearest = Number.POSITIVE_INFINITY;
    const squared = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      let distance = 0;
      for (let j = 0; j < columns; j++) distance += ((row[j] as number) - (data[i * columns + j] as number)) ** 2;
      if (leaveOut && distance === 0) distance = Number.POSITIVE_INFINITY;
      squared[i] = distance;
      if (distance < nearest) nearest = distance;
    }
    if (nearest === Number.POSITIVE_INFINITY) {
      estimate.set(row);
      return;
    }
    // Relative to the nearest, so that a far row still gets the estimate of its nearest states and not 0 / 0.
    let total = 0;
    for (let i = 0; i < rows; i++) {
      const weight = Math.exp(factor * ((squared[i] as number) - nearest));
      if (weight < 1e-12) continue;
      total += weight;
      for (let j = 0; j < columns; j++) {
        estimate[j] = (estimate[j] as number) + weight * (data[i * columns + j] as number);
      }
    }
    for (let j = 0; j < columns; j++) estimate[j] = (estimate[j] as number) / total;
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    this.#estimateInto(row, false);
    let total = 0;
    for (let j = 0; j < row.length; j++) {
      total += (((row[j] as number) - (this.#estimate[j] as number)) / (this.#scale[j] as number)) ** 2;
    }
    return total / Math.max(1, row.length);
  }

  contributionsInto(row: Float64Array, out: Float64Array): void {
    this.#estimateInto(row, false);
    for (let j = 0; j < row.length; j++) {
      out[j] = (((row[j] as number) - (this.#estimate[j] as number)) / (this.#scale[j] as number)) ** 2;
    }
  }

  toJSON(): MsetState {
    const { data, rows, columns } = this.#memory;
    return {
      memory: { data: packFloats(data), rows, columns },
      bandwidth: this.#bandwidth,
      scale: packFloats(this.#scale),
    };
  }

  static restore(state: MsetState): Mset {
    const engine = new Mset(state.memory.rows, undefined);
    engine.#memory = { ...state.memory, data: unpackFloats(state.memory.data) };
    engine.#bandwidth = state.bandwidth;
    engine.#scale = unpackFloats(state.scale);
    engine.#estimate = new Float64Array(state.memory.columns);
    return engine;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The memory: rows with a column's least and greatest value first (so that the range is covered), then at random. */
function spread(rows: Matrix, limit: number, random: Random): number[] {
  if (rows.rows <= limit) return Array.from({ length: rows.rows }, (_, i) => i);
  const chosen = new Set<number>();
  for (let j = 0; j < rows.columns && chosen.size < limit / 2; j++) {
    let low = 0;
    let high = 0;
    for (let i = 1; i < rows.rows; i++) {
      const x = rows.data[i * rows.columns + j] as number;
      if (x < (rows.data[low * rows.columns + j] as number)) low = i;
      if (x > (rows.data[high * rows.columns + j] as number)) high = i;
    }
    chosen.add(low).add(high);
  }
  for (const i of sampleRows(rows.rows, limit, random)) {
    if (chosen.size >= limit) break;
    chosen.add(i);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Root mean over the probes of the squared distance to the nearest different memory row. */
function typicalDistance(memory: Matrix, probes: Matrix): number {
  let total = 0;
  for (let i = 0; i < probes.rows; i++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let m = 0; m < memory.rows; m++) {
      let distance = 0;
      for (let j = 0; j < memory.columns; j++) {
        distance +=
          ((probes.data[i * memory.columns + j] as number) - (memory.data[m * memory.columns + j] as number)) ** 2;
      }
      if (distance > 0 && distance < nearest) nearest = distance;
    }
    if (nearest < Number.POSITIVE_INFINITY) total += nearest;
  }
  return Math.sqrt(total / Math.max(1, probes.rows));
}

/** Auto-associative kernel regression. */
export const mset: EngineKind<MsetOptions> = {
  name: 'mset',
  tags: { missing: false, sequential: false, online: false },
  create: ({ memory = 256 }, random) => new Mset(memory, random),
  restore: (state: MsetState) => Mset.restore(state),
};
