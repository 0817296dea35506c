import type { AlertChange, AlertEngine } from '../alerts/index.js';
import { type Clock, type Reading, TwinergyError, type TypedEvents } from '../core/index.js';
import { memoryStorage, type TenantStorage } from '../storage/index.js';
import type { AlertSide } from './alert-side.js';
import type { IngestResult, MonitorEvents, MonitorOptions } from './contract.js';
import type { MonitorFigures } from './figures.js';
import { type Fleet, registerAssets } from './fleet.js';
import type { Intake } from './intake.js';
import { correctDays } from './late-days.js';
import { Ledger } from './ledger.js';
import { Step } from './step.js';
import { countStep, tellStep } from './tell.js';
import { timedStorage } from './timed-storage.js';
import { Turns } from './turns.js';
import { type IngestCall, WaitingLine } from './waiting-line.js';

/** What a loop works with. */
export interface LoopParts {
  readonly fleet: Fleet;
  readonly alerts: AlertSide;
  readonly figures: MonitorFigures;
  readonly intake: Intake;
  readonly clock: Clock;
  /** Where it is told what came of the steps. */
  readonly events: TypedEvents<MonitorEvents>;
}

/** Works on what comes, one step after the other: each is worked out, stored in one transaction, and then told. */
export class Loop {
  readonly #options: MonitorOptions;
  readonly #parts: LoopParts;
  readonly #turns = new Turns();
  readonly line: WaitingLine;
  #opening: Promise<void> | undefined;
  #acting = false;
  #opened: { readonly storage: TenantStorage; readonly ledger: Ledger } | undefined;

  constructor(options: MonitorOptions, parts: LoopParts) {
    this.#options = options;
    this.#parts = parts;
    this.line = new WaitingLine(options.overload ?? {}, (shed, waiting) =>
      parts.events.emit('overload', { shed, waiting }),
    );
  }

  /** Registers the assets, and takes up the state that was stored. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      // A store that is away now may be there the next time.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    const { storage = memoryStorage(), tenantId, notify } = this.#options;
    const { fleet, alerts, figures, clock } = this.#parts;
    const whole = await storage;
    const own = tenantId === undefined ? whole : whole.tenant(tenantId);
    const store = timedStorage(own, (statement, ms) => figures.query(statement, ms));
    const ledger = new Ledger(store, fleet, alerts, figures, clock);
    if (notify !== undefined) alerts.setNotify(notify, store);
    await registerAssets(store, [...fleet], clock.now());
    await ledger.reload();
    this.#opened = { storage: store, ledger };
  }

  /** @throws TwinergyError `MONITOR_NOT_OPEN` */
  get storage(): TenantStorage {
    return this.#whenOpen().storage;
  }

  #whenOpen() {
    if (this.#opened === undefined) throw new TwinergyError('MONITOR_NOT_OPEN', 'The monitor is not open yet.');
    return this.#opened;
  }

  /** Takes readings in; resolves when they and what follows from them are stored and told. */
  async ingest(list: readonly Reading[]): Promise<IngestResult> {
    if (this.#opened === undefined) await this.open();
    this.line.enter(list.length);
    return new Promise<IngestResult>((resolve, reject) => {
      const group = this.line.add({ list, since: performance.now(), resolve, reject });
      if (group === undefined) return;
      this.#turns
        .take(() => this.#takeGroup(group))
        .catch((error: unknown) => {
          this.line.closeGroup();
          for (const call of group) this.#refuse(call, error);
        });
    });
  }

  #answer(call: IngestCall, result: IngestResult): void {
    this.#leave(call);
    call.resolve(result);
  }

  #refuse(call: IngestCall, error: unknown): void {
    this.#leave(call);
    call.reject(error);
  }

  #leave({ list, since }: IngestCall): void {
    this.line.leave(list.length);
    this.#parts.figures.ingest.add(performance.now() - since);
  }

  /** Does something when everything before it is over, and before anything that comes after it. */
  async inTurn<Result>(work: (storage: TenantStorage) => Promise<Result>): Promise<Result> {
    await this.open();
    this.line.closeGroup();
    return this.#turns.take(async () => {
      const { storage, ledger } = this.#whenOpen();
      await ledger.refresh();
      return work(storage);
    });
  }

  /**
   * Does something with alerts, stores what came of it, and tells it; only within `inTurn`. `always`: stored also where
   * nothing came of it.
   */
  async change(work: (alerts: AlertEngine) => AlertChange[], always = false): Promise<AlertChange[]> {
    const { ledger } = this.#whenOpen();
    const { alerts } = this.#parts;
    const step = new Step();
    try {
      step.changes.push(...work(alerts.engine), ...alerts.settle());
    } catch (error) {
      alerts.engine.drainChanged();
      throw error;
    }
    step.actions.push(...alerts.act(step.changes));
    try {
      if (await ledger.commitAlerts(step, always)) this.#tell(step);
    } catch (error) {
      await ledger.forget();
      throw error;
    }
    return step.changes;
  }

  /** Does the work that alerts trigger and that is agreed; each is stored before it begins, and when it is over. */
  async act(): Promise<void> {
    const { actions } = this.#parts.alerts;
    if (actions === undefined || this.#acting) return;
    this.#acting = true;
    try {
      const store = () => this.inTurn(async () => void (await this.change(() => [], true)));
      const waiting = actions.requests().some(({ state }) => state === 'approved' || state === 'waiting');
      if (!waiting) return;
      await actions.run(store);
      await this.inTurn(async () => void (await this.change(() => [])));
    } finally {
      this.#acting = false;
    }
  }

  /** Waits for what is under way; nothing is taken in any more. */
  close(): Promise<void> {
    return this.#turns.close();
  }

  /** Works on calls together; what one of them cannot do does not take the others down. */
  async #takeGroup(group: readonly IngestCall[]): Promise<void> {
    this.line.closeGroup();
    const { ledger } = this.#whenOpen();
    const step = new Step();
    let results: IngestResult[];
    try {
      await ledger.refresh();
      results = await this.#work(step, group);
    } catch (error) {
      await ledger.forget();
      const [only, ...others] = group;
      if (only !== undefined && others.length === 0) this.#refuse(only, error);
      else for (const call of group) await this.#takeGroup([call]);
      return;
    }
    this.#tell(step);
    group.forEach((call, i) => {
      this.#answer(call, results[i] as IngestResult);
    });
  }

  #tell(step: Step): void {
    const { figures, fleet, events } = this.#parts;
    countStep(figures, fleet, step, this.line.shed !== undefined);
    tellStep(events, step);
  }

  async #work(step: Step, group: readonly IngestCall[]): Promise<IngestResult[]> {
    const { storage, ledger } = this.#whenOpen();
    const { fleet, alerts, intake } = this.#parts;
    const { shed } = this.line;
    const results = group.map(({ list }) => intake.take(step, list, shed));
    if (step.changes.length > 0) step.changes.push(...alerts.settle());
    step.actions.push(...alerts.act(step.changes));
    if (step.revised.length > 0) await correctDays(storage, fleet, step);
    await ledger.commit(step);
    return results;
  }
}
