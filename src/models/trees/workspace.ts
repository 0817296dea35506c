import type { Matrix } from '../matrix.js';
import { type BinningOptions, type ColumnBins, findEdges, writeBins } from './binning.js';
import { createTreeKernels, type TreeKernels } from './kernels.js';

/** Histograms together may take this many bytes; beyond, they are counted anew instead of being kept. */
const MOST_HISTOGRAM_BYTES = 2 ** 28;

/**
 * The one block of memory that boosting grows trees in: bins column after column, gradient pairs, row numbers and
 * histograms, with the kernels that work on it. `...At` are places in bytes.
 */
export class Workspace {
  readonly rows: number;
  readonly columns: number;
  readonly bins: ColumnBins;
  readonly kernels: TreeKernels;
  /** Gradient and hessian of each row, in turn. */
  readonly pairs: Float64Array;
  /** Rows of the tree that is grown, in the order of its leaves. */
  readonly rowOrder: Uint32Array;
  /** Columns that may be split on. */
  readonly list: Int32Array;
  /** 256 flags: whether a bin goes left. */
  readonly table: Uint8Array;
  /** What `scan` writes. */
  readonly result: Float64Array;
  /** All memory as floats: a histogram's bin b of column c lies at `hist / 8 + 2 · (starts[c] + b)`. */
  readonly floats: Float64Array;
  /** First pair of each column in a histogram, and the number of pairs. */
  readonly starts: Int32Array;
  readonly pairsAt: number;
  readonly gatheredAt: number;
  readonly binsAt: number;
  readonly rowOrderAt: number;
  readonly spareAt: number;
  readonly listAt: number;
  readonly startsAt: number;
  readonly valueBinsAt: number;
  readonly tableAt: number;
  readonly resultAt: number;
  /** Whether each open leaf keeps its histogram, so that a sibling's comes by subtraction. */
  readonly keepsHistograms: boolean;
  readonly #histogramsAt: number;
  readonly #histogramBytes: number;
  readonly #free: number[] = [];

  /** @param leaves most leaves of a tree */
  constructor(matrix: Matrix, leaves: number, binning: BinningOptions, prefer?: 'wasm' | 'js') {
    const { rows, columns } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.bins = findEdges(matrix, binning);
    let size = 0;
    const take = (bytes: number) => {
      const at = size;
      size += bytes + (-bytes & 15);
      return at;
    };
    let pairs = 0;
    const starts = new Int32Array(columns + 1);
    for (let column = 0; column < columns; column++) {
      pairs += (this.bins.valueBins[column] as number) + 1;
      starts[column + 1] = pairs;
    }
    this.#histogramBytes = 16 * pairs;
    // A tree of that many rows cannot have more leaves.
    const slots = Math.min(leaves, rows) + 1;
    this.keepsHistograms = slots * this.#histogramBytes <= MOST_HISTOGRAM_BYTES;
    this.resultAt = take(64);
    this.tableAt = take(256);
    this.pairsAt = take(16 * rows);
    this.gatheredAt = take(16 * rows);
    this.rowOrderAt = take(4 * rows);
    this.spareAt = take(4 * rows + 4);
    this.listAt = take(4 * columns);
    this.startsAt = take(4 * columns + 4);
    this.valueBinsAt = take(4 * columns);
    this.binsAt = take(rows * columns);
    const kept = this.keepsHistograms ? slots : 1;
    this.#histogramsAt = take(kept * this.#histogramBytes);
    this.kernels = createTreeKernels(size, prefer);
    const { memory } = this.kernels;
    this.floats = new Float64Array(memory);
    this.pairs = new Float64Array(memory, this.pairsAt, 2 * rows);
    this.rowOrder = new Uint32Array(memory, this.rowOrderAt, rows);
    this.list = new Int32Array(memory, this.listAt, columns);
    this.table = new Uint8Array(memory, this.tableAt, 256);
    this.result = new Float64Array(memory, this.resultAt, 8);
    this.starts = new Int32Array(memory, this.startsAt, columns + 1);
    this.starts.set(starts);
    new Int32Array(memory, this.valueBinsAt, columns).set(this.bins.valueBins);
    writeBins(matrix, this.bins, new Uint8Array(memory, this.binsAt, rows * columns));
    for (let slot = kept - 1; slot >= 0; slot--) this.#free.push(this.#histogramsAt + slot * this.#histogramBytes);
  }

  /** Pairs of one histogram. */
  get histogramPairs(): number {
    return this.#histogramBytes / 16;
  }

  /** A free histogram's place. Without kept histograms it is always the same one. */
  takeHistogram(): number {
    return this.keepsHistograms ? (this.#free.pop() as number) : this.#histogramsAt;
  }

  /** Gives a histogram back. */
  freeHistogram(at: number): void {
    if (this.keepsHistograms) this.#free.push(at);
  }
}
