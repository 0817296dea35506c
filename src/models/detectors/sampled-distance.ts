import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, sampleRows, scoreEach } from './engine.js';

/** Options of the sampled-distance engine. */
export interface SampledDistanceOptions {
  /** Rows in a sample. Small samples see coarse structure, and clusters of anomalies with it. Default 8. */
  readonly sample?: number;
  /** Samples. Default 64. */
  readonly samples?: number;
  /** Columns that a sample looks at, drawn anew for each where there are more. Default 48. */
  readonly columns?: number;
}

interface SampledDistanceState {
  readonly sample: number;
  /** Columns a sample looks at. */
  readonly width: number;
  readonly columns: string;
  readonly centres: string;
}

/**
 * Mean distance to the nearest row of small random samples (Sugiyama & Borgwardt 2013, averaged over samples as
 * Aggarwal & Sathe 2015 advise). Unlike k nearest neighbours it is not blinded by anomalies that come in groups, since a
 * small sample rarely holds one of them; cost sample × samples × columns a row, whatever the number of training rows. In wide tables each sample looks at some
 * of the columns only (feature bagging, Lazarevic & Kumar 2005), which bounds the cost further.
 */
class SampledDistance implements DetectorEngine {
  readonly #sample: number;
  readonly #samples: number;
  readonly #widest: number;
  readonly #random: Random | undefined;
  #width = 0;
  /** The columns that each sample looks at. */
  #columns: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #centres: Float64Array<ArrayBufferLike> = new Float64Array(0);
  /** The present row's values in a sample's columns. */
  #row: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(sample: number, samples: number, widest: number, random: Random | undefined) {
    this.#sample = sample;
    this.#samples = samples;
    this.#widest = widest;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    const random = this.#random;
    if (random === undefined) return;
    const width = Math.max(1, Math.min(this.#widest, rows.columns));
    this.#width = width;
    this.#row = new Float64Array(width);
    this.#columns = new Float64Array(this.#samples * width);
    this.#centres = new Float64Array(this.#samples * this.#sample * width);
    for (let sample = 0; sample < this.#samples; sample++) {
      const columns = sampleRows(rows.columns, width, random);
      this.#columns.set(columns, sample * width);
      for (let place = sample * this.#sample; place < (sample + 1) * this.#sample; place++) {
        const from = random.int(rows.rows) * rows.columns;
        for (let k = 0; k < width; k++) {
          this.#centres[place * width + k] = rows.data[from + (columns[k] as number)] as number;
        }
      }
    }
    yield { phase: 'drawing samples', done: 1, total: 1 };
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    const width = this.#width;
    const own = this.#row;
    let total = 0;
    let used = 0;
    for (let sample = 0; sample * width < this.#columns.length; sample++) {
      for (let k = 0; k < width; k++) own[k] = row[this.#columns[sample * width + k] as number] as number;
      const nearest = this.#nearest(sample * this.#sample * width, own);
      if (nearest === Number.POSITIVE_INFINITY) continue;
      total += Math.sqrt(nearest);
      used++;
    }
    return used === 0 ? 0 : total / used;
  }

  /** Squared distance to the nearest different row of the sample whose rows start at `start`. */
  #nearest(start: number, own: Float64Array): number {
    const centres = this.#centres;
    const width = own.length;
    let nearest = Number.POSITIVE_INFINITY;
    for (let at = start; at < start + this.#sample * width; at += width) {
      let distance = 0;
      for (let j = 0; j < width && distance < nearest; ) {
        // Sixteen columns between looks at the bound: a look per column costs more than it saves.
        const end = Math.min(width, j + 16);
        for (; j < end; j++) {
          const difference = (own[j] as number) - (centres[at + j] as number);
          distance += difference * difference;
        }
      }
      // Distance 0 is the row itself, or a copy of it: what is asked is how far the others are.
      if (distance > 0 && distance < nearest) nearest = distance;
    }
    return nearest;
  }

  toJSON(): SampledDistanceState {
    return {
      sample: this.#sample,
      width: this.#width,
      columns: packFloats(this.#columns),
      centres: packFloats(this.#centres),
    };
  }

  static restore(state: SampledDistanceState): SampledDistance {
    const engine = new SampledDistance(state.sample, 0, state.width, undefined);
    engine.#width = state.width;
    engine.#row = new Float64Array(state.width);
    engine.#columns = unpackFloats(state.columns);
    engine.#centres = unpackFloats(state.centres);
    return engine;
  }
}

/** Mean distance to the nearest row of small random samples. */
export const sampledDistance: EngineKind<SampledDistanceOptions> = {
  name: 'sampled-distance',
  tags: { missing: false, sequential: false, online: false },
  create: ({ sample = 8, samples = 64, columns = 48 }, random) => new SampledDistance(sample, samples, columns, random),
  restore: (state: SampledDistanceState) => SampledDistance.restore(state),
};
