import type { ActionEvent, AlertAsset, AlertChange } from '../alerts/index.js';
import type { Frame } from '../core/index.js';
import type { RULPrediction } from '../models/index.js';
import type { StorageRecord } from '../storage/index.js';
import type { DigitalTwin } from '../twin/index.js';
import type { AssetOutcome } from './asset-state.js';
import type { Rejection } from './validate.js';

/** What is written to storage beside the reading itself. */
export interface OutcomeRecords {
  readonly anomalies: StorageRecord<'anomalies'>[];
  readonly healthMetrics: StorageRecord<'healthMetrics'>[];
  readonly predictions: StorageRecord<'predictions'>[];
}

/** Joined, not made of a template: a rope of two texts would be kept beside the text that it becomes as a key. */
function idOf(assetId: string, time: number): string {
  return [assetId, time].join('@');
}

/** The records of an outcome. Ids follow from asset and time, so that a reading handled twice writes the same rows. */
export function recordsOf(outcomes: readonly AssetOutcome[], healthNews: ReadonlySet<AssetOutcome>): OutcomeRecords {
  const records: OutcomeRecords = { anomalies: [], healthMetrics: [], predictions: [] };
  for (const outcome of outcomes) {
    const { reading, anomaly, health } = outcome;
    const { assetId, time } = reading;
    if (anomaly?.anomalous) {
      records.anomalies.push({
        id: idOf(assetId, time),
        time,
        assetId,
        score: anomaly.score,
        pValue: anomaly.pValue,
        isAnomaly: true,
        detector: 'twin-residuals',
        why: anomaly.why,
        details: { contributions: anomaly.contributions },
      });
    }
    if (health.score !== null && healthNews.has(outcome)) {
      const of = (name: string) => health.components.find((component) => component.name === name)?.score;
      records.healthMetrics.push({
        id: idOf(assetId, time),
        time,
        assetId,
        score: health.score,
        power: of('power'),
        temperature: of('temperature'),
        battery: of('battery'),
        inverter: of('inverter'),
        degradation: health.degradation,
        details: { label: health.label, missing: health.missing, confidence: health.confidence },
      });
    }
    if (outcome.forecast !== undefined && outcome.forecast.length > 0)
      records.predictions.push(forecastRecord(assetId, time, outcome.forecast));
    if (outcome.lifeIsNew && outcome.life !== undefined)
      records.predictions.push(lifeRecord(assetId, time, outcome.life));
  }
  return records;
}

/** A forecast is one record: its steps are read together and never one by one. */
function forecastRecord(assetId: string, time: number, forecast: Frame): StorageRecord<'predictions'> {
  const columns = Object.fromEntries(
    forecast.names.map((name) => [
      name,
      Array.from(forecast.column(name), (value) => (Number.isFinite(value) ? Math.round(value * 10) / 10 : null)),
    ]),
  );
  const mean = (name: string) => forecast.column(name).reduce((sum, value) => sum + value, 0) / forecast.length;
  return {
    id: `${idOf(assetId, time)}:power`,
    time,
    assetId,
    kind: 'power',
    targetTime: forecast.time.at(-1) as number,
    value: mean('median'),
    low: mean('lower80'),
    high: mean('upper80'),
    level: 80,
    unit: forecast.unit('median'),
    model: 'forecaster',
    details: { times: Array.from(forecast.time), columns },
  };
}

function lifeRecord(
  assetId: string,
  time: number,
  { median, intervals, failureWithin, reason }: RULPrediction,
): StorageRecord<'predictions'> {
  const interval = intervals.find(({ level }) => level === 80);
  return {
    id: `${idOf(assetId, time)}:rul`,
    time,
    assetId,
    kind: 'rul',
    value: median ?? undefined,
    low: interval?.lower,
    high: interval?.upper,
    level: 80,
    unit: 'd',
    model: 'rul-predictor',
    details: { intervals, failureWithin, reason },
  };
}

/** The record of a reading that was set aside. */
export function quarantineRecord(
  { reading, code, reason }: Rejection,
  receivedAt: number,
  sequence: number,
): StorageRecord<'quarantine'> {
  return {
    id: `${receivedAt}-${sequence}-${reading.assetId}@${reading.time}`,
    time: Number.isFinite(reading.time) ? reading.time : receivedAt,
    assetId: reading.assetId,
    reason: `${code}: ${reason}`,
    receivedAt,
    reading,
  };
}

/** The record of an asset. */
export function assetRecord(twin: DigitalTwin, time: number): StorageRecord<'assets'> {
  const { id, model, plant } = twin;
  return {
    id,
    time,
    name: plant?.name ?? id,
    type: model.type,
    status: 'active',
    description: twin.toJSON().description ?? undefined,
    ...(plant !== undefined && {
      latitude: plant.site.latitude,
      longitude: plant.site.longitude,
      ratedPower: plant.acRating,
    }),
  };
}

/** The record of what happened to an alert: who did what and when. */
export function auditRecord({
  sequence,
  kind,
  time,
  alert,
  from,
  to,
  by,
  comment,
}: AlertChange): StorageRecord<'audit'> {
  return {
    id: `${alert.id}#${sequence}`,
    time,
    assetId: alert.assetId,
    actor: by,
    action: `alert.${kind}`,
    subject: alert.id,
    details: { sequence, from, to, comment, rule: alert.rule, severity: alert.severity, raisedAt: alert.raisedAt },
  };
}

/** The record of what became of an action that an alert triggers: who brought it into which state. */
export function actionRecord({ time, by, from, request }: ActionEvent): StorageRecord<'audit'> {
  const { key, assetId, action, state, why, result, alert } = request;
  return {
    id: `action:${key}#${state}`,
    time,
    assetId,
    actor: by,
    action: `action.${state}`,
    subject: key,
    details: { action, from, to: state, why, result, alert: alert?.id ?? null },
  };
}

/** An asset as alert rules see it, from its description. */
export function alertAsset({ id, plant }: DigitalTwin): AlertAsset {
  return plant === undefined ? { id } : { id, zone: plant.site.timeZone, attributes: { ratedPower: plant.acRating } };
}

/** The records of alerts after their transitions; of several transitions of one alert, the last counts. */
export function alertRecords(changes: readonly AlertChange[]): StorageRecord<'alerts'>[] {
  const records = new Map<string, StorageRecord<'alerts'>>();
  for (const { alert } of changes) {
    records.set(alert.id, {
      id: alert.id,
      time: alert.since,
      assetId: alert.assetId,
      rule: alert.rule,
      severity: alert.severity,
      state: alert.resolvedAt !== null ? 'resolved' : alert.acknowledgedAt !== null ? 'acknowledged' : 'active',
      title: alert.title,
      why: alert.why,
      fingerprint: alert.fingerprint,
      channel: alert.channel ?? undefined,
      value: alert.value ?? undefined,
      threshold: alert.threshold ?? undefined,
      updatedAt: alert.updatedAt,
      acknowledgedAt: alert.acknowledgedAt ?? undefined,
      acknowledgedBy: alert.acknowledgedBy ?? undefined,
      resolvedAt: alert.resolvedAt ?? undefined,
      details: {
        unit: alert.unit,
        labels: alert.labels,
        resolvedBy: alert.resolvedBy,
        alarmState: alert.state,
        assignedTo: alert.assignedTo,
        shelved: alert.shelved,
        shelvedUntil: alert.shelvedUntil,
        playbook: alert.playbook,
      },
    });
  }
  return [...records.values()];
}
