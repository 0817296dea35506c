import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** An array of a NumPy file, as doubles, row after row. */
export interface NumpyArray {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

/**
 * The arrays of a NumPy `.npz` archive: a ZIP file of `.npy` entries, stored or deflated (NumPy's format document,
 * version 1 to 3). Entries that are no numbers are left out.
 */
export function readNpz(path: string): Map<string, NumpyArray> {
  const bytes = readFileSync(path);
  const arrays = new Map<string, NumpyArray>();
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error(`${path} is not a ZIP archive.`);
  const entries = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  for (let entry = 0; entry < entries; entry++) {
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const extra = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + extra;
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    const array = readNpy(method === 0 ? packed : inflateRawSync(packed));
    if (array !== undefined) arrays.set(name.replace(/\.npy$/, ''), array);
  }
  return arrays;
}

/** One `.npy` array; undefined where it holds no plain numbers. */
export function readNpy(bytes: Uint8Array): NumpyArray | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] !== 1;
  const headerLength = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + headerLength;
  const header = new TextDecoder('latin1').decode(bytes.subarray(wide ? 12 : 10, start));
  const type = /'descr':\s*'([<>|=])([a-z])(\d+)'/.exec(header);
  const dimensions = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '';
  const read = type === null ? undefined : reader(`${type[2]}${type[3]}`);
  if (type === null || read === undefined) return undefined;
  const shape = dimensions
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, length) => product * length, 1);
  const little = type[1] !== '>';
  const width = Number(type[3]);
  const data = Float64Array.from({ length: count }, (_, i) => read(view, start + i * width, little));
  const byColumns = /'fortran_order':\s*True/.test(header) && shape.length === 2;
  return { data: byColumns ? transposed(data, shape as [number, number]) : data, shape };
}

function transposed(data: Float64Array, [rows, columns]: [number, number]): Float64Array {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[i * columns + j] = data[j * rows + i] as number;
  return out;
}

function reader(type: string): ((view: DataView, at: number, little: boolean) => number) | undefined {
  const readers: Record<string, (view: DataView, at: number, little: boolean) => number> = {
    f8: (view, at, little) => view.getFloat64(at, little),
    f4: (view, at, little) => view.getFloat32(at, little),
    i8: (view, at, little) => Number(view.getBigInt64(at, little)),
    u8: (view, at, little) => Number(view.getBigUint64(at, little)),
    i4: (view, at, little) => view.getInt32(at, little),
    u4: (view, at, little) => view.getUint32(at, little),
    i2: (view, at, little) => view.getInt16(at, little),
    u2: (view, at, little) => view.getUint16(at, little),
    i1: (view, at) => view.getInt8(at),
    u1: (view, at) => view.getUint8(at),
    b1: (view, at) => view.getUint8(at),
  };
  return readers[type];
}
