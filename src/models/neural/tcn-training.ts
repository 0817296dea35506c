import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { Random } from '../../core/random.js';
import { TAPS, type TcnSizes } from './tcn-network.js';
import type { Tf } from './tensorflow.js';
import type { Trainable } from './trainer.js';

/**
 * The network of `TcnNetwork` as TensorFlow.js trains it: a convolution is one product of shifted steps that lie side by side,
 * so that any backend which can multiply can train it.
 */
export function trainableTcn(tf: Tf, { inputs, filters, layers, outputs }: TcnSizes, seed: number): Trainable {
  const random = new Random(seed).split('tcn');
  const matrix = (rows: number, columns: number) => {
    const limit = Math.sqrt(6 / (rows + columns));
    return tf.variable(
      tf.tensor2d(
        Float32Array.from({ length: rows * columns }, () => random.uniform(-limit, limit)),
        [rows, columns],
      ),
    );
  };
  const bias = (size: number) => tf.variable(tf.zeros<typeof tf.Rank.R1>([size]));
  const blocks = Array.from({ length: layers }, (_, i) => ({
    kernel: matrix(TAPS * (i === 0 ? inputs : filters), filters),
    bias: bias(filters),
    dilation: 2 ** i,
  }));
  const dense = { kernel: matrix(filters, outputs), bias: bias(outputs) };
  return {
    variables: [...blocks.flatMap(({ kernel, bias: b }) => [kernel, b]), dense.kernel, dense.bias],
    forward(windows: Tensor3D): Tensor2D {
      const [batch, steps] = windows.shape;
      let below: Tensor3D = windows;
      blocks.forEach(({ kernel, bias: b, dilation }, i) => {
        const width = below.shape[2];
        const shifted = Array.from({ length: TAPS }, (_, tap) => {
          const back = (TAPS - 1 - tap) * dilation;
          const padded =
            back === 0
              ? below
              : tf.pad3d(below, [
                  [0, 0],
                  [back, 0],
                  [0, 0],
                ]);
          return tf.slice3d(padded, [0, 0, 0], [batch, steps, width]);
        });
        const out = tf
          .concat3d(shifted, 2)
          .reshape([batch * steps, TAPS * width])
          .matMul(kernel)
          .add(b)
          .relu()
          .reshape([batch, steps, filters]) as Tensor3D;
        // What a layer adds to the one below: the gradient has a straight way down (He et al. 2016).
        below = i === 0 ? out : out.add(below);
      });
      const last: Tensor = tf.slice3d(below, [0, steps - 1, 0], [batch, 1, filters]).reshape([batch, filters]);
      return last.matMul(dense.kernel).add(dense.bias) as Tensor2D;
    },
  };
}
