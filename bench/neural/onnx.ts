import type { LstmWeights } from '../../src/models/neural/index.js';

/** A field of a protocol-buffers message: number, and a varint, bytes, or text. */
type Field = readonly [field: number, value: number | Uint8Array | string];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

function message(...fields: readonly Field[]): Uint8Array {
  const parts: number[] = [];
  for (const [field, value] of fields) {
    if (typeof value === 'number') parts.push(...varint(field * 8), ...varint(value));
    else {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      parts.push(...varint(field * 8 + 2), ...varint(bytes.length));
      for (const byte of bytes) parts.push(byte);
    }
  }
  return Uint8Array.from(parts);
}

function tensor(name: string, dims: readonly number[], data: Float32Array | BigInt64Array): Uint8Array {
  const type = data instanceof Float32Array ? 1 : 7;
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(...dims.map((dim): Field => [1, dim]), [2, type], [8, name], [9, raw]);
}

function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...attributes: Uint8Array[]
): Uint8Array {
  return message(
    ...inputs.map((name): Field => [1, name]),
    ...outputs.map((name): Field => [2, name]),
    [4, op],
    ...attributes.map((attribute): Field => [5, attribute]),
  );
}

function value(name: string, dims: readonly number[]): Uint8Array {
  const shape = message(...dims.map((dim): Field => [1, message([1, dim])]));
  return message([1, name], [2, message([1, message([1, 1], [2, shape])])]);
}

const integer = (name: string, number: number) => message([1, name], [3, number], [20, 2]);

/** The gates of Keras, input forget cell output, in ONNX's order, input output forget cell, each transposed. */
function gates(matrix: Float32Array, rows: number, units: number): Float32Array {
  const result = new Float32Array(4 * units * rows);
  [0, 3, 1, 2].forEach((gate, place) => {
    for (let u = 0; u < units; u++) {
      for (let r = 0; r < rows; r++) {
        result[(place * units + u) * rows + r] = matrix[r * 4 * units + gate * units + u] as number;
      }
    }
  });
  return result;
}

/** An ONNX model of an LSTM with a linear layer: input `x` (steps × 1 × inputs), output `y` (1 × outputs). */
export function onnxLstm(weights: LstmWeights, steps: number): Uint8Array {
  const nodes: Uint8Array[] = [];
  const constants: Uint8Array[] = [];
  let below = 'x';
  let units = 0;
  const inputs = (weights.layers[0]?.kernel.length ?? 0) / (weights.layers[0]?.bias.length ?? 1);
  weights.layers.forEach(({ kernel, recurrent, bias }, i) => {
    units = bias.length / 4;
    const width = kernel.length / (4 * units);
    const both = new Float32Array(8 * units);
    both.set(gates(bias, 1, units));
    constants.push(tensor(`w${i}`, [1, 4 * units, width], gates(kernel, width, units)));
    constants.push(tensor(`r${i}`, [1, 4 * units, units], gates(recurrent, units, units)));
    constants.push(tensor(`b${i}`, [1, 8 * units], both));
    nodes.push(
      node('LSTM', [below, `w${i}`, `r${i}`, `b${i}`], [`all${i}`, `last${i}`], integer('hidden_size', units)),
    );
    constants.push(tensor(`shape${i}`, [3], BigInt64Array.from([steps, 1, units].map(BigInt))));
    if (i < weights.layers.length - 1) nodes.push(node('Reshape', [`all${i}`, `shape${i}`], [`seq${i}`]));
    below = `seq${i}`;
  });
  const top = weights.layers.length - 1;
  const outputs = weights.bias.length;
  constants.push(tensor('flat', [2], BigInt64Array.from([1n, BigInt(units)])));
  constants.push(tensor('kernel', [units, outputs], weights.kernel), tensor('bias', [outputs], weights.bias));
  nodes.push(node('Reshape', [`last${top}`, 'flat'], ['top']));
  nodes.push(node('Gemm', ['top', 'kernel', 'bias'], ['y']));
  const graph = message(
    ...nodes.map((bytes): Field => [1, bytes]),
    [2, 'lstm'],
    ...constants.map((bytes): Field => [5, bytes]),
    [11, value('x', [steps, 1, inputs])],
    [12, value('y', [1, outputs])],
  );
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 14])]);
}
