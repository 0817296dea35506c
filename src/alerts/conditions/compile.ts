import { quote, TwinergyError } from '../../core/errors.js';
import type { ChannelTable } from '../channels.js';
import type { ExpressionCompiler } from '../expression/compiler.js';
import type { Condition, ExpressionCondition } from '../rules/rule.js';
import { severityLevel } from '../severity.js';
import { type CompileContext, type CompiledCondition, newMemory } from './compiled.js';
import { baseline, deviation, failure, interval, rate, threshold, trend } from './figures.js';
import { all, any, maintenance, not, schedule } from './logic.js';
import { absence, count, noData, stale } from './timed.js';

/** How deep conditions may lie in each other. */
const MAX_DEPTH = 16;

function expression(condition: ExpressionCondition, context: CompileContext, path: string): CompiledCondition {
  if (context.expressions === undefined) {
    throw new TwinergyError('RULE_NO_EXPRESSIONS', `${quote(path)} is an expression, and no parser was given.`, {
      path,
      hint: 'Make the engine with: new AlertEngine({ …, expressions: await mathjsExpressions() }).',
    });
  }
  const { evaluate, slots } = context.expressions(condition.expression, context.channels, path);
  const own = severityLevel(condition.severity);
  return {
    slots,
    timed: false,
    unit: '1',
    channel: null,
    memory: () => newMemory(),
    level(probe, memory) {
      const held = evaluate(probe.slots);
      memory.level = held > 0 ? own : 0;
      return Number.isNaN(held) ? -1 : memory.level;
    },
    why: () => `It holds that ${condition.expression}`,
  };
}

function compileOne(condition: Condition, context: CompileContext, path: string): CompiledCondition {
  switch (condition.type) {
    case 'threshold':
      return threshold(condition, context, path);
    case 'deviation':
      return deviation(condition, context, path);
    case 'interval':
      return interval(condition, context, path);
    case 'rate':
      return rate(condition, context, path);
    case 'trend':
      return trend(condition, context, path);
    case 'failure':
      return failure(condition, context, path);
    case 'baseline':
      return baseline(condition, context, path);
    case 'count':
      return count(condition, context, path);
    case 'expression':
      return expression(condition, context, path);
    case 'no-data':
      return noData(condition, context, path);
    case 'stale':
      return stale(condition, context, path);
    case 'absence':
      return absence(condition, context, path);
    case 'all':
      return all(condition, context, path);
    case 'any':
      return any(condition, context, path);
    case 'not':
      return not(condition, context, path);
    case 'schedule':
      return schedule(condition, context, path);
    case 'maintenance':
      return maintenance(condition);
    case 'group':
      throw new TwinergyError('RULE_GROUP_INSIDE', 'A group condition can only be the whole of a rule.', { path });
    default:
      throw new TwinergyError(
        'RULE_UNKNOWN_TYPE',
        `There is no condition of type ${quote((condition as { type?: unknown }).type)}.`,
        { path },
      );
  }
}

/**
 * Compiles a condition to closures over numbered slots.
 * @throws TwinergyError `RULE_…`, `EXPRESSION_…`, `BAD_DURATION`, each with the path inside the rule
 */
export function compileCondition(
  condition: Condition,
  channels: ChannelTable,
  expressions: ExpressionCompiler | undefined,
  path: string,
): CompiledCondition {
  let depth = 0;
  const context: CompileContext = {
    channels,
    expressions,
    compile(inner, innerPath) {
      if (++depth > MAX_DEPTH)
        throw new TwinergyError('RULE_TOO_DEEP', `Conditions lie more than ${MAX_DEPTH} deep.`, { path });
      const compiled = compileOne(inner, context, innerPath);
      depth--;
      return compiled;
    },
  };
  return context.compile(condition, path);
}
