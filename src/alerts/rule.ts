import { type Duration, durationMs, quote, TwinergyError } from '../core/index.js';
import { compareSeverity, type Severity } from './alert.js';

/** A severity and the limit at which it begins. */
export interface RuleLevel {
  readonly severity: Severity;
  readonly limit: number;
}

/** A side condition: the rule only counts while the channel lies above or below a limit. */
export interface RuleCondition {
  readonly channel: string;
  readonly above?: number;
  readonly below?: number;
}

/** A rule as data: what is looked at, and from which value on it is how bad. */
export interface AlertRule {
  /** Unique among the rules. */
  readonly id: string;
  /** What has happened, in a few words: `"Low battery"`. */
  readonly title: string;
  /** The value that is looked at: a channel of the reading or a derived value. */
  readonly channel: string;
  /** What the channel is called in the sentence that says why. Default: its name. */
  readonly label?: string;
  readonly unit?: string;
  /** `above`: too much is bad (value ≥ limit). `below`: too little is (value ≤ limit). */
  readonly when: 'above' | 'below';
  /** With a nominal value, the distance from it is looked at. */
  readonly nominal?: number;
  /** In any order; the worst that is met counts. */
  readonly levels: readonly RuleLevel[];
  /** How far the value must come back behind a limit before it counts as passed back. Default 0. */
  readonly hysteresis?: number;
  /** How long a level must hold before it is raised. Default 0. */
  readonly raiseAfter?: Duration;
  /** How long the value must be well before the alert ends. Default 0. */
  readonly clearAfter?: Duration;
  /** While one of these does not hold, or has no value, the rule is not looked at. */
  readonly onlyWhen?: readonly RuleCondition[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A checked rule with its times in ms, its levels from worst to least. */
export interface ReadyRule extends AlertRule {
  readonly hysteresis: number;
  readonly raiseAfterMs: number;
  readonly clearAfterMs: number;
}

/**
 * Checks a rule.
 * @throws TwinergyError `ALERT_BAD_RULE`, `BAD_DURATION`
 */
export function readRule(rule: AlertRule, path: string): ReadyRule {
  const wrong = (field: string, message: string, value: unknown) =>
    new TwinergyError('ALERT_BAD_RULE', `Rule ${quote(rule.id)}: ${message}`, { path: `${path}.${field}`, value });
  if (typeof rule.id !== 'string' || rule.id === '') throw wrong('id', 'it needs an id.', rule.id);
  if (rule.levels.length === 0) throw wrong('levels', 'it has no level.', rule.levels);
  if (rule.when !== 'above' && rule.when !== 'below')
    throw wrong('when', `${quote(rule.when)} is neither "above" nor "below".`, rule.when);
  const levels = [...rule.levels].sort((a, b) => compareSeverity(a.severity, b.severity));
  levels.forEach(({ limit }, i) => {
    if (!Number.isFinite(limit)) throw wrong('levels', `a limit is ${limit}.`, limit);
    const next = levels[i + 1];
    if (next !== undefined && (rule.when === 'above' ? next.limit > limit : next.limit < limit)) {
      throw wrong('levels', `${next.severity} begins beyond the worse ${levels[i]?.severity}.`, next.limit);
    }
  });
  const { hysteresis = 0 } = rule;
  if (!(hysteresis >= 0)) throw wrong('hysteresis', 'it must be 0 or more.', hysteresis);
  const ms = (duration: Duration | undefined, field: string) =>
    duration === undefined || duration === 0 ? 0 : durationMs(duration, `${path}.${field}`);
  return {
    ...rule,
    levels,
    hysteresis,
    raiseAfterMs: ms(rule.raiseAfter, 'raiseAfter'),
    clearAfterMs: ms(rule.clearAfter, 'clearAfter'),
  };
}

/** The worst level that `value` meets; `standing` is the severity that is raised now and gives way by the hysteresis only. */
export function levelOf(rule: ReadyRule, value: number, standing: Severity | undefined): RuleLevel | undefined {
  const sign = rule.when === 'above' ? 1 : -1;
  return rule.levels.find(({ severity, limit }) => {
    const holds = standing !== undefined && compareSeverity(standing, severity) <= 0;
    return sign * (value - limit) >= (holds ? -rule.hysteresis : 0);
  });
}
