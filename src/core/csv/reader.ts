import { quote, TwinergyError } from '../errors.js';
import { orderRows } from '../order.js';
import { TimeZone } from '../zone.js';
import { type ColumnPlan, detectDelimiter, planColumns, planTime, splitLine } from './header.js';
import { type NumberParser, numberParser } from './number.js';
import type { CsvOptions, CsvReport, QuarantinedRow } from './options.js';
import { type ParsedTime, type TimeParser, timeParser } from './time.js';

/** The columns of a CSV, ready for a frame. */
export interface CsvColumns {
  readonly time: Float64Array;
  readonly columns: Map<string, { data: Float64Array; unit: string }>;
  readonly report: CsvReport;
}

/** Why a row could not be taken, and whether the whole input is then refused. */
interface RowProblem {
  readonly code: QuarantinedRow['code'];
  readonly reason: string;
  readonly refuse?: boolean;
}

/** Columns that turn out to hold text are dropped when the columns were not named; this marks those not yet known. */
type ColumnKind = 'unknown' | 'number' | 'text';

/**
 * Reads CSV text that comes in pieces of any size: `push` each, then `finish`. Complete lines are parsed at once into
 * growing typed arrays; only an incomplete last line is kept.
 */
export class CsvReader {
  readonly #options: CsvOptions;
  readonly #zone: TimeZone;
  readonly #parseTime: TimeParser;
  readonly #moment: ParsedTime = { value: 0, local: false };
  readonly #quarantined: QuarantinedRow[] = [];
  #carry = '';
  /** Whether the piece at hand holds a quotation mark at all: most telemetry has none, and is spared the look-out. */
  #quotes = false;
  #line = 0;
  #rows = 0;
  #delimiter = ',';
  #decimal: '.' | ',' = '.';
  #numbers: NumberParser | undefined;
  #headers: string[] | undefined;
  #timeIndex = 0;
  #plans: ColumnPlan[] = [];
  #kinds: ColumnKind[] = [];
  /** Field index → position in `#plans`, −1 for a field that is not read. */
  #planOfField = new Int32Array(0);
  #time = new Float64Array(1024);
  #data: Float64Array[] = [];

  constructor(options: CsvOptions) {
    this.#options = options;
    this.#zone = new TimeZone(options.time?.zone ?? 'UTC');
    this.#parseTime = timeParser(options.time?.format ?? 'iso');
  }

  /** Takes the next piece of text. */
  push(text: string): void {
    const buffer = this.#carry === '' ? text : this.#carry + text;
    this.#quotes = buffer.includes('"');
    let start = 0;
    for (;;) {
      let end = buffer.indexOf('\n', start);
      // A line break inside quotes belongs to the field.
      while (this.#quotes && end >= 0 && oddQuotes(buffer, start, end)) end = buffer.indexOf('\n', end + 1);
      if (end < 0) break;
      this.#takeLine(buffer, start, end);
      start = end + 1;
    }
    this.#carry = buffer.slice(start);
  }

  /** Ends the input. @throws TwinergyError `CSV_EMPTY` and what the rows themselves call for */
  finish(): CsvColumns {
    this.#quotes = this.#carry.includes('"');
    if (this.#carry !== '') this.#takeLine(this.#carry, 0, this.#carry.length);
    this.#carry = '';
    if (this.#headers === undefined)
      throw new TwinergyError('CSV_EMPTY', 'The file is empty.', {
        hint: 'A header line and at least one row are needed.',
      });
    if (this.#rows === 0) {
      const first = this.#quarantined[0];
      throw new TwinergyError(
        'CSV_EMPTY',
        first
          ? `No row of the file could be read; line ${first.line}: ${first.reason}`
          : 'The file has a header but no rows.',
      );
    }
    const kept = this.#plans.flatMap((plan, k) =>
      this.#kinds[k] === 'text' ? [] : [{ plan, data: this.#data[k] as Float64Array }],
    );
    if (kept.length === 0)
      throw new TwinergyError('CSV_NO_NUMBERS', 'The file has no numeric column.', {
        hint: `Its columns are: ${this.#headers.join(', ')}.`,
      });
    const ordered = orderRows(
      this.#time.slice(0, this.#rows),
      kept.map(({ data }) => data.slice(0, this.#rows)),
      this.#options,
    );
    const columns = new Map(
      kept.map(({ plan }, k) => [plan.name, { data: ordered.columns[k] as Float64Array, unit: plan.unit }]),
    );
    const report: CsvReport = {
      ...ordered.report,
      rows: ordered.time.length,
      quarantined: this.#quarantined,
      textColumns: this.#plans.filter((_, k) => this.#kinds[k] === 'text').map(({ header }) => header),
      delimiter: this.#delimiter,
      decimal: this.#decimal,
    };
    return { time: ordered.time, columns, report };
  }

  #takeLine(text: string, start: number, lineEnd: number): void {
    this.#line++;
    if (this.#line <= (this.#options.skipLines ?? 0)) return;
    const end = lineEnd > start && text.charCodeAt(lineEnd - 1) === 13 ? lineEnd - 1 : lineEnd;
    if (end === start) return;
    if (this.#headers === undefined) this.#takeHeader(text.slice(start, end));
    else {
      if (this.#numbers === undefined) this.#chooseDecimal(text.slice(start, end));
      this.#takeRow(text, start, end);
    }
  }

  #takeHeader(line: string): void {
    const header = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
    this.#delimiter = this.#options.delimiter ?? detectDelimiter(header);
    const headers = splitLine(header, this.#delimiter).map((name) => name.trim());
    this.#headers = headers;
    this.#timeIndex = planTime(headers, this.#options.time?.column);
    this.#plans = planColumns(headers, this.#timeIndex, this.#options.columns);
    this.#kinds = this.#plans.map(() => (this.#options.columns === undefined ? 'unknown' : 'number'));
    this.#planOfField = new Int32Array(headers.length).fill(-1);
    this.#plans.forEach(({ index }, k) => {
      this.#planOfField[index] = k;
    });
    this.#data = this.#plans.map(() => new Float64Array(this.#time.length));
  }

  /** Decimal commas can only be told from delimiters where the delimiter is another sign. */
  #chooseDecimal(line: string): void {
    const fields = splitLine(line, this.#delimiter);
    const commas =
      this.#delimiter !== ',' && fields.some((field, i) => i !== this.#timeIndex && /^\s*[+-]?\d+,\d+\s*$/.test(field));
    this.#decimal = this.#options.decimal ?? (commas ? ',' : '.');
    this.#numbers = numberParser(this.#decimal);
  }

  #takeRow(text: string, start: number, end: number): void {
    if (this.#rows === this.#time.length) this.#grow();
    const problem = this.#readRow(text, start, end);
    if (problem === undefined) this.#rows++;
    else this.#setAside(text.slice(start, end), problem);
  }

  /** Reads a line into the next row; a row with a problem is left to be written over. */
  #readRow(text: string, start: number, end: number): RowProblem | undefined {
    const numbers = this.#numbers as NumberParser;
    const row = this.#rows;
    const count = this.#planOfField.length;
    const delimiter = this.#delimiter.charCodeAt(0);
    const fields =
      this.#quotes && text.slice(start, end).includes('"')
        ? splitLine(text.slice(start, end), this.#delimiter)
        : undefined;
    let fieldStart = start;
    for (let field = 0; field < count; field++) {
      let source = text;
      let from = fieldStart;
      let to = fieldStart;
      const value = fields?.[field];
      if (fields === undefined ? fieldStart > end : value === undefined) {
        return { code: 'CSV_SHORT_ROW', reason: `The row has ${field} fields, the header ${count}.` };
      }
      if (value !== undefined) {
        source = value;
        from = 0;
        to = value.length;
      } else {
        while (to < end && text.charCodeAt(to) !== delimiter) to++;
        fieldStart = to + 1;
      }
      const k = this.#planOfField[field] as number;
      if (field === this.#timeIndex) {
        const problem = this.#readTime(source, from, to);
        if (problem !== undefined) return problem;
      } else if (k >= 0 && this.#kinds[k] !== 'text') {
        const parsed = numbers.parse(source, from, to);
        if (numbers.failed) {
          if (this.#kinds[k] === 'number') {
            const { header } = this.#plans[k] as ColumnPlan;
            return {
              code: 'CSV_NOT_A_NUMBER',
              reason: `${quote(source.slice(from, to))} in column ${quote(header)} is not a number.`,
            };
          }
          this.#kinds[k] = 'text';
        } else if (this.#kinds[k] === 'unknown' && !Number.isNaN(parsed)) this.#kinds[k] = 'number';
        const { scale, offset } = (this.#plans[k] as ColumnPlan).conversion;
        (this.#data[k] as Float64Array)[row] = scale === 1 && offset === 0 ? parsed : parsed * scale + offset;
      }
    }
    return undefined;
  }

  /** Reads the time of the next row. */
  #readTime(source: string, fieldStart: number, fieldEnd: number): RowProblem | undefined {
    let from = fieldStart;
    let to = fieldEnd;
    while (from < to && source.charCodeAt(from) === 32) from++;
    while (to > from && source.charCodeAt(to - 1) === 32) to--;
    this.#parseTime(source, from, to, this.#moment);
    const { value, local } = this.#moment;
    if (!Number.isFinite(value)) {
      return {
        code: 'CSV_BAD_TIME',
        reason: `${quote(source.slice(from, to))} in column ${quote(this.#headers?.[this.#timeIndex])} is not a time.`,
      };
    }
    if (!local) {
      this.#time[this.#rows] = value;
      return undefined;
    }
    const match = this.#zone.fromLocal(value);
    const { ambiguous, missing } = this.#options.time ?? {};
    if (match.kind === 'unique') this.#time[this.#rows] = match.time;
    else if (match.kind === 'ambiguous' && (ambiguous === 'earlier' || ambiguous === 'later'))
      this.#time[this.#rows] = match[ambiguous];
    else {
      const clock = new Date(value).toISOString().slice(0, 19);
      return match.kind === 'missing'
        ? {
            code: 'CSV_MISSING_TIME',
            reason: `${clock} does not exist in ${this.#zone.name}: clocks went forward.`,
            refuse: missing === 'refuse',
          }
        : {
            code: 'CSV_AMBIGUOUS_TIME',
            reason: `${clock} stands twice on the clocks of ${this.#zone.name}.`,
            refuse: ambiguous === 'refuse',
          };
    }
    return undefined;
  }

  #setAside(
    text: string,
    { code, reason, refuse = (this.#options.invalid ?? 'refuse') === 'refuse' }: RowProblem,
  ): void {
    if (refuse) {
      throw new TwinergyError(code, `Line ${this.#line}: ${reason}`, {
        path: `line ${this.#line}`,
        value: text,
        hint: `Set ${code === 'CSV_AMBIGUOUS_TIME' ? 'time.ambiguous' : code === 'CSV_MISSING_TIME' ? 'time.missing' : 'invalid'} to "quarantine" to go on without such rows.`,
      });
    }
    this.#quarantined.push({ line: this.#line, code, reason, text });
  }

  #grow(): void {
    const double = (array: Float64Array<ArrayBuffer>) => {
      const larger = new Float64Array(array.length * 2);
      larger.set(array);
      return larger;
    };
    this.#time = double(this.#time);
    this.#data = this.#data.map((column) => double(column as Float64Array<ArrayBuffer>));
  }
}

function oddQuotes(text: string, start: number, end: number): boolean {
  let quotes = 0;
  for (let i = text.indexOf('"', start); i >= 0 && i < end; i = text.indexOf('"', i + 1)) quotes++;
  return quotes % 2 === 1;
}
