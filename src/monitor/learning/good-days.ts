import { type Column, Frame } from '../../core/index.js';
import type { StorageRecord } from '../../storage/index.js';

const DAY = 86_400_000;

/** A day counts when at least this share of the rows of a usual day is there. */
const LEAST_ROWS = 0.5;

/** A day with a greater share of anomalous readings teaches nothing about sound operation. */
const MOST_ANOMALOUS = 0.02;

/** Severities of alerts in the face of which an asset is not taken for sound. */
const GRAVE: ReadonlySet<string> = new Set(['CRITICAL', 'HIGH']);

/**
 * The days (ms since the epoch, UTC) on which an asset was sound as far as is known: hardly a gap, hardly an anomaly, no alert
 * of severity HIGH or above standing.
 */
export function goodDays(
  time: Float64Array,
  anomalies: readonly Pick<StorageRecord<'anomalies'>, 'time'>[],
  alerts: readonly Pick<StorageRecord<'alerts'>, 'time' | 'severity' | 'resolvedAt'>[],
): number[] {
  const rows = countByDay(time);
  const usual = [...rows.values()].sort((a, b) => a - b)[rows.size >> 1] ?? 0;
  const anomalous = countByDay(anomalies.map((anomaly) => anomaly.time));
  return [...rows].flatMap(([day, count]) => {
    if (count < LEAST_ROWS * usual || (anomalous.get(day) ?? 0) > MOST_ANOMALOUS * count) return [];
    const grave = alerts.some(
      (alert) => GRAVE.has(alert.severity) && alert.time < day + DAY && (alert.resolvedAt ?? Infinity) >= day,
    );
    return grave ? [] : [day];
  });
}

function countByDay(times: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < times.length; i++) {
    const day = Math.floor((times[i] as number) / DAY) * DAY;
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return counts;
}

/** The rows of a frame that lie in these days. */
export function rowsOfDays(frame: Frame, days: readonly number[]): Frame {
  const wanted = new Set(days);
  const rows: number[] = [];
  frame.time.forEach((time, row) => {
    if (wanted.has(Math.floor(time / DAY) * DAY)) rows.push(row);
  });
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] as number);
  const columns = Array.from(frame.columns(), ([name, { data, unit }]): [string, Column] => [
    name,
    { data: pick(data), unit },
  ]);
  return new Frame(pick(frame.time), new Map(columns));
}
