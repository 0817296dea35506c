import type { Clock } from '../core/index.js';
import type { Batch, TenantStorage } from '../storage/index.js';
import type { AlertSide } from './alert-side.js';
import { checkpointRows, readCheckpoints, sharedRow } from './checkpoints.js';
import type { MonitorFigures } from './figures.js';
import type { Fleet } from './fleet.js';
import { redoDay } from './late-days.js';
import { actionRecord, alertRecords, auditRecord, quarantineRecord, recordsOf } from './records.js';
import type { Step } from './step.js';

/** Writes steps down, each in one transaction, and takes up what was written. */
export class Ledger {
  readonly #storage: TenantStorage;
  readonly #fleet: Fleet;
  readonly #alerts: AlertSide;
  readonly #figures: MonitorFigures;
  readonly #clock: Clock;
  #sequence = 0;
  /** What is in memory may not be what is stored: it is read again before anything else is done. */
  #stale = false;

  constructor(storage: TenantStorage, fleet: Fleet, alerts: AlertSide, figures: MonitorFigures, clock: Clock) {
    this.#storage = storage;
    this.#fleet = fleet;
    this.#alerts = alerts;
    this.#figures = figures;
    this.#clock = clock;
  }

  /** Takes up what is stored where memory may not be that. */
  async refresh(): Promise<void> {
    if (this.#stale) await this.reload();
  }

  /** Takes up what is stored, in place of what is in memory. */
  async reload(): Promise<void> {
    this.#stale = true;
    const stored = await readCheckpoints(this.#storage);
    this.#alerts.restore(stored);
    const latest = stored === undefined ? [] : await this.#storage.latest(this.#fleet.ids);
    const readings = new Map(latest.map((reading) => [reading.assetId, reading]));
    for (const asset of this.#fleet) {
      const daily = stored?.daily.get(asset.id);
      asset.restore(stored?.assets.get(asset.id), daily, readings.get(asset.id));
      if (daily !== undefined) await redoDay(this.#storage, asset, daily.daily);
    }
    this.#alerts.engine.drainChanged();
    this.#stale = false;
  }

  /** What could not be worked out or stored has not happened: memory takes up what is stored, now or before the next step. */
  async forget(): Promise<void> {
    this.#stale = true;
    // Where the store cannot even be read, it is tried again.
    await this.reload().catch(() => undefined);
  }

  /** Stores readings with all that follows from them. */
  async commit(step: Step): Promise<void> {
    const { taken, rejected, outcomes, revised, healthNews } = step;
    const now = this.#clock.now();
    const records = recordsOf(outcomes, healthNews);
    const late = recordsOf(revised, healthNews);
    const alerts = this.#alertRecords(step);
    const shared = alerts.audit.length > 0 || alerts.outbox.length > 0 || this.#alerts.engine.hasGroups;
    await this.#write({
      readings: taken,
      put: {
        ...records,
        ...alerts,
        anomalies: [...records.anomalies, ...late.anomalies],
        quarantine: rejected.map((rejection) => quarantineRecord(rejection, now, this.#sequence++)),
        checkpoints: this.#checkpoints(step, shared, now),
      },
    });
  }

  /** Stores what happened to alerts without a reading; false where there was nothing. `always`: also then. */
  async commitAlerts(step: Step, always: boolean): Promise<boolean> {
    const alerts = this.#alertRecords(step);
    const checkpoints = this.#checkpoints(step, true, this.#clock.now());
    if (alerts.audit.length === 0 && alerts.outbox.length === 0 && !always) return false;
    await this.#write({ put: { ...alerts, checkpoints } });
    return true;
  }

  async #write(batch: Batch): Promise<void> {
    const start = performance.now();
    await this.#storage.commit(batch);
    this.#figures.commit.add(performance.now() - start);
  }

  #alertRecords({ changes, actions }: Step) {
    return {
      alerts: alertRecords(changes),
      audit: [...changes.map(auditRecord), ...actions.map(actionRecord)],
      outbox: this.#alerts.notificationsOf(changes),
    };
  }

  #checkpoints({ touched, dailyChanged }: Step, shared: boolean, now: number) {
    const { engine } = this.#alerts;
    const rows = checkpointRows(touched, dailyChanged, engine.drainChanged(), engine, now);
    if (shared) rows.push(sharedRow(this.#alerts.save(), now));
    return rows;
  }
}
