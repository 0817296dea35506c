import type { Duration } from '../../core/duration.js';
import type { Labels } from '../alert.js';
import type { Severity } from '../severity.js';

/** A number, or an attribute of the asset (times `times`), with the number to take where the asset has no such attribute. */
export type Limit =
  | number
  | { readonly attribute: string; readonly times?: number | undefined; readonly default: number };

/** A duration, or an attribute of the asset that holds one. */
export type RuleDuration = Duration | { readonly attribute: string; readonly default: Duration };

/** How a figure is graded into severities. */
export interface Grading {
  /** Which side of a limit is bad. `above`: value ≥ limit; `below`: value ≤ limit. */
  readonly direction: 'above' | 'below';
  /** A limit per severity; at least one. */
  readonly limits: Readonly<Partial<Record<Severity, Limit>>>;
  /** Dead-band: how far behind its limit the value must be before that severity is left. In the value's unit; default 0. */
  readonly hysteresis?: number | undefined;
  /** The limit itself is still good (`>` for `≥`). Default false. */
  readonly strict?: boolean | undefined;
}

/** A channel against limits. */
export interface ThresholdCondition extends Grading {
  readonly type: 'threshold';
  readonly channel: string;
}

/** A channel against a reference (the twin's expectation, a nominal value): difference, its size, or the ratio. */
export interface DeviationCondition extends Grading {
  readonly type: 'deviation';
  readonly channel: string;
  /** Channel to compare with, or a fixed or attribute value. */
  readonly from: string | Limit;
  readonly measure: 'difference' | 'absolute' | 'ratio';
}

/** A channel outside an interval of two other channels; graded by how far, in widths of the interval (0: at its edge). */
export interface IntervalCondition extends Grading {
  readonly type: 'interval';
  readonly channel: string;
  readonly low: string;
  readonly high: string;
}

/** Change of a channel over `over`, as change in its unit per `per`. */
export interface RateCondition extends Grading {
  readonly type: 'rate';
  readonly channel: string;
  readonly over: Duration;
  readonly per: Duration;
}

/** Slope of the least-squares line through a channel over `over`, in its unit per `per`; needs half of `over`. */
export interface TrendCondition extends Grading {
  readonly type: 'trend';
  readonly channel: string;
  readonly over: Duration;
  readonly per: Duration;
}

/**
 * Probability that the asset fails `within` so many days, from the median of the remaining life and its interval, taken as
 * log-normal.
 */
export interface FailureCondition extends Grading {
  readonly type: 'failure';
  /** Days. */
  readonly within: number;
  /** Median of the remaining life, days. Default `rulDays`. */
  readonly median?: string | undefined;
  /** Bounds of its interval, days. Default `rulLow`, `rulHigh`. */
  readonly low?: string | undefined;
  readonly high?: string | undefined;
  /** Coverage of that interval. Default 0.8. */
  readonly coverage?: number | undefined;
}

/** Standard deviations from what is usual at this hour (of the day, or of the week), learned from the asset itself. */
export interface BaselineCondition extends Grading {
  readonly type: 'baseline';
  readonly channel: string;
  readonly season: 'hour-of-day' | 'hour-of-week';
  /** Weight of a new value; 1/learn values are remembered. Default 0.02. */
  readonly learn?: number | undefined;
  /** Values of an hour that must have been seen before it is judged. Default 30. */
  readonly warmUp?: number | undefined;
  /** Least standard deviation, in the channel's unit, against alarms on constant channels. */
  readonly minDeviation: number;
  /** `two-sided`: the size of the deviation. Default `two-sided`. */
  readonly side?: 'two-sided' | 'signed' | undefined;
}

/** How often another condition became true within `within`. */
export interface CountCondition extends Grading {
  readonly type: 'count';
  readonly of: Condition;
  readonly within: Duration;
}

/** A true-or-false formula in mathjs syntax with units: `power < 0.7 * expectedPower and irradiance > 200 W/m^2`. */
export interface ExpressionCondition {
  readonly type: 'expression';
  readonly expression: string;
  readonly severity: Severity;
}

/** No reading for `after` (or none with `channel`). Judged when time passes, also without readings: see `AlertEngine.tick`. */
export interface NoDataCondition {
  readonly type: 'no-data';
  readonly channel?: string | undefined;
  readonly after: RuleDuration;
  readonly severity: Severity;
}

/** A channel that has not changed at all for `after`: a sensor that is stuck. */
export interface StaleCondition {
  readonly type: 'stale';
  readonly channel: string;
  readonly after: RuleDuration;
  readonly severity: Severity;
}

/** An expected event (`of` becoming true) that has not come for `within`. */
export interface AbsenceCondition {
  readonly type: 'absence';
  readonly of: Condition;
  readonly within: RuleDuration;
  readonly severity: Severity;
}

/** All of them; the severity is that of the least urgent, unless one is given. */
export interface AllCondition {
  readonly type: 'all';
  readonly of: readonly Condition[];
  readonly severity?: Severity | undefined;
}

/** Any of them, or at least `atLeast`; the severity is that of the most urgent, unless one is given. */
export interface AnyCondition {
  readonly type: 'any';
  readonly of: readonly Condition[];
  readonly atLeast?: number | undefined;
  readonly severity?: Severity | undefined;
}

/** It does not hold (what is unknown stays unknown). */
export interface NotCondition {
  readonly type: 'not';
  readonly of: Condition;
  readonly severity: Severity;
}

/** A daily or weekly time in the asset's zone. */
export interface ScheduleCondition {
  readonly type: 'schedule';
  /** `"HH:MM"`; `to` before `from` goes over midnight, and belongs to the day on which it starts. */
  readonly from: string;
  readonly to: string;
  /** 1 Monday … 7 Sunday. Default: every day. */
  readonly days?: readonly number[] | undefined;
  readonly severity?: Severity | undefined;
}

/** At least so many (or that fraction) of the assets that share a group: the alert is the group's, not the asset's. */
export interface GroupCondition {
  readonly type: 'group';
  readonly of: Condition;
  readonly atLeast?: number | undefined;
  readonly fraction?: number | undefined;
  readonly severity: Severity;
}

/** What a rule judges. */
export type Condition =
  | ThresholdCondition
  | DeviationCondition
  | IntervalCondition
  | RateCondition
  | TrendCondition
  | FailureCondition
  | BaselineCondition
  | CountCondition
  | ExpressionCondition
  | NoDataCondition
  | StaleCondition
  | AbsenceCondition
  | AllCondition
  | AnyCondition
  | NotCondition
  | ScheduleCondition
  | GroupCondition;

/** A rule: data, so that it can be stored, shown and changed. */
export interface Rule {
  /** Stable; part of the identity of its alerts. */
  readonly id: string;
  /** What is wrong when it holds, in a few words. */
  readonly title: string;
  readonly when: Condition;
  /** Judged only while this holds; otherwise what stands goes on standing, and nothing is raised. */
  readonly onlyWhen?: Condition | undefined;
  /** It must hold for so long before it is raised (and before a higher severity is taken). Default: at once. */
  readonly raiseAfter?: RuleDuration | undefined;
  /** It must be over for so long before it has returned (and before a lower severity is taken). Default: at once. */
  readonly clearAfter?: RuleDuration | undefined;
  /** It stands until somebody resets it. */
  readonly latch?: boolean | undefined;
  /** It stands until somebody acknowledges it. */
  readonly mustAcknowledge?: boolean | undefined;
  /** More urgent when nobody acknowledges it for so long. */
  readonly escalate?: readonly { readonly after: Duration; readonly to: Severity }[] | undefined;
  /** An alert that stands for so long, without an update, is dropped. */
  readonly expireAfter?: Duration | undefined;
  /** Raises within `within` beyond which it flaps: then it is kept up until it has been quiet for `within`. */
  readonly flapping?: { readonly raises: number; readonly within: Duration } | undefined;
  readonly labels?: Labels | undefined;
  /** Only on assets that have these labels or attributes. Default: on all. */
  readonly assets?: Labels | undefined;
  /** What to do next: text or link. */
  readonly playbook?: string | undefined;
  /** Not judged where false. Default true. */
  readonly enabled?: boolean | undefined;
}

/** What the engine knows about an asset. */
export interface AlertAsset {
  readonly id: string;
  /** Default `default`. */
  readonly tenantId?: string | undefined;
  /** IANA zone of its schedules. Default UTC. */
  readonly zone?: string | undefined;
  /** Id of what it is a part of, or fed by: alerts are folded towards it. */
  readonly parent?: string | undefined;
  /** Groups that it belongs to. */
  readonly groups?: readonly string[] | undefined;
  /** Its own limits and durations, and what rules select assets by. */
  readonly attributes?: Readonly<Record<string, number | string>> | undefined;
}
