import { type Clock, systemClock } from '../core/clock.js';
import { quote, TwinergyError } from '../core/errors.js';
import { TypedEvents } from '../core/events.js';
import type { ChannelDefinition, Reading } from '../core/reading.js';
import type { Alert, AlertChange } from './alert.js';
import { AlarmBook, type OperatorAction, operator, unknownAlert } from './book.js';
import { ChannelTable } from './channels.js';
import { type AlertEngineState, checkedState } from './engine-state.js';
import type { ExpressionCompiler } from './expression/compiler.js';
import { judgeGroup, judgeTrack } from './judging.js';
import type { LifecycleEvent } from './lifecycle.js';
import { AlarmRegistry } from './registry.js';
import { type CompiledRule, compileRule } from './rules/compile-rule.js';
import type { AlertAsset, Rule } from './rules/rule.js';
import { alertOf, imprint, isIdle, type Track } from './runtime.js';
import { compareSeverity } from './severity.js';
import { SlotReader } from './slots.js';

/** What an engine is made of. */
export interface AlertEngineOptions {
  readonly rules: readonly Rule[];
  /** Assets with zone, parent, groups and attributes. An asset that is not listed is taken as it comes. */
  readonly assets?: readonly AlertAsset[] | undefined;
  /** Tenant of assets that name none. Default `default`. */
  readonly tenantId?: string | undefined;
  /** Channels beside the standard and derived ones, with their units. */
  readonly channels?: readonly ChannelDefinition[] | undefined;
  /** Time of operators' actions and of `tick`. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Needed where a rule has an expression: `await mathjsExpressions()`. */
  readonly expressions?: ExpressionCompiler | undefined;
  /** How many events the audit trail keeps in memory; all go to `on('change')`, which storage listens to. Default 1,000. */
  readonly auditLimit?: number | undefined;
}

/** What the engine tells. */
export interface AlertEngineEvents {
  /** An alert was raised, or raised again. */
  alert: Alert;
  /** Anything happened to an alert. */
  change: AlertChange;
}

/** Named signals that models derive (see `derivedChannels`) beside the values of the reading. */
export type DerivedSignals = Readonly<Record<string, number>>;

/**
 * Judges readings by rules and keeps the alerts: raises, updates, acknowledges, shelves, resolves them by the state machine
 * of ISA-18.2 / IEC 62682, with an audit trail. A reading that is not newer than the asset's last one changes nothing, so
 * that the same readings may come twice.
 */
export class AlertEngine extends TypedEvents<AlertEngineEvents> {
  readonly rules: readonly Rule[];
  readonly #channels: ChannelTable;
  readonly #clock: Clock;
  readonly #registry: AlarmRegistry;
  readonly #book: AlarmBook;
  readonly #reader: SlotReader;
  #late = 0;
  /** Assets whose tracks changed. */
  readonly #changed = new Set<string>();
  /** Where the events of the call that runs are gathered. */
  #out: AlertChange[] | undefined;

  /** @throws TwinergyError `RULE_…`, `EXPRESSION_…`, `BAD_DURATION`, `ZONE_UNKNOWN` */
  constructor(options: AlertEngineOptions) {
    super();
    this.rules = options.rules;
    this.#channels = new ChannelTable(options.channels);
    this.#clock = options.clock ?? systemClock;
    const ids = new Set<string>();
    const compiled = options.rules.map((rule): CompiledRule => {
      if (ids.has(rule.id))
        throw new TwinergyError('RULE_DUPLICATE_ID', `Two rules have the id ${quote(rule.id)}.`, { path: rule.id });
      ids.add(rule.id);
      return compileRule(rule, this.#channels, options.expressions);
    });
    this.#reader = new SlotReader(this.#channels.names);
    this.#registry = new AlarmRegistry(compiled, this.#reader.slots, options.tenantId);
    this.#book = new AlarmBook(options.auditLimit ?? 1000, (change) => {
      this.#out?.push(change);
      this.#changed.add(change.alert.assetId);
      this.emit('change', change);
      if (change.kind === 'raise') this.emit('alert', change.alert);
    });
    for (const asset of options.assets ?? []) this.setAsset(asset);
  }

  /** Channels that the rules read: what has to be in the readings. */
  get channels(): readonly string[] {
    return this.#channels.names;
  }

  /** Readings that came late or twice, and were left out. */
  get late(): number {
    return this.#late;
  }

  /** The assets that are known. */
  get assets(): readonly AlertAsset[] {
    return [...this.#registry.assets()].map(({ asset }) => asset);
  }

  /** Makes an asset known, or changes what is known about it; what is remembered of its rules stays. */
  setAsset(description: AlertAsset): void {
    this.#registry.set(description);
  }

  /**
   * Judges a reading, or several in order of time, and tells what came of it. `derived` are signals beside the reading's own
   * values (`expectedPower`, `anomalyPValue`, `rulDays`, `health` …); with several readings put them into the values.
   */
  evaluate(input: Reading | readonly Reading[], derived?: DerivedSignals): AlertChange[] {
    const out: AlertChange[] = [];
    this.#out = out;
    if (Array.isArray(input)) for (const reading of input as readonly Reading[]) this.#evaluateOne(reading, derived);
    else this.#evaluateOne(input as Reading, derived);
    this.#out = undefined;
    return out;
  }

  /**
   * Lets time pass to `now`: conditions that become true without a reading (no data, absence, schedules), ends of shelving,
   * escalation, expiry. Call it every few seconds.
   */
  tick(now: number = this.#clock.now()): AlertChange[] {
    const out: AlertChange[] = [];
    this.#out = out;
    this.#reader.clear();
    for (const runtime of this.#registry.assets()) {
      runtime.probe.time = now;
      runtime.probe.reading = false;
      for (const track of runtime.tracks) if (track.compiled.timed) judgeTrack(this.#book, runtime, track);
      for (const track of runtime.groups) if (track.compiled.timed) judgeGroup(this.#book, runtime, track);
    }
    for (const track of [...this.#book.standing]) this.#book.passTime(track, now);
    this.#out = undefined;
    return out;
  }

  /** The alerts that stand, the most urgent first, then the newest; of one asset or of all. */
  open(assetId?: string): Alert[] {
    return [...this.#book.standing]
      .filter(({ state, asset }) => state.current !== null && (assetId === undefined || asset.id === assetId))
      .map(alertOf)
      .sort((a, b) => compareSeverity(a.severity, b.severity) || b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1));
  }

  /** A standing alert by its id or fingerprint, or undefined. */
  alert(id: string): Alert | undefined {
    const track = this.#registry.track(fingerprintOf(id));
    return track?.state.current == null ? undefined : alertOf(track);
  }

  /** The last events, the oldest first: who did what and when. `id`: of one alert or fingerprint only. */
  audit(id?: string): AlertChange[] {
    return this.#book.audit(id);
  }

  /**
   * Somebody has seen it; `action` is who, or who with a comment. Twice changes nothing.
   * @throws TwinergyError `ALERT_UNKNOWN`, `ALERT_FORBIDDEN_TRANSITION`
   */
  acknowledge(id: string, action: string | OperatorAction): AlertChange | undefined {
    const track = this.#track(id);
    const { current } = track.state;
    if (track.state.facts.acknowledged) return undefined;
    if (current !== null) {
      current.acknowledgedAt = this.#clock.now();
      current.acknowledgedBy = operator(action).by;
    }
    return this.#act(track, 'acknowledge', action);
  }

  /** Puts it aside for `forMs` ms, or without that until it returns to normal (one-shot). */
  shelve(id: string, action: OperatorAction & { readonly forMs?: number | undefined }): AlertChange {
    const track = this.#track(id);
    const { state } = track;
    if (!state.facts.shelved) {
      state.shelvedUntil = action.forMs === undefined ? null : this.#clock.now() + action.forMs;
      state.oneShot = action.forMs === undefined;
    }
    return this.#act(track, 'shelve', action);
  }

  /** Takes it back from the shelf. */
  unshelve(id: string, action: string | OperatorAction): AlertChange {
    return this.#act(this.#track(id), 'unshelve', action);
  }

  /** Known to follow from something else: not to be heard. */
  suppress(id: string, action: string | OperatorAction): AlertChange {
    return this.#act(this.#track(id), 'suppress', action);
  }

  /** To be heard again. */
  unsuppress(id: string, action: string | OperatorAction): AlertChange {
    return this.#act(this.#track(id), 'unsuppress', action);
  }

  /** Takes the alarm out of service, for maintenance. Also by a fingerprint that has no alert now. */
  removeFromService(id: string, action: string | OperatorAction): AlertChange {
    return this.#act(this.#track(id), 'remove-from-service', action);
  }

  /** Puts the alarm back into service. */
  returnToService(id: string, action: string | OperatorAction): AlertChange {
    return this.#act(this.#track(id), 'return-to-service', action);
  }

  /** Resets a latched alert, after somebody has looked at the cause. */
  reset(id: string, action: string | OperatorAction): AlertChange {
    return this.#act(this.#track(id), 'reset', action);
  }

  /** Adds a comment to the audit trail of a standing alert. */
  comment(id: string, action: OperatorAction & { readonly comment: string }): AlertChange {
    return this.#book.note(this.#standingTrack(id), 'comment', action, this.#clock.now());
  }

  /** Gives a standing alert to somebody. */
  assign(id: string, to: string, action: string | OperatorAction): AlertChange {
    const track = this.#standingTrack(id);
    if (track.state.current !== null) track.state.current.assignedTo = to;
    return this.#book.note(track, 'assign', action, this.#clock.now());
  }

  /**
   * Closes a standing alert by hand. While the condition goes on holding it stays closed; it is raised anew after the
   * condition was normal, or when it gets worse.
   */
  resolve(id: string, action: string | OperatorAction): AlertChange {
    const track = this.#standingTrack(id);
    track.state.closedLevel = track.state.level;
    const { by, comment } = operator(action);
    return this.#book.close(track, 'resolve', this.#clock.now(), by, comment);
  }

  /**
   * Says whether an alert was worth it, also after it has ended; `proposeChange` makes a better rule of it.
   * @throws TwinergyError `ALERT_UNKNOWN`
   */
  feedback(id: string, useful: boolean, action: string | OperatorAction): AlertChange {
    return this.#book.note(this.#track(id), useful ? 'useful' : 'not-useful', action, this.#clock.now());
  }

  /** Everything that is needed to go on as if nothing had happened; JSON data. */
  toJSON(): AlertEngineState {
    return {
      kind: 'AlertEngine',
      formatVersion: 2,
      sequence: this.#book.sequence,
      late: this.#late,
      ...this.#registry.save(),
    };
  }

  /**
   * The part of `toJSON` that belongs to one asset, for a store that keeps assets apart; undefined where it is not known.
   * `restore` takes the parts put together again.
   */
  saveAsset(id: string): AlertEngineState['assets'][number] | undefined {
    return this.#registry.saveAsset(id);
  }

  /** The part of `toJSON` that belongs to no single asset. */
  saveShared(): Omit<AlertEngineState, 'assets'> {
    const { groups } = this.#registry.saveGroups();
    return { kind: 'AlertEngine', formatVersion: 2, sequence: this.#book.sequence, late: this.#late, groups };
  }

  /** Whether any rule is on groups: then every reading may change what assets share. */
  get hasGroups(): boolean {
    return this.#registry.hasGroups;
  }

  /** Assets of which more changed than the time of their last reading, since this was asked last. */
  drainChanged(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /**
   * Goes on where `state` was taken. Rules that changed since begin anew, but their alerts stand on; what this engine was
   * told about its assets wins over what the state says.
   * @throws TwinergyError `ALERT_BAD_STATE`
   */
  restore(state: AlertEngineState): void {
    const checked = checkedState(state);
    this.#book.sequence = checked.sequence;
    this.#late = checked.late;
    for (const track of this.#registry.restore(checked)) this.#book.watch(track);
  }

  /** An engine that goes on where `state` was taken. @throws TwinergyError `ALERT_BAD_STATE`, and as the constructor does */
  static fromJSON(state: AlertEngineState, options: AlertEngineOptions): AlertEngine {
    const engine = new AlertEngine(options);
    engine.restore(state);
    return engine;
  }

  #evaluateOne(reading: Reading, derived: DerivedSignals | undefined): void {
    const runtime = this.#registry.asset(reading.assetId);
    const { time, values } = reading;
    if (!(time > runtime.lastTime) || time === Number.POSITIVE_INFINITY) {
      this.#late++;
      return;
    }
    runtime.lastTime = time;
    if (derived !== undefined) this.#reader.readBoth(values, derived);
    // The usual case, first: every rule is normal, and no value is near a limit.
    else if (!this.#reader.read(values, runtime.bounds) && runtime.calm) return;
    const { probe, tracks, groups, idle, quietSlot, quietSign, quietLeast } = runtime;
    const { slots } = probe;
    probe.time = time;
    probe.reading = true;
    let calm = groups.length === 0;
    let changed = groups.length > 0;
    for (let k = 0; k < tracks.length; k++) {
      // What is normal and far from its limits stays so; a value that was not measured (NaN) compares false as well.
      if (
        idle[k] === 1 &&
        !((quietSign[k] as number) * (slots[quietSlot[k] as number] as number) >= (quietLeast[k] as number))
      )
        continue;
      const track = tracks[k] as Track;
      const before = imprint(track);
      judgeTrack(this.#book, runtime, track);
      if (before !== imprint(track)) changed = true;
      idle[k] = isIdle(track) ? 1 : 0;
      if (idle[k] === 0) calm = false;
    }
    runtime.calm = calm;
    if (changed) this.#changed.add(reading.assetId);
    for (let k = 0; k < groups.length; k++) judgeGroup(this.#book, runtime, groups[k] as Track);
  }

  #act(track: Track, event: LifecycleEvent, action: string | OperatorAction): AlertChange {
    return this.#book.act(track, event, action, this.#clock.now());
  }

  #track(id: string): Track {
    const track = this.#registry.track(fingerprintOf(id));
    if (track === undefined || (id.includes('-') && alertOf(track).id !== id)) throw unknownAlert(id);
    return track;
  }

  #standingTrack(id: string): Track {
    const track = this.#track(id);
    if (track.state.current === null) throw unknownAlert(id);
    return track;
  }
}

function fingerprintOf(id: string): string {
  const dash = id.indexOf('-');
  return dash < 0 ? id : id.slice(0, dash);
}
