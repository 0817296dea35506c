import * as z from 'zod/mini';
import { quote, TwinergyError } from '../../core/errors.js';
import type { LstmWeights } from './lstm-network.js';

const layerSchema = z.looseObject({
  class_name: z.string(),
  config: z.looseObject({
    name: z.string(),
    units: z.optional(z.int().check(z.positive())),
    recurrent_activation: z.optional(z.string()),
    activation: z.optional(z.string()),
  }),
});

const modelSchema = z.looseObject({
  modelTopology: z.looseObject({
    model_config: z.optional(
      z.looseObject({
        class_name: z.string(),
        config: z.union([z.array(layerSchema), z.looseObject({ layers: z.array(layerSchema) })]),
      }),
    ),
    class_name: z.optional(z.string()),
    config: z.optional(z.unknown()),
  }),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(
        z.looseObject({
          name: z.string(),
          shape: z.array(z.int().check(z.nonnegative())),
          dtype: z.string(),
          quantization: z.optional(z.unknown()),
        }),
      ),
    }),
  ),
});

const ELSEWHERE = new Set(['InputLayer', 'Dropout']);

/**
 * The weights of an LSTM that was trained in Keras or TensorFlow.js and saved in the tfjs layers format: LSTM layers and a
 * linear Dense layer, one above the other.
 * @param modelJson the parsed `model.json`
 * @param weightData the bytes of its weight files, one after the other in the order of the manifest
 * @throws TwinergyError `NEURAL_BAD_MODEL` for what is not such a model, with the layer that is in the way
 */
export function readTfjsLstm(modelJson: unknown, weightData: ArrayBuffer): LstmWeights {
  const parsed = modelSchema.safeParse(modelJson);
  if (!parsed.success) throw bad(`it is no model.json (see "${parsed.error.issues[0]?.path.join('.') ?? ''}")`);
  const { modelTopology, weightsManifest } = parsed.data;
  const topology = modelTopology.model_config ?? modelTopology;
  const config = z
    .union([z.array(layerSchema), z.looseObject({ layers: z.array(layerSchema) })])
    .safeParse(topology.config);
  if (!config.success) throw bad('its topology has no layers');
  const list = Array.isArray(config.data) ? config.data : config.data.layers;
  const layers = list.filter(({ class_name }) => !ELSEWHERE.has(class_name));

  const weights = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape, dtype, quantization } of weightsManifest.flatMap((group) => group.weights)) {
    if (dtype !== 'float32' || quantization !== undefined)
      throw bad(`weights ${quote(name)} are not plain 32-bit floats`);
    const length = shape.reduce((product, size) => product * size, 1);
    if (offset + 4 * length > weightData.byteLength) throw bad(`the weight data end before ${quote(name)}`);
    weights.set(name, new Float32Array(weightData.slice(offset, offset + 4 * length)));
    offset += 4 * length;
  }
  const weight = (layer: string, part: string) => {
    for (const [name, data] of weights) {
      const path = name.split('/');
      if (path.includes(layer) && path[path.length - 1] === part) return data;
    }
    throw bad(`the layer ${quote(layer)} has no weights "${part}"`);
  };
  const dense = layers[layers.length - 1];
  const below = layers.slice(0, -1);
  const strange = below.find(({ class_name }) => class_name !== 'LSTM');
  if (dense?.class_name !== 'Dense' || (dense.config.activation ?? 'linear') !== 'linear') {
    throw bad('its last layer is not a linear Dense layer');
  }
  if (strange !== undefined || below.length === 0) throw bad(`it has a layer of kind ${quote(strange?.class_name)}`);
  const activations = new Set(
    below.map(({ config: { recurrent_activation } }) => recurrent_activation ?? 'hard_sigmoid'),
  );
  const [gates] = activations;
  if (activations.size > 1 || (gates !== 'sigmoid' && gates !== 'hard_sigmoid' && gates !== 'hardSigmoid')) {
    throw bad(`its gates are ${[...activations].join(', ')}`);
  }
  const cells = below.find(({ config: { activation } }) => (activation ?? 'tanh') !== 'tanh');
  if (cells !== undefined) throw bad(`the cells of ${quote(cells.config.name)} are not tanh`);
  return {
    layers: below.map(({ config: { name } }) => ({
      kernel: weight(name, 'kernel'),
      recurrent: weight(name, 'recurrent_kernel'),
      bias: weight(name, 'bias'),
    })),
    kernel: weight(dense.config.name, 'kernel'),
    bias: weight(dense.config.name, 'bias'),
    gates: gates === 'sigmoid' ? 'sigmoid' : 'hardSigmoid',
  };
}

function bad(what: string): TwinergyError {
  return new TwinergyError('NEURAL_BAD_MODEL', `This model cannot be taken over: ${what}.`, {
    hint: 'LSTM layers (tanh; gates sigmoid or hard sigmoid) and a linear Dense layer on top are.',
  });
}
