import type { ArrayEncoder } from '../sql/postgres-telemetry.js';

const [int8, float8, text] = [20, 701, 25];
const headerBytes = 20;

/** One-dimensional array in PostgreSQL's binary format (`array_recv`): a fraction of the work of its text format. */
function arrayBuffer(
  type: number,
  count: number,
  hasNulls: boolean,
  bytes: number,
): { buffer: Buffer; view: DataView } {
  const buffer = Buffer.allocUnsafeSlow(headerBytes + bytes);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  view.setInt32(0, 1);
  view.setInt32(4, hasNulls ? 1 : 0);
  view.setInt32(8, type);
  view.setInt32(12, count);
  view.setInt32(16, 1);
  return { buffer, view };
}

/** Arrays as binary parameters, which `pg` sends as they are. */
export const binaryArrays: ArrayEncoder = {
  numbers(values, rows) {
    let nulls = 0;
    for (const row of rows) if (Number.isNaN(values[row])) nulls++;
    const { buffer, view } = arrayBuffer(float8, rows.length, nulls > 0, rows.length * 12 - nulls * 8);
    let at = headerBytes;
    for (const row of rows) {
      const value = values[row] as number;
      if (Number.isNaN(value)) {
        view.setInt32(at, -1);
        at += 4;
      } else {
        view.setInt32(at, 8);
        view.setFloat64(at + 4, value);
        at += 12;
      }
    }
    return buffer;
  },
  times(values, rows) {
    const { buffer, view } = arrayBuffer(int8, rows.length, false, rows.length * 12);
    let at = headerBytes;
    for (const row of rows) {
      const value = values[row] as number;
      view.setInt32(at, 8);
      view.setInt32(at + 4, Math.floor(value / 2 ** 32));
      view.setUint32(at + 8, value - Math.floor(value / 2 ** 32) * 2 ** 32);
      at += 12;
    }
    return buffer;
  },
  texts(values, rows) {
    const encoded = rows.map((row) => (values[row] == null ? undefined : Buffer.from(values[row] as string, 'utf8')));
    const bytes = encoded.reduce((sum, value) => sum + 4 + (value?.length ?? 0), 0);
    const { buffer, view } = arrayBuffer(text, rows.length, encoded.includes(undefined), bytes);
    let at = headerBytes;
    for (const value of encoded) {
      view.setInt32(at, value?.length ?? -1);
      at += 4;
      if (value !== undefined) at += value.copy(buffer, at);
    }
    return buffer;
  },
};
