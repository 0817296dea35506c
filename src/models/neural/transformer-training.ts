import type { Tensor, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs';
import { Random } from '../../core/random.js';
import type { Tf } from './tensorflow.js';
import type { Trainable } from './trainer.js';
import { patchCount, type TransformerSizes } from './transformer-network.js';

/** How a Transformer begins and is kept in bounds. */
export interface TransformerStart {
  /** Share of the tokens' numbers that is left out of a training step. */
  readonly dropout: number;
  /** Penalty on the squares of how far the head and the linear way are from where they began. */
  readonly decay: number;
  /** Weights (outputs × steps) that the linear way begins with, or null. */
  readonly start: Float64Array | null;
}

/**
 * The patch Transformer as TensorFlow.js trains it: a window of one channel is cut into patches, each becomes a token; encoder
 * layers of self-attention, a linear head over all tokens (PatchTST, Nie et al. 2023), and beside them a linear way from
 * the window to the forecast, so that attention learns only what a linear model leaves.
 */
export function trainableTransformer(
  tf: Tf,
  sizes: TransformerSizes,
  seed: number,
  { dropout, decay, start }: TransformerStart,
): Trainable {
  const { steps, patch, stride, width, heads, hidden, layers, outputs } = sizes;
  const tokens = patchCount(sizes);
  const random = new Random(seed).split('transformer');
  const variables: Variable[] = [];
  const keep = (data: Float32Array, shape: number[]) => {
    const variable = tf.variable(tf.tensor(data, shape));
    variables.push(variable);
    return variable;
  };
  const matrix = (rows: number, columns: number, spread = Math.sqrt(6 / (rows + columns))) =>
    keep(
      Float32Array.from({ length: rows * columns }, () => random.uniform(-spread, spread)),
      [rows, columns],
    );
  const vector = (length: number, value = 0) => keep(new Float32Array(length).fill(value), [length]);

  const embed = { w: matrix(patch, width), b: vector(width) };
  const position = matrix(tokens, width, 0.02);
  const blocks = Array.from({ length: layers }, () => ({
    norm1: { g: vector(width, 1), b: vector(width) },
    qkv: { w: matrix(width, 3 * width), b: vector(3 * width) },
    out: { w: matrix(width, width), b: vector(width) },
    norm2: { g: vector(width, 1), b: vector(width) },
    up: { w: matrix(width, hidden), b: vector(hidden) },
    down: { w: matrix(hidden, width), b: vector(width) },
  }));
  const norm = { g: vector(width, 1), b: vector(width) };
  const head = { w: matrix(tokens * width, outputs, 0.01), b: vector(outputs) };
  const way = new Float32Array(steps * outputs);
  for (let i = 0; i < steps; i++) {
    for (let h = 0; h < outputs; h++) way[i * outputs + h] = start?.[h * steps + i] ?? 0;
  }
  const skip = keep(way, [steps, outputs]);
  const origin = tf.keep(tf.tensor2d(way, [steps, outputs]));

  const linear = (x: Tensor2D, { w, b }: { w: Variable; b: Variable }) => x.matMul(w as Tensor2D).add(b) as Tensor2D;
  const normed = (x: Tensor2D, { g, b }: { g: Variable; b: Variable }) => {
    const centred = x.sub(x.mean(1, true));
    const variance = centred.square().mean(1, true);
    return centred.div(variance.add(1e-5).sqrt()).mul(g).add(b) as Tensor2D;
  };

  let drops = 1;
  return {
    variables,
    dispose: () => origin.dispose(),
    penalty: () => head.w.square().sum().add(skip.sub(origin).square().sum()).mul(decay),
    forward(windows: Tensor3D, training: boolean): Tensor2D {
      const batch = windows.shape[0];
      const series = windows.reshape([batch, steps]) as Tensor2D;
      // The last value is repeated where the last patch reaches beyond the window.
      const reach = (tokens - 1) * stride + patch - steps;
      const padded =
        reach > 0 ? tf.concat([series, series.slice([0, steps - 1], [batch, 1]).tile([1, reach])], 1) : series;
      const patches = Array.from({ length: tokens }, (_, i) => padded.slice([0, i * stride], [batch, patch]));
      let x = linear(tf.stack(patches, 1).reshape([batch * tokens, patch]) as Tensor2D, embed)
        .reshape([batch, tokens, width])
        .add(position)
        .reshape([batch * tokens, width]) as Tensor2D;
      const split = (part: Tensor) =>
        part.reshape([batch, tokens, heads, width / heads]).transpose([0, 2, 1, 3]) as Tensor;
      for (const block of blocks) {
        const [q, k, v] = tf.split(linear(normed(x, block.norm1), block.qkv), 3, 1).map(split) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(width / heads));
        const mixed = tf
          .matMul(scores.softmax(), v)
          .transpose([0, 2, 1, 3])
          .reshape([batch * tokens, width]) as Tensor2D;
        x = x.add(linear(mixed, block.out)) as Tensor2D;
        const up = linear(normed(x, block.norm2), block.up);
        x = x.add(linear(up.mul(up.mul(1.702).sigmoid()) as Tensor2D, block.down)) as Tensor2D;
      }
      let flat = normed(x, norm).reshape([batch, tokens * width]) as Tensor2D;
      if (training && dropout > 0) flat = tf.dropout(flat, dropout, undefined, seed + drops++) as Tensor2D;
      return linear(flat, head).add(series.matMul(skip as unknown as Tensor2D)) as Tensor2D;
    },
  };
}
