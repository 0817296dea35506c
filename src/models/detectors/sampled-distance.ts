import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, scoreEach } from './engine.js';

/** Options of the sampled-distance engine. */
export interface SampledDistanceOptions {
  /** Rows in a sample. Small samples see coarse structure, and clusters of anomalies with it. Default 8. */
  readonly sample?: number;
  /** Samples. Default 64. */
  readonly samples?: number;
}

interface SampledDistanceState {
  readonly sample: number;
  readonly columns: number;
  readonly centres: string;
}

/**
 * Mean distance to the nearest row of small random samples (Sugiyama & Borgwardt 2013, averaged over samples as
 * Aggarwal & Sathe 2015 advise). Unlike k nearest neighbours it is not blinded by anomalies that come in groups, since a
 * small sample rarely holds one of them; cost sample × samples × columns a row, whatever the number of training rows.
 */
class SampledDistance implements DetectorEngine {
  readonly #sample: number;
  readonly #samples: number;
  readonly #random: Random | undefined;
  #columns = 0;
  #centres: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(sample: number, samples: number, random: Random | undefined) {
    this.#sample = sample;
    this.#samples = samples;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    const random = this.#random;
    if (random === undefined) return;
    const { columns } = rows;
    this.#columns = columns;
    this.#centres = new Float64Array(this.#samples * this.#sample * columns);
    for (let place = 0; place < this.#samples * this.#sample; place++) {
      const from = random.int(rows.rows) * columns;
      this.#centres.set(rows.data.subarray(from, from + columns), place * columns);
    }
    yield { phase: 'drawing samples', done: 1, total: 1 };
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    const centres = this.#centres;
    const columns = this.#columns;
    const perSample = this.#sample * columns;
    let total = 0;
    let used = 0;
    for (let start = 0; start < centres.length; start += perSample) {
      let nearest = Number.POSITIVE_INFINITY;
      for (let at = start; at < start + perSample; at += columns) {
        let distance = 0;
        for (let j = 0; j < columns && distance < nearest; ) {
          // Sixteen columns between looks at the bound: a look per column costs more than it saves.
          const end = Math.min(columns, j + 16);
          for (; j < end; j++) {
            const difference = (row[j] as number) - (centres[at + j] as number);
            distance += difference * difference;
          }
        }
        // Distance 0 is the row itself, or a copy of it: what is asked is how far the others are.
        if (distance > 0 && distance < nearest) nearest = distance;
      }
      if (nearest === Number.POSITIVE_INFINITY) continue;
      total += Math.sqrt(nearest);
      used++;
    }
    return used === 0 ? 0 : total / used;
  }

  toJSON(): SampledDistanceState {
    return { sample: this.#sample, columns: this.#columns, centres: packFloats(this.#centres) };
  }

  static restore(state: SampledDistanceState): SampledDistance {
    const engine = new SampledDistance(state.sample, 0, undefined);
    engine.#columns = state.columns;
    engine.#centres = unpackFloats(state.centres);
    return engine;
  }
}

/** Mean distance to the nearest row of small random samples. */
export const sampledDistance: EngineKind<SampledDistanceOptions> = {
  name: 'sampled-distance',
  tags: { missing: false, sequential: false, online: false },
  create: ({ sample = 8, samples = 64 }, random) => new SampledDistance(sample, samples, random),
  restore: (state: SampledDistanceState) => SampledDistance.restore(state),
};
