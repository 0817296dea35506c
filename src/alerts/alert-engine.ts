import { type Clock, quote, type Reading, systemClock, TwinergyError, TypedEvents } from '../core/index.js';
import { type Alert, type AlertChange, compareSeverity, fingerprintOf, type Severity } from './alert.js';
import { type AlertRule, levelOf, type ReadyRule, type RuleLevel, readRule } from './rule.js';

/** Options of `AlertEngine`. */
export interface AlertEngineOptions {
  readonly rules: readonly AlertRule[];
  /** Default `default`. */
  readonly tenantId?: string;
  /** For what people do; readings bring their own time. Default: the machine's. */
  readonly clock?: Clock;
}

/** Events of an `AlertEngine`. */
export interface AlertEvents {
  /** Every transition, once. */
  change: AlertChange;
}

/** How far one rule has come for one asset. */
interface Standing {
  /** The alert that is not resolved, or null. */
  alert: Alert | null;
  /** How many there have been: part of the next one's id. */
  count: number;
  /** A level that holds but has not held long enough, and since when. */
  pending: { severity: Severity; since: number } | null;
  /** Since when the value has been well, while an alert stands. */
  wellSince: number | null;
}

/** The state of an engine for JSON. */
export interface AlertEngineState {
  readonly formatVersion: 1;
  readonly standings: readonly (readonly [fingerprint: string, standing: Readonly<Standing>])[];
}

/**
 * Raises alerts from readings by rules, once each: an alert is raised when its level has held long enough, escalates and
 * de-escalates with the value, and is resolved when the value has been well for long enough. People acknowledge and
 * resolve. Its state survives a restart.
 *
 * ```ts
 * const engine = new AlertEngine({ rules: solarRules() });
 * engine.on('change', ({ kind, alert }) => console.log(kind, alert.severity, alert.title, alert.why));
 * engine.evaluate(reading);
 * ```
 */
export class AlertEngine extends TypedEvents<AlertEvents> {
  readonly rules: readonly AlertRule[];
  readonly #rules: readonly ReadyRule[];
  readonly #tenantId: string;
  readonly #clock: Clock;
  readonly #standings = new Map<string, Standing>();
  /** Asset → fingerprint for each rule, so that it is worked out once. */
  readonly #fingerprints = new Map<string, readonly string[]>();

  /** @throws TwinergyError `ALERT_BAD_RULE` */
  constructor({ rules, tenantId = 'default', clock = systemClock }: AlertEngineOptions) {
    super();
    this.rules = rules;
    this.#rules = rules.map((rule, i) => readRule(rule, `rules[${i}]`));
    const repeated = rules.find(({ id }, i) => rules.findIndex((other) => other.id === id) < i);
    if (repeated !== undefined)
      throw new TwinergyError('ALERT_BAD_RULE', `There are two rules ${quote(repeated.id)}.`, {
        path: 'rules',
        value: repeated.id,
      });
    this.#tenantId = tenantId;
    this.#clock = clock;
  }

  /**
   * Looks at a reading, whose values may hold derived ones beside the channels. A value that is absent leaves its rules as
   * they are. Returns the transitions, which the listeners of `change` are told too.
   */
  evaluate(reading: Reading): AlertChange[] {
    const changes: AlertChange[] = [];
    const fingerprints = this.#fingerprintsOf(reading.assetId);
    this.#rules.forEach((rule, i) => {
      const raw = reading.values[rule.channel];
      if (raw === undefined || Number.isNaN(raw) || !isOn(rule, reading)) return;
      const change = this.#step(rule, fingerprints[i] as string, reading, raw);
      if (change !== undefined) changes.push(change);
    });
    for (const change of changes) this.emit('change', change);
    return changes;
  }

  /** Alerts that are not resolved, the worst first, then the newest. */
  open(assetId?: string): Alert[] {
    return [...this.#standings.values()]
      .flatMap(({ alert }) => (alert !== null && (assetId === undefined || alert.assetId === assetId) ? [alert] : []))
      .sort((a, b) => compareSeverity(a.severity, b.severity) || b.since - a.since);
  }

  /** Somebody knows. Acknowledging twice changes nothing. @throws TwinergyError `ALERT_UNKNOWN` */
  acknowledge(id: string, by: string): AlertChange | undefined {
    const [standing, alert] = this.#find(id);
    if (alert.acknowledgedAt !== null) return undefined;
    const now = this.#clock.now();
    const acknowledged = { ...alert, acknowledgedAt: now, acknowledgedBy: by, updatedAt: now };
    standing.alert = acknowledged;
    return this.#told({ kind: 'acknowledged', alert: acknowledged });
  }

  /**
   * Somebody says that it is over. If its condition still holds, the next reading raises a new one.
   * @throws TwinergyError `ALERT_UNKNOWN`
   */
  resolve(id: string, by: string): AlertChange {
    const [standing, alert] = this.#find(id);
    return this.#told({ kind: 'resolved', alert: close(standing, alert, this.#clock.now(), by) });
  }

  toJSON(): AlertEngineState {
    return {
      formatVersion: 1,
      standings: [...this.#standings].map(([fingerprint, standing]) => [fingerprint, { ...standing }]),
    };
  }

  /** Goes on where `state` was taken. @throws TwinergyError `ALERT_BAD_STATE` */
  restore(state: AlertEngineState): void {
    if (state.formatVersion !== 1)
      throw new TwinergyError(
        'ALERT_BAD_STATE',
        `This release reads alert state of format 1, not ${quote(state.formatVersion)}.`,
      );
    this.#standings.clear();
    for (const [fingerprint, standing] of state.standings) this.#standings.set(fingerprint, { ...standing });
  }

  #fingerprintsOf(assetId: string): readonly string[] {
    let fingerprints = this.#fingerprints.get(assetId);
    if (fingerprints === undefined) {
      fingerprints = this.#rules.map(({ id, labels = {} }) => fingerprintOf(this.#tenantId, assetId, id, labels));
      this.#fingerprints.set(assetId, fingerprints);
    }
    return fingerprints;
  }

  #step(rule: ReadyRule, fingerprint: string, reading: Reading, raw: number): AlertChange | undefined {
    const standing = this.#standings.get(fingerprint);
    const value = rule.nominal === undefined ? raw : Math.abs(raw - rule.nominal);
    const level = levelOf(rule, value, standing?.alert?.severity);
    if (level === undefined) return standing === undefined ? undefined : this.#well(rule, standing, reading.time);
    const current: Standing = standing ?? { alert: null, count: 0, pending: null, wellSince: null };
    this.#standings.set(fingerprint, current);
    current.wellSince = null;
    const { alert } = current;
    if (alert !== null && compareSeverity(level.severity, alert.severity) >= 0) {
      current.pending = null;
      if (level.severity === alert.severity) {
        current.alert = { ...alert, value: raw };
        return undefined;
      }
      return { kind: 'de-escalated', alert: grade(current, alert, rule, level, raw, reading.time) };
    }
    // A worse level must hold for a while; if it grows worse still meanwhile, the time counts on.
    current.pending = { severity: level.severity, since: current.pending?.since ?? reading.time };
    if (reading.time - current.pending.since < rule.raiseAfterMs) return undefined;
    current.pending = null;
    if (alert !== null) return { kind: 'escalated', alert: grade(current, alert, rule, level, raw, reading.time) };
    current.count++;
    current.alert = {
      id: `${fingerprint}-${current.count}`,
      fingerprint,
      tenantId: this.#tenantId,
      assetId: reading.assetId,
      rule: rule.id,
      labels: rule.labels ?? {},
      severity: level.severity,
      title: rule.title,
      why: sentence(rule, level, raw),
      channel: rule.channel,
      value: raw,
      threshold: level.limit,
      unit: rule.unit ?? '1',
      active: true,
      since: reading.time,
      updatedAt: reading.time,
      acknowledgedAt: null,
      acknowledgedBy: null,
      resolvedAt: null,
      resolvedBy: null,
    };
    return { kind: 'raised', alert: current.alert };
  }

  #well(rule: ReadyRule, standing: Standing, time: number): AlertChange | undefined {
    standing.pending = null;
    const { alert } = standing;
    if (alert === null) return undefined;
    standing.wellSince ??= time;
    if (time - standing.wellSince < rule.clearAfterMs) return undefined;
    return { kind: 'resolved', alert: close(standing, alert, time, null) };
  }

  #find(id: string): [Standing, Alert] {
    for (const standing of this.#standings.values()) {
      if (standing.alert?.id === id) return [standing, standing.alert];
    }
    throw new TwinergyError('ALERT_UNKNOWN', `There is no open alert ${quote(id)}.`, { value: id });
  }

  #told(change: AlertChange): AlertChange {
    this.emit('change', change);
    return change;
  }
}

/** Gives an alert another severity. */
function grade(
  standing: Standing,
  alert: Alert,
  rule: ReadyRule,
  level: RuleLevel,
  value: number,
  time: number,
): Alert {
  const graded = {
    ...alert,
    severity: level.severity,
    threshold: level.limit,
    why: sentence(rule, level, value),
    value,
    updatedAt: time,
  };
  standing.alert = graded;
  return graded;
}

/** Ends an alert. */
function close(standing: Standing, alert: Alert, time: number, by: string | null): Alert {
  standing.alert = null;
  standing.pending = null;
  standing.wellSince = null;
  return { ...alert, active: false, resolvedAt: time, resolvedBy: by, updatedAt: time };
}

function isOn(rule: ReadyRule, reading: Reading): boolean {
  return (rule.onlyWhen ?? []).every(
    ({ channel, above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY }) => {
      const value = reading.values[channel];
      return value !== undefined && value >= above && value <= below;
    },
  );
}

function sentence(rule: ReadyRule, level: RuleLevel, value: number): string {
  const { label = rule.channel, unit = '', nominal, when } = rule;
  const number = (x: number) => `${Number(x.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`;
  if (nominal !== undefined) {
    return `${capital(label)} is ${number(value)}, ${number(Math.abs(value - nominal))} from the nominal ${number(nominal)} (limit ${number(level.limit)}).`;
  }
  return `${capital(label)} is ${number(value)}, ${when === 'above' ? 'at or above' : 'at or below'} the limit of ${number(level.limit)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
