import { quote, TwinergyError } from '../../core/errors.js';

/** An argument of `mapColumns`: one value for all rows, or one per row. */
export type ColumnArgument = number | Float64Array;

type ColumnsOf<Result> = Result extends number
  ? Float64Array
  : { [Key in keyof Result]: Result[Key] extends number ? Float64Array : never };

/**
 * The array form of every scalar function of this room: applies `fn` row by row to columns of equal length, where a plain
 * number stands for a column of that number. A function that returns an object of numbers gives an object of columns.
 *
 * ```ts
 * const airmass = mapColumns(relativeAirmass, apparentZenith);
 * const { dni, dhi } = mapColumns(decomposeErbs, ghi, zenith, dayOfYear);
 * ```
 *
 * @throws TwinergyError `COLUMN_LENGTH` when columns differ in length or no argument is a column.
 */
export function mapColumns<Arguments extends readonly number[], Result extends number | object>(
  fn: (...values: Arguments) => Result,
  ...columns: { [Index in keyof Arguments]: ColumnArgument }
): ColumnsOf<Result> {
  const list = columns as readonly ColumnArgument[];
  const lengths = list.filter((column) => typeof column !== 'number').map((column) => column.length);
  const length = lengths[0];
  if (length === undefined || lengths.some((other) => other !== length))
    throw new TwinergyError('COLUMN_LENGTH', `Columns must have one length; these have ${quote(lengths)}.`);
  const row = new Array<number>(list.length).fill(0);
  const call = (index: number): Result => {
    for (let k = 0; k < list.length; k++) {
      const column = list[k] as ColumnArgument;
      row[k] = typeof column === 'number' ? column : (column[index] as number);
    }
    return fn(...(row as unknown as Arguments));
  };
  if (length === 0) return new Float64Array(0) as ColumnsOf<Result>;
  const first = call(0);
  if (typeof first === 'number') {
    const result = new Float64Array(length);
    for (let index = 0; index < length; index++) result[index] = call(index) as number;
    return result as ColumnsOf<Result>;
  }
  const keys = Object.keys(first).filter((key) => typeof (first as Record<string, unknown>)[key] === 'number');
  const result = Object.fromEntries(keys.map((key) => [key, new Float64Array(length)]));
  for (let index = 0; index < length; index++) {
    const values = (index === 0 ? first : call(index)) as Record<string, number>;
    for (const key of keys) (result[key] as Float64Array)[index] = values[key] as number;
  }
  return result as ColumnsOf<Result>;
}
