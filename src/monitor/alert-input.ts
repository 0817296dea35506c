import type { Reading } from '../core/index.js';
import type { AssetOutcome } from './asset-monitor.js';

/** Remaining life as rules see it while there is no end in sight, days. */
const LONG_LIFE = 1e6;

/**
 * What the alert rules look at: the reading's values and what was derived from it — `expectedPower` (W), `powerRatio`,
 * `anomalyScore` (0…1; 0 where nothing is unusual), `anomalyPValue`, `rulDays`, `failureWithin14Days` (probability),
 * `health` (0…100). What is not known is absent, and its rules stay as they are.
 */
export function alertInput({ reading, expected, powerRatio, anomaly, health, life }: AssetOutcome): Reading {
  const values: Record<string, number> = { ...reading.values };
  if (expected.acPower !== undefined) values.expectedPower = expected.acPower;
  if (powerRatio !== undefined) values.powerRatio = powerRatio;
  if (anomaly !== undefined) {
    values.anomalyScore = anomaly.anomalous ? anomaly.score : 0;
    values.anomalyPValue = anomaly.pValue;
  }
  if (life !== undefined && life.median !== null) {
    // A life so uncertain that it may as well be long is no prediction of a failure.
    const likely = (life.failureWithin?.[30] ?? 0) >= 0.5;
    values.rulDays = likely ? life.median : LONG_LIFE;
    values.failureWithin14Days = life.failureWithin?.[14] ?? 0;
  }
  if (health.score !== null) values.health = health.score;
  return { ...reading, values };
}
