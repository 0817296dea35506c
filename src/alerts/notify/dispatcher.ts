import { type Clock, systemClock } from '../../core/clock.js';
import { quote, TwinergyError } from '../../core/errors.js';
import { type Alert, type AlertChange, textHash } from '../alert.js';
import { severityLevel } from '../severity.js';
import { compileMatchers, labelOf, type Matchers } from './matcher.js';
import type { Notification } from './outbox.js';
import { compileRoutes, type ReadyRoute, type Route } from './route.js';

/** Not told while it lasts: a silence by a person, or a maintenance window. */
export interface Silence {
  readonly id: string;
  readonly matchers: Matchers;
  /** ms since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly by: string;
  readonly comment?: string | undefined;
}

/** While an alert matches `source`, those that match `target` and agree with it in the labels `equal` are not told. */
export interface Inhibition {
  readonly source: Matchers;
  readonly target: Matchers;
  readonly equal: readonly string[];
}

/** Options of `AlertDispatcher`. */
export interface DispatcherOptions {
  readonly route: Route;
  /** Names of the receivers there are. */
  readonly receivers: readonly string[];
  readonly inhibitions?: readonly Inhibition[] | undefined;
  readonly silences?: readonly Silence[] | undefined;
  readonly clock?: Clock | undefined;
  /** Most messages to one receiver within an hour; what is more waits. Default 1,000. */
  readonly maxPerHour?: number | undefined;
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

/** Whether an alert would be told now, and why not. */
export interface Verdict {
  readonly told: boolean;
  readonly reason: string;
}

const HOUR = 3_600_000;

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
  readonly #maxPerHour: number;
  readonly #inhibitions: readonly {
    readonly source: (a: Alert) => boolean;
    readonly target: (a: Alert) => boolean;
    readonly equal: readonly string[];
  }[];
  readonly #silences = new Map<string, { silence: Silence; matches: (alert: Alert) => boolean }>();
  readonly #groups = new Map<string, Group>();
  /** Alerts that stand and inhibit others, by fingerprint. */
  readonly #sources = new Map<string, Alert>();
  /** Groups that an alert is in, by fingerprint. */
  readonly #placed = new Map<string, string[]>();
  readonly #sent = new Map<string, number[]>();
  #sequence = 0;
  #count = 0;

  /** @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER` */
  constructor(options: DispatcherOptions) {
    const { find, byPath } = compileRoutes(options.route, new Set(options.receivers));
    this.#routesOf = find;
    this.#routes = byPath;
    this.#clock = options.clock ?? systemClock;
    this.#maxPerHour = options.maxPerHour ?? 1000;
    this.#inhibitions = (options.inhibitions ?? []).map(({ source, target, equal }, k) => ({
      source: compileMatchers(source, `inhibitions[${k}].source`),
      target: compileMatchers(target, `inhibitions[${k}].target`),
      equal,
    }));
    for (const silence of options.silences ?? []) this.silence(silence);
  }

  /** Adds or replaces a silence. @throws TwinergyError `ALERT_BAD_MATCHER` */
  silence(silence: Silence): void {
    this.#silences.set(silence.id, { silence, matches: compileMatchers(silence.matchers, `silence ${silence.id}`) });
  }

  /** Ends a silence. */
  unsilence(id: string): void {
    this.#silences.delete(id);
  }

  /** Takes a change in, in the order of the sequence. */
  accept({ sequence, alert }: AlertChange): void {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    const stands = alert.active && alert.resolvedAt === null;
    if (stands && this.#inhibitions.some(({ source }) => source(alert))) this.#sources.set(alert.fingerprint, alert);
    else this.#sources.delete(alert.fingerprint);
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
    if (alert.shelved || alert.suppressed || alert.outOfService)
      return { told: false, reason: `It is ${alert.state}.` };
    for (const { silence, matches } of this.#silences.values()) {
      if (now >= silence.from && now < silence.to && matches(alert))
        return { told: false, reason: `Silenced by ${silence.by} (${silence.id}).` };
    }
    for (const { target, source, equal } of this.#inhibitions) {
      if (!target(alert)) continue;
      for (const other of this.#sources.values()) {
        if (
          other.fingerprint !== alert.fingerprint &&
          source(other) &&
          equal.every((name) => labelOf(other, name) === labelOf(alert, name))
        ) {
          return { told: false, reason: `Inhibited by ${other.title} on ${other.assetId}.` };
        }
      }
    }
    return { told: true, reason: 'Nothing speaks against it.' };
  }

  /** The notifications that are due; what they say counts as told from here on, so put them into the outbox. */
  flush(now: number = this.#clock.now()): Notification[] {
    const out: Notification[] = [];
    for (const group of this.#groups.values()) {
      if (group.dueAt > now) continue;
      const route = this.#routes.get(group.route);
      if (route !== undefined) this.#flushGroup(group, route, now, out);
    }
    return out;
  }

  toJSON(): DispatcherState {
    return {
      kind: 'AlertDispatcher',
      formatVersion: 1,
      sequence: this.#sequence,
      count: this.#count,
      silences: [...this.#silences.values()].map(({ silence }) => silence),
      groups: [...this.#groups.values()].map((group) => ({
        ...group,
        members: [...group.members].map(([print, member]) => [print, { ...member }] as const),
      })),
      sources: [...this.#sources],
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
    for (const silence of state.silences) this.silence(silence);
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
    this.#sources.clear();
    for (const [print, alert] of state.sources) this.#sources.set(print, alert);
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
      if ((route.isQuiet(now) && worst < 4) || !this.#mayTell(route.receiver, now)) {
        group.dueAt = now + 60_000;
        return;
      }
      const tell = (receiver: string, reason: Notification['reason']) => {
        const key = textHash(`${group.key}\u0000${receiver}\u0000${++this.#count}`);
        out.push({
          key,
          receiver,
          group: group.labels,
          time: now,
          firing,
          resolved: ended.map(([, alert]) => alert),
          reason,
        });
      };
      if (changed || repeats) tell(route.receiver, changed ? 'change' : 'repeat');
      if (lifts) {
        group.escalated++;
        tell(step.receiver, 'escalation');
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
    const may = times.length < this.#maxPerHour;
    if (may) times.push(now);
    this.#sent.set(receiver, times);
    return may;
  }
}
