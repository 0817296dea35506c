import type { Frame } from '../frame.js';
import { canonicalUnit, isCompatibleUnit, unitConversion, unitsLike } from '../units.js';
import type { ChannelExpectation } from './check.js';
import { clockStretches } from './clock.js';
import { driftOf } from './drift.js';
import { restsAtZero } from './night.js';
import { median, sortedPresent, usualRange } from './statistics.js';

/** What is wrong with a channel as a whole, or over a stretch of time. */
export interface QualityFinding {
  readonly code:
    | 'NIGHT_OFFSET'
    | 'TIME_ZONE'
    | 'DAYLIGHT_SAVING'
    | 'CLOCK_SHIFT'
    | 'UNIT_MIX_UP'
    | 'SWAPPED_CHANNELS'
    | 'SENSOR_DRIFT';
  readonly channel: string;
  /** For people, in one sentence. */
  readonly text: string;
  /** How much: ms ahead for clocks, the column's unit for an offset, a fraction per year for a drift, else absent. */
  readonly value?: number;
  /** For a unit mix-up, the unit that the values seem to be in; for swapped channels, the other one. */
  readonly other?: string;
  /** Where it holds, ms since the epoch; absent: throughout. */
  readonly from?: number;
  readonly to?: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What the expectation of a channel tells: clock, unit, drift. */
export function channelFindings(
  channel: string,
  time: Float64Array,
  data: Float64Array,
  unit: string,
  step: number,
  expected: Float64Array | undefined,
): QualityFinding[] {
  if (expected === undefined) return [];
  const findings: QualityFinding[] = [];
  const other = mixedUpUnit(data, expected, unit);
  if (other !== undefined) {
    findings.push({
      code: 'UNIT_MIX_UP',
      channel,
      other,
      text: `${channel} is declared in ${unit}, but its values look like ${other}.`,
    });
  }
  if (restsAtZero(unit)) findings.push(...clockFindings(channel, time, data, expected, step));
  const drift = other === undefined ? driftOf(time, data, expected, restsAtZero(unit)) : undefined;
  if (drift !== undefined) {
    findings.push({
      code: 'SENSOR_DRIFT',
      channel,
      value: drift,
      text: `${channel} drifts against its expectation by ${(100 * drift).toFixed(1)} % a year.`,
    });
  }
  return findings;
}

function clockFindings(
  channel: string,
  time: Float64Array,
  data: Float64Array,
  expected: Float64Array,
  step: number,
): QualityFinding[] {
  return clockStretches(time, data, expected, step).map(({ from, to, lag, share }) => {
    const minutes = Math.round(Math.abs(lag) / 60_000);
    const way = lag > 0 ? 'ahead' : 'behind';
    const code =
      share > 0.9 && minutes % 30 === 0
        ? 'TIME_ZONE'
        : minutes === 60 && to - from > 14 * DAY
          ? 'DAYLIGHT_SAVING'
          : 'CLOCK_SHIFT';
    const days = Math.round((to - from) / DAY);
    return {
      code,
      channel,
      value: lag,
      from,
      to,
      text: `The clock of ${channel} is ${minutes} min ${way} for ${days} days.`,
    };
  });
}

/** The unit that the values seem to be in, where that is not the declared one. */
function mixedUpUnit(data: Float64Array, expected: Float64Array, unit: string): string | undefined {
  if (canonicalUnit(unit) === undefined) return undefined;
  const range = usualRange(sortedPresent(expected));
  if (range === 0) return undefined;
  const peak = sortedPresent(expected)[Math.floor(0.5 * (expected.length - 1))] ?? 0;
  // By night all units agree on zero.
  const rows = [...data.keys()].filter(
    (i) => !restsAtZero(unit) || (expected[i] as number) > Math.max(peak, 0.1 * range),
  );
  const errorAs = (candidate: string) => {
    const { scale, offset } = unitConversion(unit, candidate);
    return (
      median(rows.map((i) => Math.abs((data[i] as number) - ((expected[i] as number) * scale + offset)))) /
      (range * scale)
    );
  };
  const own = errorAs(unit);
  const [best] = unitsLike(unit)
    .filter((candidate) => candidate !== canonicalUnit(unit))
    .map((candidate) => ({ candidate, error: errorAs(candidate) }))
    .sort((a, b) => a.error - b.error);
  // The declared unit must be out of the question, not only worse.
  return best !== undefined && own > 0.5 && best.error < 0.3 ? best.candidate : undefined;
}

/** Pairs of channels of the same quantity of which each fits the other's expectation much better than its own. */
export function swappedChannels(
  frame: Frame,
  channels: Readonly<Record<string, ChannelExpectation>>,
): QualityFinding[] {
  const known = Object.entries(channels).flatMap(([name, { expected }]) =>
    expected === undefined || canonicalUnit(frame.unit(name)) === undefined ? [] : [{ name, expected }],
  );
  const error = (name: string, expected: string) => {
    const reference = frame.column(expected);
    const range = usualRange(sortedPresent(reference));
    return median(frame.column(name).map((value, i) => Math.abs(value - (reference[i] as number)))) / range;
  };
  const findings: QualityFinding[] = [];
  known.forEach((a, i) => {
    for (const b of known.slice(i + 1)) {
      if (a.expected === b.expected || !isCompatibleUnit(frame.unit(a.name), frame.unit(b.name))) continue;
      const crossed = error(a.name, b.expected) < 0.5 * error(a.name, a.expected);
      if (crossed && error(b.name, a.expected) < 0.5 * error(b.name, b.expected)) {
        const text = `${a.name} and ${b.name} fit each other's expectations: they look swapped.`;
        findings.push({ code: 'SWAPPED_CHANNELS', channel: a.name, other: b.name, text });
      }
    }
  });
  return findings;
}
