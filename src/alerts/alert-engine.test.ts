import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/index.js';
import type { AlertChange } from './alert.js';
import { AlertEngine } from './alert-engine.js';
import { solarRules } from './solar-rules.js';

const MINUTE = 60_000;
const at = (minute: number, values: Record<string, number>) => ({ assetId: 'roof', time: minute * MINUTE, values });
const engineWith = () => new AlertEngine({ rules: solarRules(), clock: new ManualClock(1e6) });
const told = (changes: readonly AlertChange[]) =>
  changes.map(({ kind, alert }) => `${kind} ${alert.severity} ${alert.rule}`);

describe('the eight alert types', () => {
  /** A value at the limit of each severity, and one just on the good side of the least. */
  const table: [rule: string, channel: string, limits: [severity: string, value: number][], good: number][] = [
    [
      'critical-temperature',
      'temperature',
      [
        ['CRITICAL', 70],
        ['HIGH', 60],
        ['MEDIUM', 45],
      ],
      44.9,
    ],
    [
      'low-battery',
      'batteryLevel',
      [
        ['CRITICAL', 15],
        ['HIGH', 25],
        ['MEDIUM', 40],
      ],
      40.1,
    ],
    [
      'power-drop',
      'powerRatio',
      [
        ['CRITICAL', 0.5],
        ['HIGH', 0.7],
        ['MEDIUM', 0.85],
      ],
      0.86,
    ],
    [
      'inverter-failure',
      'inverterEfficiency',
      [
        ['CRITICAL', 75],
        ['HIGH', 85],
        ['MEDIUM', 90],
      ],
      90.1,
    ],
    [
      'panel-degradation',
      'panelHealth',
      [
        ['HIGH', 60],
        ['MEDIUM', 75],
        ['LOW', 85],
      ],
      85.1,
    ],
    [
      'voltage-anomaly',
      'voltage',
      [
        ['HIGH', 350],
        ['HIGH', 450],
        ['MEDIUM', 430],
        ['MEDIUM', 370],
      ],
      429,
    ],
    [
      'anomaly',
      'anomalyScore',
      [
        ['HIGH', 0.75],
        ['MEDIUM', 0.5],
      ],
      0.49,
    ],
    [
      'predicted-failure',
      'rulDays',
      [
        ['CRITICAL', 7],
        ['HIGH', 14],
      ],
      14.1,
    ],
  ];

  it.each(table)('%s', (rule, channel, limits, good) => {
    for (const [severity, value] of limits) {
      const engine = engineWith();
      const values = { irradiance: 800, [channel]: value };
      engine.evaluate(at(0, values));
      engine.evaluate(at(60, values));
      expect(engine.open().map((alert) => `${alert.severity} ${alert.rule}`)).toEqual([`${severity} ${rule}`]);
      expect(engine.open()[0]?.why).toMatch(/\d/);
    }
    const engine = engineWith();
    engine.evaluate(at(0, { irradiance: 800, [channel]: good }));
    engine.evaluate(at(600, { irradiance: 800, [channel]: good }));
    expect(engine.open()).toEqual([]);
  });
});

describe('AlertEngine', () => {
  it('raises once, escalates, de-escalates with hysteresis, and resolves', () => {
    const engine = engineWith();
    const steps: [number, string[]][] = [
      [50, ['raised MEDIUM critical-temperature']],
      [51, []],
      [61, ['escalated HIGH critical-temperature']],
      [59, []],
      [57, ['de-escalated MEDIUM critical-temperature']],
      [44, []],
      [42, ['resolved MEDIUM critical-temperature']],
      [42, []],
    ];
    steps.forEach(([temperature, expected], i) => {
      expect(told(engine.evaluate(at(i, { temperature })))).toEqual(expected);
    });
    expect(told(engine.evaluate(at(20, { temperature: 50 })))).toEqual(['raised MEDIUM critical-temperature']);
  });

  it('waits as long as the rule says, from when the condition began to hold', () => {
    const engine = engineWith();
    expect(engine.evaluate(at(0, { powerRatio: 0.6 }))).toEqual([]);
    expect(engine.evaluate(at(14, { powerRatio: 0.6 }))).toEqual([]);
    expect(told(engine.evaluate(at(15, { powerRatio: 0.6 })))).toEqual(['raised HIGH power-drop']);
    expect(engine.evaluate(at(16, { powerRatio: 1 }))).toEqual([]);
    expect(engine.evaluate(at(20, { powerRatio: 0.6 }))).toEqual([]);
    expect(engine.evaluate(at(21, { powerRatio: 1 }))).toEqual([]);
    expect(told(engine.evaluate(at(36, { powerRatio: 1 })))).toEqual(['resolved HIGH power-drop']);
  });

  it('does not look at the inverter in the dark', () => {
    const engine = engineWith();
    engine.evaluate(at(0, { inverterEfficiency: 60, irradiance: 20 }));
    expect(engine.evaluate(at(60, { inverterEfficiency: 60, irradiance: 20 }))).toEqual([]);
  });

  it('is acknowledged once and resolved by hand, by whom and when', () => {
    const engine = engineWith();
    const [raised] = engine.evaluate(at(0, { batteryLevel: 10 }));
    const id = raised?.alert.id as string;
    expect(engine.acknowledge(id, 'Ada')?.alert).toMatchObject({
      acknowledgedBy: 'Ada',
      acknowledgedAt: 1e6,
      active: true,
    });
    expect(engine.acknowledge(id, 'Bob')).toBeUndefined();
    expect(engine.resolve(id, 'Ada').alert).toMatchObject({ active: false, resolvedBy: 'Ada', acknowledgedBy: 'Ada' });
    expect(() => engine.resolve(id, 'Ada')).toThrow(expect.objectContaining({ code: 'ALERT_UNKNOWN' }));
    const [again] = engine.evaluate(at(1, { batteryLevel: 10 }));
    expect(again?.alert).toMatchObject({ fingerprint: raised?.alert.fingerprint });
    expect(again?.alert.id).not.toBe(id);
  });

  it('goes on after a restart as if it had not stopped', () => {
    const step = fc.record({
      minutes: fc.integer({ min: 1, max: 20 }),
      temperature: fc.integer({ min: 30, max: 80 }),
      powerRatio: fc.double({ min: 0, max: 1.1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, cut) => {
        let minute = 0;
        const readings = steps.map(({ minutes, ...values }) => {
          minute += minutes;
          return at(minute, values);
        });
        const whole = engineWith();
        const expected = readings.map((reading) => whole.evaluate(reading));
        let engine = engineWith();
        const actual = readings.map((reading, i) => {
          if (i === cut) {
            const state = JSON.parse(JSON.stringify(engine));
            engine = engineWith();
            engine.restore(state);
          }
          return engine.evaluate(reading);
        });
        expect(actual).toEqual(expected);
      }),
    );
  });

  it('never raises what already stands, and never resolves what does not', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 30, max: 80 }), { maxLength: 60 }), (temperatures) => {
        const engine = engineWith();
        let open = 0;
        temperatures.forEach((temperature, i) => {
          for (const { kind } of engine.evaluate(at(i, { temperature }))) {
            if (kind === 'raised') open++;
            if (kind === 'resolved') open--;
          }
          expect(open).toBe(engine.open().length);
          expect(open).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('refuses rules that cannot be right', () => {
    const rule = {
      id: 'x',
      title: 'X',
      channel: 'x',
      when: 'above',
      levels: [{ severity: 'HIGH', limit: 1 }],
    } as const;
    const codeOf = (rules: object[]) => {
      try {
        new AlertEngine({ rules: rules as never });
      } catch (error) {
        return (error as { code?: string; path?: string }).path;
      }
      return undefined;
    };
    expect(codeOf([rule, rule])).toBe('rules');
    expect(codeOf([{ ...rule, levels: [] }])).toBe('rules[0].levels');
    expect(
      codeOf([
        {
          ...rule,
          levels: [
            { severity: 'HIGH', limit: 1 },
            { severity: 'MEDIUM', limit: 2 },
          ],
        },
      ]),
    ).toBe('rules[0].levels');
    expect(codeOf([{ ...rule, hysteresis: -1 }])).toBe('rules[0].hysteresis');
    expect(codeOf([{ ...rule, when: 'sideways' }])).toBe('rules[0].when');
  });
});
