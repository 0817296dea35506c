import { TwinergyError } from '../../core/errors.js';
import { BLOCK, createKernels, type Kernels, packWeights } from './kernels.js';

/** Steps that a convolution looks at. */
export const TAPS = 3;

/** Sizes of a temporal convolutional network. */
export interface TcnSizes {
  readonly inputs: number;
  readonly filters: number;
  /** Each layer looks back twice as far as the one below. */
  readonly layers: number;
  readonly outputs: number;
}

interface Place {
  readonly inputs: number;
  readonly w: number;
  readonly bias: number;
  readonly dilation: number;
}

/**
 * A temporal convolutional network (Bai, Kolter & Koltun 2018) without a framework: causal, dilated convolutions of three taps with
 * residual connections, and a linear layer on the last step.
 */
export class TcnNetwork {
  readonly #sizes: TcnSizes;
  readonly #steps: number;
  readonly #kernels: Kernels;
  readonly #places: readonly Place[];
  readonly #dense: { readonly w: number; readonly bias: number; readonly blocks: number };
  readonly #blocks: number;
  readonly #columns: number;
  readonly #out: number;

  /**
   * @param weights kernel (taps · inputs × filters, the oldest tap first) and bias of each layer, then of the last
   * @param steps length of the windows
   * @throws TwinergyError `NEURAL_BAD_WEIGHTS`
   */
  constructor(sizes: TcnSizes, steps: number, weights: readonly Float32Array[], prefer: 'wasm' | 'js' = 'wasm') {
    const { inputs, filters, layers, outputs } = sizes;
    const wanted = Array.from({ length: layers }, (_, i) => [TAPS * (i === 0 ? inputs : filters) * filters, filters]);
    [...wanted.flat(), filters * outputs, outputs].forEach((size, i) => {
      if (weights[i]?.length !== size)
        throw new TwinergyError('NEURAL_BAD_WEIGHTS', `Weights ${i} have ${weights[i]?.length} numbers, not ${size}.`);
    });
    this.#sizes = sizes;
    this.#steps = steps;
    let end = 0;
    const take = (floats: number) => {
      const at = end;
      end += Math.ceil(floats / 4) * 4;
      return at;
    };
    this.#blocks = Math.ceil(filters / BLOCK);
    const width = this.#blocks * BLOCK;
    this.#places = Array.from({ length: layers }, (_, i) => {
      const k = i === 0 ? inputs : filters;
      return { inputs: k, w: take(width * TAPS * k), bias: take(width), dilation: 2 ** i };
    });
    const last = Math.ceil(outputs / BLOCK);
    this.#dense = { w: take(last * BLOCK * filters), bias: take(last * BLOCK), blocks: last };
    this.#columns = take(steps * TAPS * Math.max(inputs, filters));
    this.#out = take(steps * Math.max(width, last * BLOCK));
    this.#kernels = createKernels(end, prefer);
    const { memory } = this.#kernels;
    this.#places.forEach(({ w, bias }, i) => {
      packWeights(memory, w, weights[2 * i] as Float32Array, filters);
      memory.set(weights[2 * i + 1] as Float32Array, bias);
    });
    packWeights(memory, this.#dense.w, weights[2 * layers] as Float32Array, outputs);
    memory.set(weights[2 * layers + 1] as Float32Array, this.#dense.bias);
  }

  /** The outputs for a window (`steps × inputs`, oldest first). */
  predict(window: Float32Array, out: Float32Array = new Float32Array(this.#sizes.outputs)): Float32Array {
    const { memory } = this.#kernels;
    const { filters } = this.#sizes;
    const steps = this.#steps;
    const width = this.#blocks * BLOCK;
    let below = window;
    this.#places.forEach(({ inputs, w, bias, dilation }, layer) => {
      memory.fill(0, this.#columns, this.#columns + steps * TAPS * inputs);
      for (let step = 0; step < steps; step++) {
        for (let tap = 0; tap < TAPS; tap++) {
          const from = step - (TAPS - 1 - tap) * dilation;
          if (from < 0) continue;
          memory.set(below.subarray(from * inputs, (from + 1) * inputs), this.#columns + (step * TAPS + tap) * inputs);
        }
      }
      this.#kernels.gemm(this.#columns, steps, TAPS * inputs, TAPS * inputs, w, bias, this.#blocks, this.#out, width);
      const next = new Float32Array(steps * filters);
      for (let step = 0; step < steps; step++) {
        for (let f = 0; f < filters; f++) {
          const value = Math.max(0, memory[this.#out + step * width + f] as number);
          next[step * filters + f] = layer === 0 ? value : value + (below[step * filters + f] as number);
        }
      }
      below = next;
    });
    memory.set(below.subarray((steps - 1) * filters), this.#columns);
    const { w, bias, blocks } = this.#dense;
    this.#kernels.gemm(this.#columns, 1, filters, 0, w, bias, blocks, this.#out, 0);
    for (let i = 0; i < out.length; i++) out[i] = memory[this.#out + i] as number;
    return out;
  }
}
