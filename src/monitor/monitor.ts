import type {
  ActionRequest,
  ActionState,
  Alert,
  AlertActions,
  AlertChange,
  AlertEngine,
  Diagnosis,
  Outbox,
  Rule,
  Silence,
} from '../alerts/index.js';
import {
  type Clock,
  durationMs,
  type Reading,
  systemClock,
  TwinergyError,
  TypedEvents,
  type WorkOptions,
} from '../core/index.js';
import { HealthScoreCalculator } from '../models/index.js';
import type { AssetModel, DigitalTwin, PlantDescription } from '../twin/index.js';
import type { NotifyOptions } from './alert-desk.js';
import { AlertSide } from './alert-side.js';
import { defaultStages } from './asset-monitor.js';
import type { AssetOutcome, ReadingJudgement } from './asset-state.js';
import type { IngestResult, MonitorEvents, MonitorOptions } from './contract.js';
import { MonitorFigures, type MonitorMetrics } from './figures.js';
import { Fleet, registerAssets } from './fleet.js';
import { Intake } from './intake.js';
import type { JobQueue } from './jobs/index.js';
import { Loop } from './loop.js';
import { ModelCare } from './model-care.js';
import { alertAsset } from './records.js';
import { mergeTrials, type ShadowTrials } from './shadow-trial.js';
import type { ModelShelf } from './training.js';

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
  readonly #clock: Clock;
  readonly #fleet: Fleet;
  readonly #alerts: AlertSide;
  readonly #figures = new MonitorFigures();
  readonly #loop: Loop;
  readonly #models: ModelCare;

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION`, `RULE_…`, `MONITOR_DUPLICATE_ASSET` */
  constructor(options: MonitorOptions) {
    super();
    this.#clock = options.clock ?? systemClock;
    this.#fleet = new Fleet(
      {
        forecastEvery: durationMs(options.forecastEvery ?? '15m', 'forecastEvery'),
        forecastHorizon: durationMs(options.forecastHorizon ?? '6h', 'forecastHorizon'),
        health: options.health ?? new HealthScoreCalculator(),
        stages: options.stages?.(defaultStages) ?? defaultStages,
        onInference: (model, ms) => this.#figures.inference(model, ms),
      },
      options.seed,
    );
    for (const asset of options.assets) this.#fleet.add(asset);
    this.#alerts = new AlertSide(options, this.#clock, this.#fleet);
    this.#loop = new Loop(options, {
      fleet: this.#fleet,
      alerts: this.#alerts,
      figures: this.#figures,
      intake: new Intake(this.#fleet, this.#alerts, this.#figures, this.#clock, {
        watermark: durationMs(options.watermark ?? '1d', 'watermark'),
        tolerance: durationMs(options.clockTolerance ?? '5m', 'clockTolerance'),
      }),
      clock: this.#clock,
      events: this,
    });
    this.#models = new ModelCare(options, {
      fleet: this.#fleet,
      clock: this.#clock,
      loop: this.#loop,
      events: this,
    });
  }

  /** The monitored assets' ids. */
  get assetIds(): string[] {
    return this.#fleet.ids;
  }

  /** The twin of an asset, as described: for expectations and what-if. @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  twin(assetId: string): DigitalTwin {
    return this.#fleet.get(assetId).twin;
  }

  /** Whether every asset has its models. */
  get trained(): boolean {
    return [...this.#fleet].every(({ models }) => models.trained);
  }

  /** What a sound asset would measure in the place of `reading`, by stage. @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  expected(reading: Reading): Record<string, number> {
    return this.#fleet.get(reading.assetId).expected(reading);
  }

  /**
   * Judges a reading without taking it in: what was expected, and how unusual it is.
   * @throws TwinergyError `MONITOR_UNKNOWN_ASSET`
   */
  judge(reading: Reading): ReadingJudgement {
    return this.#fleet.get(reading.assetId).judge(reading);
  }

  /**
   * What was worked out from an asset's newest reading: kept, not judged anew. Undefined before its first.
   * @throws TwinergyError `MONITOR_UNKNOWN_ASSET`
   */
  latest(assetId: string): AssetOutcome | undefined {
    return this.#fleet.get(assetId).latest;
  }

  /** Alerts that are not resolved, the worst first. */
  openAlerts(assetId?: string): Alert[] {
    return this.#alerts.open(assetId);
  }

  /** Registers assets and channels, and takes up the state that was stored. `ingest` does it by itself. */
  open(): Promise<void> {
    return this.#loop.open();
  }

  /**
   * Takes readings in, in any order, and resolves when they and all that follows from them are stored. Readings that
   * cannot be taken go to quarantine with the reason. Calls that come while others are worked on share one transaction.
   * @throws TwinergyError `MONITOR_OVERLOADED` when more wait than `overload.refuseFrom`
   */
  ingest(readings: Reading | readonly Reading[]): Promise<IngestResult> {
    return this.#loop.ingest(isReading(readings) ? [readings] : readings);
  }

  /** What the monitor says of itself. */
  metrics(): MonitorMetrics {
    const now = this.#clock.now();
    let oldest = Number.POSITIVE_INFINITY;
    for (const { time } of this.#fleet) if (Number.isFinite(time)) oldest = Math.min(oldest, time);
    return {
      assets: this.#fleet.size,
      openAlerts: this.#alerts.open().length,
      queueDepth: this.#loop.line.waiting,
      lag: Number.isFinite(oldest) ? now - oldest : null,
      shed: [...(this.#loop.line.shed ?? [])],
      jobs: this.#models.jobs.counts,
      ...this.#figures.snapshot(now),
    };
  }

  /**
   * Lets time pass: conditions that come true without a reading, ends of shelving, escalation; tells who is to be told, and
   * tries deliveries that are due; does the work that alerts trigger. Call it every few seconds. Resolves when all of it is over.
   */
  async tick(): Promise<void> {
    await this.#loop.inTurn(() => this.#loop.change((alerts) => alerts.tick()));
    await this.#alerts.desk?.deliver();
    await this.#loop.act();
    this.#models.learn();
  }

  /** Work that alerts asked for, the newest first; of one state or of all. */
  actions(state?: ActionState): ActionRequest[] {
    return this.#alerts.actions?.requests(state) ?? [];
  }

  /**
   * Agrees to work that an alert asked for, or refuses it; stored before it resolves.
   * @throws TwinergyError `ACTION_UNKNOWN`, `ACTION_FORBIDDEN`
   */
  decideAction(key: string, decision: 'approve' | 'reject', by: string, comment?: string): Promise<void> {
    return this.#act((actions) => {
      if (decision === 'approve') actions.approve(key, by);
      else actions.reject(key, by, comment);
    });
  }

  /** Lets what the twin has found trigger work. */
  actOn(diagnosis: Diagnosis): Promise<void> {
    return this.#act((actions) => actions.acceptDiagnosis(diagnosis));
  }

  /** Somebody knows of an alert. @throws TwinergyError `ALERT_UNKNOWN` */
  acknowledge(alertId: string, by: string): Promise<Alert | undefined> {
    return this.operate((alerts) => alerts.acknowledge(alertId, by));
  }

  /** Somebody says that an alert is over. @throws TwinergyError `ALERT_UNKNOWN` */
  resolve(alertId: string, by: string): Promise<Alert | undefined> {
    return this.operate((alerts) => alerts.resolve(alertId, by));
  }

  /**
   * Anything that an operator does to an alert, stored before it resolves:
   * `monitor.operate((alerts) => alerts.shelve(id, { by: 'Ada', forMs: 3_600_000 }))`.
   * @throws TwinergyError `ALERT_UNKNOWN`, `ALERT_FORBIDDEN_TRANSITION`
   */
  operate(action: (alerts: AlertEngine) => AlertChange | undefined): Promise<Alert | undefined> {
    return this.#loop.inTurn(async () => {
      const [change] = await this.#loop.change((alerts) => {
        const made = action(alerts);
        return made === undefined ? [] : [made];
      });
      return change?.alert;
    });
  }

  /** Adds or replaces a silence, or ends the one of an id; stored before it resolves. */
  silence(silence: Silence | string): Promise<void> {
    return this.#loop.inTurn(async () => {
      await this.#loop.change(() => {
        this.#alerts.desk?.silence(silence);
        return [];
      }, true);
    });
  }

  /** The rules that are judged. */
  get rules(): readonly Rule[] {
    return this.#alerts.rules;
  }

  /** Judges by other rules from now on; what stands of a rule that is still there stands on. @throws TwinergyError `RULE_…` */
  setRules(rules: readonly Rule[]): Promise<void> {
    return this.#loop.inTurn(async () => this.#alerts.setRules(rules));
  }

  /**
   * Tells other people from now on; silences and what was told stay in mind.
   * @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER`
   */
  setNotify(notify: NotifyOptions | undefined): Promise<void> {
    return this.#loop.inTurn(async (storage) => this.#alerts.setNotify(notify, storage));
  }

  /** Monitors one more asset. @throws TwinergyError `TWIN_BAD_DESCRIPTION`, `MONITOR_DUPLICATE_ASSET` */
  addAsset(asset: PlantDescription | AssetModel): Promise<void> {
    return this.#loop.inTurn(async (storage) => {
      const added = this.#fleet.add(asset);
      try {
        await registerAssets(storage, [added], this.#clock.now());
      } catch (error) {
        this.#fleet.remove(added.id);
        throw error;
      }
      this.#alerts.engine.setAsset(alertAsset(added.twin));
      this.#alerts.renewSuppressor();
    });
  }

  /** Takes a changed description of an asset; what is remembered of it goes on. @throws TwinergyError `TWIN_BAD_DESCRIPTION` */
  updateAsset(asset: PlantDescription | AssetModel): Promise<void> {
    return this.#loop.inTurn(async (storage) => {
      const old = this.#fleet.get(asset.id);
      const changed = this.#fleet.make(asset);
      await registerAssets(storage, [changed], this.#clock.now());
      changed.succeed(old);
      this.#fleet.replace(changed);
      this.#alerts.engine.setAsset(alertAsset(changed.twin));
    });
  }

  /** Monitors an asset no more; its alerts end. What is stored of it stays. @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  removeAsset(assetId: string): Promise<void> {
    return this.#loop.inTurn(async () => {
      const { id } = this.#fleet.get(assetId);
      const ended = { by: 'monitor', comment: 'The asset was removed.' };
      await this.#loop.change((alerts) => alerts.open(id).map((alert) => alerts.resolve(alert.id, ended)));
      this.#fleet.remove(id);
    });
  }

  /** What waits to be told, and what was given up; undefined where nobody is to be told, and before `open`. */
  get outbox(): Outbox | undefined {
    return this.#alerts.desk?.outbox;
  }

  /**
   * Makes the models that assets begin with, or loads them from storage; assets of the same kind share the work. Until then
   * there are no anomalies and no remaining life; everything else works. Forecasters are fitted on the stored history.
   * @param work `assetIds`: these alone; default: all
   * @throws TwinergyError `MONITOR_UNKNOWN_ASSET`
   */
  async train(work: WorkOptions & { readonly assetIds?: readonly string[] } = {}): Promise<void> {
    await this.open();
    await this.#models.train(work);
  }

  /** Where heavy work is done: training, learning, and whatever else is put in (see `monitorJobs`). */
  get jobs(): JobQueue {
    return this.#models.jobs;
  }

  /** Takes the models of another shelf into use, while readings go on being taken in. */
  async useModels(shelf: ModelShelf): Promise<void> {
    await this.open();
    await this.#models.use(shelf);
  }

  /**
   * How the versions that run as shadows beside the models in use do, over the assets of this monitor: which they are, the
   * registry says (`ModelRegistry.setShadow`). `trialReport` tells what is to be done with one, `mergeTrials` puts those of
   * several monitors together.
   */
  shadows(): ShadowTrials[] {
    return mergeTrials([...this.#fleet].flatMap(({ models: { shadow } }) => shadow ?? []));
  }

  /** Fits an asset's forecaster on its stored history; false where there is less than three days of it. */
  async fitForecaster(assetId: string): Promise<boolean> {
    await this.open();
    return this.#models.fitForecaster(assetId);
  }

  #act(work: (actions: AlertActions) => void): Promise<void> {
    return this.#loop.inTurn(async () => {
      await this.#loop.change(() => {
        const { actions } = this.#alerts;
        if (actions === undefined)
          throw new TwinergyError('MONITOR_NO_ACTIONS', 'No alert of this monitor triggers work.');
        work(actions);
        return [];
      });
    });
  }

  /** Waits for what is under way; nothing is taken in any more. Storage stays open: it belongs to whoever gave it. */
  async close(): Promise<void> {
    await Promise.all([this.#models.close(), this.#loop.close()]);
    this.removeAllListeners();
  }
}

function isReading(readings: Reading | readonly Reading[]): readings is Reading {
  return !Array.isArray(readings);
}
