import { deflateSync } from 'fflate';
import { TwinergyError } from '../../../core/errors.js';
import { inflated } from './inflate.js';
import { VarintWriter, zigzag } from './varint.js';

/**
 * A column of doubles packed without loss, in one of three ways, the first that fits:
 * - evenly spaced: first value and step (time axes);
 * - decimal: whole numbers times a power of ten, differences as variable-length bytes (measured values have few decimals;
 *   the idea of ALP, Afroozeh and Boncz 2023);
 * - XOR: each value xor the one before, bytes of the same significance together (the idea of Gorilla, Pelkonen et al. 2015).
 * The last two are deflated. Layout: mode u8, exponent u8, 2 bytes free, count u32, length of the inflated body u32, body.
 */
const headerBytes = 12;
const modes = { even: 0, decimal: 1, xor: 2 } as const;
const maxExponent = 6;
const maxWhole = 2 ** 50;

/** Packs a column. */
export function packColumn(values: Float64Array): Uint8Array {
  const step = evenStep(values);
  if (step !== undefined) {
    const body = new Uint8Array(16);
    const view = new DataView(body.buffer);
    view.setFloat64(0, values[0] ?? 0, true);
    view.setFloat64(8, step, true);
    return withHeader(modes.even, 0, values.length, 16, body);
  }
  for (let exponent = 0; exponent <= maxExponent; exponent++) {
    const body = packDecimal(values, 10 ** exponent);
    if (body !== undefined)
      return withHeader(modes.decimal, exponent, values.length, body.length, deflateSync(body, { level: 6 }));
  }
  const body = packXor(values);
  return withHeader(modes.xor, 0, values.length, body.length, deflateSync(body, { level: 6 }));
}

/** Number of values in a packed column. */
export function packedLength(data: Uint8Array): number {
  return viewOf(data).getUint32(4, true);
}

/** Unpacks a column into `target` from `offset`. @throws TwinergyError `STORAGE_BLOCK_DAMAGED` */
export function unpackColumn(data: Uint8Array, target: Float64Array, offset: number): void {
  if (data.length < headerBytes) throw damagedBlock('it is too short');
  const view = viewOf(data);
  const mode = view.getUint8(0);
  const count = view.getUint32(4, true);
  if (mode === modes.even) {
    const first = view.getFloat64(headerBytes, true);
    const step = view.getFloat64(headerBytes + 8, true);
    for (let i = 0; i < count; i++) target[offset + i] = first + i * step;
    return;
  }
  const body = inflate(data.subarray(headerBytes), view.getUint32(8, true));
  if (mode === modes.decimal) unpackDecimal(body, 10 ** view.getUint8(1), target, offset, count);
  else if (mode === modes.xor) unpackXor(body, target, offset, count);
  else throw damagedBlock(`its mode is ${mode}`);
}

/** Deflates doubles as they are, quickly: for what is rewritten often. */
export function packDoubles(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return deflateSync(shuffled(bytes, values.length), { level: 1 });
}

/** The doubles that `packDoubles` packed. */
export function unpackDoubles(data: Uint8Array, count: number): Float64Array {
  const values = new Float64Array(count);
  unshuffle(inflate(data, count * 8), new Uint8Array(values.buffer), count);
  return values;
}

function inflate(data: Uint8Array, length: number): Uint8Array {
  try {
    const body = inflated(data, length);
    if (body.length === length) return body;
  } catch (cause) {
    throw damagedBlock('it does not inflate', cause);
  }
  throw damagedBlock('it has another length');
}

/** The error of a block that cannot be read. */
export function damagedBlock(why: string, cause?: unknown): TwinergyError {
  return new TwinergyError('STORAGE_BLOCK_DAMAGED', `A packed column is damaged: ${why}.`, { cause });
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

function withHeader(mode: number, exponent: number, count: number, length: number, body: Uint8Array): Uint8Array {
  const data = new Uint8Array(headerBytes + body.length);
  const view = viewOf(data);
  view.setUint8(0, mode);
  view.setUint8(1, exponent);
  view.setUint32(4, count, true);
  view.setUint32(8, length, true);
  data.set(body, headerBytes);
  return data;
}

/** The step of an axis of whole numbers that is evenly spaced. */
function evenStep(values: Float64Array): number | undefined {
  const first = values[0];
  if (first === undefined || !Number.isSafeInteger(first)) return undefined;
  const step = values.length > 1 ? (values[1] as number) - first : 0;
  if (!Number.isSafeInteger(step)) return undefined;
  for (let i = 1; i < values.length; i++) if (values[i] !== first + i * step) return undefined;
  return step;
}

function packDecimal(values: Float64Array, scale: number): Uint8Array | undefined {
  const writer = new VarintWriter(values.length * 2);
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) {
      writer.unsigned(0);
      continue;
    }
    const whole = Math.round(value * scale);
    if (!(Math.abs(whole) <= maxWhole) || whole / scale !== value) return undefined;
    writer.unsigned(zigzag(whole - previous) + 1);
    previous = whole;
  }
  return writer.bytes();
}

function unpackDecimal(bytes: Uint8Array, scale: number, target: Float64Array, offset: number, count: number): void {
  let position = 0;
  let whole = 0;
  for (let i = 0; i < count; i++) {
    let code = bytes[position++] as number;
    if (code >= 128) {
      const high = bytes[position++] as number;
      code = (code & 127) | ((high & 127) << 7);
      if (!(high < 128)) {
        // Three bytes and more may be beyond 32 bits.
        for (let factor = 128 * 128; ; factor *= 128) {
          const byte = bytes[position++] as number;
          code += (byte & 127) * factor;
          if (!(byte >= 128)) break;
        }
        whole += code % 2 === 1 ? (code - 1) / 2 : -code / 2;
        target[offset + i] = whole / scale;
        continue;
      }
    }
    // Nearly all take one byte or two: whole numbers of 32 bits, without a branch for the sign.
    if (code === 0) target[offset + i] = Number.NaN;
    else {
      whole += (code >>> 1) * ((code & 1) * 2 - 1);
      target[offset + i] = whole / scale;
    }
  }
}

function packXor(values: Float64Array): Uint8Array {
  const words = new Uint32Array(values.slice().buffer);
  const mixed = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i++) mixed[i] = (words[i] as number) ^ (i < 2 ? 0 : (words[i - 2] as number));
  return shuffled(new Uint8Array(mixed.buffer), values.length);
}

function unpackXor(body: Uint8Array, target: Float64Array, offset: number, count: number): void {
  const values = new Float64Array(count);
  unshuffle(body, new Uint8Array(values.buffer), count);
  const words = new Uint32Array(values.buffer);
  for (let i = 2; i < words.length; i++) words[i] = (words[i] as number) ^ (words[i - 2] as number);
  target.set(values, offset);
}

/** Bytes of the same significance together: they resemble each other. */
function shuffled(bytes: Uint8Array, count: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let b = 0; b < 8; b++) for (let i = 0; i < count; i++) result[b * count + i] = bytes[i * 8 + b] as number;
  return result;
}

function unshuffle(bytes: Uint8Array, target: Uint8Array, count: number): void {
  for (let b = 0; b < 8; b++) for (let i = 0; i < count; i++) target[i * 8 + b] = bytes[b * count + i] as number;
}
