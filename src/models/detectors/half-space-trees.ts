import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, rowOf, scoreEach } from './engine.js';

/** Options of the half-space trees. */
export interface HalfSpaceTreesOptions {
  /** Trees. Default 50. */
  readonly trees?: number;
  /** Halvings from root to leaf. Default 10. */
  readonly depth?: number;
  /** Rows after which the recent counts take the place of the old. Default 250. */
  readonly window?: number;
}

interface HalfSpaceTreesState {
  readonly trees: number;
  readonly depth: number;
  readonly window: number;
  readonly features: string;
  readonly cuts: string;
  readonly mass: string;
  readonly recent: string;
  readonly seen: number;
}

/**
 * Streaming half-space trees (Tan, Ting & Liu 2011): random halvings of a random work space, made once; what moves is
 * only the count of rows in each half. A row is unusual where few rows of the last window were. Learning and scoring
 * cost depth × trees, whatever has passed before, and the model forgets by itself.
 */
class HalfSpaceTrees implements DetectorEngine {
  readonly #trees: number;
  readonly #depth: number;
  readonly #window: number;
  readonly #random: Random | undefined;
  /** Perfect binary trees: inner node i of a tree has the children 2i + 1 and 2i + 2. */
  #features: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #cuts: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #mass: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #recent: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #seen = 0;

  constructor(trees: number, depth: number, window: number, random: Random | undefined) {
    this.#trees = trees;
    this.#depth = depth;
    this.#window = window;
    this.#random = random;
  }

  *fitWork(rows: Matrix): Work<void> {
    const random = this.#random;
    if (random === undefined) return;
    const { low, high } = ranges(rows);
    const inner = 2 ** this.#depth - 1;
    const nodes = 2 * inner + 1;
    this.#features = new Float64Array(this.#trees * inner);
    this.#cuts = new Float64Array(this.#trees * inner);
    for (let tree = 0; tree < this.#trees; tree++) {
      // The work space reaches beyond the data, unevenly in each tree, so that cuts differ and outsiders have a place.
      const from = low.map((l, j) => {
        const span = (high[j] as number) - l;
        return l + span * (random.next() - 1);
      });
      const to = from.map((f, j) => f + 2 * Math.max(1e-9, (high[j] as number) - (low[j] as number)));
      this.#grow(tree * inner, 0, inner, from, to, random);
      yield { phase: 'half-space trees', done: tree + 1, total: this.#trees };
    }
    this.#mass = new Float64Array(this.#trees * nodes);
    this.#recent = new Float64Array(this.#trees * nodes);
    this.#seen = 0;
    for (let i = 0; i < rows.rows; i++) this.#learn(rowOf(rows, i));
    // Fewer rows than a window: what there is counts, scaled up to a window.
    if (rows.rows < this.#window) this.#turn(this.#window / Math.max(1, rows.rows));
  }

  #grow(base: number, node: number, inner: number, from: Float64Array, to: Float64Array, random: Random): void {
    if (node >= inner) return;
    const j = random.int(from.length);
    const low = from[j] as number;
    const high = to[j] as number;
    const cut = (low + high) / 2;
    this.#features[base + node] = j;
    this.#cuts[base + node] = cut;
    to[j] = cut;
    this.#grow(base, 2 * node + 1, inner, from, to, random);
    to[j] = high;
    from[j] = cut;
    this.#grow(base, 2 * node + 2, inner, from, to, random);
    from[j] = low;
  }

  #learn(row: Float64Array): void {
    const inner = 2 ** this.#depth - 1;
    const nodes = 2 * inner + 1;
    for (let tree = 0; tree < this.#trees; tree++) {
      let node = 0;
      this.#recent[tree * nodes] = (this.#recent[tree * nodes] as number) + 1;
      while (node < inner) {
        node = this.#child(tree * inner + node, node, row);
        this.#recent[tree * nodes + node] = (this.#recent[tree * nodes + node] as number) + 1;
      }
    }
    if (++this.#seen >= this.#window) this.#turn(1);
  }

  #turn(scale: number): void {
    for (let i = 0; i < this.#mass.length; i++) this.#mass[i] = (this.#recent[i] as number) * scale;
    this.#recent.fill(0);
    this.#seen = 0;
  }

  #child(at: number, node: number, row: Float64Array): number {
    const x = row[this.#features[at] as number] as number;
    return x < (this.#cuts[at] as number) ? 2 * node + 1 : 2 * node + 2;
  }

  #score(row: Float64Array): number {
    const inner = 2 ** this.#depth - 1;
    const nodes = 2 * inner + 1;
    const enough = 0.1 * this.#window;
    let total = 0;
    for (let tree = 0; tree < this.#trees; tree++) {
      let node = 0;
      let level = 0;
      while (node < inner && (this.#mass[tree * nodes + node] as number) > enough) {
        node = this.#child(tree * inner + node, node, row);
        level++;
      }
      total += Math.log2(1 + (this.#mass[tree * nodes + node] as number)) + level;
    }
    return -total / this.#trees;
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    scoreEach(rows, out, (row) => this.#score(row));
  }

  step(row: Float64Array): number {
    const score = this.#score(row);
    this.#learn(row);
    return score;
  }

  toJSON(): HalfSpaceTreesState {
    return {
      trees: this.#trees,
      depth: this.#depth,
      window: this.#window,
      features: packFloats(this.#features),
      cuts: packFloats(this.#cuts),
      mass: packFloats(this.#mass),
      recent: packFloats(this.#recent),
      seen: this.#seen,
    };
  }

  static restore(state: HalfSpaceTreesState): HalfSpaceTrees {
    const engine = new HalfSpaceTrees(state.trees, state.depth, state.window, undefined);
    engine.#features = unpackFloats(state.features);
    engine.#cuts = unpackFloats(state.cuts);
    engine.#mass = unpackFloats(state.mass);
    engine.#recent = unpackFloats(state.recent);
    engine.#seen = state.seen;
    return engine;
  }
}

function ranges(rows: Matrix): { low: Float64Array; high: Float64Array } {
  const low = new Float64Array(rows.columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(rows.columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < rows.rows; i++) {
    for (let j = 0; j < rows.columns; j++) {
      const x = rows.data[i * rows.columns + j] as number;
      low[j] = Math.min(low[j] as number, x);
      high[j] = Math.max(high[j] as number, x);
    }
  }
  return { low, high };
}

/** Streaming half-space trees. */
export const halfSpaceTrees: EngineKind<HalfSpaceTreesOptions> = {
  name: 'half-space-trees',
  tags: { missing: false, sequential: false, online: true },
  create: ({ trees = 50, depth = 10, window = 250 }, random) => new HalfSpaceTrees(trees, depth, window, random),
  restore: (state: HalfSpaceTreesState) => HalfSpaceTrees.restore(state),
};
