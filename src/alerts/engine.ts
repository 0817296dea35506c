import { type Clock, systemClock } from '../core/clock.js';
import { quote, TwinergyError } from '../core/errors.js';
import { TypedEvents } from '../core/events.js';
import type { ChannelDefinition, Reading } from '../core/reading.js';
import type { Alert, AlertChange, AlertChangeKind } from './alert.js';
import { ChannelTable } from './channels.js';
import type { Memory } from './conditions/compiled.js';
import { type AlertEngineState, checkedState } from './engine-state.js';
import type { ExpressionCompiler } from './expression/compiler.js';
import { alarmState, applyEvent, type LifecycleEvent, nextFacts, normalFacts, processState } from './lifecycle.js';
import { appliesTo, type CompiledRule, compileRule } from './rules/compile-rule.js';
import type { AlertAsset, Rule } from './rules/rule.js';
import { AssetRuntime, alertOf, isIdle, newTrack, type Track } from './runtime.js';
import { compareSeverity } from './severity.js';
import { copyTrack, judge, step } from './track.js';

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

/** Who does something to an alert, and what they say about it. */
export interface OperatorAction {
  readonly by: string;
  readonly comment?: string | undefined;
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
  readonly #compiled: readonly CompiledRule[];
  readonly #channels: ChannelTable;
  readonly #clock: Clock;
  readonly #tenantId: string | undefined;
  readonly #assets = new Map<string, AssetRuntime>();
  readonly #groups = new Map<string, Track>();
  readonly #byFingerprint = new Map<string, Track>();
  /** Tracks that stand, or have an overlay with an end: what `tick` looks at. */
  readonly #standing = new Set<Track>();
  readonly #audit: AlertChange[] = [];
  readonly #auditLimit: number;
  readonly #slots: Float64Array;
  #sequence = 0;
  #late = 0;
  /** Where the events of the call that runs are gathered. */
  #out: AlertChange[] | undefined;

  /** @throws TwinergyError `RULE_…`, `EXPRESSION_…`, `BAD_DURATION`, `ZONE_UNKNOWN` */
  constructor(options: AlertEngineOptions) {
    super();
    this.rules = options.rules;
    this.#tenantId = options.tenantId;
    this.#channels = new ChannelTable(options.channels);
    this.#clock = options.clock ?? systemClock;
    this.#auditLimit = options.auditLimit ?? 1000;
    const ids = new Set<string>();
    this.#compiled = options.rules.map((rule) => {
      if (ids.has(rule.id))
        throw new TwinergyError('RULE_DUPLICATE_ID', `Two rules have the id ${quote(rule.id)}.`, { path: rule.id });
      ids.add(rule.id);
      return compileRule(rule, this.#channels, options.expressions);
    });
    this.#slots = new Float64Array(this.#channels.names.length).fill(Number.NaN);
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
    return [...this.#assets.values()].map(({ asset }) => asset);
  }

  /** Makes an asset known, or changes what is known about it; what is remembered of its rules stays. */
  setAsset(description: AlertAsset): void {
    const asset = { ...description, tenantId: description.tenantId ?? this.#tenantId };
    const known = this.#assets.get(asset.id);
    const runtime = new AssetRuntime(asset, this.#slots);
    for (const compiled of this.#compiled) {
      if (compiled.group !== undefined || !appliesTo(compiled.rule, asset)) continue;
      const track = known?.tracks.find((other) => other.compiled === compiled) ?? newTrack(compiled, asset);
      runtime.tracks.push(track);
      this.#byFingerprint.set(track.fingerprint, track);
    }
    for (const compiled of this.#compiled) {
      if (compiled.group === undefined || !appliesTo(compiled.rule, asset)) continue;
      for (const name of asset.groups ?? []) runtime.groups.push(this.#groupTrack(compiled, name, asset.tenantId));
    }
    for (const { state } of runtime.groups) state.members[asset.id] ??= { memory: null, level: 0 };
    runtime.seal();
    if (known !== undefined) runtime.lastTime = known.lastTime;
    this.#assets.set(asset.id, runtime);
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
    this.#slots.fill(Number.NaN);
    for (const runtime of this.#assets.values()) {
      runtime.probe.time = now;
      runtime.probe.reading = false;
      for (const track of runtime.tracks) if (track.compiled.timed) this.#judge(runtime, track);
      for (const track of runtime.groups) if (track.compiled.timed) this.#judgeGroup(runtime, track);
    }
    for (const track of [...this.#standing]) this.#passTime(track, now);
    this.#out = undefined;
    return out;
  }

  /** The alerts that stand, the most urgent first, then the newest; of one asset or of all. */
  open(assetId?: string): Alert[] {
    return [...this.#standing]
      .filter(({ state, asset }) => state.current !== null && (assetId === undefined || asset.id === assetId))
      .map(alertOf)
      .sort((a, b) => compareSeverity(a.severity, b.severity) || b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1));
  }

  /** A standing alert by its id or fingerprint, or undefined. */
  alert(id: string): Alert | undefined {
    const track = this.#byFingerprint.get(fingerprintOf(id));
    return track?.state.current == null ? undefined : alertOf(track);
  }

  /** The last events, the oldest first: who did what and when. `id`: of one alert or fingerprint only. */
  audit(id?: string): AlertChange[] {
    return id === undefined
      ? [...this.#audit]
      : this.#audit.filter(({ alert }) => alert.id === id || alert.fingerprint === id);
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
    return this.#note(this.#standingTrack(id), 'comment', action);
  }

  /** Gives a standing alert to somebody. */
  assign(id: string, to: string, action: string | OperatorAction): AlertChange {
    const track = this.#standingTrack(id);
    if (track.state.current !== null) track.state.current.assignedTo = to;
    return this.#note(track, 'assign', action);
  }

  /**
   * Closes a standing alert by hand. While the condition goes on holding it stays closed; it is raised anew after the
   * condition was normal, or when it gets worse.
   */
  resolve(id: string, action: string | OperatorAction): AlertChange {
    const track = this.#standingTrack(id);
    track.state.closedLevel = track.state.level;
    const { by, comment } = operator(action);
    return this.#close(track, 'resolve', this.#clock.now(), by, comment);
  }

  /** Everything that is needed to go on as if nothing had happened; JSON data. */
  toJSON(): AlertEngineState {
    return {
      kind: 'AlertEngine',
      formatVersion: 1,
      sequence: this.#sequence,
      late: this.#late,
      assets: [...this.#assets.values()].map(({ asset, lastTime, tracks }) => ({
        asset,
        lastTime,
        tracks: tracks.map(({ compiled, state }) => ({ rule: compiled.rule.id, state: copyTrack(state) })),
      })),
      groups: [...this.#groups].map(([key, { state }]) => ({ key, state: copyTrack(state) })),
    };
  }

  /**
   * Goes on where `state` was taken. Rules that changed since begin anew, but their alerts stand on; what this engine was
   * told about its assets wins over what the state says.
   * @throws TwinergyError `ALERT_BAD_STATE`
   */
  restore(state: AlertEngineState): void {
    const checked = checkedState(state);
    const listed = new Set(this.#assets.keys());
    this.#sequence = checked.sequence;
    this.#late = checked.late;
    for (const { asset, lastTime, tracks } of checked.assets) {
      if (!listed.has(asset.id)) this.setAsset(asset);
      const runtime = this.#assets.get(asset.id);
      if (runtime === undefined) continue;
      runtime.lastTime = lastTime;
      for (const saved of tracks) {
        const track = runtime.tracks.find(({ compiled }) => compiled.rule.id === saved.rule);
        if (track !== undefined) this.#restore(track, saved.state);
      }
      runtime.idle.fill(0);
    }
    for (const { key, state: saved } of checked.groups) {
      const track = this.#groups.get(key);
      if (track !== undefined) this.#restore(track, saved);
    }
  }

  /** An engine that goes on where `state` was taken. @throws TwinergyError `ALERT_BAD_STATE`, and as the constructor does */
  static fromJSON(state: AlertEngineState, options: AlertEngineOptions): AlertEngine {
    const engine = new AlertEngine(options);
    engine.restore(state);
    return engine;
  }

  #restore(track: Track, saved: Track['state']): void {
    const fresh = track.state;
    track.state = copyTrack(saved);
    if (saved.hash !== fresh.hash) {
      Object.assign(track.state, {
        hash: fresh.hash,
        memory: fresh.memory,
        guard: fresh.guard,
        members: fresh.members,
        upSince: -1,
        downSince: -1,
      });
    }
    this.#watch(track);
  }

  #groupTrack(compiled: CompiledRule, name: string, tenantId: string | undefined): Track {
    const key = JSON.stringify([tenantId ?? 'default', compiled.rule.id, name]);
    let track = this.#groups.get(key);
    if (track === undefined) {
      track = newTrack(compiled, { id: `group:${name}`, tenantId });
      this.#groups.set(key, track);
      this.#byFingerprint.set(track.fingerprint, track);
    }
    return track;
  }

  #evaluateOne(reading: Reading, derived: DerivedSignals | undefined): void {
    let runtime = this.#assets.get(reading.assetId);
    if (runtime === undefined) {
      this.setAsset({ id: reading.assetId });
      runtime = this.#assets.get(reading.assetId) as AssetRuntime;
    }
    const { time, values } = reading;
    if (!(time > runtime.lastTime) || time === Number.POSITIVE_INFINITY) {
      this.#late++;
      return;
    }
    runtime.lastTime = time;
    const { names } = this.#channels;
    const slots = this.#slots;
    for (let k = 0; k < names.length; k++) {
      const name = names[k] as string;
      const value = derived?.[name] ?? values[name];
      slots[k] = typeof value === 'number' ? value : Number.NaN;
    }
    const { probe, tracks, groups } = runtime;
    probe.time = time;
    probe.reading = true;
    const { idle, quietSlot, quietSign, quietLeast } = runtime;
    for (let k = 0; k < tracks.length; k++) {
      // What is normal and far from its limits stays so; a value that was not measured (NaN) compares false as well.
      if (
        idle[k] === 1 &&
        !((quietSign[k] as number) * (slots[quietSlot[k] as number] as number) >= (quietLeast[k] as number))
      )
        continue;
      const track = tracks[k] as Track;
      this.#judge(runtime, track);
      idle[k] = isIdle(track) ? 1 : 0;
    }
    for (let k = 0; k < groups.length; k++) this.#judgeGroup(runtime, groups[k] as Track);
  }

  #judge({ probe, asset }: AssetRuntime, track: Track): void {
    const { compiled, state } = track;
    const level = judge(compiled, compiled.condition, state, state.memory as Memory, probe);
    // The usual case: normal, and nothing waits.
    if (level <= 0 && state.level === 0 && state.upSince < 0) {
      if (level === 0) state.closedLevel = 0;
      return;
    }
    this.#take(track, level, probe.time, asset, state.memory as Memory);
  }

  #judgeGroup({ probe, asset }: AssetRuntime, track: Track): void {
    const { compiled, state } = track;
    const group = compiled.group;
    const member = state.members[asset.id];
    if (group === undefined || member === undefined) return;
    member.memory ??= compiled.condition.memory();
    const level = judge(compiled, compiled.condition, state, member.memory, probe);
    if (level >= 0) member.level = level;
    const levels = Object.values(state.members);
    const held = levels.reduce((sum, other) => sum + Number(other.level > 0), 0);
    const needed = group.atLeast ?? Math.max(1, Math.ceil((group.fraction ?? 1) * levels.length - 1e-9));
    const memory = state.memory as Memory;
    memory.value = held;
    memory.limit = needed;
    this.#take(track, held >= needed ? track.groupLevel : 0, probe.time, asset, memory);
  }

  /** Takes a level into the track, and tells what changed. */
  #take(track: Track, level: number, time: number, asset: AlertAsset, memory: Memory): void {
    const { compiled, state } = track;
    if (state.current !== null && level > 0) {
      state.current.value = memory.value;
      state.current.threshold = memory.limit;
    }
    if (level === 0) state.closedLevel = 0;
    const before = state.level;
    const { changed, since } = step(
      state,
      level,
      time,
      compiled.raiseAfter(asset),
      this.#clearAfter(track, time, asset),
    );
    if (!changed) return;
    if (state.level === 0) {
      if (state.current !== null && state.facts.active) this.#return(track, time);
    } else if (state.current === null || !state.facts.active) {
      if (state.level > state.closedLevel) this.#raise(track, since, time, memory);
    } else if (state.level !== before) {
      state.current.level = state.level;
      state.current.why = track.why(memory);
      this.#tell(track, 'update', time, alarmState(state.facts), 'engine', null);
    }
  }

  #clearAfter({ compiled, state }: Track, time: number, asset: AlertAsset): number {
    const own = compiled.clearAfter(asset);
    const { flapping } = compiled;
    if (flapping === undefined) return own;
    const raises = state.raises.reduce((sum, at) => sum + Number(at > time - flapping.within), 0);
    return raises >= flapping.raises ? Math.max(own, flapping.within) : own;
  }

  #raise(track: Track, since: number, time: number, memory: Memory): void {
    const { state, compiled } = track;
    const from = alarmState(state.facts);
    if (compiled.flapping !== undefined) state.raises = [...state.raises, time].slice(-compiled.flapping.raises);
    const again = state.current;
    state.current = {
      number: again?.number ?? ++state.occurrences,
      level: state.level,
      since,
      raisedAt: time,
      updatedAt: time,
      why: track.why(memory),
      value: memory.value,
      threshold: memory.limit,
      acknowledgedAt: null,
      acknowledgedBy: null,
      assignedTo: again?.assignedTo ?? null,
    };
    state.escalated = 0;
    state.facts = applyEvent(state.facts, 'raise', compiled.rule);
    const { alert } = this.#tell(track, 'raise', time, from, 'engine', null);
    this.emit('alert', alert);
  }

  #return(track: Track, time: number): void {
    const { state, compiled } = track;
    const next = applyEvent(state.facts, 'return', compiled.rule);
    if (processState(next) === 'normal') this.#close(track, 'return', time, 'engine');
    else {
      const from = alarmState(state.facts);
      state.facts = next;
      this.#tell(track, 'return', time, from, 'engine', null);
    }
  }

  /** Ends the occurrence; overlays other than one-shot shelving stay with the alarm. */
  #close(track: Track, kind: AlertChangeKind, time: number, by: string, comment?: string): AlertChange {
    const { state } = track;
    const from = alarmState(state.facts);
    const { suppressed, outOfService, shelved } = state.facts;
    state.facts = { ...normalFacts, suppressed, outOfService, shelved: shelved && !state.oneShot };
    const change = this.#tell(track, kind, time, from, by, comment ?? null, time);
    state.current = null;
    this.#watch(track);
    return change;
  }

  #passTime(track: Track, now: number): void {
    const { state, compiled } = track;
    if (state.facts.shelved && state.shelvedUntil !== null && now >= state.shelvedUntil)
      this.#act(track, 'unshelve', { by: 'engine' }, now);
    const { current } = state;
    if (current === null) return;
    if (now - current.updatedAt >= compiled.expireAfter) {
      state.closedLevel = state.level;
      this.#close(track, 'expire', now, 'engine');
      return;
    }
    if (!state.facts.active || state.facts.acknowledged) return;
    let lifted = state.escalated;
    for (const { after, level } of compiled.escalate)
      if (now - current.raisedAt >= after) lifted = Math.max(lifted, level);
    if (lifted <= Math.max(state.escalated, state.level)) return;
    state.escalated = lifted;
    this.#tell(track, 'escalate', now, alarmState(state.facts), 'engine', null);
  }

  #act(track: Track, event: LifecycleEvent, action: string | OperatorAction, time = this.#clock.now()): AlertChange {
    const { by, comment } = operator(action);
    const { state, compiled } = track;
    const from = alarmState(state.facts);
    const next = nextFacts(state.facts, event, compiled.rule);
    if (next === undefined) applyEvent(state.facts, event, compiled.rule);
    else if (state.current !== null && processState(next) === 'normal') {
      return this.#close(track, event, time, by, comment);
    } else state.facts = next;
    if (!state.facts.shelved) {
      state.shelvedUntil = null;
      state.oneShot = false;
    }
    return this.#tell(track, event, time, from, by, comment ?? null);
  }

  #note(track: Track, kind: 'comment' | 'assign', action: string | OperatorAction): AlertChange {
    const { by, comment } = operator(action);
    return this.#tell(track, kind, this.#clock.now(), alarmState(track.state.facts), by, comment ?? null);
  }

  #tell(
    track: Track,
    kind: AlertChangeKind,
    time: number,
    from: AlertChange['from'],
    by: string,
    comment: string | null,
    resolvedAt: number | null = null,
  ): AlertChange {
    if (track.state.current !== null) track.state.current.updatedAt = time;
    const resolvedBy = kind === 'resolve' ? by : null;
    const alert: Alert = { ...alertOf(track), resolvedAt, resolvedBy, updatedAt: time };
    const event: AlertChange = { sequence: ++this.#sequence, kind, time, alert, from, to: alert.state, by, comment };
    this.#audit.push(event);
    // Cut in bulk: taking one off the front of a long list for each event would cost its whole length.
    if (this.#audit.length > this.#auditLimit * 2) this.#audit.splice(0, this.#audit.length - this.#auditLimit);
    this.#out?.push(event);
    this.#watch(track);
    this.emit('change', event);
    return event;
  }

  #watch(track: Track): void {
    const { state } = track;
    if (state.current !== null || state.shelvedUntil !== null) this.#standing.add(track);
    else this.#standing.delete(track);
  }

  #track(id: string): Track {
    const track = this.#byFingerprint.get(fingerprintOf(id));
    if (track === undefined || (id.includes('-') && alertOf(track).id !== id)) throw unknownAlert(id);
    return track;
  }

  #standingTrack(id: string): Track {
    const track = this.#track(id);
    if (track.state.current === null) throw unknownAlert(id);
    return track;
  }
}

function operator(action: string | OperatorAction): OperatorAction {
  return typeof action === 'string' ? { by: action } : action;
}

function fingerprintOf(id: string): string {
  const dash = id.indexOf('-');
  return dash < 0 ? id : id.slice(0, dash);
}

function unknownAlert(id: string): TwinergyError {
  return new TwinergyError('ALERT_UNKNOWN', `There is no alert ${quote(id)} that stands.`, { value: id });
}
