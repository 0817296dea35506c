import type { AlertChange } from '../alerts/index.js';
import type { TypedEvents } from '../core/index.js';
import type { MonitorEvents } from './contract.js';
import type { MonitorFigures } from './figures.js';
import type { Step } from './step.js';

/** Tells the listeners what a step brought, after it has been stored. */
export function tellStep(events: TypedEvents<MonitorEvents>, { outcomes, changes, rejected }: Step): void {
  for (const outcome of outcomes) {
    const { assetId, time } = outcome.reading;
    events.emit('reading', outcome);
    if (outcome.anomaly?.anomalous) events.emit('anomaly', outcome);
    if (events.listenerCount('health') > 0) events.emit('health', { assetId, time, health: outcome.health });
    if (outcome.forecast !== undefined) events.emit('forecast', { assetId, forecast: outcome.forecast });
    if (outcome.lifeIsNew && outcome.life !== undefined) events.emit('life', { assetId, life: outcome.life });
  }
  tellChanges(events, changes);
  for (const rejection of rejected) events.emit('quarantine', rejection);
}

/** Tells what happened to alerts. */
export function tellChanges(events: TypedEvents<MonitorEvents>, changes: readonly AlertChange[]): void {
  for (const change of changes) {
    events.emit('alertChange', change);
    if (change.kind === 'raise' || change.kind === 'escalate' || change.kind === 'update')
      events.emit('alert', change.alert);
  }
}

/** Counts what a step brought. */
export function countStep(
  figures: MonitorFigures,
  { outcomes, revised, changes, duplicates, rejected }: Step,
  shed: boolean,
): void {
  figures.accepted += outcomes.length + revised.length;
  figures.late += revised.length;
  figures.duplicates += duplicates;
  figures.rejected += rejected.length;
  if (shed) figures.shedReadings += outcomes.length;
  for (const { reading, health, anomaly, powerRatio } of outcomes) {
    figures.health(reading.assetId, health.score);
    figures.ratio(powerRatio);
    if (anomaly?.anomalous === true) figures.anomalies++;
  }
  countChanges(figures, changes);
}

/** Counts what happened to alerts. */
export function countChanges(figures: MonitorFigures, changes: readonly AlertChange[]): void {
  for (const { kind, time } of changes) if (kind === 'raise') figures.raised(time);
}
