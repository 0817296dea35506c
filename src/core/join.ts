import { quote, TwinergyError } from './errors.js';
import { unitConversion } from './units.js';

type Columns = ReadonlyMap<string, { readonly data: Float64Array; readonly unit: string }>;

/** How two frames are joined. */
export interface JoinOptions {
  /** Which times the result has: those of both (`inner`), of the left one (`left`), or of either (`outer`, default). */
  readonly how?: 'inner' | 'left' | 'outer';
  /** A column of both frames: refuse (default), or take the left or the right value where both are there. */
  readonly conflict?: 'refuse' | 'left' | 'right';
}

/**
 * Joins two time axes with their columns. Where a frame has no row at a time, its columns are missing (NaN) there.
 * @throws TwinergyError `JOIN_CONFLICT`, and `UNIT_MISMATCH` where a shared column has units of different quantities
 */
export function joinColumns(
  leftTime: Float64Array,
  left: Columns,
  rightTime: Float64Array,
  right: Columns,
  { how = 'outer', conflict = 'refuse' }: JoinOptions = {},
): { time: Float64Array; columns: Map<string, { data: Float64Array; unit: string }> } {
  const { time, leftRow, rightRow } = mergeAxes(leftTime, rightTime, how);
  const columns = new Map<string, { data: Float64Array; unit: string }>();
  for (const [name, { data, unit }] of left) columns.set(name, { data: gather(data, leftRow), unit });
  for (const [name, { data, unit }] of right) {
    const other = columns.get(name);
    const gathered = gather(data, rightRow);
    if (other === undefined) {
      columns.set(name, { data: gathered, unit });
      continue;
    }
    if (conflict === 'refuse') {
      throw new TwinergyError('JOIN_CONFLICT', `Both frames have a column ${quote(name)}.`, {
        path: name,
        hint: 'Set conflict to "left" or "right", or rename one.',
      });
    }
    const { scale, offset } = unit === other.unit ? { scale: 1, offset: 0 } : unitConversion(unit, other.unit);
    const prefersRight = conflict === 'right';
    for (let i = 0; i < gathered.length; i++) {
      const value = (gathered[i] as number) * scale + offset;
      if (!Number.isNaN(value) && (prefersRight || Number.isNaN(other.data[i] as number))) other.data[i] = value;
    }
  }
  return { time, columns };
}

function mergeAxes(left: Float64Array, right: Float64Array, how: 'inner' | 'left' | 'outer') {
  const size = how === 'outer' ? left.length + right.length : left.length;
  const time = new Float64Array(size);
  const leftRow = new Int32Array(size);
  const rightRow = new Int32Array(size);
  let n = 0;
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const a = i < left.length ? (left[i] as number) : Number.POSITIVE_INFINITY;
    const b = j < right.length ? (right[j] as number) : Number.POSITIVE_INFINITY;
    const keep = how === 'outer' || (how === 'left' ? a <= b : a === b);
    if (keep) {
      time[n] = Math.min(a, b);
      leftRow[n] = a <= b ? i : -1;
      rightRow[n] = b <= a ? j : -1;
      n++;
    }
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return { time: time.slice(0, n), leftRow: leftRow.subarray(0, n), rightRow: rightRow.subarray(0, n) };
}

function gather(data: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => (row < 0 ? Number.NaN : (data[row] as number)));
}
