import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { Random } from '../../core/random.js';
import type { LstmWeights } from './lstm-network.js';
import type { Tf } from './tensorflow.js';
import type { Trainable } from './trainer.js';

/** Sizes of an LSTM. */
export interface LstmSizes {
  readonly inputs: number;
  readonly units: readonly number[];
  readonly outputs: number;
}

/**
 * The LSTM as TensorFlow.js trains it (Hochreiter & Schmidhuber 1997). The inputs' part of the gates is one product for
 * all steps, which leaves one small product a step.
 */
export function trainableLstm(tf: Tf, { inputs, units, outputs }: LstmSizes, seed: number): Trainable {
  const random = new Random(seed).split('lstm');
  const matrix = (rows: number, columns: number) => {
    const limit = Math.sqrt(6 / (rows + columns));
    return tf.variable(
      tf.tensor2d(
        Float32Array.from({ length: rows * columns }, () => random.uniform(-limit, limit)),
        [rows, columns],
      ),
    );
  };
  const layers = units.map((size, i) => {
    const below = i === 0 ? inputs : (units[i - 1] as number);
    // A forget gate that is open at first keeps the gradient alive (Jozefowicz et al. 2015).
    const bias = new Float32Array(4 * size).fill(1, size, 2 * size);
    return {
      size,
      kernel: matrix(below, 4 * size),
      recurrent: matrix(size, 4 * size),
      bias: tf.variable(tf.tensor1d(bias)),
    };
  });
  const last = units[units.length - 1] as number;
  const dense = { kernel: matrix(last, outputs), bias: tf.variable(tf.zeros([outputs])) };
  return {
    variables: [
      ...layers.flatMap(({ kernel, recurrent, bias }) => [kernel, recurrent, bias]),
      dense.kernel,
      dense.bias,
    ],
    forward(windows: Tensor3D): Tensor2D {
      const [batch, steps] = windows.shape;
      let sequence: Tensor[] = [];
      let below: Tensor = windows;
      for (const { size, kernel, recurrent, bias } of layers) {
        const gates = below
          .reshape([batch * steps, below.shape[2] as number])
          .matMul(kernel)
          .add(bias)
          .reshape([batch, steps, 4 * size])
          .unstack(1);
        let h: Tensor = tf.zeros([batch, size]);
        let c: Tensor = tf.zeros([batch, size]);
        sequence = [];
        for (const gate of gates) {
          const [i, f, g, o] = tf.split(gate.add(h.matMul(recurrent)), 4, 1) as [Tensor, Tensor, Tensor, Tensor];
          c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
          h = o.sigmoid().mul(c.tanh());
          sequence.push(h);
        }
        below = tf.stack(sequence, 1);
      }
      const top = sequence[sequence.length - 1] as Tensor2D;
      return top.matMul(dense.kernel).add(dense.bias) as Tensor2D;
    },
  };
}

/** The weights in the order of `Trainable.variables`, as `LstmNetwork` takes them. */
export function lstmWeights(flat: readonly Float32Array[]): LstmWeights {
  const layers = (flat.length - 2) / 3;
  const at = (i: number) => flat[i] as Float32Array;
  return {
    layers: Array.from({ length: layers }, (_, i) => ({
      kernel: at(3 * i),
      recurrent: at(3 * i + 1),
      bias: at(3 * i + 2),
    })),
    kernel: at(3 * layers),
    bias: at(3 * layers + 1),
    gates: 'sigmoid',
  };
}
