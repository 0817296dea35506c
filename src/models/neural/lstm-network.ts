import { TwinergyError } from '../../core/errors.js';
import { BLOCK, createKernels, type Kernels, packWeights } from './kernels.js';

/** Weights of one LSTM layer, as Keras lays them out: gates in the order input, forget, cell, output. */
export interface LstmLayer {
  /** inputs × 4·units, row-major. */
  readonly kernel: Float32Array;
  /** units × 4·units, row-major. */
  readonly recurrent: Float32Array;
  /** 4·units. */
  readonly bias: Float32Array;
}

/** A trained LSTM: layers one above the other, and a linear layer on the last output. */
export interface LstmWeights {
  readonly layers: readonly LstmLayer[];
  /** units × outputs, row-major. */
  readonly kernel: Float32Array;
  /** One for each output. */
  readonly bias: Float32Array;
  /** The function of the gates. */
  readonly gates: 'sigmoid' | 'hardSigmoid';
}

/** Where a layer lies in the memory. */
interface Place {
  readonly inputs: number;
  readonly size: number;
  readonly blocks: number;
  readonly w: number;
  readonly bias: number;
  readonly xh: number;
  readonly c: number;
}

/**
 * Runs a trained LSTM without a framework: 2 layers of 50 cells over 24 steps in a small part of a millisecond. Over a
 * window with `predict`, or reading by reading with `push`, which keeps the state and costs one step each.
 */
export class LstmNetwork {
  /** Inputs of a step. */
  readonly inputs: number;
  /** Numbers that a prediction has. */
  readonly outputs: number;
  readonly #kernels: Kernels;
  readonly #hard: number;
  readonly #places: readonly Place[];
  readonly #z: number;
  readonly #dense: { readonly w: number; readonly bias: number; readonly blocks: number; readonly size: number };
  readonly #out: number;
  readonly #sequences: readonly [number, number];
  readonly #window: number;

  /**
   * @param window greatest number of steps that `predict` will be given
   * @param prefer the kernels: WebAssembly where there is, or plain JavaScript
   * @throws TwinergyError `NEURAL_BAD_WEIGHTS` where sizes do not fit one another
   */
  constructor(weights: LstmWeights, window: number, prefer: 'wasm' | 'js' = 'wasm') {
    const sizes = checkSizes(weights);
    this.inputs = sizes[0]?.inputs ?? 0;
    this.outputs = weights.bias.length;
    this.#hard = weights.gates === 'hardSigmoid' ? 1 : 0;
    this.#window = window;
    let end = 0;
    const take = (floats: number) => {
      const at = end;
      end += Math.ceil(floats / 4) * 4;
      return at;
    };
    // Cells are rounded up to whole vectors of 4; the added ones have zero weights and stay 0.
    const padded = (units: number) => Math.ceil(units / 4) * 4;
    const places = sizes.map(({ inputs, units }, i) => {
      const size = padded(units);
      const k = i === 0 ? inputs : padded(inputs);
      const blocks = Math.ceil((4 * size) / BLOCK);
      const w = take(blocks * BLOCK * (k + size));
      return { inputs: k, size, blocks, w, bias: take(blocks * BLOCK), xh: take(k + size), c: take(size) };
    });
    const widest = Math.max(...places.map(({ size }) => size));
    const last = places[places.length - 1] as Place;
    const blocks = Math.ceil(this.outputs / BLOCK);
    this.#dense = { w: take(blocks * BLOCK * last.size), bias: take(blocks * BLOCK), blocks, size: last.size };
    this.#z = take(4 * widest + BLOCK);
    this.#out = take(blocks * BLOCK);
    const width = Math.max(this.inputs, widest);
    this.#sequences = [take(window * width), take(window * width)];
    this.#places = places;
    this.#kernels = createKernels(end, prefer);
    this.#load(weights, sizes);
  }

  /** Which kernels run. */
  get kind(): 'wasm' | 'js' {
    return this.#kernels.kind;
  }

  /** The prediction after a window of steps (`steps × inputs`, oldest first), from a state of zeros. */
  predict(window: Float32Array, out: Float32Array = new Float32Array(this.outputs)): Float32Array {
    const steps = window.length / this.inputs;
    if (!Number.isInteger(steps) || steps < 1 || steps > this.#window) {
      throw new TwinergyError(
        'NEURAL_BAD_WINDOW',
        `A window has ${this.inputs} inputs a step and 1…${this.#window} steps; got ${window.length} numbers.`,
      );
    }
    this.reset();
    return this.#run(window, steps, out);
  }

  /** The prediction after one more reading, from the state that the readings before left: O(1). */
  push(inputs: Float32Array, out: Float32Array = new Float32Array(this.outputs)): Float32Array {
    return this.#run(inputs, 1, out);
  }

  /** Sets the state back to zeros. */
  reset(): void {
    const { memory } = this.#kernels;
    for (const { xh, inputs, c, size } of this.#places) {
      memory.fill(0, xh + inputs, xh + inputs + size);
      memory.fill(0, c, c + size);
    }
  }

  #run(window: Float32Array, steps: number, out: Float32Array): Float32Array {
    const { memory } = this.#kernels;
    let [from, to] = this.#sequences;
    memory.set(window, from);
    let stride = this.inputs;
    for (const { inputs, size, blocks, w, bias, xh, c } of this.#places) {
      this.#kernels.lstm(from, steps, inputs, stride, xh, w, bias, blocks, this.#z, c, size, to, this.#hard);
      stride = size;
      [from, to] = [to, from];
    }
    const { w, bias, blocks, size } = this.#dense;
    this.#kernels.gemm(from + (steps - 1) * stride, 1, size, 0, w, bias, blocks, this.#out, 0);
    for (let i = 0; i < out.length; i++) out[i] = memory[this.#out + i] as number;
    return out;
  }

  #load(weights: LstmWeights, sizes: readonly { inputs: number; units: number }[]): void {
    const { memory } = this.#kernels;
    weights.layers.forEach((layer, i) => {
      const { inputs, units } = sizes[i] as { inputs: number; units: number };
      const place = this.#places[i] as Place;
      const { size } = place;
      const joined = new Float32Array((place.inputs + size) * 4 * size);
      const copy = (from: Float32Array, rows: number, firstRow: number) => {
        for (let r = 0; r < rows; r++) {
          for (let g = 0; g < 4; g++) {
            const at = r * 4 * units + g * units;
            joined.set(from.subarray(at, at + units), (firstRow + r) * 4 * size + g * size);
          }
        }
      };
      copy(layer.kernel, inputs, 0);
      copy(layer.recurrent, units, place.inputs);
      packWeights(memory, place.w, joined, 4 * size);
      for (let g = 0; g < 4; g++) {
        memory.set(layer.bias.subarray(g * units, (g + 1) * units), place.bias + g * size);
      }
    });
    const { w, bias, size } = this.#dense;
    const dense = new Float32Array(size * this.outputs);
    dense.set(weights.kernel);
    packWeights(memory, w, dense, this.outputs);
    memory.set(weights.bias, bias);
  }
}

/** Inputs and units of each layer, after it was checked that they fit. */
function checkSizes({ layers, kernel, bias }: LstmWeights): { inputs: number; units: number }[] {
  const bad = (what: string) => new TwinergyError('NEURAL_BAD_WEIGHTS', `Weights do not fit: ${what}.`);
  const sizes = layers.map((layer, i) => {
    const units = layer.bias.length / 4;
    const inputs = layer.kernel.length / (4 * units);
    if (!Number.isInteger(units) || !Number.isInteger(inputs))
      throw bad(`layer ${i} has a bias of ${layer.bias.length}`);
    if (layer.recurrent.length !== 4 * units * units)
      throw bad(`layer ${i} has ${layer.recurrent.length} recurrent weights`);
    const before = i > 0 ? (layers[i - 1] as LstmLayer).bias.length / 4 : inputs;
    if (before !== inputs) throw bad(`layer ${i} takes ${inputs} inputs, the layer below gives ${before}`);
    return { inputs, units };
  });
  const last = sizes[sizes.length - 1];
  if (last === undefined) throw bad('there is no LSTM layer');
  if (kernel.length !== last.units * bias.length) throw bad(`the last layer has ${kernel.length} weights`);
  return sizes;
}
