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
export interface ThresholdCondition<Channel extends string = string> extends Grading {
  readonly type: 'threshold';
  readonly channel: Channel;
  /** The value to take where the channel was not measured. Default: then it cannot be told. */
  readonly missing?: number | undefined;
}

/** A channel against a reference (the twin's expectation, a nominal value): difference, its size, or the ratio. */
export interface DeviationCondition<Channel extends string = string> extends Grading {
  readonly type: 'deviation';
  readonly channel: Channel;
  /** Channel to compare with, or a fixed or attribute value. */
  readonly from: Channel | Limit;
  readonly measure: 'difference' | 'absolute' | 'ratio';
}

/** A channel outside an interval of two other channels; graded by how far, in widths of the interval (0: at its edge). */
export interface IntervalCondition<Channel extends string = string> extends Grading {
  readonly type: 'interval';
  readonly channel: Channel;
  readonly low: Channel;
  readonly high: Channel;
}

/** Change of a channel over `over`, as change in its unit per `per`. */
export interface RateCondition<Channel extends string = string> extends Grading {
  readonly type: 'rate';
  readonly channel: Channel;
  readonly over: Duration;
  readonly per: Duration;
}

/** Slope of the least-squares line through a channel over `over`, in its unit per `per`; needs half of `over`. */
export interface TrendCondition<Channel extends string = string> extends Grading {
  readonly type: 'trend';
  readonly channel: Channel;
  readonly over: Duration;
  readonly per: Duration;
}

/**
 * Probability that the asset fails `within` so many days, from the median of the remaining life and its interval, taken as
 * log-normal.
 */
export interface FailureCondition<Channel extends string = string> extends Grading {
  readonly type: 'failure';
  /** Days. */
  readonly within: number;
  /** Median of the remaining life, days. Default `rulDays`. */
  readonly median?: Channel | undefined;
  /** Bounds of its interval, days. Default `rulLow`, `rulHigh`. */
  readonly low?: Channel | undefined;
  readonly high?: Channel | undefined;
  /** Coverage of that interval. Default 0.8. */
  readonly coverage?: number | undefined;
}

/** Standard deviations from what is usual at this hour (of the day, or of the week), learned from the asset itself. */
export interface BaselineCondition<Channel extends string = string> extends Grading {
  readonly type: 'baseline';
  readonly channel: Channel;
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
export interface CountCondition<Channel extends string = string> extends Grading {
  readonly type: 'count';
  readonly of: Condition<Channel>;
  readonly within: Duration;
}

/** A true-or-false formula in mathjs syntax with units: `power < 0.7 * expectedPower and irradiance > 200 W/m^2`. */
export interface ExpressionCondition {
  readonly type: 'expression';
  readonly expression: string;
  readonly severity: Severity;
}

/** No reading for `after` (or none with `channel`). Judged when time passes, also without readings: see `AlertEngine.tick`. */
export interface NoDataCondition<Channel extends string = string> {
  readonly type: 'no-data';
  readonly channel?: Channel | undefined;
  readonly after: RuleDuration;
  readonly severity: Severity;
}

/** A channel that has not changed at all for `after`: a sensor that is stuck. */
export interface StaleCondition<Channel extends string = string> {
  readonly type: 'stale';
  readonly channel: Channel;
  readonly after: RuleDuration;
  readonly severity: Severity;
}

/** An expected event (`of` becoming true) that has not come for `within`. */
export interface AbsenceCondition<Channel extends string = string> {
  readonly type: 'absence';
  readonly of: Condition<Channel>;
  readonly within: RuleDuration;
  readonly severity: Severity;
}

/** All of them; the severity is that of the least urgent, unless one is given. */
export interface AllCondition<Channel extends string = string> {
  readonly type: 'all';
  readonly of: readonly Condition<Channel>[];
  readonly severity?: Severity | undefined;
}

/** Any of them, or at least `atLeast`; the severity is that of the most urgent, unless one is given. */
export interface AnyCondition<Channel extends string = string> {
  readonly type: 'any';
  readonly of: readonly Condition<Channel>[];
  readonly atLeast?: number | undefined;
  readonly severity?: Severity | undefined;
}

/** It does not hold (what is unknown stays unknown). */
export interface NotCondition<Channel extends string = string> {
  readonly type: 'not';
  readonly of: Condition<Channel>;
  readonly severity: Severity;
}

/** A time of the day or week. */
export interface TimeOfWeek {
  /** `"HH:MM"`; `to` before `from` goes over midnight, and belongs to the day on which it starts. */
  readonly from: string;
  readonly to: string;
  /** 1 Monday … 7 Sunday. Default: every day. */
  readonly days?: readonly number[] | undefined;
}

/** A daily or weekly time in the asset's zone. */
export interface ScheduleCondition extends TimeOfWeek {
  readonly type: 'schedule';
  readonly severity?: Severity | undefined;
}

/** The asset is in maintenance, by its own windows. Mostly inside `not`, as `onlyWhen`: see `notInMaintenance`. */
export interface MaintenanceCondition {
  readonly type: 'maintenance';
  readonly severity?: Severity | undefined;
}

/** At least so many (or that fraction) of the assets that share a group: the alert is the group's, not the asset's. */
export interface GroupCondition<Channel extends string = string> {
  readonly type: 'group';
  readonly of: Condition<Channel>;
  readonly atLeast?: number | undefined;
  readonly fraction?: number | undefined;
  readonly severity: Severity;
}

/** What a rule judges. */
export type Condition<Channel extends string = string> =
  | ThresholdCondition<Channel>
  | DeviationCondition<Channel>
  | IntervalCondition<Channel>
  | RateCondition<Channel>
  | TrendCondition<Channel>
  | FailureCondition<Channel>
  | BaselineCondition<Channel>
  | CountCondition<Channel>
  | ExpressionCondition
  | NoDataCondition<Channel>
  | StaleCondition<Channel>
  | AbsenceCondition<Channel>
  | AllCondition<Channel>
  | AnyCondition<Channel>
  | NotCondition<Channel>
  | ScheduleCondition
  | MaintenanceCondition
  | GroupCondition<Channel>;

/** A rule: data, so that it can be stored, shown and changed. `Channel`: the channels that it may name, see `typedRules`. */
export interface Rule<Channel extends string = string> {
  /** Stable; part of the identity of its alerts. */
  readonly id: string;
  /** What is wrong when it holds, in a few words. */
  readonly title: string;
  readonly when: Condition<Channel>;
  /** Judged only while this holds; otherwise what stands goes on standing, and nothing is raised. */
  readonly onlyWhen?: Condition<Channel> | undefined;
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
  /** Less urgent once somebody has acknowledged it and it has not got worse for so long. */
  readonly deescalate?: readonly { readonly after: Duration; readonly to: Severity }[] | undefined;
  /** An alert that stands for so long, without an update, is dropped. */
  readonly expireAfter?: Duration | undefined;
  /** Raises within `within` beyond which it flaps: then it is kept up until it has been quiet for `within`. */
  readonly flapping?: { readonly raises: number; readonly within: Duration } | undefined;
  readonly labels?: Labels | undefined;
  /** Only on assets that have these labels or attributes. Default: on all. */
  readonly assets?: Labels | undefined;
  /** Ids of rules whose alerts on the same asset, or on what hangs on it, follow from this one: see `foldAlerts`. */
  readonly explains?: readonly string[] | undefined;
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
  /** When people work on it: once (`from` ≤ t < `to`, ms since the epoch), or each day or week in its zone. */
  readonly maintenance?: readonly ({ readonly from: number; readonly to: number } | TimeOfWeek)[] | undefined;
  /** Groups that it belongs to. */
  readonly groups?: readonly string[] | undefined;
  /** Its own limits and durations, and what rules select assets by. */
  readonly attributes?: Readonly<Record<string, number | string>> | undefined;
}
