import { type Clock, systemClock } from '../../core/clock.js';
import { quote, TwinergyError } from '../../core/errors.js';
import { type Alert, type AlertChange, textHash } from '../alert.js';
import { severityLevel } from '../severity.js';
import { labelOf } from './matcher.js';
import { type Inhibition, Mutes, type Silence, type Verdict } from './mute.js';
import { onCall, type Rotation } from './on-call.js';
import type { Notification } from './outbox.js';
import { compileRoutes, type ReadyRoute, type Route, unknownReceiver } from './route.js';

/** Options of `AlertDispatcher`. */
export interface DispatcherOptions {
  readonly route: Route;
  /** Names of the receivers there are. */
  readonly receivers: readonly string[];
  readonly inhibitions?: readonly Inhibition[] | undefined;
  readonly silences?: readonly Silence[] | undefined;
  readonly clock?: Clock | undefined;
  /** Who takes turns; a rotation's name may stand where a receiver's may. */
  readonly rotations?: Readonly<Record<string, Rotation>> | undefined;
  /** Most messages to one receiver within an hour, for all or by receiver; what is more waits. Default 1,000. */
  readonly maxPerHour?: number | Readonly<Record<string, number>> | undefined;
}

interface Member {
  alert: Alert;
  /** What was told of it last: id and severity, or that it ended. Empty: nothing yet. */
  told: string;
}

interface Group {
  readonly key: string;
  readonly route: string;
  readonly labels: Record<string, string>;
  members: Map<string, Member>;
  dueAt: number;
  lastTold: number;
  escalated: number;
}

/** The state of a dispatcher; JSON data. */
export interface DispatcherState {
  readonly kind: 'AlertDispatcher';
  readonly formatVersion: 1;
  readonly sequence: number;
  readonly count: number;
  readonly silences: readonly Silence[];
  readonly groups: readonly (Omit<Group, 'members'> & { readonly members: readonly (readonly [string, Member])[] })[];
  readonly sources: readonly (readonly [string, Alert])[];
  readonly sent: readonly (readonly [string, readonly number[]])[];
}

const HOUR = 3_600_000;
const DEFAULT_PER_HOUR = 1000;

function stamp(alert: Alert): string {
  return alert.resolvedAt === null && alert.active ? `${alert.id}/${alert.severity}` : '';
}

/**
 * Decides who is told of what and when, as Prometheus' Alertmanager does: routes, groups, waits, silences, inhibits, repeats.
 * It sends nothing itself: `flush` gives the notifications that are due, for the outbox. A change that it has seen (by its
 * sequence number) changes nothing.
 */
export class AlertDispatcher {
  readonly #routesOf: (alert: Alert) => ReadyRoute[];
  readonly #routes: ReadonlyMap<string, ReadyRoute>;
  readonly #clock: Clock;
  readonly #maxPerHour: (receiver: string) => number;
  readonly #rotations: ReadonlyMap<string, (time: number) => string>;
  readonly #mutes: Mutes;
  readonly #groups = new Map<string, Group>();
  /** Groups that an alert is in, by fingerprint. */
  readonly #placed = new Map<string, string[]>();
  readonly #sent = new Map<string, number[]>();
  #sequence = 0;
  #count = 0;
  /** No group is due before. */
  #nextDue = Number.NEGATIVE_INFINITY;

  /** @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER` */
  constructor(options: DispatcherOptions) {
    const { receivers, rotations = {}, maxPerHour = DEFAULT_PER_HOUR } = options;
    const names = new Set(receivers);
    for (const [name, rotation] of Object.entries(rotations)) {
      for (const receiver of [...rotation.receivers, ...(rotation.overrides ?? []).map(({ receiver: to }) => to)])
        if (!names.has(receiver)) throw unknownReceiver(receiver, `rotations.${name}`);
    }
    this.#rotations = new Map(Object.entries(rotations).map(([name, rotation]) => [name, onCall(rotation, name)]));
    const { find, byPath } = compileRoutes(options.route, new Set([...names, ...this.#rotations.keys()]));
    this.#routesOf = find;
    this.#routes = byPath;
    this.#clock = options.clock ?? systemClock;
    this.#maxPerHour =
      typeof maxPerHour === 'number'
        ? () => maxPerHour
        : (receiver) => (Object.hasOwn(maxPerHour, receiver) ? maxPerHour[receiver] : undefined) ?? DEFAULT_PER_HOUR;
    this.#mutes = new Mutes(options.inhibitions ?? []);
    for (const silence of options.silences ?? []) this.silence(silence);
  }

  /** The silences there are, also those that are over. */
  get silences(): readonly Silence[] {
    return this.#mutes.silences;
  }

  /** Adds or replaces a silence. @throws TwinergyError `ALERT_BAD_MATCHER`, `RULE_BAD_TIME_OF_DAY`, `ZONE_UNKNOWN` */
  silence(silence: Silence): void {
    this.#mutes.silence(silence);
  }

  /** Ends a silence. */
  unsilence(id: string): void {
    this.#mutes.unsilence(id);
  }

  /** The receiver that a name stands for at `now`: itself, or who is on call in the rotation of that name. */
  receiver(name: string, now: number = this.#clock.now()): string {
    return this.#rotations.get(name)?.(now) ?? name;
  }

  /** Takes a change in, in the order of the sequence. */
  accept({ sequence, alert }: AlertChange): void {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    const stands = alert.active && alert.resolvedAt === null;
    this.#mutes.accept(alert, stands);
    const before = this.#placed.get(alert.fingerprint);
    const routes = this.#routesOf(alert);
    const keys = routes.map((route) => this.#join(route, alert, stands));
    // With another severity it may take another route: the group that it left forgets it.
    for (const key of before ?? []) if (!keys.includes(key)) this.#groups.get(key)?.members.delete(alert.fingerprint);
    if (stands) this.#placed.set(alert.fingerprint, keys);
    else this.#placed.delete(alert.fingerprint);
  }

  /** Whether an alert would be told now, with the reason. */
  verdict(alert: Alert, now: number = this.#clock.now()): Verdict {
    return this.#mutes.verdict(alert, now);
  }

  /** The notifications that are due; what they say counts as told from here on, so put them into the outbox. */
  flush(now: number = this.#clock.now()): Notification[] {
    const out: Notification[] = [];
    if (now < this.#nextDue) return out;
    let next = Number.POSITIVE_INFINITY;
    for (const group of this.#groups.values()) {
      const route = this.#routes.get(group.route);
      if (group.dueAt <= now && route !== undefined) this.#flushGroup(group, route, now, out);
      if (group.dueAt < next) next = group.dueAt;
    }
    this.#nextDue = next;
    return out;
  }

  toJSON(): DispatcherState {
    return {
      kind: 'AlertDispatcher',
      formatVersion: 1,
      sequence: this.#sequence,
      count: this.#count,
      silences: this.#mutes.silences,
      groups: [...this.#groups.values()].map((group) => ({
        ...group,
        members: [...group.members].map(([print, member]) => [print, { ...member }] as const),
      })),
      sources: this.#mutes.sources,
      sent: [...this.#sent].map(([receiver, times]) => [receiver, [...times]] as const),
    };
  }

  /** Goes on where `state` was taken, with the same routing tree. @throws TwinergyError `ALERT_BAD_STATE` */
  restore(state: DispatcherState): void {
    if (state?.kind !== 'AlertDispatcher' || state.formatVersion !== 1) {
      throw new TwinergyError('ALERT_BAD_STATE', `${quote(state)} is not the state of a dispatcher of format 1.`);
    }
    this.#sequence = state.sequence;
    this.#count = state.count;
    this.#mutes.restore(state.silences, state.sources);
    this.#nextDue = Number.NEGATIVE_INFINITY;
    this.#groups.clear();
    for (const { members, ...group } of state.groups) {
      this.#groups.set(group.key, {
        ...group,
        members: new Map(members.map(([print, member]) => [print, { ...member }])),
      });
    }
    this.#placed.clear();
    for (const { key, members } of state.groups) {
      for (const [print] of members) this.#placed.set(print, [...(this.#placed.get(print) ?? []), key]);
    }
    this.#sent.clear();
    for (const [receiver, times] of state.sent) this.#sent.set(receiver, [...times]);
  }

  #join(route: ReadyRoute, alert: Alert, stands: boolean): string {
    let key = route.path;
    for (const name of route.groupBy) key += `\u0000${labelOf(alert, name)}`;
    let group = this.#groups.get(key);
    const member = group?.members.get(alert.fingerprint);
    // What ended before anybody was told of it is nobody's business.
    if (!stands && (member === undefined || member.told === '')) {
      group?.members.delete(alert.fingerprint);
      if (group !== undefined && group.members.size === 0 && group.lastTold < 0) this.#groups.delete(key);
      return key;
    }
    const now = this.#clock.now();
    if (group === undefined) {
      const labels: Record<string, string> = {};
      for (const name of route.groupBy) labels[name] = labelOf(alert, name);
      group = {
        key,
        route: route.path,
        labels,
        members: new Map(),
        dueAt: now + route.groupWait,
        lastTold: -1,
        escalated: 0,
      };
      this.#groups.set(key, group);
    }
    if (member === undefined) group.members.set(alert.fingerprint, { alert, told: '' });
    else member.alert = alert;
    if (group.lastTold >= 0 && stamp(alert) !== (member?.told ?? ''))
      group.dueAt = Math.min(group.dueAt, Math.max(now, group.lastTold + route.groupInterval));
    this.#nextDue = Math.min(this.#nextDue, group.dueAt);
    return key;
  }

  #flushGroup(group: Group, route: ReadyRoute, now: number, out: Notification[]): void {
    const firing: Alert[] = [];
    const ended: [string, Alert][] = [];
    let changed = false;
    let worst = 0;
    // Since when somebody should have acknowledged: the oldest alert that nobody did.
    let unseen = Number.POSITIVE_INFINITY;
    for (const [print, { alert, told }] of group.members) {
      const current = stamp(alert);
      if (current === '') {
        ended.push([print, alert]);
        continue;
      }
      if (!this.verdict(alert, now).told) continue;
      firing.push(alert);
      worst = Math.max(worst, severityLevel(alert.severity));
      if (!alert.acknowledged) unseen = Math.min(unseen, alert.raisedAt);
      if (current !== told) changed = true;
    }
    changed ||= ended.length > 0;
    const step = route.escalate[group.escalated];
    const lifts = step !== undefined && now - unseen >= step.after;
    const repeats = firing.length > 0 && group.lastTold >= 0 && now - group.lastTold >= route.repeatInterval;
    if (changed || repeats || lifts) {
      const receiver = this.receiver(route.receiver, now);
      if ((route.isQuiet(now) && worst < 4) || !this.#mayTell(receiver, now)) {
        group.dueAt = now + 60_000;
        return;
      }
      const tell = (to: string, reason: Notification['reason']) => {
        const key = textHash(`${group.key}\u0000${to}\u0000${++this.#count}`);
        out.push({
          key,
          receiver: to,
          group: group.labels,
          time: now,
          firing,
          resolved: ended.map(([, alert]) => alert),
          reason,
        });
      };
      if (changed || repeats) tell(receiver, changed ? 'change' : 'repeat');
      if (lifts) {
        group.escalated++;
        tell(this.receiver(step.receiver, now), 'escalation');
      }
      group.lastTold = now;
      for (const alert of firing) {
        const member = group.members.get(alert.fingerprint);
        if (member !== undefined) member.told = stamp(alert);
      }
      for (const [print] of ended) group.members.delete(print);
    }
    if (group.members.size === 0) {
      this.#groups.delete(group.key);
      return;
    }
    if (unseen === Number.POSITIVE_INFINITY) group.escalated = 0;
    // Silences and inhibitions end by themselves: what they hold back is looked at with each interval.
    group.dueAt =
      now +
      (route.escalate[group.escalated] === undefined ? route.groupInterval : Math.min(route.groupInterval, 60_000));
  }

  #mayTell(receiver: string, now: number): boolean {
    const times = (this.#sent.get(receiver) ?? []).filter((time) => time > now - HOUR);
    const may = times.length < this.#maxPerHour(receiver);
    if (may) times.push(now);
    this.#sent.set(receiver, times);
    return may;
  }
}
