import { AnomalyDetector, type AnomalyInterval, Frame, type Reading } from 'twinergy';
import type { Model } from './model.js';
import { plant, RATED_POWER } from './plant.js';

const HOUR = 3_600_000;

/** A stretch of hours in which power and weather do not go together. */
export interface Finding extends AnomalyInterval {
  /** Why, from the detector. */
  readonly why: string;
  /** Energy that was missing (positive) or too much (negative) against the model, kWh. */
  readonly missing: number;
  readonly pValue: number;
}

/** Hourly features: how far power lies from the model, against it and a little of the rated power; and how clear it is. */
function features({ rows }: Model): { frame: Frame; gap: Float64Array } {
  const hourly = rows.resample('1h');
  const measured = hourly.column('acPower');
  const expected = hourly.column('expected');
  const light = hourly.column('clear').map((value) => (value > 0.2 * RATED_POWER ? 1 : Number.NaN));
  const gap = measured.map((value, i) => value - (expected[i] as number));
  const residual = gap.map((w, i) => ((light[i] as number) * w) / ((expected[i] as number) + 0.1 * RATED_POWER));
  const clearness = hourly.column('clearness').map((value, i) => value * (light[i] as number));
  const frame = new Frame(hourly.time, {
    powerResidual: { data: residual, unit: '1' },
    skyClearness: { data: clearness, unit: '1' },
  });
  return { frame, gap };
}

/**
 * Learns from the first 60 % what power under which sky is usual (the satellite sees clouds coarsely, so much is), and finds
 * the daylight hours of the rest that are not.
 */
export function detect(model: Model): { findings: Finding[]; hours: number } {
  const { frame, gap } = features(model);
  const detector = new AnomalyDetector({ falseAlarmRate: 0.01, seed: 1 }).fit(
    frame.slice(Number.NEGATIVE_INFINITY, model.learnedUntil),
  );
  const rest = frame.slice(model.learnedUntil);
  const findings = detector.intervals(rest, { gap: 18 * HOUR }).map((interval) => {
    const at = frame.indexAt(interval.peak.time);
    const values = Object.fromEntries(frame.names.map((name) => [name, frame.column(name)[at] as number]));
    const reading: Reading = { assetId: plant.id, time: interval.peak.time, values };
    const explanation = detector.explain(reading);
    let missing = 0;
    for (let i = frame.indexAt(interval.start); i <= frame.indexAt(interval.end); i++)
      missing -= (gap[i] as number) || 0;
    return { ...interval, why: String(explanation), pValue: explanation.pValue, missing: missing / 1000 };
  });
  const hours = rest.column('powerResidual').reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  return { findings, hours };
}
