import { durationMs } from '../../core/duration.js';
import { quote, TwinergyError } from '../../core/errors.js';
import { textHash } from '../alert.js';
import type { ChannelTable } from '../channels.js';
import { compileCondition } from '../conditions/compile.js';
import type { CompiledCondition } from '../conditions/compiled.js';
import { durationOf } from '../conditions/timed.js';
import type { ExpressionCompiler } from '../expression/compiler.js';
import { severityLevel } from '../severity.js';
import type { AlertAsset, GroupCondition, Rule, RuleDuration } from './rule.js';

/** A rule, checked and compiled. */
export interface CompiledRule {
  readonly rule: Rule;
  /** Hash of what the memory of the rule depends on: a changed rule starts anew. */
  readonly hash: string;
  readonly condition: CompiledCondition;
  readonly guard: CompiledCondition | undefined;
  /** The rule judges groups of assets. */
  readonly group: GroupCondition | undefined;
  readonly raiseAfter: (asset: AlertAsset) => number;
  readonly clearAfter: (asset: AlertAsset) => number;
  readonly timed: boolean;
  readonly escalate: readonly { readonly after: number; readonly level: number }[];
  readonly deescalate: readonly { readonly after: number; readonly level: number }[];
  readonly expireAfter: number;
  /** While `sign · slot < least`, a rule that is normal stays so: its condition is plain, and its guard remembers nothing. */
  readonly quiet: CompiledCondition['quiet'];
  readonly flapping: { readonly raises: number; readonly within: number } | undefined;
}

function delay(duration: RuleDuration | undefined, path: string): (asset: AlertAsset) => number {
  // Zero is no length of time for `durationMs`, but "at once" is what it says here.
  return duration === undefined || duration === 0 ? () => 0 : durationOf(duration, path);
}

function steps(list: Rule['escalate'], path: string): CompiledRule['escalate'] {
  return (list ?? []).map(({ after, to }) => ({ after: durationMs(after, path), level: severityLevel(to) }));
}

/**
 * Checks a rule and compiles it.
 * @throws TwinergyError `RULE_…`, `EXPRESSION_…`, `BAD_DURATION`, with the path inside the rule
 */
export function compileRule(
  rule: Rule,
  channels: ChannelTable,
  expressions: ExpressionCompiler | undefined,
): CompiledRule {
  if (typeof rule.id !== 'string' || rule.id === '') {
    throw new TwinergyError('RULE_NO_ID', `A rule has no id: ${quote(rule)}.`, { value: rule.id });
  }
  const { id, when } = rule;
  const group = when.type === 'group' ? when : undefined;
  if (group !== undefined && (group.atLeast === undefined) === (group.fraction === undefined)) {
    throw new TwinergyError('RULE_GROUP_SIZE', `${quote(id)} needs either atLeast or fraction.`, {
      path: `${id}.when`,
    });
  }
  const condition = compileCondition(group === undefined ? when : group.of, channels, expressions, `${id}.when`);
  const guard =
    rule.onlyWhen === undefined ? undefined : compileCondition(rule.onlyWhen, channels, expressions, `${id}.onlyWhen`);
  return {
    rule,
    hash: textHash(JSON.stringify([when, rule.onlyWhen ?? null])),
    condition,
    guard,
    group,
    raiseAfter: delay(rule.raiseAfter, `${id}.raiseAfter`),
    clearAfter: delay(rule.clearAfter, `${id}.clearAfter`),
    timed: condition.timed,
    escalate: steps(rule.escalate, `${id}.escalate`),
    deescalate: steps(rule.deescalate, `${id}.deescalate`),
    quiet: guard === undefined || guard.stateless === true ? condition.quiet : undefined,
    expireAfter:
      rule.expireAfter === undefined ? Number.POSITIVE_INFINITY : durationMs(rule.expireAfter, `${id}.expireAfter`),
    flapping:
      rule.flapping === undefined
        ? undefined
        : { raises: rule.flapping.raises, within: durationMs(rule.flapping.within, `${id}.flapping.within`) },
  };
}

/** Whether a rule is meant for an asset: enabled, and the asset has the attributes it asks for. */
export function appliesTo(rule: Rule, asset: AlertAsset): boolean {
  if (rule.enabled === false) return false;
  return Object.entries(rule.assets ?? {}).every(([name, value]) => String(asset.attributes?.[name] ?? '') === value);
}
