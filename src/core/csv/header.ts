import { quote, TwinergyError } from '../errors.js';
import { canonicalUnit, type UnitConversion, unitConversion } from '../units.js';
import type { CsvColumn, CsvOptions } from './options.js';

/** One column that is read: where it stands, what it is called, and how it is converted. */
export interface ColumnPlan {
  readonly name: string;
  readonly header: string;
  readonly index: number;
  readonly unit: string;
  readonly conversion: UnitConversion;
}

const TIME_NAMES = ['time', 'timestamp', 'datetime', 'date', 'measured_on', 'ts', 'date_time', 'index'];

/** The fields of one line; quotes may hide delimiters, and are doubled inside. */
export function splitLine(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i] as string;
    if (quoted) {
      if (character !== '"') field += character;
      else if (line[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === delimiter) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  fields.push(field);
  return fields;
}

/** The delimiter that the header line holds most of. */
export function detectDelimiter(header: string): string {
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: splitLine(header, delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/** `power [kW]` → name and unit; without a known unit in brackets, the header is the name. */
export function parseHeader(header: string): { name: string; unit: string | undefined } {
  const match = /^(.*\S)\s*[[(]([^\])]*)[\])]$/.exec(header);
  const unit = match?.[2] === undefined || match[2] === '' ? undefined : canonicalUnit(match[2]);
  return unit === undefined ? { name: header, unit: undefined } : { name: match?.[1] as string, unit };
}

/** Which column is the time. @throws TwinergyError `CSV_NO_COLUMN` */
export function planTime(headers: readonly string[], column: string | undefined): number {
  if (column !== undefined) return indexOf(headers, column, 'time.column');
  for (const name of TIME_NAMES) {
    const index = headers.findIndex((header) => header.toLowerCase() === name);
    if (index >= 0) return index;
  }
  return 0;
}

/**
 * Which columns are read, and how.
 * @throws TwinergyError `CSV_NO_COLUMN`, `CSV_DUPLICATE_HEADER`, `CSV_COLUMN_TWICE`, `UNIT_UNKNOWN`, `UNIT_MISMATCH`
 */
export function planColumns(
  headers: readonly string[],
  timeIndex: number,
  columns: CsvOptions['columns'],
): ColumnPlan[] {
  if (columns === undefined) {
    const plans = headers.flatMap((header, index) => {
      if (index === timeIndex) return [];
      const { name, unit = '1' } = parseHeader(header);
      return [{ name, header, index, unit, conversion: { scale: 1, offset: 0 } }];
    });
    const twice = plans.find(({ name }, i) => plans.findIndex((plan) => plan.name === name) !== i);
    if (twice !== undefined) {
      throw new TwinergyError('CSV_DUPLICATE_HEADER', `Two columns are called ${quote(twice.name)}.`, {
        path: 'columns',
        value: twice.header,
        hint: 'Name the columns to read with the option `columns`, or give them different headers.',
      });
    }
    return plans;
  }
  const taken = new Map([[timeIndex, 'time']]);
  return Object.entries(columns).map(([name, given]) => {
    const { column, unit, as }: CsvColumn = typeof given === 'string' ? { column: given } : given;
    const index = indexOf(headers, column, `columns.${name}`);
    const other = taken.get(index);
    if (other !== undefined) {
      throw new TwinergyError('CSV_COLUMN_TWICE', `${quote(column)} is already read as ${quote(other)}.`, {
        path: `columns.${name}`,
        value: column,
        hint: 'Read it once and copy it with frame.withColumn().',
      });
    }
    taken.set(index, name);
    const source = unit ?? parseHeader(headers[index] as string).unit ?? as ?? '1';
    const target = as ?? source;
    return {
      name,
      header: column,
      index,
      unit: canonicalUnit(target) ?? target,
      conversion: unitConversion(source, target),
    };
  });
}

function indexOf(headers: readonly string[], column: string, path: string): number {
  const exact = headers.indexOf(column);
  const index = exact >= 0 ? exact : headers.findIndex((header) => parseHeader(header).name === column);
  if (index < 0) {
    throw new TwinergyError('CSV_NO_COLUMN', `The file has no column ${quote(column)}.`, {
      path,
      value: column,
      hint: `Its columns are: ${headers.map((header) => quote(header)).join(', ')}.`,
    });
  }
  return index;
}
