import { quote, TwinergyError } from '../core/errors.js';
import { fnv1a } from '../core/fnv.js';

/** Typed array → base64 of its bytes (little-endian, as every runtime we run on has them): bit-exact and compact. */
export function packFloats(values: Float64Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  // String.fromCharCode takes its characters as arguments, and their number is limited.
  for (let i = 0; i < bytes.length; i += 8190) text += String.fromCharCode(...bytes.subarray(i, i + 8190));
  return btoa(text);
}

/** The array that `packFloats` packed, to the bit. */
export function unpackFloats(text: string): Float64Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return new Float64Array(bytes.buffer);
}

/** A serialised model: what it is, in which format, and a checksum over the rest. */
export interface SealedModel<State> {
  readonly model: string;
  readonly formatVersion: number;
  /** FNV-1a (32 bit, hexadecimal) over the JSON text of `state`. */
  readonly checksum: string;
  readonly state: State;
}

function checksumOf(text: string): string {
  return fnv1a(text).toString(16).padStart(8, '0');
}

/** Wraps a model's state for storage. `state` must be JSON data already. */
export function seal<State>(model: string, formatVersion: number, state: State): SealedModel<State> {
  return { model, formatVersion, checksum: checksumOf(JSON.stringify(state)), state };
}

/**
 * The state of a sealed model, after its name, version and checksum were looked at.
 * @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT`
 */
export function unseal<State>(model: string, formatVersion: number, sealed: SealedModel<State>): State {
  if (sealed?.model !== model) {
    throw new TwinergyError('MODEL_WRONG_KIND', `Expected a stored ${model}, got ${quote(sealed?.model)}.`);
  }
  if (sealed.formatVersion !== formatVersion) {
    throw new TwinergyError(
      'MODEL_WRONG_VERSION',
      `This ${model} was stored in format ${sealed.formatVersion}; this release reads format ${formatVersion}.`,
      { hint: 'Fit it again, or load it with the release that stored it.' },
    );
  }
  if (checksumOf(JSON.stringify(sealed.state)) !== sealed.checksum) {
    throw new TwinergyError('MODEL_CORRUPT', `This stored ${model} does not match its checksum.`);
  }
  return sealed.state;
}
