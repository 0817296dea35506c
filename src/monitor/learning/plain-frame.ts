import { type Column, Frame } from '../../core/index.js';

/** A frame as JSON data: what was not measured is null. */
export interface PlainFrame {
  /** ms since the epoch. */
  readonly time: readonly number[];
  readonly columns: Readonly<Record<string, { readonly unit: string; readonly values: readonly (number | null)[] }>>;
}

/** Frame → JSON data. */
export function plainFrame(frame: Frame): PlainFrame {
  const columns = Array.from(frame.columns(), ([name, { data, unit }]) => {
    return [name, { unit, values: Array.from(data, (value) => (Number.isFinite(value) ? value : null)) }] as const;
  });
  return { time: Array.from(frame.time), columns: Object.fromEntries(columns) };
}

/** JSON data → frame. */
export function frameOf({ time, columns }: PlainFrame): Frame {
  const read = Object.entries(columns).map(([name, { unit, values }]): [string, Column] => [
    name,
    { unit, data: Float64Array.from(values, (value) => value ?? Number.NaN) },
  ]);
  return new Frame(Float64Array.from(time), new Map(read));
}
