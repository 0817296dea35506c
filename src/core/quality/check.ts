import { quote, TwinergyError } from '../errors.js';
import type { Frame } from '../frame.js';
import { clippedRows } from './clipping.js';
import { channelFindings, type QualityFinding, swappedChannels } from './findings.js';
import { QualityFlag } from './flags.js';
import { nightOffset } from './night.js';
import { interpolatedRuns, outlierRows, staleRuns } from './runs.js';
import { usualStep } from './statistics.js';

/** What is known of a channel beside its values. */
export interface ChannelExpectation {
  /** Least value that is physically possible, in the column's unit. */
  readonly min?: number;
  /** Greatest value that is physically possible. */
  readonly max?: number;
  /**
   * The column of the same frame that says what this one ought to show (clear-sky irradiance, a twin's expectation), in
   * the same unit: clock, zone, unit, swaps and drift are judged by it.
   */
  readonly expected?: string;
  /** `expected` is the irradiance of a clear sky, which the channel can hardly exceed. */
  readonly clearSky?: boolean;
}

/** How a frame is checked. */
export interface QualityOptions {
  /** Channel → what is known of it. Columns that are not named are checked by their own values alone. */
  readonly channels?: Readonly<Record<string, ChannelExpectation>>;
}

/** What a check found. */
export interface QualityReport {
  /** Column → bits of `QualityFlag`, one number per row. */
  readonly flags: ReadonlyMap<string, Uint16Array>;
  /** What is wrong with a channel as a whole, or over a stretch of time. */
  readonly findings: readonly QualityFinding[];
}

/** Cloud edges reflect: this much more than a clear sky gives is still possible over minutes. */
const CLOUD_ENHANCEMENT = 1.3;
const CLOUD_ENHANCEMENT_FLOOR = 50;

/**
 * Checks the values of a frame, column by column. Columns that serve as another's `expected` are not checked themselves.
 * @throws TwinergyError `FRAME_UNKNOWN_COLUMN` where a named channel or its expectation is not in the frame
 */
export function checkQuality(frame: Frame, { channels = {} }: QualityOptions = {}): QualityReport {
  for (const [name, { expected }] of Object.entries(channels)) {
    for (const column of expected === undefined ? [name] : [name, expected]) {
      if (!frame.names.includes(column)) {
        throw new TwinergyError('FRAME_UNKNOWN_COLUMN', `There is no column ${quote(column)} to check.`, {
          path: `channels.${name}`,
          value: column,
        });
      }
    }
  }
  const references = new Set(Object.values(channels).map(({ expected }) => expected));
  const step = usualStep(frame.time);
  const flags = new Map<string, Uint16Array>();
  const findings: QualityFinding[] = [];
  for (const [name, { data, unit }] of frame.columns()) {
    if (references.has(name)) continue;
    const known = channels[name] ?? {};
    const expected = known.expected === undefined ? undefined : frame.column(known.expected);
    const found = channelFindings(name, frame.time, data, unit, step, expected);
    findings.push(...found);
    // With a wrong clock, the expectation's night is not the channel's.
    const night = nightOffset(
      frame.time,
      data,
      unit,
      found.some(({ from }) => from !== undefined) ? undefined : expected,
    );
    const bits = rowFlags(frame.time, data, step, known, expected);
    for (const row of night.rows) bits[row] = (bits[row] as number) | QualityFlag.nightOffset;
    flags.set(name, bits);
    if (night.offset !== 0) {
      findings.push({
        code: 'NIGHT_OFFSET',
        channel: name,
        value: night.offset,
        text: `${name} rests at ${night.offset.toPrecision(3)} ${unit} by night instead of 0.`,
      });
    }
  }
  findings.push(...swappedChannels(frame, channels));
  return { flags, findings };
}

function rowFlags(
  time: Float64Array,
  data: Float64Array,
  step: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, clearSky = false }: ChannelExpectation,
  expected: Float64Array | undefined,
): Uint16Array {
  const flags = new Uint16Array(data.length);
  const set = (row: number, bit: number) => {
    flags[row] = (flags[row] as number) | bit;
  };
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (Number.isNaN(value)) set(i, QualityFlag.missing);
    else if (value < min || value > max) set(i, QualityFlag.outOfRange);
    if (i > 0 && (time[i] as number) - (time[i - 1] as number) > 1.5 * step) set(i, QualityFlag.gap);
    const clear = expected?.[i];
    if (clearSky && clear !== undefined && value > CLOUD_ENHANCEMENT * Math.max(0, clear) + CLOUD_ENHANCEMENT_FLOOR) {
      set(i, QualityFlag.aboveClearSky);
    }
  }
  for (const { start, end } of staleRuns(time, data)) for (let i = start; i < end; i++) set(i, QualityFlag.stale);
  for (const { start, end } of interpolatedRuns(time, data)) {
    for (let i = start; i < end; i++) set(i, QualityFlag.interpolated);
  }
  for (const row of outlierRows(data)) set(row, QualityFlag.outlier);
  for (const row of clippedRows(time, data)) {
    if (((flags[row] as number) & (QualityFlag.stale | QualityFlag.outlier)) === 0) set(row, QualityFlag.clipping);
  }
  return flags;
}
