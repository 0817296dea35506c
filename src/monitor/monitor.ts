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
import { type Batch, type Checkpoint, memoryStorage, type TenantStorage } from '../storage/index.js';
import { type AssetModel, DigitalTwin, type PlantDescription } from '../twin/index.js';
import { AlertDesk, type NotifyOptions } from './alert-desk.js';
import { derivedSignals } from './alert-input.js';
import { AssetMonitor, defaultStages } from './asset-monitor.js';
import type { AssetMonitorOptions, AssetOutcome, ReadingJudgement } from './asset-state.js';
import { checkpointRows, engineState, readCheckpoints, type SharedState, sharedRow } from './checkpoints.js';
import type { IngestResult, MonitorEvents, MonitorOptions } from './contract.js';
import type { SavedDaily } from './daily.js';
import { MonitorFigures, type MonitorMetrics } from './figures.js';
import { IngestGroup, type IngestShare } from './ingest-group.js';
import { alertAsset, alertRecords, assetRecord, auditRecord, quarantineRecord, recordsOf } from './records.js';
import { sheddingOrder } from './stages.js';
import { PriorShelf } from './training.js';
import { type Rejection, rejectionOf } from './validate.js';

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
  readonly #group = new IngestGroup(
    (step) => this.#queued(step),
    (calls) => this.#ingest(calls),
  );
  #sequence = 0;
  #shelf: PriorShelf | undefined;
  /** What is in memory may not be what is stored: it is read again before anything else is done. */
  #stale = false;
  #waiting = 0;
  #closed = false;
  #shed: ReadonlySet<string> | undefined;
  #sample = 0;
  readonly #figures = new MonitorFigures();
  readonly #shedFrom: number;
  readonly #refuseFrom: number;

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION`, `RULE_…`, `MONITOR_DUPLICATE_ASSET` */
  constructor(options: MonitorOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#watermark = durationMs(options.watermark ?? '1d', 'watermark');
    this.#tolerance = durationMs(options.clockTolerance ?? '5m', 'clockTolerance');
    this.#shedFrom = options.overload?.shedFrom ?? 20_000;
    this.#refuseFrom = options.overload?.refuseFrom ?? 500_000;
    this.#stages = {
      forecastEvery: durationMs(options.forecastEvery ?? '15m', 'forecastEvery'),
      forecastHorizon: durationMs(options.forecastHorizon ?? '6h', 'forecastHorizon'),
      health: options.health ?? new HealthScoreCalculator(),
      stages: options.stages?.(defaultStages) ?? defaultStages,
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
   * cannot be taken go to quarantine with the reason. Calls that come while another one is being stored go together.
   * @throws TwinergyError `MONITOR_OVERLOADED` when more wait than `overload.refuseFrom`
   */
  async ingest(readings: Reading | readonly Reading[]): Promise<IngestResult> {
    await this.open();
    const list = isReading(readings) ? [readings] : readings;
    if (this.#waiting > 0 && this.#waiting + list.length > this.#refuseFrom) {
      throw new TwinergyError('MONITOR_OVERLOADED', `${this.#waiting} readings wait already.`, {
        hint: 'Send them again later, or more slowly.',
      });
    }
    this.#waiting += list.length;
    this.#lighten();
    const start = performance.now();
    try {
      return await this.#group.add(list);
    } finally {
      this.#waiting -= list.length;
      this.#lighten();
      this.#figures.ingest.add(performance.now() - start);
    }
  }

  /** What the monitor says of itself. */
  metrics(): MonitorMetrics {
    const now = this.#clock.now();
    let oldest = Number.POSITIVE_INFINITY;
    for (const { time } of this.#assets.values()) if (Number.isFinite(time)) oldest = Math.min(oldest, time);
    return {
      assets: this.#assets.size,
      openAlerts: this.#alerts.open().length,
      queueDepth: this.#waiting,
      lag: Number.isFinite(oldest) ? now - oldest : null,
      shed: [...(this.#shed ?? [])],
      ...this.#figures.snapshot(now),
    };
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
      if (old.forecaster !== undefined) changed.useForecaster(old.forecaster);
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
    this.#shelf ??= new PriorShelf(this.#storage, { seed: this.#options.seed ?? 0, ...models });
    for (const [assetId, asset] of this.#assets) {
      const onProgress = (progress: Progress) => {
        work.onProgress?.(progress);
        this.emit('training', { assetId, progress });
      };
      asset.usePrior(await this.#shelf.of(asset.twin, this.#clock.now(), { signal: work.signal, onProgress }));
      await this.fitForecaster(assetId);
      this.emit('training', { assetId, progress: 'done' });
    }
  }

  /** Fits an asset's forecaster on its stored history; false where there is less than three days of it. */
  async fitForecaster(assetId: string): Promise<boolean> {
    const asset = this.#asset(assetId);
    const to = Number.isFinite(asset.time) ? asset.time + 1 : this.#clock.now();
    const channel = asset.twin.model.output.name;
    const history = await this.#storage.read({ assetId, from: to - 60 * DAY, to, channels: [channel], last: 100_000 });
    const forecaster = await asset.fitForecaster(history);
    if (forecaster !== undefined) asset.useForecaster(forecaster);
    return forecaster !== undefined;
  }

  /** Waits for what is under way; nothing is taken in any more. Storage stays open: it belongs to whoever gave it. */
  async close(): Promise<void> {
    this.#closed = true;
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

  /** One thing at a time: the state belongs to whoever is working on it. @throws TwinergyError `MONITOR_CLOSED` */
  async #queued<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new TwinergyError('MONITOR_CLOSED', 'The monitor is closed.');
    const step = async () => {
      if (this.#stale) await this.#reload();
      return work();
    };
    const result = this.#tail.then(step, step);
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
    await this.#reload();
  }

  /** Takes up what is stored, in place of what is in memory. */
  async #reload(): Promise<void> {
    this.#stale = true;
    const stored = await readCheckpoints(this.#storage);
    this.#alerts = this.#newEngine(this.#rules);
    if (stored !== undefined) {
      this.#alerts.restore(engineState(stored));
      if (stored.shared.desk !== undefined) this.#desk?.restore(stored.shared.desk);
      if (stored.shared.suppressor !== undefined) this.#suppressor?.restore(stored.shared.suppressor);
    }
    for (const [assetId, asset] of this.#assets) {
      const daily = stored?.daily.get(assetId);
      asset.restore(stored?.assets.get(assetId), daily);
      if (daily !== undefined) await this.#redoDay(assetId, asset, daily.daily);
    }
    this.#alerts.drainChanged();
    this.#stale = false;
  }

  /** The sums of the day under way are not stored with every reading: they are made again from telemetry. */
  async #redoDay(assetId: string, asset: AssetMonitor, daily: SavedDaily): Promise<void> {
    if (daily.day < 0) return;
    asset.daily.restore(daily, { redoDay: true });
    for await (const { time, values } of this.#valuesOf(assetId, daily.day, asset.time + 1))
      asset.daily.add(time, values, asset.expected({ assetId, time, values }));
  }

  async *#valuesOf(assetId: string, from: number, to: number): AsyncGenerator<Reading> {
    let after: string | undefined;
    do {
      const page = await this.#storage.readings({ assetId, from, to, limit: 10_000, after });
      yield* page.rows;
      after = page.next;
    } while (after !== undefined);
  }

  /** Leaves stages out while more waits than can be worked on, in the stated order, and says so. */
  #lighten(): void {
    const over = Math.floor(this.#waiting / this.#shedFrom);
    const names = sheddingOrder.slice(0, over);
    if (names.length === (this.#shed?.size ?? 0)) return;
    this.#shed = names.length === 0 ? undefined : new Set(names);
    this.emit('overload', { shed: names, waiting: this.#waiting });
  }

  /** Takes the readings of several calls in, in one transaction; gives the result of each call. */
  async #ingest(calls: readonly (readonly Reading[])[]): Promise<IngestResult[]> {
    const now = this.#clock.now();
    const latest = now + this.#tolerance;
    const rejected: Rejection[] = [];
    const taken: { readonly reading: Reading; readonly asset: AssetMonitor; readonly share: IngestShare }[] = [];
    const shares: IngestShare[] = [];
    let ordered = true;
    let last = Number.NEGATIVE_INFINITY;
    for (const list of calls) {
      const share: IngestShare = { accepted: 0, late: 0, duplicates: 0, rejected: [] };
      shares.push(share);
      for (const reading of list) {
        const asset = this.#assets.get(reading.assetId);
        const earliest = (asset?.time ?? Number.NEGATIVE_INFINITY) - this.#watermark;
        const rejection = rejectionOf(reading, asset?.channels, { earliest, latest });
        if (rejection !== undefined || asset === undefined) {
          if (rejection !== undefined) share.rejected.push(rejection);
          continue;
        }
        if (reading.time < last) ordered = false;
        last = reading.time;
        taken.push({ reading: asset.complete(reading), asset, share });
        share.accepted++;
      }
      for (const rejection of share.rejected) rejected.push(rejection);
    }
    if (!ordered) taken.sort((a, b) => a.reading.time - b.reading.time);
    const outcomes: AssetOutcome[] = [];
    const revised: AssetOutcome[] = [];
    const changes: AlertChange[] = [];
    const touched = new Set<AssetMonitor>();
    const dailyChanged = new Set<AssetMonitor>();
    const healthNews = new Set<AssetOutcome>();
    let duplicates = 0;
    for (const { reading, asset, share } of taken) {
      if (reading.time <= asset.time) {
        if (reading.time === asset.time) {
          duplicates++;
          share.accepted--;
          share.duplicates++;
        } else {
          revised.push(asset.revise(reading));
          share.late++;
        }
        continue;
      }
      const day = Math.floor(asset.time / DAY);
      const label = asset.healthLabel;
      const timed = (this.#sample++ & 63) === 0 ? this.#timed : undefined;
      const outcome = asset.process(reading, this.#shed, timed);
      if (outcome.lifeIsNew || Math.floor(reading.time / DAY) !== day) dailyChanged.add(asset);
      if (asset.healthIsNews(outcome, label)) healthNews.add(outcome);
      touched.add(asset);
      outcomes.push(outcome);
      const start = timed === undefined ? 0 : performance.now();
      const made = this.#alerts.evaluate(reading, derivedSignals(outcome));
      timed?.('alerts', performance.now() - start);
      if (made.length > 0) changes.push(...made);
    }
    if (changes.length > 0) changes.push(...this.#settle());
    for (const asset of await this.#correctDays(revised)) dailyChanged.add(asset);
    const records = recordsOf(outcomes, healthNews);
    const late = recordsOf(revised, healthNews);
    await this.#commit(
      {
        readings: taken.map(({ reading }) => reading),
        put: {
          ...records,
          anomalies: [...records.anomalies, ...late.anomalies],
          quarantine: rejected.map((rejection) => quarantineRecord(rejection, now, this.#sequence++)),
        },
      },
      changes,
      checkpointRows(touched, dailyChanged, this.#alerts.drainChanged(), this.#alerts, now),
    );
    this.#count(outcomes, changes, { late: revised.length, duplicates, rejected: rejected.length });
    this.#tell(outcomes, changes, rejected);
    return shares;
  }

  readonly #timed = (stage: string, ms: number): void => this.#figures.stage(stage, ms);

  /** The days that late readings belong to, made again with them. */
  async #correctDays(late: readonly AssetOutcome[]): Promise<AssetMonitor[]> {
    const days = new Map<string, { asset: AssetMonitor; day: number; readings: Reading[] }>();
    for (const { reading } of late) {
      const asset = this.#assets.get(reading.assetId) as AssetMonitor;
      const day = Math.floor(reading.time / DAY) * DAY;
      if (day >= Math.floor(asset.time / DAY) * DAY) continue;
      const key = `${day} ${reading.assetId}`;
      const entry = days.get(key) ?? { asset, day, readings: [] };
      entry.readings.push(reading);
      days.set(key, entry);
    }
    const corrected: AssetMonitor[] = [];
    for (const { asset, day, readings } of days.values()) {
      const rows = new Map<number, Readonly<Record<string, number>>>();
      for await (const { time, values } of this.#valuesOf(asset.id, day, day + DAY)) rows.set(time, values);
      for (const { time, values } of readings) rows.set(time, { ...rows.get(time), ...values });
      const inOrder = [...rows]
        .sort(([a], [b]) => a - b)
        .map(([time, values]) => ({
          time,
          measured: values,
          expected: asset.expected({ assetId: asset.id, time, values }),
        }));
      if (asset.daily.correct(day, inOrder)) corrected.push(asset);
    }
    return corrected;
  }

  #count(
    outcomes: readonly AssetOutcome[],
    changes: readonly AlertChange[],
    { late, duplicates, rejected }: { readonly late: number; readonly duplicates: number; readonly rejected: number },
  ): void {
    const figures = this.#figures;
    figures.accepted += outcomes.length + late;
    figures.late += late;
    figures.duplicates += duplicates;
    figures.rejected += rejected;
    if (this.#shed !== undefined) figures.shedReadings += outcomes.length;
    for (const { reading, health, anomaly, powerRatio } of outcomes) {
      figures.health(reading.assetId, health.score);
      figures.ratio(powerRatio);
      if (anomaly?.anomalous === true) figures.anomalies++;
    }
    for (const { kind, time } of changes) if (kind === 'raise') figures.raised(time);
  }

  /** Does something with alerts, stores what came of it, and tells it. `always`: also where nothing came of it. */
  async #change(work: (alerts: AlertEngine) => AlertChange[], always = false): Promise<AlertChange[]> {
    let changes: AlertChange[];
    try {
      changes = [...work(this.#alerts), ...this.#settle()];
    } catch (error) {
      this.#alerts.drainChanged();
      throw error;
    }
    const alarms = this.#alerts.drainChanged();
    if (await this.#commit({}, changes, checkpointRows([], new Set(), alarms, this.#alerts, this.#clock.now()), always))
      this.#count([], changes, { late: 0, duplicates: 0, rejected: 0 });
    this.#tell([], changes, []);
    return changes;
  }

  /** Writes a step down in one transaction. What cannot be stored has not happened: memory takes up what is stored. */
  async #commit(
    batch: Pick<Batch, 'readings' | 'put'>,
    changes: readonly AlertChange[],
    checkpoints: readonly Checkpoint[],
    always = true,
  ): Promise<boolean> {
    const outbox = this.#desk?.take(changes) ?? [];
    if (changes.length === 0 && outbox.length === 0 && !always) return false;
    const shared = changes.length > 0 || outbox.length > 0 || batch.readings === undefined || this.#alerts.hasGroups;
    const start = performance.now();
    try {
      await this.#storage.commit({
        ...batch,
        put: {
          ...batch.put,
          alerts: alertRecords(changes),
          audit: changes.map(auditRecord),
          outbox,
          checkpoints: shared ? [...checkpoints, sharedRow(this.#shared(), this.#clock.now())] : checkpoints,
        },
      });
      this.#figures.commit.add(performance.now() - start);
      return true;
    } catch (error) {
      // Where the store cannot even be read, it is tried again before the next step.
      await this.#reload().catch(() => undefined);
      throw error;
    }
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

  #shared(): SharedState {
    return {
      alerts: this.#alerts.saveShared(),
      ...(this.#desk !== undefined && { desk: this.#desk.save() }),
      ...(this.#suppressor !== undefined && { suppressor: this.#suppressor.toJSON() }),
    };
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
