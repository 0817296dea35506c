import {
  type Alert,
  type AlertChange,
  AlertEngine,
  type AlertEngineOptions,
  type AlertEngineState,
  type DispatcherState,
  type Outbox,
  type Rule,
  type Silence,
  solarRules,
} from '../alerts/index.js';
import {
  type Clock,
  type Duration,
  durationMs,
  type Frame,
  type Progress,
  type Reading,
  systemClock,
  TwinergyError,
  TypedEvents,
  type WorkOptions,
} from '../core/index.js';
import { type HealthScore, HealthScoreCalculator, type RULPrediction } from '../models/index.js';
import { memoryStorage, type Storage, type TenantStorage } from '../storage/index.js';
import { type AssetModel, DigitalTwin, type PlantDescription } from '../twin/index.js';
import { AlertDesk, type NotifyOptions } from './alert-desk.js';
import { alertInput } from './alert-input.js';
import { AssetMonitor, type AssetOutcome, type AssetState, type ReadingJudgement } from './asset-monitor.js';
import type { SavedDaily } from './daily.js';
import { loadPrior, type PriorOptions, readablePrior, type SavedPrior, savePrior, trainPrior } from './prior-models.js';
import { alertAsset, alertRecords, assetRecord, auditRecord, quarantineRecord, recordsOf } from './records.js';
import { type Rejection, rejectionOf } from './validate.js';

/** Options of `Monitor`. */
export interface MonitorOptions {
  /** Plants by their description, and assets of any kind by their model. */
  readonly assets: readonly (PlantDescription | AssetModel)[];
  /** Where everything is kept. Default: in memory. */
  readonly storage?: Storage | Promise<Storage>;
  /** Default `default`. */
  readonly tenantId?: string;
  /** Default: `solarRules()`. */
  readonly rules?: readonly Rule[];
  /** What else the alert engine is given: assets with zone, parent and attributes, further channels, `expressions`. */
  readonly alerts?: Omit<AlertEngineOptions, 'rules' | 'tenantId' | 'clock'>;
  /** Who is told of alerts. Default: nobody but the listeners. */
  readonly notify?: NotifyOptions;
  readonly health?: HealthScoreCalculator;
  /** How the models are made that an asset begins with; `false` does without models. */
  readonly models?: PriorOptions | false;
  /** Time between forecasts. Default `15m`. */
  readonly forecastEvery?: Duration;
  /** Default `6h`. */
  readonly forecastHorizon?: Duration;
  /** How late a reading may come and still be stored. Default `1d`. */
  readonly watermark?: Duration;
  /** How far a source's clock may be ahead. Default `5m`. */
  readonly clockTolerance?: Duration;
  readonly clock?: Clock;
  readonly seed?: number;
}

/** What became of the readings of one `ingest`. */
export interface IngestResult {
  /** Stored, and worked on unless they were late. */
  readonly accepted: number;
  /** Stored, but older than what had been worked on: they change history, not the present. */
  readonly late: number;
  /** Already there: nothing changed. */
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
}

/** Events of a `Monitor`, told after what they tell of has been stored. */
export interface MonitorEvents {
  reading: AssetOutcome;
  alert: Alert;
  alertChange: AlertChange;
  anomaly: AssetOutcome;
  health: { readonly assetId: string; readonly time: number; readonly health: HealthScore };
  forecast: { readonly assetId: string; readonly forecast: Frame };
  life: { readonly assetId: string; readonly life: RULPrediction };
  quarantine: Rejection;
  /** Models are being made, or were taken into use. */
  training: { readonly assetId: string; readonly progress: Progress | 'done' };
}

/** What the checkpoint holds. */
interface MonitorState {
  readonly formatVersion: 1;
  readonly assets: Readonly<Record<string, AssetState>>;
  readonly alerts: AlertEngineState;
  readonly desk?: DispatcherState | undefined;
}

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
  #alerts: AlertEngine;
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
    const forecastEvery = durationMs(options.forecastEvery ?? '15m', 'forecastEvery');
    const forecastHorizon = durationMs(options.forecastHorizon ?? '6h', 'forecastHorizon');
    const health = options.health ?? new HealthScoreCalculator();
    for (const asset of options.assets) {
      const twin = new DigitalTwin(asset, { seed: options.seed });
      if (this.#assets.has(twin.id))
        throw new TwinergyError('MONITOR_DUPLICATE_ASSET', `There are two assets "${twin.id}".`, {
          path: 'assets',
          value: twin.id,
        });
      this.#assets.set(twin.id, new AssetMonitor(twin, { health, forecastEvery, forecastHorizon }));
    }
    this.#alerts = this.#newEngine();
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

  #newEngine(): AlertEngine {
    const { rules = solarRules(), tenantId, alerts } = this.#options;
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
    const now = this.#clock.now();
    for (const asset of this.#assets.values()) {
      await this.#storage.registerChannels(
        asset.twin.model.channels.map(({ name, unit, title }) => ({ name, unit, title })),
      );
    }
    await this.#storage.put(
      'assets',
      [...this.#assets.values()].map(({ twin }) => assetRecord(twin, now)),
    );
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
    const changes = work(this.#alerts);
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
    };
  }

  /** What could not be stored has not happened: the same readings can be given again. */
  #undo(before: MonitorState): void {
    this.#alerts = this.#newEngine();
    this.#alerts.restore(before.alerts);
    if (before.desk !== undefined) this.#desk?.restore(before.desk);
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
