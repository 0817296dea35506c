import * as z from 'zod/mini';
import { TwinergyError } from '../../core/errors.js';
import type { ChannelDefinition } from '../../core/reading.js';
import { validate } from '../../core/validate.js';
import type { derivedChannels } from '../channels.js';
import type { Condition, Rule } from './rule.js';

const SEVERITY = z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);
const finite = z.number();
const text = z.string().check(z.minLength(1));
const duration = z.union([text, finite]);
const limit = z.union([finite, z.strictObject({ attribute: text, times: z.optional(finite), default: finite })]);
const ruleDuration = z.union([duration, z.strictObject({ attribute: text, default: duration })]);
const labels = z.record(z.string(), z.string());

const grading = {
  direction: z.enum(['above', 'below']),
  limits: z.strictObject({
    LOW: z.optional(limit),
    MEDIUM: z.optional(limit),
    HIGH: z.optional(limit),
    CRITICAL: z.optional(limit),
  }),
  hysteresis: z.optional(finite.check(z.minimum(0))),
  strict: z.optional(z.boolean()),
};

const timeOfWeek = {
  from: text,
  to: text,
  days: z.optional(z.array(z.int().check(z.minimum(1), z.maximum(7)))),
};

// Conditions lie in each other, so each looks the others up when it is asked.
const inner: z.ZodMiniType<Condition> = z.lazy(() => condition);
const several = z.array(inner).check(z.minLength(1));

const condition: z.ZodMiniType<Condition> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('threshold'), channel: text, missing: z.optional(finite), ...grading }),
  z.strictObject({
    type: z.literal('deviation'),
    channel: text,
    from: z.union([text, limit]),
    measure: z.enum(['difference', 'absolute', 'ratio']),
    ...grading,
  }),
  z.strictObject({ type: z.literal('interval'), channel: text, low: text, high: text, ...grading }),
  z.strictObject({ type: z.literal('rate'), channel: text, over: duration, per: duration, ...grading }),
  z.strictObject({ type: z.literal('trend'), channel: text, over: duration, per: duration, ...grading }),
  z.strictObject({
    type: z.literal('failure'),
    within: finite.check(z.positive()),
    median: z.optional(text),
    low: z.optional(text),
    high: z.optional(text),
    coverage: z.optional(finite.check(z.positive(), z.lt(1))),
    ...grading,
  }),
  z.strictObject({
    type: z.literal('baseline'),
    channel: text,
    season: z.enum(['hour-of-day', 'hour-of-week']),
    learn: z.optional(finite.check(z.positive(), z.maximum(1))),
    warmUp: z.optional(z.int().check(z.minimum(1))),
    minDeviation: finite.check(z.positive()),
    side: z.optional(z.enum(['two-sided', 'signed'])),
    ...grading,
  }),
  z.strictObject({ type: z.literal('count'), of: inner, within: duration, ...grading }),
  z.strictObject({ type: z.literal('expression'), expression: text, severity: SEVERITY }),
  z.strictObject({
    type: z.literal('no-data'),
    channel: z.optional(text),
    after: ruleDuration,
    severity: SEVERITY,
  }),
  z.strictObject({ type: z.literal('stale'), channel: text, after: ruleDuration, severity: SEVERITY }),
  z.strictObject({ type: z.literal('absence'), of: inner, within: ruleDuration, severity: SEVERITY }),
  z.strictObject({ type: z.literal('all'), of: several, severity: z.optional(SEVERITY) }),
  z.strictObject({
    type: z.literal('any'),
    of: several,
    atLeast: z.optional(z.int().check(z.minimum(1))),
    severity: z.optional(SEVERITY),
  }),
  z.strictObject({ type: z.literal('not'), of: inner, severity: SEVERITY }),
  z.strictObject({ type: z.literal('schedule'), ...timeOfWeek, severity: z.optional(SEVERITY) }),
  z.strictObject({ type: z.literal('maintenance'), severity: z.optional(SEVERITY) }),
  z.strictObject({
    type: z.literal('group'),
    of: inner,
    atLeast: z.optional(z.int().check(z.minimum(1))),
    fraction: z.optional(finite.check(z.positive(), z.maximum(1))),
    severity: SEVERITY,
  }),
]) as z.ZodMiniType<Condition>;

const steps = z.array(z.strictObject({ after: duration, to: SEVERITY }));

const rule = z.strictObject({
  id: text,
  title: text,
  when: condition,
  onlyWhen: z.optional(condition),
  raiseAfter: z.optional(ruleDuration),
  clearAfter: z.optional(ruleDuration),
  latch: z.optional(z.boolean()),
  mustAcknowledge: z.optional(z.boolean()),
  escalate: z.optional(steps),
  deescalate: z.optional(steps),
  expireAfter: z.optional(duration),
  flapping: z.optional(z.strictObject({ raises: z.int().check(z.minimum(2)), within: duration })),
  labels: z.optional(labels),
  assets: z.optional(labels),
  explains: z.optional(z.array(text)),
  playbook: z.optional(z.string()),
  enabled: z.optional(z.boolean()),
});

/** Rules as a file holds them. */
export interface RuleFile {
  readonly formatVersion: 1;
  readonly rules: readonly Rule[];
}

const file = z.strictObject({ formatVersion: z.literal(1), rules: z.array(rule) });

/** How deep a rule may lie in itself before it is looked at; deeper input could exhaust the stack. */
const MAX_DEPTH = 64;

function tooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth > MAX_DEPTH || Object.values(value).some((part) => tooDeep(part, depth + 1));
}

/**
 * Rules from data that came from outside: a `RuleFile`, a list of rules, or the JSON text of either. What a rule cannot
 * hold is refused with its place; units, names and durations are checked when an engine is made of the rules.
 * @throws TwinergyError `RULE_BAD_JSON`, `RULE_NOT_VALID` (`path`: `rules[2].when.limits.HIGH`)
 */
export function readRules(input: unknown): Rule[] {
  const data = typeof input === 'string' ? parsed(input) : input;
  const whole = Array.isArray(data) ? { formatVersion: 1, rules: data } : data;
  if (tooDeep(whole)) throw new TwinergyError('RULE_NOT_VALID', `Rules lie more than ${MAX_DEPTH} deep.`);
  return validate(file, whole, 'RULE_NOT_VALID', 'rule file').rules as Rule[];
}

/** Rules as a file that `readRules` reads, now and in later releases. */
export function ruleFile(rules: readonly Rule[]): RuleFile {
  return { formatVersion: 1, rules };
}

/** The JSON Schema (draft 2020-12) of a `RuleFile`: editors complete and check with it. */
export function ruleJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(file) as Record<string, unknown>;
}

/** Names of the channels that rules may read: those of the list, and the derived ones. */
type ChannelNames<List extends readonly ChannelDefinition[]> =
  | List[number]['name']
  | (typeof derivedChannels)[number]['name'];

/**
 * Rules in code, with the names of channels checked by the compiler: `typedRules(solarChannels, [...])` refuses a rule that
 * reads a channel which is not in the list (declare the list `as const`).
 */
export function typedRules<const List extends readonly ChannelDefinition[]>(
  _channels: List,
  rules: readonly Rule<ChannelNames<List>>[],
): Rule[] {
  return [...rules];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TwinergyError('RULE_BAD_JSON', 'The rule file is not JSON.', { cause });
  }
}
