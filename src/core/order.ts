import { TwinergyError } from './errors.js';

/** What to do with rows that are out of order or share a time. */
export interface RowOrderOptions {
  /** Rows that are not in the order of time: sort them (default), or refuse the input. */
  readonly disorder?: 'sort' | 'refuse';
  /**
   * Rows with the same time: `merge` (default; in each column the last value that is not missing), keep the `first` or
   * the `last` row, or refuse the input.
   */
  readonly duplicates?: 'merge' | 'first' | 'last' | 'refuse';
}

/** How many rows were out of order, and how many shared a time with another. */
export interface RowOrderReport {
  readonly disordered: number;
  readonly duplicates: number;
}

/** A time axis with its columns. */
export interface OrderedRows {
  readonly time: Float64Array;
  readonly columns: Float64Array[];
  readonly report: RowOrderReport;
}

/**
 * Brings rows into strictly increasing order of time.
 * @throws TwinergyError `FRAME_TIME_DISORDER`, `FRAME_DUPLICATE_TIME` where the option says `refuse`
 */
export function orderRows(
  time: Float64Array,
  columns: Float64Array[],
  { disorder = 'sort', duplicates = 'merge' }: RowOrderOptions = {},
): OrderedRows {
  let disordered = 0;
  let equal = 0;
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < time.length; i++) {
    const t = time[i] as number;
    if (t < latest) {
      if (disorder === 'refuse') {
        throw new TwinergyError('FRAME_TIME_DISORDER', `Row ${i} is earlier than the row before it.`, {
          path: `row ${i}`,
          value: t,
        });
      }
      disordered++;
    } else if (t === latest) equal++;
    else latest = t;
  }
  if (disordered === 0 && equal === 0) return { time, columns, report: { disordered, duplicates: 0 } };

  const order = Uint32Array.from(time, (_, i) => i);
  // The row number breaks ties, so that "last" means last in the input.
  if (disordered > 0) order.sort((a, b) => (time[a] as number) - (time[b] as number) || a - b);
  const starts: number[] = [];
  for (let i = 0; i < order.length; i++) {
    if (i === 0 || time[order[i] as number] !== time[order[i - 1] as number]) starts.push(i);
  }
  const repeated = time.length - starts.length;
  if (repeated > 0 && duplicates === 'refuse') {
    throw new TwinergyError('FRAME_DUPLICATE_TIME', `${repeated} rows have the same time as another row.`, {
      hint: 'Set duplicates to "merge", "first" or "last".',
    });
  }
  const at = (position: number) => order[position] as number;
  const ends = (k: number) => starts[k + 1] ?? order.length;
  const newTime = Float64Array.from(starts, (start) => time[at(start)] as number);
  const newColumns = columns.map((column) =>
    Float64Array.from(starts, (start, k) => {
      if (duplicates === 'first') return column[at(start)] as number;
      for (let i = ends(k) - 1; i >= start; i--) {
        const value = column[at(i)] as number;
        if (duplicates === 'last' || !Number.isNaN(value)) return value;
      }
      return Number.NaN;
    }),
  );
  return { time: newTime, columns: newColumns, report: { disordered, duplicates: repeated } };
}
