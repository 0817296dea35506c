import type { Alert, AlertChange } from './alert.js';
import { type Severity, severities } from './severity.js';

/** What the figures are made of: the changes of an engine, or what of them was stored. */
export interface AlarmEvent extends Pick<AlertChange, 'kind' | 'time' | 'to'> {
  readonly alert: Pick<Alert, 'id' | 'fingerprint' | 'assetId' | 'rule' | 'severity'>;
}

/** One alarm's share. */
export interface AlarmShare {
  readonly fingerprint: string;
  readonly assetId: string;
  readonly rule: string;
  readonly count: number;
  /** Of all alarms, 0…1. */
  readonly share: number;
}

/** Figures of an alarm system over a time. Counts are of alarms that were heard: not shelved, suppressed or out of service. */
export interface AlarmKpis {
  readonly alarms: number;
  /** Per operator. Long-term targets: about 6 an hour and 150 a day are likely acceptable, 12 and 300 the most that can be managed. */
  readonly perHour: number;
  readonly perDay: number;
  /** Most alarms in any stretch of 10 minutes, per operator. Target: ≤ 10. */
  readonly peakPer10Minutes: number;
  /** Share of the clock hours (since `from`) with more than 30 alarms per operator. Target: < 1 %. */
  readonly hoursAbove30: number;
  /** Share of the time in a flood: from 10 alarms per operator within 10 minutes until fewer than 5. Target: < 1 %. */
  readonly floodTime: number;
  readonly floods: number;
  /** Alarms by severity, and their shares. Target for three priorities: about 80 % low, 15 % middle, 5 % high. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Alarms that were raised three times or more within a minute. Target: none. */
  readonly chattering: readonly AlarmShare[];
  /** Alarms that were over within a minute without anybody acting. */
  readonly fleeting: number;
  /** Alerts that have been active for more than 24 hours at the end. Target: fewer than 5. */
  readonly standing: readonly {
    readonly id: string;
    readonly assetId: string;
    readonly rule: string;
    readonly since: number;
  }[];
  /** The ten most frequent alarms; together they should make less than 5 % (1 … 5 %) of all. */
  readonly topTen: readonly AlarmShare[];
  readonly topTenShare: number;
  /** Time from the raise to the acknowledgement, ms; null where none was acknowledged. */
  readonly acknowledgement: { readonly median: number | null; readonly p95: number | null; readonly never: number };
  /** How often an alarm was shelved, suppressed, or taken out of service. */
  readonly shelved: number;
  readonly suppressed: number;
  readonly outOfService: number;
  /** How often people said that an alert was worth it, or not. */
  readonly useful: number;
  readonly notUseful: number;
}

/** What time and how many people the figures are for. */
export interface KpiOptions {
  /** `from` ≤ t < `to`, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Operators who share the alarms. Default 1. */
  readonly operators?: number | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One alert from its raise to its end. */
interface Run {
  readonly event: AlarmEvent;
  acknowledgedAt: number | null;
  endedAt: number | null;
  endedByItself: boolean;
}

/**
 * Figures by which alarm systems are judged: ANSI/ISA-18.2-2016 clause 16 (IEC 62682:2022 clause 16), targets as there and in
 * EEMUA 191. Events in the order of time; those before `from` count for what stands since then, and for nothing else.
 */
export function alarmKpis(events: Iterable<AlarmEvent>, { from, to, operators = 1 }: KpiOptions): AlarmKpis {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  const counts = { shelve: 0, suppress: 0, 'remove-from-service': 0, useful: 0, 'not-useful': 0 };
  for (const event of events) {
    const { kind, time, to: state, alert } = event;
    if (time >= to) continue;
    if (kind in counts && time >= from) counts[kind as keyof typeof counts]++;
    if (kind === 'raise') {
      // What is hidden when it is raised was not heard.
      const run = { event, acknowledgedAt: null, endedAt: null, endedByItself: false };
      open.set(alert.id, run);
      if (state === 'active-unacknowledged' && time >= from) runs.push(run);
      continue;
    }
    const run = open.get(alert.id);
    if (run === undefined) continue;
    if (kind === 'acknowledge') run.acknowledgedAt ??= time;
    if (kind === 'return' || kind === 'resolve' || kind === 'expire' || kind === 'reset') {
      run.endedAt ??= time;
      run.endedByItself = kind === 'return' && run.acknowledgedAt === null;
      open.delete(alert.id);
    }
  }
  const times = runs.map(({ event }) => event.time);
  const hours = (to - from) / HOUR;
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const { fingerprint } = run.event.alert;
    const list = groups.get(fingerprint);
    if (list === undefined) groups.set(fingerprint, [run]);
    else list.push(run);
  }
  const shares = [...groups.values()].map((list) => shareOf(list, runs.length)).sort((a, b) => b.count - a.count);
  const topTen = shares.slice(0, 10);
  const chattering = shares.filter(({ fingerprint }) => {
    const at = (groups.get(fingerprint) ?? []).map(({ event }) => event.time);
    return at.some((time, k) => k >= 2 && time - (at[k - 2] as number) <= MINUTE);
  });
  const waits = runs
    .filter(({ acknowledgedAt }) => acknowledgedAt !== null)
    .map(({ event, acknowledgedAt }) => (acknowledgedAt ?? 0) - event.time)
    .sort((a, b) => a - b);
  const flood = floods(times, operators, to);
  return {
    alarms: runs.length,
    perHour: runs.length / hours / operators,
    perDay: (runs.length / hours / operators) * 24,
    peakPer10Minutes: peak(times, 10 * MINUTE) / operators,
    hoursAbove30: busyHours(times, from, operators) / Math.max(1, Math.ceil(hours)),
    floodTime: flood.time / (to - from),
    floods: flood.count,
    bySeverity: Object.fromEntries(
      severities.map((severity) => [severity, runs.filter(({ event }) => event.alert.severity === severity).length]),
    ) as Record<Severity, number>,
    chattering,
    fleeting: runs.filter(
      ({ event, endedAt, endedByItself }) => endedByItself && endedAt !== null && endedAt - event.time <= MINUTE,
    ).length,
    standing: [...open.values()]
      .filter(({ event }) => to - event.time > DAY)
      .map(({ event: { alert, time } }) => ({ id: alert.id, assetId: alert.assetId, rule: alert.rule, since: time })),
    topTen,
    topTenShare: topTen.reduce((sum, { count }) => sum + count, 0) / Math.max(1, runs.length),
    acknowledgement: {
      median: quantile(waits, 0.5),
      p95: quantile(waits, 0.95),
      never: runs.length - waits.length,
    },
    shelved: counts.shelve,
    suppressed: counts.suppress,
    outOfService: counts['remove-from-service'],
    useful: counts.useful,
    notUseful: counts['not-useful'],
  };
}

function shareOf(list: readonly Run[], all: number): AlarmShare {
  const { fingerprint, assetId, rule } = (list[0] as Run).event.alert;
  return { fingerprint, assetId, rule, count: list.length, share: list.length / all };
}

/** Most of the sorted times in any stretch of `width`. */
function peak(times: readonly number[], width: number): number {
  let [most, first] = [0, 0];
  for (let last = 0; last < times.length; last++) {
    while ((times[last] as number) - (times[first] as number) >= width) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function busyHours(times: readonly number[], from: number, operators: number): number {
  const perHour = new Map<number, number>();
  for (const time of times) {
    const hour = Math.floor((time - from) / HOUR);
    perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
  }
  return [...perHour.values()].filter((count) => count > 30 * operators).length;
}

/**
 * Floods: the count of the last 10 minutes rises with an alarm and falls 10 minutes after it; a flood lasts from its reaching
 * 10 per operator until it is below 5.
 */
function floods(times: readonly number[], operators: number, end: number): { time: number; count: number } {
  const width = 10 * MINUTE;
  const out = { time: 0, count: 0 };
  let since = -1;
  let first = 0;
  const fall = (upTo: number) => {
    while (first < times.length && (times[first] as number) + width <= upTo) first++;
  };
  for (let last = 0; last < times.length; last++) {
    const now = times[last] as number;
    // Where it fell below 5 before this alarm came: when the fifth last left the window.
    if (since >= 0) {
      const leaves = last - 5 * operators;
      const over = leaves < 0 ? Number.POSITIVE_INFINITY : (times[Math.ceil(leaves)] as number) + width;
      if (over <= now) {
        out.time += over - since;
        since = -1;
      }
    }
    fall(now);
    if (since < 0 && last - first + 1 >= 10 * operators) {
      since = now;
      out.count++;
    }
  }
  if (since >= 0) {
    const leaves = Math.max(0, Math.ceil(times.length - 5 * operators));
    out.time += Math.min(end, (times[leaves] ?? times.at(-1) ?? since) + width) - since;
  }
  return out;
}

function quantile(sorted: readonly number[], p: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? null;
}
