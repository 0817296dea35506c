import { quote, TwinergyError } from '../core/errors.js';
import type { Alert, AlertChange, AlertChangeKind } from './alert.js';
import type { Memory } from './conditions/compiled.js';
import { alarmState, applyEvent, type LifecycleEvent, nextFacts, normalFacts, processState } from './lifecycle.js';
import { alertOf, type Track } from './runtime.js';

/** Who does something to an alert, and what they say about it. */
export interface OperatorAction {
  readonly by: string;
  readonly comment?: string | undefined;
}

/** The same, from a name or the whole. */
export function operator(action: string | OperatorAction): OperatorAction {
  return typeof action === 'string' ? { by: action } : action;
}

/**
 * Carries alarms through the transitions of the state table, numbers what happens, and keeps the audit trail. `tell` hears
 * of every event.
 */
export class AlarmBook {
  /** Tracks that stand, or have an overlay with an end: what time can change. */
  readonly standing = new Set<Track>();
  readonly #tell: (change: AlertChange) => void;
  readonly #auditLimit: number;
  readonly #audit: AlertChange[] = [];
  /** Number of the last event. */
  sequence = 0;

  constructor(auditLimit: number, tell: (change: AlertChange) => void) {
    this.#auditLimit = auditLimit;
    this.#tell = tell;
  }

  /** The last events, the oldest first; `id`: of one alert or fingerprint only. */
  audit(id?: string): AlertChange[] {
    const all = this.#audit.slice(-this.#auditLimit);
    return id === undefined ? all : all.filter(({ alert }) => alert.id === id || alert.fingerprint === id);
  }

  /** Puts a track among those that stand, or takes it from them. */
  watch(track: Track): void {
    const { state } = track;
    if (state.current !== null || state.shelvedUntil !== null) this.standing.add(track);
    else this.standing.delete(track);
  }

  /** The condition holds: a new occurrence, or the old one again. */
  raise(track: Track, since: number, time: number, memory: Memory): Alert {
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
    state.lowered = 0;
    state.worseAt = time;
    state.facts = applyEvent(state.facts, 'raise', compiled.rule);
    return this.tell(track, 'raise', time, from, 'engine', null).alert;
  }

  /** It stands, and its severity changed. */
  update(track: Track, before: number, time: number, memory: Memory): void {
    const { state } = track;
    if (state.current === null) return;
    state.current.level = state.level;
    state.current.why = track.why(memory);
    if (state.level > before) {
      state.lowered = 0;
      state.worseAt = time;
    }
    this.tell(track, 'update', time, alarmState(state.facts), 'engine', null);
  }

  /** The condition no longer holds. */
  return(track: Track, time: number): void {
    const { state, compiled } = track;
    const next = applyEvent(state.facts, 'return', compiled.rule);
    if (processState(next) === 'normal') this.close(track, 'return', time, 'engine');
    else {
      const from = alarmState(state.facts);
      state.facts = next;
      this.tell(track, 'return', time, from, 'engine', null);
    }
  }

  /** Ends the occurrence; overlays other than one-shot shelving stay with the alarm. */
  close(track: Track, kind: AlertChangeKind, time: number, by: string, comment?: string): AlertChange {
    const { state } = track;
    const from = alarmState(state.facts);
    const { suppressed, outOfService, shelved } = state.facts;
    state.facts = { ...normalFacts, suppressed, outOfService, shelved: shelved && !state.oneShot };
    if (!state.facts.shelved) {
      state.shelvedUntil = null;
      state.oneShot = false;
    }
    const change = this.tell(track, kind, time, from, by, comment ?? null, time);
    state.current = null;
    this.watch(track);
    return change;
  }

  /** An event of the table that somebody (or time) causes. @throws TwinergyError `ALERT_FORBIDDEN_TRANSITION` */
  act(track: Track, event: LifecycleEvent, action: string | OperatorAction, time: number): AlertChange {
    const { by, comment } = operator(action);
    const { state, compiled } = track;
    const from = alarmState(state.facts);
    const next = nextFacts(state.facts, event, compiled.rule);
    if (next === undefined) applyEvent(state.facts, event, compiled.rule);
    else if (state.current !== null && processState(next) === 'normal') {
      return this.close(track, event, time, by, comment);
    } else state.facts = next;
    if (!state.facts.shelved) {
      state.shelvedUntil = null;
      state.oneShot = false;
    }
    return this.tell(track, event, time, from, by, comment ?? null);
  }

  /** What changes nothing but is written down. */
  note(track: Track, kind: AlertChangeKind, action: string | OperatorAction, time: number): AlertChange {
    const { by, comment } = operator(action);
    return this.tell(track, kind, time, alarmState(track.state.facts), by, comment ?? null);
  }

  /** What time alone does: ends of shelving, expiry, escalation and its opposite. */
  passTime(track: Track, now: number): void {
    const { state, compiled } = track;
    if (state.facts.shelved && state.shelvedUntil !== null && now >= state.shelvedUntil)
      this.act(track, 'unshelve', { by: 'engine' }, now);
    const { current } = state;
    if (current === null) return;
    if (now - current.updatedAt >= compiled.expireAfter) {
      state.closedLevel = state.level;
      this.close(track, 'expire', now, 'engine');
      return;
    }
    if (!state.facts.active) return;
    if (state.facts.acknowledged) this.#lower(track, now);
    else this.#lift(track, now);
  }

  #lift(track: Track, now: number): void {
    const { state, compiled } = track;
    let lifted = state.escalated;
    for (const { after, level } of compiled.escalate)
      if (now - (state.current?.raisedAt ?? now) >= after) lifted = Math.max(lifted, level);
    if (lifted <= Math.max(state.escalated, state.level)) return;
    state.escalated = lifted;
    this.tell(track, 'escalate', now, alarmState(state.facts), 'engine', null);
  }

  #lower(track: Track, now: number): void {
    const { state, compiled } = track;
    const since = Math.max(state.current?.acknowledgedAt ?? now, state.worseAt);
    const shown = Math.max(state.level, state.escalated);
    let lowered = state.lowered === 0 ? shown : state.lowered;
    for (const { after, level } of compiled.deescalate) if (now - since >= after) lowered = Math.min(lowered, level);
    if (lowered >= (state.lowered === 0 ? shown : state.lowered)) return;
    state.lowered = lowered;
    this.tell(track, 'de-escalate', now, alarmState(state.facts), 'engine', null);
  }

  /** Numbers an event, writes it down, and tells it. */
  tell(
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
    const change: AlertChange = { sequence: ++this.sequence, kind, time, alert, from, to: alert.state, by, comment };
    this.#audit.push(change);
    // Cut in bulk: taking one off the front of a long list for each event would cost its whole length.
    if (this.#audit.length > this.#auditLimit * 2) this.#audit.splice(0, this.#audit.length - this.#auditLimit);
    this.watch(track);
    this.#tell(change);
    return change;
  }
}

/** The error of an id that no alert has. */
export function unknownAlert(id: string): TwinergyError {
  return new TwinergyError('ALERT_UNKNOWN', `There is no alert ${quote(id)} that stands.`, { value: id });
}
