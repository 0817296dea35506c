import { hourMs } from '../../contract/time.js';
import { damagedBlock, packDoubles, unpackDoubles } from './column.js';
import { VarintReader, VarintWriter, zigzag } from './varint.js';

/** What is kept of each bucket of a roll-up; `area` is the integral in unit · ms. */
export const bucketFields = ['count', 'sum', 'min', 'max', 'last', 'area'] as const;
/** Where each field begins, in numbers of buckets. */
export const field = { count: 0, sum: 1, min: 2, max: 3, last: 4, area: 5 } as const;
const width = bucketFields.length;

/** No deflate stream begins with this byte: its block type is the one that is reserved. */
const decimalMark = 7;
const maxExponent = 6;
const maxWhole = 2 ** 50;

/**
 * Packs the buckets of one channel and day: an array of all counts, then all sums, and so on. Measured values have few
 * decimals, and then so have their sums, and their areas after doubling: whole numbers, of which the differences take two or
 * three bytes. That is several times as fast as deflating, which is left for values of other kinds.
 * Sums and areas are taken as the whole numbers that they are but for the rounding of the additions (4e-13 of the value).
 */
export function packBuckets(values: Float64Array): Uint8Array {
  const buckets = values.length / width;
  for (let exponent = 0; exponent <= maxExponent; exponent++) {
    if (!isDecimal(values, buckets, exponent)) continue;
    const packed = packDecimal(values, buckets, exponent);
    if (packed !== undefined) return packed;
    break;
  }
  return packDoubles(scaledArea(values, buckets, 1 / hourMs));
}

/** The buckets that `packBuckets` packed. @throws TwinergyError `STORAGE_BLOCK_DAMAGED` */
export function unpackBuckets(data: Uint8Array, buckets: number): Float64Array {
  if (data[0] !== decimalMark) return scaledArea(unpackDoubles(data, width * buckets), buckets, hourMs);
  const values = new Float64Array(width * buckets);
  const reader = new VarintReader(data, 2);
  for (let b = 0; b < buckets; b++) values[b] = reader.unsigned();
  for (let f = 1; f < width; f++) {
    const scale = scaleOf(f, data[1] as number);
    let whole = 0;
    for (let b = 0; b < buckets; b++) {
      if (values[b] === 0) continue;
      whole += reader.signed();
      values[f * buckets + b] = whole / scale;
    }
    if (Number.isNaN(whole)) throw damagedBlock('it is too short');
  }
  return values;
}

/** Deflated buckets have their area in unit · h. */
function scaledArea(values: Float64Array, buckets: number, factor: number): Float64Array {
  return values.map((value, i) => (i < field.area * buckets ? value : value * factor));
}

function scaleOf(f: number, exponent: number): number {
  // The trapezoid rule halves: twice the area is whole where the values are.
  return f === field.area ? 2 * 10 ** exponent : 10 ** exponent;
}

/** Whether the least, greatest and last values are multiples of 10^-exponent. */
function isDecimal(values: Float64Array, buckets: number, exponent: number): boolean {
  const scale = 10 ** exponent;
  for (let i = field.min * buckets; i < field.area * buckets; i++) {
    const value = values[i] as number;
    const whole = Math.round(value * scale);
    if (!(Math.abs(whole) <= maxWhole) || whole / scale !== value) return false;
  }
  return true;
}

function packDecimal(values: Float64Array, buckets: number, exponent: number): Uint8Array | undefined {
  const writer = new VarintWriter(buckets * 16);
  writer.unsigned(decimalMark);
  writer.unsigned(exponent);
  for (let b = 0; b < buckets; b++) writer.unsigned(values[b] as number);
  for (let f = 1; f < width; f++) {
    const scale = scaleOf(f, exponent);
    let previous = 0;
    for (let b = 0; b < buckets; b++) {
      if (values[b] === 0) continue;
      const exact = (values[f * buckets + b] as number) * scale;
      const whole = Math.round(exact);
      if (!(Math.abs(whole) <= maxWhole) || Math.abs(exact - whole) > 4e-13 * Math.abs(whole)) return undefined;
      writer.unsigned(zigzag(whole - previous));
      previous = whole;
    }
  }
  return writer.bytes().slice();
}
