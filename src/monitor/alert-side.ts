import {
  type ActionEvent,
  type Alert,
  AlertActions,
  type AlertChange,
  AlertEngine,
  AlertSuppressor,
  type Rule,
  solarRules,
} from '../alerts/index.js';
import type { Clock } from '../core/index.js';
import type { StorageRecord, TenantStorage } from '../storage/index.js';
import { AlertDesk, type NotifyOptions } from './alert-desk.js';
import { engineState, type SharedState, type StoredState } from './checkpoints.js';
import type { MonitorOptions } from './contract.js';
import type { Fleet } from './fleet.js';
import { alertAsset } from './records.js';

/** A monitor's alerts: the engine that judges, what suppresses those that follow from others, and who is told. */
export class AlertSide {
  readonly #options: MonitorOptions;
  readonly #clock: Clock;
  readonly #fleet: Fleet;
  #rules: readonly Rule[];
  #engine: AlertEngine;
  #suppressor: AlertSuppressor | undefined;
  #desk: AlertDesk | undefined;
  /** Work that alerts trigger, where that is wanted. */
  readonly actions: AlertActions | undefined;
  /** What became of actions and is not stored yet. */
  #acted: ActionEvent[] = [];
  /** What the parts remember before anything has happened. */
  #fresh: Omit<SharedState, 'alerts'> = {};

  /** @throws TwinergyError `RULE_…`, `ACTION_…` */
  constructor(options: MonitorOptions, clock: Clock, fleet: Fleet) {
    this.#options = options;
    this.#clock = clock;
    this.#fleet = fleet;
    this.#rules = options.rules ?? solarRules();
    this.#engine = this.#newEngine(this.#rules);
    this.renewSuppressor();
    if (options.actions !== undefined) {
      this.actions = new AlertActions({ ...options.actions, clock });
      this.actions.on('action', (event) => this.#acted.push(event));
    }
    this.#fresh = this.#saveParts();
  }

  get engine(): AlertEngine {
    return this.#engine;
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Who tells people; undefined where nobody is to be told. */
  get desk(): AlertDesk | undefined {
    return this.#desk;
  }

  open(assetId?: string): Alert[] {
    return this.#engine.open(assetId);
  }

  /** Judges by other rules; what stands of a rule that is still there stands on. @throws TwinergyError `RULE_…` */
  setRules(rules: readonly Rule[]): void {
    const engine = this.#newEngine(rules);
    engine.restore(this.#engine.toJSON());
    this.#rules = rules;
    this.#engine = engine;
    this.renewSuppressor();
  }

  /** Tells other people; silences and what was told stay in mind. @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER` */
  setNotify(notify: NotifyOptions | undefined, storage: TenantStorage): void {
    const desk = notify === undefined ? undefined : new AlertDesk(notify, this.#clock, storage);
    this.#fresh = { ...this.#fresh, desk: desk?.save() };
    if (this.#desk !== undefined) desk?.restore(this.#desk.save());
    this.#desk = desk;
  }

  /** Renews what suppresses, with the assets and rules as they are now; what it has suppressed stays in mind. */
  renewSuppressor(): void {
    const { suppress } = this.#options;
    if (suppress === undefined) return;
    const { assets, rules } = this.#engine;
    const renewed = new AlertSuppressor({ ...suppress, assets, rules });
    if (this.#suppressor !== undefined) renewed.restore(this.#suppressor.toJSON());
    this.#suppressor = renewed;
  }

  /** Suppresses what follows from something else, and lets be heard what no longer does. */
  settle(): AlertChange[] {
    return this.#suppressor?.settle(this.#engine, this.#clock.now()) ?? [];
  }

  /** Lets changes trigger work; what became of actions since this was asked last. */
  act(changes: readonly AlertChange[]): ActionEvent[] {
    for (const change of changes) this.actions?.accept(change);
    const acted = this.#acted;
    this.#acted = [];
    return acted;
  }

  /** The notifications of changes that are due, for the commit. */
  notificationsOf(changes: readonly AlertChange[]): StorageRecord<'outbox'>[] {
    return this.#desk?.take(changes) ?? [];
  }

  /** What belongs to no single asset. */
  save(): SharedState {
    return { alerts: this.#engine.saveShared(), ...this.#saveParts() };
  }

  #saveParts(): Omit<SharedState, 'alerts'> {
    return {
      ...(this.#desk !== undefined && { desk: this.#desk.save() }),
      ...(this.#suppressor !== undefined && { suppressor: this.#suppressor.toJSON() }),
      ...(this.actions !== undefined && { actions: this.actions.toJSON() }),
    };
  }

  /** Begins anew, and goes on where `stored` was taken. */
  restore(stored: StoredState | undefined): void {
    this.#engine = this.#newEngine(this.#rules);
    this.#acted = [];
    if (stored !== undefined) this.#engine.restore(engineState(stored));
    const { desk, suppressor, actions } = { ...this.#fresh, ...stored?.shared };
    if (desk !== undefined) this.#desk?.restore(desk);
    if (suppressor !== undefined) this.#suppressor?.restore(suppressor);
    if (actions !== undefined) this.actions?.restore(actions);
  }

  #newEngine(rules: readonly Rule[]): AlertEngine {
    const { tenantId, alerts } = this.#options;
    const described = Array.from(this.#fleet, ({ twin }) => alertAsset(twin));
    return new AlertEngine({
      ...alerts,
      assets: [...described, ...(alerts?.assets ?? [])],
      rules,
      clock: this.#clock,
      ...(tenantId !== undefined && { tenantId }),
    });
  }
}
