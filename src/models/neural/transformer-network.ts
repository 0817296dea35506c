import { TwinergyError } from '../../core/errors.js';
import { BLOCK, createKernels, type Kernels, packWeights } from './kernels.js';

/** Sizes of a patch Transformer. */
export interface TransformerSizes {
  /** Steps of the window. */
  readonly steps: number;
  /** Steps of a patch. */
  readonly patch: number;
  /** Steps from one patch to the next. */
  readonly stride: number;
  /** Numbers of a token; a multiple of `heads`. */
  readonly width: number;
  readonly heads: number;
  /** Numbers of the hidden layer between the two products of a block. */
  readonly hidden: number;
  readonly layers: number;
  /** Steps forecast. */
  readonly outputs: number;
}

/** Number of patches: the last one may reach beyond the window, over its last value repeated. */
export function patchCount({ steps, patch, stride }: TransformerSizes): number {
  return Math.max(1, Math.ceil((steps - patch) / stride) + 1);
}

interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  readonly w: number;
  readonly bias: number;
  readonly blocks: number;
}

interface Norm {
  readonly gain: Float32Array;
  readonly bias: Float32Array;
}

interface Block {
  readonly norm1: Norm;
  readonly qkv: Linear;
  readonly out: Linear;
  readonly norm2: Norm;
  readonly up: Linear;
  readonly down: Linear;
}

/** Runs a trained patch Transformer without a framework. The weights are in the order in which training keeps them. */
export class TransformerNetwork {
  readonly sizes: TransformerSizes;
  readonly #kernels: Kernels;
  readonly #tokens: number;
  readonly #embed: Linear;
  readonly #position: Float32Array;
  readonly #blocks: readonly Block[];
  readonly #norm: Norm;
  readonly #head: Linear;
  readonly #skip: Linear;
  /** Places of tokens, of their normalised copy, of a wide intermediate, of outputs, and of the window. */
  readonly #at: {
    readonly x: number;
    readonly n: number;
    readonly wide: number;
    readonly out: number;
    readonly window: number;
  };
  readonly #stride: number;
  readonly #scores: Float32Array;

  /** @throws TwinergyError `NEURAL_BAD_WEIGHTS` where the weights do not fit the sizes */
  constructor(sizes: TransformerSizes, weights: readonly Float32Array[], prefer: 'wasm' | 'js' = 'wasm') {
    this.sizes = sizes;
    const { steps, patch, width, hidden, layers, outputs } = sizes;
    const tokens = patchCount(sizes);
    this.#tokens = tokens;
    let end = 0;
    const take = (floats: number) => {
      const at = end;
      end += Math.ceil(floats / 4) * 4;
      return at;
    };
    let next = 0;
    const loads: (() => void)[] = [];
    const weight = (length: number) => {
      const data = weights[next++];
      if (data?.length === length) return data;
      throw new TwinergyError('NEURAL_BAD_WEIGHTS', `Weights ${next - 1} have ${data?.length} numbers, not ${length}.`);
    };
    const linear = (inputs: number, outs: number, withBias = true): Linear => {
      const blocks = Math.ceil(outs / BLOCK);
      const w = take(blocks * BLOCK * inputs);
      const bias = take(blocks * BLOCK);
      const matrix = weight(inputs * outs);
      const offsets = withBias ? weight(outs) : new Float32Array(outs);
      loads.push(() => {
        packWeights(this.#kernels.memory, w, matrix, outs);
        this.#kernels.memory.set(offsets, bias);
      });
      return { inputs, outputs: outs, w, bias, blocks };
    };
    const norm = (): Norm => ({ gain: weight(width), bias: weight(width) });
    this.#embed = linear(patch, width);
    this.#position = weight(tokens * width);
    this.#blocks = Array.from({ length: layers }, () => ({
      norm1: norm(),
      qkv: linear(width, 3 * width),
      out: linear(width, width),
      norm2: norm(),
      up: linear(width, hidden),
      down: linear(hidden, width),
    }));
    this.#norm = norm();
    this.#head = linear(tokens * width, outputs);
    this.#skip = linear(steps, outputs, false);
    const round = (n: number) => Math.ceil(n / BLOCK) * BLOCK;
    this.#stride = round(width);
    const wide = round(Math.max(3 * width, hidden, patch));
    this.#at = {
      x: take(tokens * this.#stride),
      n: take(tokens * this.#stride),
      wide: take(tokens * wide),
      out: take(tokens * this.#stride + 2 * round(outputs)),
      window: take(steps + patch + sizes.stride),
    };
    this.#scores = new Float32Array(tokens);
    this.#kernels = createKernels(end, prefer);
    for (const load of loads) load();
  }

  /** Which kernels run. */
  get kind(): 'wasm' | 'js' {
    return this.#kernels.kind;
  }

  /** The forecast after a window of `steps` values, oldest first. */
  predict(window: Float32Array, out: Float32Array = new Float32Array(this.sizes.outputs)): Float32Array {
    const { steps, patch, stride, width, heads, hidden, outputs } = this.sizes;
    if (window.length !== steps) {
      throw new TwinergyError('NEURAL_BAD_WINDOW', `A window has ${steps} values; got ${window.length}.`);
    }
    const { memory } = this.#kernels;
    const at = this.#at;
    const tokens = this.#tokens;
    memory.set(window, at.window);
    memory.fill(window[steps - 1] as number, at.window + steps, at.window + steps + patch + stride);
    this.#linear(this.#embed, at.window, stride, tokens, at.x, this.#stride);
    for (let t = 0; t < tokens; t++) {
      for (let i = 0; i < width; i++) {
        const place = at.x + t * this.#stride + i;
        memory[place] = (memory[place] as number) + (this.#position[t * width + i] as number);
      }
    }
    const qkvStride = Math.ceil((3 * width) / BLOCK) * BLOCK;
    const hiddenStride = Math.ceil(hidden / BLOCK) * BLOCK;
    for (const { norm1, qkv, out: project, norm2, up, down } of this.#blocks) {
      this.#normalise(norm1, at.n, this.#stride);
      this.#linear(qkv, at.n, this.#stride, tokens, at.wide, qkvStride);
      this.#attend(at.wide, qkvStride, heads);
      this.#linear(project, at.n, this.#stride, tokens, at.out, this.#stride);
      this.#addTokens(at.out);
      this.#normalise(norm2, at.n, this.#stride);
      this.#linear(up, at.n, this.#stride, tokens, at.wide, hiddenStride);
      for (let t = 0; t < tokens; t++) {
        for (let i = at.wide + t * hiddenStride; i < at.wide + t * hiddenStride + hidden; i++) {
          const value = memory[i] as number;
          memory[i] = value / (1 + Math.exp(-1.702 * value));
        }
      }
      this.#linear(down, at.wide, hiddenStride, tokens, at.out, this.#stride);
      this.#addTokens(at.out);
    }
    this.#normalise(this.#norm, at.n, width);
    this.#linear(this.#head, at.n, 0, 1, at.out, 0);
    const skip = at.out + this.#head.blocks * BLOCK;
    this.#linear(this.#skip, at.window, 0, 1, skip, 0);
    for (let h = 0; h < outputs; h++) out[h] = (memory[at.out + h] as number) + (memory[skip + h] as number);
    return out;
  }

  #linear(
    { inputs, w, bias, blocks }: Linear,
    x: number,
    xStride: number,
    rows: number,
    out: number,
    stride: number,
  ): void {
    this.#kernels.gemm(x, rows, inputs, xStride, w, bias, blocks, out, stride);
  }

  /** Layer normalisation of the tokens, to `to`. */
  #normalise({ gain, bias }: Norm, to: number, stride: number): void {
    const { memory } = this.#kernels;
    const { width } = this.sizes;
    for (let t = 0; t < this.#tokens; t++) {
      const from = this.#at.x + t * this.#stride;
      let mean = 0;
      for (let i = 0; i < width; i++) mean += (memory[from + i] as number) / width;
      let variance = 0;
      for (let i = 0; i < width; i++) variance += ((memory[from + i] as number) - mean) ** 2 / width;
      const scale = 1 / Math.sqrt(variance + 1e-5);
      for (let i = 0; i < width; i++) {
        memory[to + t * stride + i] =
          ((memory[from + i] as number) - mean) * scale * (gain[i] as number) + (bias[i] as number);
      }
    }
  }

  /** Self-attention from queries, keys and values side by side; the mixed values go to the normalised copy. */
  #attend(qkv: number, stride: number, heads: number): void {
    const { memory } = this.#kernels;
    const { width } = this.sizes;
    const size = width / heads;
    const factor = 1 / Math.sqrt(size);
    const scores = this.#scores;
    for (let head = 0; head < heads; head++) {
      const q0 = qkv + head * size;
      for (let t = 0; t < this.#tokens; t++) {
        let most = Number.NEGATIVE_INFINITY;
        for (let s = 0; s < this.#tokens; s++) {
          let dot = 0;
          for (let i = 0; i < size; i++) {
            dot += (memory[q0 + t * stride + i] as number) * (memory[q0 + width + s * stride + i] as number);
          }
          scores[s] = dot * factor;
          most = Math.max(most, scores[s] as number);
        }
        let sum = 0;
        for (let s = 0; s < this.#tokens; s++) {
          scores[s] = Math.exp((scores[s] as number) - most);
          sum += scores[s] as number;
        }
        for (let i = 0; i < size; i++) {
          let mixed = 0;
          for (let s = 0; s < this.#tokens; s++) {
            mixed += (scores[s] as number) * (memory[q0 + 2 * width + s * stride + i] as number);
          }
          memory[this.#at.n + t * this.#stride + head * size + i] = mixed / sum;
        }
      }
    }
  }

  #addTokens(from: number): void {
    const { memory } = this.#kernels;
    for (let t = 0; t < this.#tokens; t++) {
      for (let i = 0; i < this.sizes.width; i++) {
        const at = t * this.#stride + i;
        memory[this.#at.x + at] = (memory[this.#at.x + at] as number) + (memory[from + at] as number);
      }
    }
  }
}
