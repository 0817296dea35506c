import { quote, TwinergyError } from '../../core/errors.js';
import type { Grading, Limit } from '../rules/rule.js';
import { type Severity, severities } from '../severity.js';
import type { CompiledCondition, Memory, Probe } from './compiled.js';
import { figure, newMemory } from './compiled.js';

/** The value of a limit for an asset. */
export function limitOf(limit: Limit, probe: Probe): number {
  if (typeof limit === 'number') return limit;
  const own = Number(probe.asset.attributes?.[limit.attribute] ?? Number.NaN);
  return Number.isFinite(own) ? own * (limit.times ?? 1) : limit.default;
}

/** What a graded condition adds to its grading: how its figure comes about. */
export interface Figure {
  readonly slots: readonly number[];
  readonly unit: string;
  readonly channel: string | null;
  /** The figure, or NaN where it cannot be told. */
  readonly of: (probe: Probe, memory: Memory) => number;
  /** Names the figure: `Equipment temperature`. */
  readonly title: string;
  /** The figure is what stands in its one slot. */
  readonly plain?: boolean | undefined;
}

/** A figure against limits with hysteresis: the base of most condition types. @throws TwinergyError `RULE_NO_LIMIT` */
export function graded(grading: Grading, from: Figure, path: string): CompiledCondition {
  const { of, unit } = from;
  const sign = grading.direction === 'above' ? 1 : -1;
  const hysteresis = grading.hysteresis ?? 0;
  const strict = grading.strict === true;
  const given = severities.map((severity: Severity) => grading.limits[severity]);
  if (given.every((limit) => limit === undefined)) {
    throw new TwinergyError('RULE_NO_LIMIT', `${quote(path)} has no limit.`, { path, hint: 'Give one per severity.' });
  }
  const fixed = given.every((limit) => limit === undefined || typeof limit === 'number');
  // Limits times sign, so that "above" is the one case; NaN where a severity has none.
  const limits = Float64Array.from(given, (limit) => (typeof limit === 'number' ? sign * limit : Number.NaN));
  let least = Number.POSITIVE_INFINITY;
  for (const limit of limits) if (limit < least) least = limit;
  const word = `${strict ? '' : 'at or '}${grading.direction}`;

  function grade(x: number, previous: number): number {
    for (let k = 3; k >= 0; k--) {
      const limit = limits[k] as number;
      const edge = k < previous ? limit - hysteresis : limit;
      if (strict ? x > edge : x >= edge) return k + 1;
    }
    return 0;
  }

  return {
    ...from,
    timed: false,
    stateless: from.plain === true && fixed && hysteresis === 0,
    quiet: from.plain === true && fixed ? { slot: from.slots[0] as number, sign, least } : undefined,
    memory: () => newMemory(),
    level(probe, memory) {
      const value = of(probe, memory);
      // NaN and the infinities: not told.
      if (value - value !== 0) return -1;
      const x = sign * value;
      // The usual case, first: nothing stands and nothing is near.
      if (fixed && memory.level === 0 && x < least) return 0;
      if (!fixed) {
        for (let k = 0; k < 4; k++) {
          const limit = given[k];
          if (limit !== undefined) limits[k] = sign * limitOf(limit, probe);
        }
      }
      const level = grade(x, memory.level);
      memory.level = level;
      memory.value = value;
      if (level > 0) memory.limit = sign * (limits[level - 1] as number);
      return level;
    },
    why: (memory) =>
      `${from.title} is ${figure(memory.value, unit)}, ${word} the limit of ${figure(memory.limit, unit)}`,
  };
}
