import type { TypedEvents } from '../core/index.js';
import type { MonitorEvents } from './contract.js';
import type { MonitorFigures } from './figures.js';
import type { Fleet } from './fleet.js';
import type { Step } from './step.js';

/** Tells the listeners what a step brought, after it has been stored. */
export function tellStep(events: TypedEvents<MonitorEvents>, { outcomes, changes, actions, rejected }: Step): void {
  for (const outcome of outcomes) {
    const { assetId, time } = outcome.reading;
    events.emit('reading', outcome);
    if (outcome.anomaly?.anomalous) events.emit('anomaly', outcome);
    if (events.listenerCount('health') > 0) events.emit('health', { assetId, time, health: outcome.health });
    if (outcome.forecast !== undefined) events.emit('forecast', { assetId, forecast: outcome.forecast });
    if (outcome.lifeIsNew && outcome.life !== undefined) events.emit('life', { assetId, life: outcome.life });
  }
  for (const change of changes) {
    events.emit('alertChange', change);
    if (change.kind === 'raise' || change.kind === 'escalate' || change.kind === 'update')
      events.emit('alert', change.alert);
  }
  for (const action of actions) events.emit('action', action);
  for (const rejection of rejected) events.emit('quarantine', rejection);
}

/** Counts what a step brought. */
export function countStep(
  figures: MonitorFigures,
  fleet: Fleet,
  { outcomes, revised, changes, duplicates, rejected }: Step,
  shed: boolean,
): void {
  figures.accepted += outcomes.length + revised.length;
  figures.late += revised.length;
  figures.duplicates += duplicates;
  figures.rejected += rejected.length;
  if (shed) figures.shedReadings += outcomes.length;
  for (const { reading, health, anomaly, powerRatio, forecast } of outcomes) {
    const { assetId, time, values } = reading;
    figures.output(assetId, time, values[fleet.get(assetId).twin.model.output.name], forecast);
    figures.health(assetId, health.score);
    figures.ratio(powerRatio);
    if (anomaly?.anomalous === true) figures.anomalies++;
  }
  for (const { kind, time } of changes) if (kind === 'raise') figures.raised(time);
}
