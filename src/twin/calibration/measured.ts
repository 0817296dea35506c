import { checkQuality, type Frame, QualityFlag, TwinergyError, UNUSABLE } from '../../core/index.js';
import type { Plant } from '../description/plant.js';

/** The power that calibration fits, row by row, and what is wrong with some of its rows. */
export interface Target {
  /** `acPower`, `meterPower`, `dcPower`, or the sum of the inverters. */
  readonly channel: string;
  readonly kind: 'ac' | 'dc';
  /** W; NaN where it is missing or of no use. */
  readonly power: Float64Array;
  /** Rows refused by each quality flag. */
  readonly refused: Readonly<Record<string, number>>;
  /** Power at which the output is cut off, W; undefined where it is not seen. */
  readonly ceiling: number | undefined;
}

const AC = ['acPower', 'solarPower', 'meterPower'];
/** Flags told apart in the report. */
const REPORTED = ['missing', 'outOfRange', 'stale', 'interpolated', 'outlier'] as const;

/** The sum of `parts` of a frame, NaN where one is missing; undefined where one is not there at all. */
export function sumOf(frame: Frame, parts: readonly string[]): Float64Array | undefined {
  if (parts.length === 0 || parts.some((name) => !frame.has(name))) return undefined;
  const total = new Float64Array(frame.length);
  for (const name of parts) {
    const data = frame.column(name);
    for (let row = 0; row < total.length; row++) total[row] = (total[row] as number) + (data[row] as number);
  }
  return total;
}

/**
 * Finds the power in `frame` and takes out the rows that quality flags.
 * @throws TwinergyError `CALIBRATION_NO_POWER`
 */
export function readTarget(plant: Plant, frame: Frame): Target {
  const single = AC.find((name) => frame.has(name));
  const inverters = plant.inverters.map(({ id }) => `${id}.acPower`);
  let channel = single ?? 'acPower';
  let kind: 'ac' | 'dc' = 'ac';
  let raw = single === undefined ? sumOf(frame, inverters) : frame.column(single);
  if (raw === undefined && frame.has('dcPower')) {
    channel = 'dcPower';
    kind = 'dc';
    raw = frame.column('dcPower');
  }
  if (raw === undefined) {
    throw new TwinergyError('CALIBRATION_NO_POWER', 'There is no power in these data to learn from.', {
      path: 'acPower',
      hint: `One of ${AC.join(', ')}, ${inverters.join(' and ')}, dcPower is needed; there are ${frame.names.join(', ')}.`,
    });
  }
  // Codes for "no value" such as −999 or −1e6 are far outside of what the plant gives.
  const seen = raw.filter((value) => value > 0).sort();
  const usual = seen[Math.floor(0.98 * seen.length)] ?? 0;
  const checked = checkQuality(frame.select().withColumn(channel, raw, 'W'), {
    channels: { [channel]: { min: -0.1 * usual, max: 2.5 * usual } },
  });
  const flags = checked.flags.get(channel) ?? new Uint16Array(raw.length);
  const power = raw.map((value, row) => (((flags[row] as number) & UNUSABLE) === 0 ? value : Number.NaN));
  const refused: Record<string, number> = {};
  for (const name of REPORTED) {
    const count = flags.reduce((sum, bits) => sum + ((bits & QualityFlag[name]) === 0 ? 0 : 1), 0);
    if (count > 0) refused[name] = count;
  }
  return { channel, kind, power, refused, ceiling: ceilingOf(raw, flags) };
}

/** The level of the rows that are flagged as clipped, where they are many and at the very top. */
function ceilingOf(power: Float64Array, flags: Uint16Array): number | undefined {
  const clipped = power.filter((_, row) => ((flags[row] as number) & QualityFlag.clipping) !== 0).sort();
  const positive = power.filter((value) => value > 0).sort();
  const top = positive[Math.floor(0.995 * positive.length)] ?? 0;
  const level = clipped[clipped.length >> 1];
  return clipped.length >= 12 && level !== undefined && level > 0.9 * top ? level : undefined;
}
