import {
  type Alert,
  type AlertChange,
  AlertEngine,
  AlertSuppressor,
  type Outbox,
  type Rule,
  type Silence,
  solarRules,
} from '../alerts/index.js';
import {
  type Clock,
  durationMs,
  type Progress,
  type Reading,
  systemClock,
  TwinergyError,
  TypedEvents,
  type WorkOptions,
} from '../core/index.js';
import { HealthScoreCalculator } from '../models/index.js';
import { memoryStorage, type TenantStorage } from '../storage/index.js';
import { type AssetModel, DigitalTwin, type PlantDescription } from '../twin/index.js';
import { AlertDesk, type NotifyOptions } from './alert-desk.js';
import { alertInput } from './alert-input.js';
import { AssetMonitor, type AssetMonitorOptions, type AssetOutcome, type ReadingJudgement } from './asset-monitor.js';
import type { IngestResult, MonitorEvents, MonitorOptions, MonitorState } from './contract.js';
import type { SavedDaily } from './daily.js';
import { loadPrior, readablePrior, type SavedPrior, savePrior, trainPrior } from './prior-models.js';
import { alertAsset, alertRecords, assetRecord, auditRecord, quarantineRecord, recordsOf } from './records.js';
import { type Rejection, rejectionOf } from './validate.js';

const CHECKPOINT = 'monitor';

/**
 * The loop that joins the steps: reading → twin → anomaly → health → remaining life → forecast → alerts → storage → events.
 * Readings, outputs and the position are stored in one transaction before `ingest` resolves; a reading that comes twice
 * changes nothing; after a restart it goes on where it was.
 *
 * ```ts
 * const monitor = new Monitor({ assets: [plant], storage: await sqliteStorage('plant.db'), rules: solarRules() });
 * monitor.on('alert', (alert) => console.log(alert.severity, alert.title, alert.why));
 * await monitor.ingest(reading);
 * ```
 */
export class Monitor extends TypedEvents<MonitorEvents> {
  readonly #options: MonitorOptions;
  readonly #clock: Clock;
  #tenantStorage: TenantStorage | undefined;
  readonly #assets = new Map<string, AssetMonitor>();
  readonly #watermark: number;
  readonly #tolerance: number;
  readonly #stages: AssetMonitorOptions;
  #rules: readonly Rule[];
  #alerts: AlertEngine;
  /** What keeps alerts from being heard that follow from others, where that is wanted. */
  #suppressor: AlertSuppressor | undefined;
  /** Set by `open`, where there is somebody to tell. */
  #desk: AlertDesk | undefined;
  #opened: Promise<void> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #sequence = 0;

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION`, `RULE_…`, `MONITOR_DUPLICATE_ASSET` */
  constructor(options: MonitorOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#watermark = durationMs(options.watermark ?? '1d', 'watermark');
    this.#tolerance = durationMs(options.clockTolerance ?? '5m', 'clockTolerance');
    this.#stages = {
      forecastEvery: durationMs(options.forecastEvery ?? '15m', 'forecastEvery'),
      forecastHorizon: durationMs(options.forecastHorizon ?? '6h', 'forecastHorizon'),
      health: options.health ?? new HealthScoreCalculator(),
    };
    for (const asset of options.assets) this.#add(asset);
    this.#rules = options.rules ?? solarRules();
    this.#alerts = this.#newEngine(this.#rules);
    this.#renewSuppressor();
  }

  /** The monitored assets' ids. */
  get assetIds(): string[] {
    return [...this.#assets.keys()];
  }

  /** The twin of an asset, as described: for expectations and what-if. @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  twin(assetId: string): DigitalTwin {
    return this.#asset(assetId).twin;
  }

  /** Whether every asset has its models. */
  get trained(): boolean {
    return [...this.#assets.values()].every(({ trained }) => trained);
  }

  /** What a sound asset would measure in the place of `reading`, by stage. @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  expected(reading: Reading): Record<string, number> {
    return this.#asset(reading.assetId).expected(reading);
  }

  /**
   * Judges a reading without taking it in: what was expected, and how unusual it is.
   * @throws TwinergyError `MONITOR_UNKNOWN_ASSET`
   */
  judge(reading: Reading): ReadingJudgement {
    return this.#asset(reading.assetId).judge(reading);
  }

  /** Alerts that are not resolved, the worst first. */
  openAlerts(assetId?: string): Alert[] {
    return this.#alerts.open(assetId);
  }

  /** Registers assets and channels, and takes up the state that was stored. `ingest` does it by itself. */
  open(): Promise<void> {
    this.#opened ??= this.#restore();
    return this.#opened;
  }

  /**
   * Takes readings in, in any order, and resolves when they and all that follows from them are stored. Readings that
   * cannot be taken go to quarantine with the reason.
   */
  async ingest(readings: Reading | readonly Reading[]): Promise<IngestResult> {
    await this.open();
    return this.#queued(() => this.#ingest(isReading(readings) ? [readings] : readings));
  }

  /**
   * Lets time pass: conditions that come true without a reading, ends of shelving, escalation; tells who is to be told, and
   * tries deliveries that are due. Call it every few seconds. Resolves when the round of deliveries is over.
   */
  async tick(): Promise<void> {
    await this.open();
    await this.#queued(() => this.#change((alerts) => alerts.tick()));
    await this.#desk?.deliver();
  }

  /** Somebody knows of an alert. @throws TwinergyError `ALERT_UNKNOWN` */
  acknowledge(alertId: string, by: string): Promise<Alert | undefined> {
    return this.operate((alerts) => alerts.acknowledge(alertId, by));
  }

  /** Somebody says that an alert is over. @throws TwinergyError `ALERT_UNKNOWN` */
  async resolve(alertId: string, by: string): Promise<Alert | undefined> {
    return this.operate((alerts) => alerts.resolve(alertId, by));
  }

  /**
   * Anything that an operator does to an alert, stored before it resolves:
   * `monitor.operate((alerts) => alerts.shelve(id, { by: 'Ada', forMs: 3_600_000 }))`.
   * @throws TwinergyError `ALERT_UNKNOWN`, `ALERT_FORBIDDEN_TRANSITION`
   */
  async operate(action: (alerts: AlertEngine) => AlertChange | undefined): Promise<Alert | undefined> {
    await this.open();
    return this.#queued(async () => {
      const [change] = await this.#change((alerts) => {
        const made = action(alerts);
        return made === undefined ? [] : [made];
      });
      return change?.alert;
    });
  }

  /** Adds or replaces a silence, or ends the one of an id; stored before it resolves. */
  async silence(silence: Silence | string): Promise<void> {
    await this.open();
    await this.#queued(() =>
      this.#change(() => {
        this.#desk?.silence(silence);
        return [];
      }, true),
    );
  }

  /** The rules that are judged. */
  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Judges by other rules from now on; what stands of a rule that is still there stands on. @throws TwinergyError `RULE_…` */
  async setRules(rules: readonly Rule[]): Promise<void> {
    await this.open();
    await this.#queued(async () => {
      const engine = this.#newEngine(rules);
      engine.restore(this.#alerts.toJSON());
      this.#rules = rules;
      this.#alerts = engine;
      this.#renewSuppressor();
    });
  }

  /**
   * Tells other people from now on; silences and what was told stay in mind.
   * @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER`
   */
  async setNotify(notify: NotifyOptions | undefined): Promise<void> {
    await this.open();
    await this.#queued(async () => {
      const desk = notify === undefined ? undefined : new AlertDesk(notify, this.#clock, this.#storage);
      if (this.#desk !== undefined) desk?.restore(this.#desk.save());
      this.#desk = desk;
    });
  }

  /**
   * Monitors one more asset.
   * @throws TwinergyError `TWIN_BAD_DESCRIPTION`, `MONITOR_DUPLICATE_ASSET`
   */
  async addAsset(asset: PlantDescription | AssetModel): Promise<void> {
    await this.open();
    await this.#queued(async () => {
      const added = this.#add(asset);
      try {
        await this.#register([added]);
      } catch (error) {
        this.#assets.delete(added.twin.id);
        throw error;
      }
      this.#alerts.setAsset(alertAsset(added.twin));
      this.#renewSuppressor();
    });
  }

  /** Takes a changed description of an asset; what is remembered of it goes on. @throws TwinergyError `TWIN_BAD_DESCRIPTION` */
  async updateAsset(asset: PlantDescription | AssetModel): Promise<void> {
    await this.open();
    await this.#queued(async () => {
      const old = this.#asset(asset.id);
      const changed = new AssetMonitor(new DigitalTwin(asset, { seed: this.#options.seed }), this.#stages);
      await this.#register([changed]);
      if (Number.isFinite(old.time)) changed.restore(old.save(), undefined);
      this.#assets.set(asset.id, changed);
      this.#alerts.setAsset(alertAsset(changed.twin));
    });
  }

  /** Monitors an asset no more; its alerts end. What is stored of it stays. @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  async removeAsset(assetId: string): Promise<void> {
    await this.open();
    await this.#queued(async () => {
      this.#asset(assetId);
      const comment = 'The asset was removed.';
      await this.#change((alerts) =>
        alerts.open(assetId).map(({ id }) => alerts.resolve(id, { by: 'monitor', comment })),
      );
      this.#assets.delete(assetId);
    });
  }

  /** What waits to be told, and what was given up; undefined where nobody is to be told, and before `open`. */
  get outbox(): Outbox | undefined {
    return this.#desk?.outbox;
  }

  /**
   * Makes the models that assets begin with, or loads them from storage; assets of the same kind share the work. Until then
   * there are no anomalies and no remaining life; everything else works.
   */
  async train(work: WorkOptions = {}): Promise<void> {
    await this.open();
    const { models } = this.#options;
    if (models === false) return;
    const made = new Map<string, SavedPrior>();
    for (const [assetId, asset] of this.#assets) {
      const key = kindOf(asset.twin);
      let saved = made.get(key) ?? readablePrior((await this.#storage.get('models', `prior:${key}`))?.data);
      if (saved === undefined) {
        const onProgress = (progress: Progress) => {
          work.onProgress?.(progress);
          this.emit('training', { assetId, progress });
        };
        saved = savePrior(
          await trainPrior(
            asset.twin,
            { seed: this.#options.seed ?? 0, ...models },
            { signal: work.signal, onProgress },
          ),
        );
        await this.#storage.put('models', [
          {
            id: `prior:${key}`,
            time: this.#clock.now(),
            name: 'prior',
            kind: asset.twin.model.type,
            version: 1,
            data: saved,
          },
        ]);
      }
      made.set(key, saved);
      asset.usePrior(loadPrior(saved));
      await this.fitForecaster(assetId);
      this.emit('training', { assetId, progress: 'done' });
    }
  }

  /** Fits an asset's forecaster on its stored history; false where there is less than three days of it. */
  async fitForecaster(assetId: string): Promise<boolean> {
    const asset = this.#asset(assetId);
    const to = Number.isFinite(asset.time) ? asset.time + 1 : this.#clock.now();
    const channel = asset.twin.model.output.name;
    return asset.fitForecaster(
      await this.#storage.read({ assetId, from: to - 60 * DAY, to, channels: [channel], last: 100_000 }),
    );
  }

  /** Waits for what is under way. Storage stays open: it belongs to whoever gave it. */
  async close(): Promise<void> {
    await this.#tail;
    this.removeAllListeners();
  }

  #asset(assetId: string): AssetMonitor {
    const asset = this.#assets.get(assetId);
    if (asset === undefined) {
      throw new TwinergyError('MONITOR_UNKNOWN_ASSET', `There is no asset "${assetId}".`, {
        value: assetId,
        hint: `Assets are: ${this.assetIds.join(', ')}.`,
      });
    }
    return asset;
  }

  /** One thing at a time: the state belongs to whoever is working on it. */
  #queued<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Set by `open`, which everything that needs it waits for. */
  get #storage(): TenantStorage {
    if (this.#tenantStorage === undefined)
      throw new TwinergyError('MONITOR_NOT_OPEN', 'The monitor is not open yet.', {
        hint: 'await monitor.open() first.',
      });
    return this.#tenantStorage;
  }

  #add(asset: PlantDescription | AssetModel): AssetMonitor {
    const twin = new DigitalTwin(asset, { seed: this.#options.seed });
    if (this.#assets.has(twin.id)) {
      throw new TwinergyError('MONITOR_DUPLICATE_ASSET', `There are two assets "${twin.id}".`, {
        path: 'assets',
        value: twin.id,
      });
    }
    const added = new AssetMonitor(twin, this.#stages);
    this.#assets.set(twin.id, added);
    return added;
  }

  /** Makes channels and assets known to storage. */
  async #register(assets: readonly AssetMonitor[]): Promise<void> {
    const channels = new Map(
      assets.flatMap(({ twin }) =>
        twin.model.channels.map(({ name, unit, title }) => [name, { name, unit, title }] as const),
      ),
    );
    await this.#storage.registerChannels([...channels.values()]);
    const now = this.#clock.now();
    const { rows } = await this.#storage.list('assets', { limit: 100_000 });
    const known = new Map(rows.map((row) => [row.id, row]));
    // What others keep with an asset (its tags) stays.
    await this.#storage.put(
      'assets',
      assets.map(({ twin }) => ({ ...known.get(twin.id), ...assetRecord(twin, known.get(twin.id)?.time ?? now) })),
    );
  }

  #newEngine(rules: readonly Rule[]): AlertEngine {
    const { tenantId, alerts } = this.#options;
    const described = [...this.#assets.values()].map(({ twin }) => alertAsset(twin));
    const assets = [...described, ...(alerts?.assets ?? [])];
    return new AlertEngine({
      ...alerts,
      assets,
      rules,
      clock: this.#clock,
      ...(tenantId !== undefined && { tenantId }),
    });
  }

  async #restore(): Promise<void> {
    const { storage = memoryStorage(), tenantId, notify } = this.#options;
    const store = await storage;
    this.#tenantStorage = tenantId === undefined ? store : store.tenant(tenantId);
    if (notify !== undefined) this.#desk = new AlertDesk(notify, this.#clock, this.#tenantStorage);
    await this.#register([...this.#assets.values()]);
    const state = (await this.#storage.get('checkpoints', CHECKPOINT))?.state as MonitorState | undefined;
    if (state === undefined) return;
    if (state.formatVersion !== 1) {
      throw new TwinergyError(
        'MONITOR_BAD_STATE',
        `The stored state has format ${String(state.formatVersion)}; this release reads format 1.`,
      );
    }
    this.#alerts.restore(state.alerts);
    if (state.desk !== undefined) this.#desk?.restore(state.desk);
    if (state.suppressor !== undefined) this.#suppressor?.restore(state.suppressor);
    for (const [assetId, saved] of Object.entries(state.assets)) {
      const asset = this.#assets.get(assetId);
      if (asset === undefined) continue;
      const daily = (await this.#storage.get('checkpoints', dailyId(assetId)))?.state as SavedDaily | undefined;
      asset.restore(saved, daily);
      if (daily !== undefined) await this.#redoDay(assetId, asset, daily);
    }
  }

  /** The sums of the day under way are not stored with every reading: they are made again from telemetry. */
  async #redoDay(assetId: string, asset: AssetMonitor, daily: SavedDaily): Promise<void> {
    if (daily.day < 0) return;
    asset.daily.restore({ ...daily, sums: daily.sums.map(() => 0), counts: daily.counts.map(() => 0) });
    const { rows } = await this.#storage.readings({ assetId, from: daily.day, to: asset.time + 1, limit: 100_000 });
    for (const { time, values } of rows) asset.daily.add(time, values);
  }

  async #ingest(list: readonly Reading[]): Promise<IngestResult> {
    const now = this.#clock.now();
    const rejected: Rejection[] = [];
    const taken: Reading[] = [];
    for (const reading of list) {
      const asset = this.#assets.get(reading.assetId);
      const newest = asset?.time ?? Number.NEGATIVE_INFINITY;
      const rejection = rejectionOf(reading, asset?.twin.model, {
        earliest: newest - this.#watermark,
        latest: now + this.#tolerance,
      });
      if (rejection === undefined) taken.push(this.#asset(reading.assetId).complete(reading));
      else rejected.push(rejection);
    }
    taken.sort((a, b) => a.time - b.time);
    const before = this.#save();
    const outcomes: AssetOutcome[] = [];
    const changes: AlertChange[] = [];
    const dailyChanged = new Set<string>();
    let late = 0;
    let duplicates = 0;
    const stored: Reading[] = [];
    for (const reading of taken) {
      const asset = this.#asset(reading.assetId);
      if (reading.time <= asset.time) {
        if (reading.time === asset.time) duplicates++;
        else late++;
        stored.push(reading);
        continue;
      }
      const day = Math.floor(asset.time / DAY);
      const outcome = asset.process(reading);
      if (Math.floor(reading.time / DAY) !== day) dailyChanged.add(reading.assetId);
      stored.push(reading);
      outcomes.push(outcome);
      changes.push(...this.#alerts.evaluate(alertInput(outcome)));
    }
    if (changes.length > 0) changes.push(...this.#settle());
    try {
      await this.#storage.commit({
        readings: stored,
        put: {
          ...recordsOf(outcomes),
          ...this.#alertRows(changes),
          quarantine: rejected.map((rejection) => quarantineRecord(rejection, now, this.#sequence++)),
          checkpoints: [...dailyChanged].map((assetId) => ({
            id: dailyId(assetId),
            time: now,
            state: this.#asset(assetId).daily.toJSON(),
          })),
        },
        checkpoint: { id: CHECKPOINT, time: now, state: this.#save() },
      });
    } catch (error) {
      this.#undo(before);
      throw error;
    }
    this.#tell(outcomes, changes, rejected);
    return { accepted: stored.length - duplicates, late, duplicates, rejected };
  }

  /** With the assets and rules as they are now; what it has suppressed stays in mind. */
  #renewSuppressor(): void {
    const { suppress } = this.#options;
    if (suppress === undefined) return;
    const { assets, rules } = this.#alerts;
    const renewed = new AlertSuppressor({ ...suppress, assets, rules });
    if (this.#suppressor !== undefined) renewed.restore(this.#suppressor.toJSON());
    this.#suppressor = renewed;
  }

  /** Suppresses what follows from something else, and lets be heard what no longer does. */
  #settle(): AlertChange[] {
    return this.#suppressor?.settle(this.#alerts, this.#clock.now()) ?? [];
  }

  /** Rows of what alerts did, and of whom to tell of it. */
  #alertRows(changes: readonly AlertChange[]) {
    return {
      alerts: alertRecords(changes),
      audit: changes.map(auditRecord),
      outbox: this.#desk?.take(changes) ?? [],
    };
  }

  /** Does something with alerts, stores what came of it, and tells it. `always`: also where nothing came of it. */
  async #change(work: (alerts: AlertEngine) => AlertChange[], always = false): Promise<AlertChange[]> {
    const before = this.#save();
    const changes = [...work(this.#alerts), ...this.#settle()];
    const rows = this.#alertRows(changes);
    if (changes.length === 0 && rows.outbox.length === 0 && !always) return changes;
    try {
      await this.#storage.commit({
        put: rows,
        checkpoint: { id: CHECKPOINT, time: this.#clock.now(), state: this.#save() },
      });
    } catch (error) {
      this.#undo(before);
      throw error;
    }
    this.#tell([], changes, []);
    return changes;
  }

  #save(): MonitorState {
    const assets = [...this.#assets]
      .filter(([, asset]) => Number.isFinite(asset.time))
      .map(([id, asset]) => [id, asset.save()] as const);
    return {
      formatVersion: 1,
      assets: Object.fromEntries(assets),
      alerts: this.#alerts.toJSON(),
      ...(this.#desk !== undefined && { desk: this.#desk.save() }),
      ...(this.#suppressor !== undefined && { suppressor: this.#suppressor.toJSON() }),
    };
  }

  /** What could not be stored has not happened: the same readings can be given again. */
  #undo(before: MonitorState): void {
    this.#alerts = this.#newEngine(this.#rules);
    this.#alerts.restore(before.alerts);
    if (before.desk !== undefined) this.#desk?.restore(before.desk);
    if (before.suppressor !== undefined) this.#suppressor?.restore(before.suppressor);
    for (const [assetId, asset] of this.#assets) {
      asset.restore(
        before.assets[assetId] ?? { time: Number.NEGATIVE_INFINITY, healthLabel: null, life: null, forecastAt: null },
        undefined,
      );
    }
  }

  #tell(outcomes: readonly AssetOutcome[], changes: readonly AlertChange[], rejected: readonly Rejection[]): void {
    for (const outcome of outcomes) {
      const { assetId, time } = outcome.reading;
      this.emit('reading', outcome);
      if (outcome.anomaly?.anomalous) this.emit('anomaly', outcome);
      this.emit('health', { assetId, time, health: outcome.health });
      if (outcome.forecast !== undefined) this.emit('forecast', { assetId, forecast: outcome.forecast });
      if (outcome.lifeIsNew && outcome.life !== undefined) this.emit('life', { assetId, life: outcome.life });
    }
    for (const change of changes) {
      this.emit('alertChange', change);
      if (change.kind === 'raise' || change.kind === 'escalate' || change.kind === 'update')
        this.emit('alert', change.alert);
    }
    for (const rejection of rejected) this.emit('quarantine', rejection);
  }
}

const DAY = 86_400_000;

function isReading(readings: Reading | readonly Reading[]): readings is Reading {
  return !Array.isArray(readings);
}

function dailyId(assetId: string): string {
  return `monitor:daily:${assetId}`;
}

/** The same for assets that are described alike but for their name: they can share models. */
function kindOf({ model, plant }: DigitalTwin): string {
  const { id: _id, name: _name, ...rest } = plant ?? { id: '', name: '', channels: model.channels, type: model.type };
  const text = JSON.stringify(rest);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${model.type}-${(hash >>> 0).toString(36)}-${text.length}`;
}
