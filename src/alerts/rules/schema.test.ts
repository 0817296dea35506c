import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TwinergyError } from '../../core/errors.js';
import { solarChannels } from '../../core/reading.js';
import { AlertEngine } from '../engine.js';
import { batteryRules, notCurtailed, notInMaintenance, performanceRules, solarRules } from './packs.js';
import { readRules, ruleFile, ruleJsonSchema, typedRules } from './schema.js';

const hot = {
  id: 'hot',
  title: 'Hot',
  when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
} as const;

describe('rules as data', () => {
  it('come back as they were, from a file, a list, or their text', () => {
    const rules = [
      ...solarRules(),
      ...batteryRules(),
      ...performanceRules(),
      { ...hot, onlyWhen: { type: 'all' as const, of: [notCurtailed, notInMaintenance] } },
    ];
    for (const form of [ruleFile(rules), rules, JSON.stringify(ruleFile(rules))])
      expect(readRules(form)).toEqual(JSON.parse(JSON.stringify(rules)));
    new AlertEngine({ rules: readRules(ruleFile(rules)) });
  });

  it.each([
    ['{', 'RULE_BAD_JSON', undefined],
    [{ formatVersion: 2, rules: [] }, 'RULE_NOT_VALID', 'formatVersion'],
    [[{ ...hot, when: { ...hot.when, type: 'treshold' } }], 'RULE_NOT_VALID', 'rules[0].when.type'],
    [[{ ...hot, when: { ...hot.when, limits: { HIGH: '60' } } }], 'RULE_NOT_VALID', 'rules[0].when.limits.HIGH'],
    [[{ ...hot, severty: 'HIGH' }], 'RULE_NOT_VALID', 'rules[0]'],
    [
      [{ ...hot, when: { type: 'not', of: { ...hot.when, channel: 5 }, severity: 'LOW' } }],
      'RULE_NOT_VALID',
      'rules[0].when.of.channel',
    ],
    [[{ ...hot, when: { ...hot.when, limits: { HIGH: Number.NaN } } }], 'RULE_NOT_VALID', 'rules[0].when.limits.HIGH'],
  ])('refuse %j with its place', (input, code, path) => {
    expect(() => readRules(input)).toThrowError(expect.objectContaining({ code, ...(path !== undefined && { path }) }));
  });

  it('answer anything with rules or an error of their own, also very deep input', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 6 }), (input) => {
        try {
          readRules(input);
        } catch (error) {
          expect(error).toBeInstanceOf(TwinergyError);
        }
      }),
      { numRuns: 300 },
    );
    let deep: unknown = hot.when;
    for (let k = 0; k < 20_000; k++) deep = { type: 'not', of: deep, severity: 'LOW' };
    expect(() => readRules([{ ...hot, when: deep }])).toThrowError(/deep/);
  });

  it('have a JSON Schema, and types by channel', () => {
    expect(ruleJsonSchema()).toMatchObject({ type: 'object', required: ['formatVersion', 'rules'] });
    const [rule] = typedRules(solarChannels, [hot]);
    expect(rule).toEqual(hot);
    // @ts-expect-error: there is no such channel
    typedRules(solarChannels, [{ ...hot, when: { ...hot.when, channel: 'temperatur' } }]);
  });
});
