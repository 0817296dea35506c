import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { averagePathLength } from '../trees/isolation-forest.js';
import { type DetectorEngine, type EngineKind, rowOf, sampleRows, scoreEach, takeRows } from './engine.js';

/** Options of the extended isolation forest. */
export interface ExtendedIsolationForestOptions {
  /** Trees. Default 100. */
  readonly trees?: number;
  /** Rows that each tree sees. Default 256. */
  readonly sampleSize?: number;
  /** Columns that a cut goes through at once. Default 8, or all where there are fewer. */
  readonly extent?: number;
}

interface ExtendedState {
  readonly extent: number;
  readonly normal: number;
  readonly roots: string;
  readonly nodes: string;
}

/**
 * Extended isolation forest (Hariri, Carrasco Kind & Brunner 2019): isolation by cuts in random directions and not only
 * along the axes, which does away with the ghost regions of low scores beside clusters. A direction has `extent` columns
 * different from 0.
 */
class ExtendedIsolationForest implements DetectorEngine {
  readonly #options: Required<ExtendedIsolationForestOptions>;
  readonly #random: Random | undefined;
  #extent = 1;
  #normal = 1;
  #roots: Float64Array<ArrayBufferLike> = new Float64Array(0);
  /** Per node: left child (−1: leaf), right child, cut (leaf: depth), then `extent` columns and their weights. */
  #nodes: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(options: Required<ExtendedIsolationForestOptions>, random: Random | undefined) {
    this.#options = options;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    const random = this.#random;
    if (random === undefined) return;
    const { trees, sampleSize, extent } = this.#options;
    this.#extent = Math.max(1, Math.min(extent, rows.columns));
    const size = Math.min(sampleSize, rows.rows);
    this.#normal = Math.max(averagePathLength(size), 1e-9) * trees;
    const depth = Math.ceil(Math.log2(Math.max(2, size)));
    const nodes: number[] = [];
    const roots: number[] = [];
    for (let tree = 0; tree < trees; tree++) {
      const sample = takeRows(rows, sampleRows(rows.rows, size, random));
      const all = Array.from({ length: size }, (_, i) => i);
      roots.push(this.#grow(sample, all, 0, depth, nodes, random));
      if (tree % 16 === 15) yield { phase: 'growing trees', done: tree + 1, total: trees };
    }
    this.#roots = Float64Array.from(roots);
    this.#nodes = Float64Array.from(nodes);
  }

  /** Grows a node over the sample's rows `chosen` and gives its place. */
  #grow(sample: Matrix, chosen: number[], depth: number, limit: number, nodes: number[], random: Random): number {
    const at = nodes.length;
    const width = 3 + 2 * this.#extent;
    for (let i = 0; i < width; i++) nodes.push(0);
    nodes[at] = -1;
    nodes[at + 2] = depth + averagePathLength(chosen.length);
    if (chosen.length <= 1 || depth >= limit) return at;
    const columns = Uint32Array.from({ length: sample.columns }, (_, j) => j);
    random.shuffle(columns, this.#extent);
    const weights = Array.from({ length: this.#extent }, () => random.normal());
    const projections = chosen.map((i) => {
      const row = rowOf(sample, i);
      return weights.reduce((sum, weight, k) => sum + weight * (row[columns[k] as number] as number), 0);
    });
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const projection of projections) {
      low = Math.min(low, projection);
      high = Math.max(high, projection);
    }
    if (!(high > low)) return at;
    const cut = random.uniform(low, high);
    const left = chosen.filter((_, i) => (projections[i] as number) <= cut);
    const right = chosen.filter((_, i) => (projections[i] as number) > cut);
    if (left.length === 0 || right.length === 0) return at;
    nodes[at + 2] = cut;
    for (let k = 0; k < this.#extent; k++) {
      nodes[at + 3 + k] = columns[k] as number;
      nodes[at + 3 + this.#extent + k] = weights[k] as number;
    }
    nodes[at] = this.#grow(sample, left, depth + 1, limit, nodes, random);
    nodes[at + 1] = this.#grow(sample, right, depth + 1, limit, nodes, random);
    return at;
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.step(row));
  }

  step(row: Float64Array): number {
    const nodes = this.#nodes;
    const extent = this.#extent;
    let total = 0;
    for (const root of this.#roots) {
      let at = root;
      while ((nodes[at] as number) >= 0) {
        let projection = 0;
        for (let k = at + 3; k < at + 3 + extent; k++) {
          projection += (nodes[k + extent] as number) * (row[nodes[k] as number] as number);
        }
        at = nodes[projection <= (nodes[at + 2] as number) ? at : at + 1] as number;
      }
      total += nodes[at + 2] as number;
    }
    return 2 ** (-total / this.#normal);
  }

  toJSON(): ExtendedState {
    return {
      extent: this.#extent,
      normal: this.#normal,
      roots: packFloats(this.#roots),
      nodes: packFloats(this.#nodes),
    };
  }

  static restore(state: ExtendedState): ExtendedIsolationForest {
    const engine = new ExtendedIsolationForest({ trees: 0, sampleSize: 0, extent: 0 }, undefined);
    engine.#extent = state.extent;
    engine.#normal = state.normal;
    engine.#roots = unpackFloats(state.roots);
    engine.#nodes = unpackFloats(state.nodes);
    return engine;
  }
}

/** Isolation by oblique cuts. */
export const extendedIsolationForest: EngineKind<ExtendedIsolationForestOptions> = {
  name: 'extended-isolation-forest',
  tags: { missing: false, sequential: false, online: false },
  create: ({ trees = 100, sampleSize = 256, extent = 8 }, random) =>
    new ExtendedIsolationForest({ trees, sampleSize, extent }, random),
  restore: (state: ExtendedState) => ExtendedIsolationForest.restore(state),
};
