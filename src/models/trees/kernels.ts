import { embeddedModule } from '../wasm.js';
import { kernelsBase64 } from './kernels.generated.js';
import { scalarKernels } from './scalar-kernels.js';

/**
 * The inner loops of growing and scoring on one flat memory. Places are counted in bytes; rows, lists and starts are 32-bit
 * integers, bins bytes, gradients and hessians pairs of 64-bit floats. WebAssembly and JavaScript give the same bits.
 */
export interface TreeKernels {
  /** `wasm` (128-bit SIMD) or `js`. */
  readonly kind: 'wasm' | 'js';
  /** The memory that the places count in. */
  readonly memory: ArrayBuffer;
  /** `out[i] = pairs[rows[i]]` */
  gather(rows: number, count: number, pairs: number, out: number): void;
  /** Clears and fills the histograms of the `n` columns of `list`. */
  histogram(
    rows: number,
    count: number,
    gathered: number,
    bins: number,
    height: number,
    list: number,
    n: number,
    starts: number,
    hist: number,
  ): void;
  /** `from[i] -= minus[i]` */
  subtract(from: number, minus: number, pairs: number): void;
  /**
   * Looks for the split with the greatest G²/(H + λ) summed over both sides, above `floor`. Writes to `result`: that sum,
   * G and H of the left side, bin, column, and where missing values go (0 right, 1 left, 2 none were met).
   * @returns 1 if there is one
   */
  scan(
    hist: number,
    list: number,
    n: number,
    starts: number,
    valueBins: number,
    gradient: number,
    hessian: number,
    least: number,
    lambda: number,
    floor: number,
    result: number,
  ): number;
  /** Puts rows whose bin has a 1 in `table` first, each side in its old order; returns how many these are. */
  partition(rows: number, count: number, bins: number, table: number, spare: number): number;
  /** Adds leaf values of complete trees to `out`, see `complete-trees.ts`. Only where it is faster than plain scoring. */
  readonly score:
    | ((data: number, stride: number, rows: number, tree: number, trees: number, depth: number, out: number) => void)
    | undefined;
}

/** Memory beyond this is left to JavaScript: places in WebAssembly are signed 32-bit numbers here. */
const MOST_WASM_BYTES = 2 ** 31 - 65_536;

const compiled = embeddedModule(kernelsBase64);

/** Kernels with `bytes` of memory: WebAssembly where the runtime has it, else (or if asked for) JavaScript. */
export function createTreeKernels(bytes: number, prefer: 'wasm' | 'js' = 'wasm'): TreeKernels {
  const code = prefer === 'wasm' && bytes <= MOST_WASM_BYTES ? compiled() : null;
  if (code === null) return scalarKernels(bytes + (-bytes & 7));
  let exports: WebAssembly.Exports;
  try {
    exports = new WebAssembly.Instance(code).exports;
    const pages = Math.ceil(bytes / 65_536) - 1;
    if (pages > 0) (exports.memory as WebAssembly.Memory).grow(pages);
  } catch {
    // Each memory reserves gigabytes of addresses, and these may run out.
    return scalarKernels(bytes + (-bytes & 7));
  }
  const memory = exports.memory as WebAssembly.Memory;
  type Kernel = Omit<TreeKernels, 'kind' | 'memory'>;
  const { gather, histogram, subtract, scan, partition, score } = exports as unknown as Kernel;
  return { kind: 'wasm', memory: memory.buffer as ArrayBuffer, gather, histogram, subtract, scan, partition, score };
}
