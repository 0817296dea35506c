import { TimeZone } from '../../core/zone.js';
import type { Alert } from '../alert.js';
import { withinSchedule } from '../conditions/logic.js';
import type { TimeOfWeek } from '../rules/rule.js';
import { compileMatchers, labelOf, type Matchers } from './matcher.js';

/** A time of the day or week in a zone. */
export interface Period extends TimeOfWeek {
  /** IANA zone. */
  readonly zone: string;
}

/** Not told while it lasts: a silence by a person, or with `periods` a maintenance window that comes again. */
export interface Silence {
  readonly id: string;
  readonly matchers: Matchers;
  /** ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Only in these times of the day or week, between `from` and `to`. Default: all the time. */
  readonly periods?: readonly Period[] | undefined;
  readonly by: string;
  readonly comment?: string | undefined;
}

/** While an alert matches `source`, those that match `target` and agree with it in the labels `equal` are not told. */
export interface Inhibition {
  readonly source: Matchers;
  readonly target: Matchers;
  readonly equal: readonly string[];
}

/** Whether an alert would be told now, and why not. */
export interface Verdict {
  readonly told: boolean;
  readonly reason: string;
}

/** A function that tells whether a moment (ms since the epoch) lies in a period. @throws TwinergyError `RULE_BAD_TIME_OF_DAY`, `ZONE_UNKNOWN` */
export function withinPeriod(period: Period, path: string): (time: number) => boolean {
  const zone = new TimeZone(period.zone);
  const within = withinSchedule(period, path);
  return (time) => within(time + zone.offsetAt(time));
}

interface ReadySilence {
  readonly silence: Silence;
  readonly matches: (alert: Alert) => boolean;
  readonly holds: (now: number) => boolean;
}

function readySilence(silence: Silence): ReadySilence {
  const path = `silence ${silence.id}`;
  const periods = silence.periods?.map((period, k) => withinPeriod(period, `${path}.periods[${k}]`));
  return {
    silence,
    matches: compileMatchers(silence.matchers, path),
    holds: (now) =>
      now >= silence.from && now < silence.to && (periods === undefined || periods.some((within) => within(now))),
  };
}

/** What keeps alerts from being told: silences, and alerts that inhibit others. */
export class Mutes {
  readonly #inhibitions: readonly {
    readonly source: (a: Alert) => boolean;
    readonly target: (a: Alert) => boolean;
    readonly equal: readonly string[];
  }[];
  readonly #silences = new Map<string, ReadySilence>();
  /** Alerts that stand and inhibit others, by fingerprint. */
  readonly #sources = new Map<string, Alert>();

  /** @throws TwinergyError `ALERT_BAD_MATCHER` */
  constructor(inhibitions: readonly Inhibition[]) {
    this.#inhibitions = inhibitions.map(({ source, target, equal }, k) => ({
      source: compileMatchers(source, `inhibitions[${k}].source`),
      target: compileMatchers(target, `inhibitions[${k}].target`),
      equal,
    }));
  }

  get silences(): Silence[] {
    return [...this.#silences.values()].map(({ silence }) => silence);
  }

  get sources(): [string, Alert][] {
    return [...this.#sources];
  }

  silence(silence: Silence): void {
    this.#silences.set(silence.id, readySilence(silence));
  }

  unsilence(id: string): void {
    this.#silences.delete(id);
  }

  restore(silences: readonly Silence[], sources: readonly (readonly [string, Alert])[]): void {
    this.#silences.clear();
    for (const silence of silences) this.silence(silence);
    this.#sources.clear();
    for (const [print, alert] of sources) this.#sources.set(print, alert);
  }

  /** Takes in how an alert is now. */
  accept(alert: Alert, stands: boolean): void {
    if (stands && this.#inhibitions.some(({ source }) => source(alert))) this.#sources.set(alert.fingerprint, alert);
    else this.#sources.delete(alert.fingerprint);
  }

  verdict(alert: Alert, now: number): Verdict {
    if (alert.shelved || alert.suppressed || alert.outOfService)
      return { told: false, reason: `It is ${alert.state}.` };
    for (const { silence, matches, holds } of this.#silences.values()) {
      if (holds(now) && matches(alert)) return { told: false, reason: `Silenced by ${silence.by} (${silence.id}).` };
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
}
