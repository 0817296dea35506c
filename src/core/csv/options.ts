import type { RowOrderOptions, RowOrderReport } from '../order.js';
import type { WorkOptions } from '../work.js';
import type { TimeFormat } from './time.js';

/** Where a channel's values come from. */
export interface CsvColumn {
  /** The column's header. */
  readonly column: string;
  /** The unit that the file is in. Default: the unit in the header's brackets (`power [kW]`), else `as`, else `1`. */
  readonly unit?: string;
  /** The unit that the frame shall have: values are converted on reading. Default: `unit`. */
  readonly as?: string;
}

/** How a CSV is read. All have defaults; a plain `time,power` file needs none. */
export interface CsvOptions extends RowOrderOptions, WorkOptions {
  /** Channel → column (its header, or with units). Default: every numeric column under its own header. */
  readonly columns?: Readonly<Record<string, string | CsvColumn>>;
  readonly time?: {
    /** Header of the time column. Default: the first of time, timestamp, datetime, date, measured_on, ts; else the first column. */
    readonly column?: string;
    readonly format?: TimeFormat;
    /** IANA zone of times that name no offset. Default `UTC`. */
    readonly zone?: string;
    /** An hour that clocks show twice: set the row aside (default), refuse the input, or take the earlier or later one. */
    readonly ambiguous?: 'quarantine' | 'refuse' | 'earlier' | 'later';
    /** An hour that clocks skip: set the row aside (default) or refuse the input. */
    readonly missing?: 'quarantine' | 'refuse';
  };
  /** Default: found from the header line, among `,` `;` tab and `|`. */
  readonly delimiter?: string;
  /** Default: `,` where the delimiter is `;` and the first rows hold decimal commas, else `.`. */
  readonly decimal?: '.' | ',';
  /** Lines before the header that are passed over. */
  readonly skipLines?: number;
  /** A row with a text in a numeric column, or with no readable time: refuse the input (default) or set the row aside. */
  readonly invalid?: 'refuse' | 'quarantine';
  /** Told once, at the end, what was found beside the values. */
  readonly onReport?: (report: CsvReport) => void;
  /** Size of the input in characters, where it is known: `onProgress` then has a total. */
  readonly size?: number;
}

/** A row that was set aside, and why. */
export interface QuarantinedRow {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly code:
    | 'CSV_NOT_A_NUMBER'
    | 'CSV_BAD_TIME'
    | 'CSV_AMBIGUOUS_TIME'
    | 'CSV_MISSING_TIME'
    | 'CSV_SHORT_ROW'
    | 'CSV_LONG_ROW';
  readonly reason: string;
  /** The line as it stood there. */
  readonly text: string;
}

/** What reading a CSV found beside the values. */
export interface CsvReport extends RowOrderReport {
  /** Rows in the frame. */
  readonly rows: number;
  /** Rows that were set aside. */
  readonly quarantined: readonly QuarantinedRow[];
  /** Columns that hold text and were left out, where the columns were not named. */
  readonly textColumns: readonly string[];
  readonly delimiter: string;
  readonly decimal: '.' | ',';
  /** Rows whose local time stands twice on the clocks, whatever was done with them. */
  readonly ambiguousTimes: number;
  /** Rows whose local time clocks skip. */
  readonly missingTimes: number;
}
