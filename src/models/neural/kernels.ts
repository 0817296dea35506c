import { embeddedModule } from '../wasm.js';
import { kernelsBase64 } from './kernels.generated.js';
import { scalarKernels } from './scalar-kernels.js';

/** Outputs of one weight block. */
export const BLOCK = 16;

/**
 * The arithmetic of trained networks on one flat memory of 32-bit floats. All places and strides are counted in floats.
 * Weights lie in blocks of `BLOCK` outputs, see `packWeights`.
 */
export interface Kernels {
  /** `wasm` (128-bit SIMD) or `js`. */
  readonly kind: 'wasm' | 'js';
  /** The memory that the places count in. */
  readonly memory: Float32Array;
  /** `out[r] = bias + x[r] · W` for `rows` rows of `k` inputs and `blocks · BLOCK` outputs. */
  gemm(
    x: number,
    rows: number,
    k: number,
    xStride: number,
    w: number,
    bias: number,
    blocks: number,
    out: number,
    outStride: number,
  ): void;
  /**
   * `steps` steps of an LSTM layer with `size` cells (a multiple of 4). `xh` holds the `k` inputs of a step and right after
   * them the output h of the last step; `c` the cell states. The outputs of all steps go to `out`. `hard` 1: gates are
   * piecewise linear.
   */
  lstm(
    input: number,
    steps: number,
    k: number,
    inputStride: number,
    xh: number,
    w: number,
    bias: number,
    blocks: number,
    z: number,
    c: number,
    size: number,
    out: number,
    hard: number,
  ): void;
}

type Export = (...places: number[]) => void;

const compiled = embeddedModule(kernelsBase64);

/** Kernels with a memory of `floats` numbers: WebAssembly where the runtime has it, else (or if asked for) JavaScript. */
export function createKernels(floats: number, prefer: 'wasm' | 'js' = 'wasm'): Kernels {
  const code = prefer === 'wasm' ? compiled() : null;
  if (code === null) return scalarKernels(floats);
  const { exports } = new WebAssembly.Instance(code);
  const wasmMemory = exports.memory as WebAssembly.Memory;
  const pages = Math.ceil((4 * floats) / 65536) - 1;
  if (pages > 0) wasmMemory.grow(pages);
  const gemm = exports.gemm as Export;
  const lstm = exports.lstm as Export;
  return {
    kind: 'wasm',
    memory: new Float32Array(wasmMemory.buffer),
    gemm(x, rows, k, xStride, w, bias, blocks, out, outStride) {
      gemm(4 * x, rows, k, 4 * xStride, 4 * w, 4 * bias, blocks, 4 * out, 4 * outStride);
    },
    lstm(input, steps, k, inputStride, xh, w, bias, blocks, z, c, size, out, hard) {
      lstm(
        4 * input,
        steps,
        k,
        4 * inputStride,
        4 * xh,
        4 * w,
        4 * bias,
        blocks,
        4 * z,
        4 * c,
        4 * size,
        4 * out,
        hard,
      );
    },
  };
}

/**
 * Writes a weight matrix (`inputs` × `outputs`, row-major) to `memory` at `at` in blocks of `BLOCK` outputs, one input after the
 * other within a block; outputs that are wanting in the last block are 0. Gives the number of blocks.
 */
export function packWeights(memory: Float32Array, at: number, weights: Float32Array, outputs: number): number {
  const inputs = weights.length / outputs;
  const blocks = Math.ceil(outputs / BLOCK);
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < BLOCK; j++) {
        const output = b * BLOCK + j;
        memory[at + (b * inputs + i) * BLOCK + j] = output < outputs ? (weights[i * outputs + output] as number) : 0;
      }
    }
  }
  return blocks;
}
