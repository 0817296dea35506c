import { AnomalyDetector, type AnomalyInterval, Frame, type Reading } from 'twinergy';
import type { Model } from './model.js';
import { plant, RATED_POWER } from './plant.js';

const HOUR = 3_600_000;

/** A stretch of hours in which power and weather do not go together. */
export interface Finding extends AnomalyInterval {
  /** Why, in a sentence. */
  readonly why: string;
  /** The features that told it, from the detector. */
  readonly explanation: string;
  /** Energy that was missing (positive) or too much (negative) against the model, kWh. */
  readonly missing: number;
  readonly pValue: number;
}

/** Hours that the slow feature looks back over: a coarse satellite is wrong for an hour, hardly for six under a clear sky. */
const WINDOW = 6;

interface Features {
  readonly frame: Frame;
  /** Measured less expected power of each hour, W. */
  readonly gap: Float64Array;
  readonly expected: Float64Array;
}

/**
 * Features of each hour of light: how far power lies from the model, against it and a little of the rated power, in the hour
 * and in the last six; and how clear the sky is, likewise.
 */
function features({ rows }: Model): Features {
  const hourly = rows.resample('1h');
  const expected = hourly.column('expected');
  const gap = hourly.column('acPower').map((value, i) => value - (expected[i] as number));
  const light = hourly.column('clear').map((value) => (value > 0.2 * RATED_POWER ? 1 : Number.NaN));
  const clearness = hourly.column('clearness').map((value, i) => value * (light[i] as number));
  const residual = gap.map((w, i) => ((light[i] as number) * w) / ((expected[i] as number) + 0.1 * RATED_POWER));
  const slow = residual.map((own, i) => {
    let [missing, wanted, hours] = [0, 0, 0];
    for (let k = Math.max(0, i - WINDOW + 1); k <= i; k++) {
      if (Number.isNaN(residual[k])) continue;
      missing += gap[k] as number;
      hours++;
      wanted += (expected[k] as number) + 0.1 * RATED_POWER;
    }
    return Number.isNaN(own) || hours < WINDOW ? Number.NaN : missing / wanted;
  });
  const frame = new Frame(hourly.time, {
    powerResidual: { data: residual, unit: '1' },
    powerResidual6h: { data: slow, unit: '1' },
    skyClearness: { data: clearness, unit: '1' },
  });
  return { frame, gap, expected };
}

/**
 * Learns from the first 60 % what power under which sky is usual (the satellite sees clouds coarsely, so much is), and finds
 * the daylight hours of the rest that are not.
 */
export function detect(model: Model): { findings: Finding[]; hours: number } {
  const { frame, gap, expected } = features(model);
  const detector = new AnomalyDetector({ falseAlarmRate: 0.01, seed: 1 }).fit(
    frame.slice(Number.NEGATIVE_INFINITY, model.learnedUntil),
  );
  const rest = frame.slice(model.learnedUntil);
  const findings = detector.intervals(rest, { gap: 18 * HOUR }).map((interval) => {
    const at = frame.indexAt(interval.peak.time);
    const values = Object.fromEntries(frame.names.map((name) => [name, frame.column(name)[at] as number]));
    const reading: Reading = { assetId: plant.id, time: interval.peak.time, values };
    const explanation = detector.explain(reading);
    const first = frame.indexAt(interval.start);
    const last = frame.indexAt(interval.end);
    const energy = (column: Float64Array) =>
      column.subarray(first, last + 1).reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0) / 1000;
    const missing = -energy(gap);
    const wanted = energy(expected);
    const clear = Math.round(100 * (frame.column('skyClearness')[at] as number));
    const why = `${(wanted - missing).toFixed(1)} kWh where the model has ${wanted.toFixed(1)}, under a sky that the satellite calls ${clear} % clear at the worst hour.`;
    return { ...interval, why, explanation: String(explanation), pValue: explanation.pValue, missing };
  });
  const hours = rest.column('powerResidual').reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  return { findings, hours };
}
