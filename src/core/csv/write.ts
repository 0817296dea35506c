import { TimeZone } from '../zone.js';
import { parseHeader } from './header.js';

/** How a frame is written as CSV. */
export interface CsvWriteOptions {
  /** Default `,`. */
  readonly delimiter?: string;
  /** IANA zone of the written times, which carry their offset. Default `UTC`. */
  readonly zone?: string;
  /** Header of the time column. Default `time`. */
  readonly timeHeader?: string;
}

/** What is written: a time axis and named columns. */
interface Writable {
  readonly time: Float64Array;
  columns(): Iterable<[string, { readonly data: Float64Array; readonly unit: string }]>;
}

/**
 * A frame as CSV text: a header with units in brackets (`power [W]`), times in ISO 8601, numbers in the shortest form that
 * reads back to the same double, missing values as empty fields.
 */
export function writeCsv(
  frame: Writable,
  { delimiter = ',', zone = 'UTC', timeHeader = 'time' }: CsvWriteOptions = {},
): string {
  const timeZone = new TimeZone(zone);
  const quoted = (text: string) =>
    /["\n\r]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
  const columns = [...frame.columns()];
  const lines = [
    [
      timeHeader,
      ...columns.map(([name, { unit }]) =>
        unit === '1' && parseHeader(name).unit === undefined ? name : `${name} [${unit}]`,
      ),
    ]
      .map(quoted)
      .join(delimiter),
  ];
  for (let i = 0; i < frame.time.length; i++) {
    let line = timeZone.toLocalIso(frame.time[i] as number);
    for (const [, { data }] of columns) {
      const value = data[i] as number;
      line += delimiter;
      if (!Number.isNaN(value)) line += Object.is(value, -0) ? '-0' : String(value);
    }
    lines.push(line);
  }
  return `${lines.join('\n')}\n`;
}
