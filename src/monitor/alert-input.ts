import type { DerivedSignals } from '../alerts/index.js';
import type { Reading } from '../core/index.js';
import type { AssetOutcome } from './asset-state.js';

/** Remaining life as rules see it while there is no end in sight, days. */
const LONG_LIFE = 1e6;

/**
 * What the alert rules look at beside the reading's values: `expectedPower` (W), `powerRatio`, `anomalyScore` (0…1; 0 where
 * nothing is unusual), `anomalyPValue`, `rulDays`, `failureWithin14Days` (probability), `health` (0…100), and the figures of
 * stages of your own. What is not known is absent, and its rules stay as they are.
 */
export function derivedSignals({ expected, powerRatio, anomaly, health, life, signals }: AssetOutcome): DerivedSignals {
  const values: Record<string, number> = { ...signals };
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
  return values;
}

/** A reading with its derived signals among its values: what rules judge, in one. */
export function alertInput(outcome: AssetOutcome): Reading {
  return { ...outcome.reading, values: { ...outcome.reading.values, ...derivedSignals(outcome) } };
}
