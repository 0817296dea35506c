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
type ColumnKind = 'unknown' | 'number' | 'text' | 'mixed';

/** Characters that one line may have; a quotation mark without partner would else swallow the file. */
const LONGEST_LINE = 1 << 22;

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
  /** The first text of each column that then proved to be text, for the case that numbers follow. */
  readonly #firstTexts = new Map<number, { readonly line: number; readonly text: string }>();
  #ambiguous = 0;
  #missing = 0;
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
    let end = -1;
    let open = false;
    for (;;) {
      const from = end + 1;
      end = buffer.indexOf('\n', from);
      if (end < 0) break;
      // A line break inside quotes belongs to the field.
      if (this.#quotes && oddQuotes(buffer, from, end)) open = !open;
      if (open) continue;
      this.#takeLine(buffer, start, end);
      start = end + 1;
    }
    this.#carry = buffer.slice(start);
    if (this.#carry.length > LONGEST_LINE) {
      throw new TwinergyError('CSV_LINE_TOO_LONG', `Line ${this.#line + 1} does not end.`, {
        path: `line ${this.#line + 1}`,
        hint: 'A quotation mark may lack its partner.',
      });
    }
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
      this.#isText(k) ? [] : [{ plan, data: this.#data[k] as Float64Array }],
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
      textColumns: this.#plans.filter((_, k) => this.#isText(k)).map(({ header }) => header),
      delimiter: this.#delimiter,
      decimal: this.#decimal,
      ambiguousTimes: this.#ambiguous,
      missingTimes: this.#missing,
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
    const numbers = this.#numbers;
    if (numbers === undefined) return undefined;
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
      } else if (k >= 0 && this.#kinds[k] !== 'mixed') {
        const parsed = numbers.parse(source, from, to);
        if (this.#kinds[k] === 'text') this.#checkText(k, !numbers.failed && !Number.isNaN(parsed));
        else if (numbers.failed) {
          if (this.#kinds[k] === 'number') return notANumber(source.slice(from, to), this.#plans[k] as ColumnPlan);
          this.#kinds[k] = 'text';
          this.#firstTexts.set(k, { line: this.#line, text: source.slice(from, to) });
        } else if (this.#kinds[k] === 'unknown' && !Number.isNaN(parsed)) this.#kinds[k] = 'number';
        const { scale, offset } = (this.#plans[k] as ColumnPlan).conversion;
        (this.#data[k] as Float64Array)[row] = scale === 1 && offset === 0 ? parsed : parsed * scale + offset;
      }
    }
    const more = fields === undefined ? end - fieldStart + 1 : fields.length - count;
    // Some programs end each line with a delimiter.
    const trailing = fields === undefined ? more === 1 : more === 1 && fields[count] === '';
    if (more > 0 && !trailing) {
      return { code: 'CSV_LONG_ROW', reason: `The row has more fields than the header, which has ${count}.` };
    }
    return undefined;
  }

  /** A number in a column that began with text: refused, or else the column is left out as text. */
  #checkText(k: number, isNumber: boolean): void {
    if (!isNumber) return;
    const first = this.#firstTexts.get(k);
    if (first !== undefined && (this.#options.invalid ?? 'refuse') === 'refuse') {
      this.#line = first.line;
      this.#setAside(first.text, notANumber(first.text, this.#plans[k] as ColumnPlan));
    }
    this.#kinds[k] = 'mixed';
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
    else {
      if (match.kind === 'ambiguous') this.#ambiguous++;
      else this.#missing++;
      if (match.kind === 'ambiguous' && (ambiguous === 'earlier' || ambiguous === 'later')) {
        this.#time[this.#rows] = match[ambiguous];
        return undefined;
      }
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

  #isText(k: number): boolean {
    return this.#kinds[k] === 'text' || this.#kinds[k] === 'mixed';
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

function notANumber(text: string, { header }: ColumnPlan): RowProblem {
  return { code: 'CSV_NOT_A_NUMBER', reason: `${quote(text)} in column ${quote(header)} is not a number.` };
}

/** Whether `text[start…end)` holds an odd number of quotation marks. */
function oddQuotes(text: string, start: number, end: number): boolean {
  let quotes = 0;
  // Not by indexOf, which would look beyond the end, over and over.
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === 34) quotes++;
  return quotes % 2 === 1;
}
