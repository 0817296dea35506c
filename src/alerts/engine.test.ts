import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/clock.js';
import type { AlertChange } from './alert.js';
import { AlertEngine } from './engine.js';
import type { AlertEngineState } from './engine-state.js';
import { batteryRules, performanceRules, solarRules } from './rules/packs.js';
import type { Rule } from './rules/rule.js';

const MINUTE = 60_000;
const hot: Rule = {
  id: 'hot',
  title: 'Hot',
  when: {
    type: 'threshold',
    channel: 'temperature',
    direction: 'above',
    limits: { CRITICAL: 70, HIGH: 60 },
    hysteresis: 2,
  },
};
const at = (time: number, values: Record<string, number>, assetId = 'a') => ({ assetId, time, values });

describe('AlertEngine', () => {
  it('raises, updates, and returns, with figures', () => {
    const engine = new AlertEngine({ rules: [hot], clock: new ManualClock(0) });
    const heard: string[] = [];
    engine.on('alert', ({ severity, why }) => heard.push(`${severity} ${why}`));
    expect(engine.evaluate(at(1, { temperature: 59 }))).toEqual([]);
    expect(engine.evaluate(at(2, { temperature: 61 })).map(({ kind, to }) => [kind, to])).toEqual([
      ['raise', 'active-unacknowledged'],
    ]);
    expect(engine.evaluate(at(3, { temperature: 59 }))).toEqual([]);
    expect(engine.evaluate(at(4, { temperature: 71 }))[0]).toMatchObject({
      kind: 'update',
      alert: { severity: 'CRITICAL', value: 71, threshold: 70, since: 2 },
    });
    expect(engine.evaluate(at(5, { temperature: 50 }))[0]).toMatchObject({
      kind: 'return',
      to: 'normal',
      alert: { severity: 'CRITICAL', resolvedAt: 5 },
    });
    expect(engine.open()).toEqual([]);
    expect(heard).toEqual(['HIGH Equipment temperature is 61 °C, at or above the limit of 60 °C.']);
  });

  it('waits for its durations, apart for raise and clear, and takes the level that held all along', () => {
    const engine = new AlertEngine({ rules: [{ ...hot, raiseAfter: '5m', clearAfter: '2m' }] });
    const kinds = (minute: number, temperature: number) =>
      engine.evaluate(at(minute * MINUTE, { temperature })).map(({ kind, alert }) => `${kind} ${alert.severity}`);
    expect(kinds(0, 75)).toEqual([]);
    expect(kinds(3, 65)).toEqual([]);
    expect(kinds(5, 75)).toEqual(['raise HIGH']);
    expect(kinds(9, 75)).toEqual([]);
    expect(kinds(10, 75)).toEqual(['update CRITICAL']);
    expect(kinds(11, 20)).toEqual([]);
    expect(kinds(12, 75)).toEqual([]);
    expect(kinds(13, 20)).toEqual([]);
    expect(kinds(15, 20)).toEqual(['return CRITICAL']);
  });

  it('leaves out what is late or comes twice, and what is no number', () => {
    const engine = new AlertEngine({ rules: [hot] });
    expect(engine.evaluate(at(10, { temperature: 65 }))).toHaveLength(1);
    expect(engine.evaluate([at(10, { temperature: 20 }), at(9, { temperature: 20 })])).toEqual([]);
    expect(engine.late).toBe(2);
    expect(
      engine.evaluate([
        at(11, { temperature: Number.NaN }),
        at(12, {}),
        at(13, { temperature: Number.POSITIVE_INFINITY }),
      ]),
    ).toEqual([]);
    expect(engine.open()).toHaveLength(1);
  });

  it('lets people act, and refuses what the table forbids', () => {
    const clock = new ManualClock(100);
    const engine = new AlertEngine({
      rules: [{ ...hot, latch: true, escalate: [{ after: '10m', to: 'CRITICAL' }] }],
      clock,
    });
    const [raised] = engine.evaluate(at(50, { temperature: 65 }));
    const id = raised?.alert.id ?? '';
    expect(() => engine.reset(id, { by: 'ann' })).toThrowError(/cannot reset/);
    expect(() => engine.acknowledge('nobody', { by: 'ann' })).toThrowError(/no alert/);
    clock.advance(10 * MINUTE);
    expect(engine.tick()[0]).toMatchObject({ kind: 'escalate', alert: { severity: 'CRITICAL' } });
    expect(engine.acknowledge(id, { by: 'ann', comment: 'on my way' })?.alert).toMatchObject({
      acknowledgedBy: 'ann',
      state: 'active-acknowledged',
    });
    expect(engine.assign(id, 'bob', { by: 'ann' }).alert.assignedTo).toBe('bob');
    expect(engine.shelve(id, { by: 'ann', forMs: MINUTE }).alert.state).toBe('shelved');
    clock.advance(MINUTE);
    expect(engine.tick().map(({ kind }) => kind)).toEqual(['unshelve']);
    expect(engine.evaluate(at(60, { temperature: 20 }))[0]).toMatchObject({ kind: 'return', to: 'latched' });
    expect(engine.reset(id, { by: 'bob' }).alert.state).toBe('normal');
    expect(engine.audit(id).map(({ kind, by }) => `${by} ${kind}`)).toEqual([
      'engine raise',
      'engine escalate',
      'ann acknowledge',
      'ann assign',
      'ann shelve',
      'engine unshelve',
      'engine return',
      'bob reset',
    ]);
  });

  it('keeps closed what was closed by hand until it was normal or gets worse', () => {
    const engine = new AlertEngine({ rules: [hot], clock: new ManualClock(5) });
    const [raised] = engine.evaluate(at(1, { temperature: 65 }));
    expect(engine.resolve(raised?.alert.id ?? '', 'ann').alert).toMatchObject({
      resolvedAt: 5,
      resolvedBy: 'ann',
      severity: 'HIGH',
    });
    expect(engine.evaluate(at(2, { temperature: 66 }))).toEqual([]);
    expect(engine.evaluate(at(3, { temperature: 76 }))[0]?.alert).toMatchObject({
      severity: 'CRITICAL',
      occurrence: 2,
    });
  });

  it('becomes less urgent after it was seen, and urgent again when it gets worse', () => {
    const clock = new ManualClock(0);
    const engine = new AlertEngine({
      rules: [{ ...hot, deescalate: [{ after: '1h', to: 'LOW' }] }],
      clock,
    });
    const [raised] = engine.evaluate(at(0, { temperature: 65 }));
    clock.advance(2 * 60 * MINUTE);
    expect(engine.tick()).toEqual([]);
    engine.acknowledge(raised?.alert.id ?? '', 'ann');
    clock.advance(60 * MINUTE);
    expect(engine.tick()).toMatchObject([{ kind: 'de-escalate', alert: { severity: 'LOW' } }]);
    expect(engine.tick()).toEqual([]);
    clock.advance(MINUTE);
    expect(engine.evaluate(at(clock.now(), { temperature: 72 }))).toMatchObject([
      { kind: 'update', alert: { severity: 'CRITICAL' } },
    ]);
    clock.advance(59 * MINUTE);
    expect(engine.tick()).toEqual([]);
  });

  it('takes readings of any shape for what they hold, as if each were looked up by name', () => {
    const names = ['temperature', 'batteryLevel', 'voltage', 'nothingOfOurs'];
    const limits: Rule[] = [
      hot,
      {
        ...hot,
        id: 'cold',
        when: { type: 'threshold', channel: 'temperature', direction: 'below', limits: { LOW: 0 } },
      },
      {
        ...hot,
        id: 'battery',
        when: { type: 'threshold', channel: 'batteryLevel', direction: 'below', limits: { LOW: 40 } },
      },
      {
        ...hot,
        id: 'assumed',
        when: { type: 'threshold', channel: 'voltage', direction: 'above', limits: { LOW: 500 }, missing: 600 },
      },
    ];
    const values = fc
      .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(-5, 30, 65, 75, 550, Number.NaN, undefined)), {
        selector: ([name]) => name,
        maxLength: 4,
      })
      .map((entries) => Object.fromEntries(entries) as Record<string, number>);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), values, fc.boolean()), { maxLength: 30 }),
        (readings) => {
          const clock = new ManualClock(0);
          const engine = new AlertEngine({ rules: limits, clock });
          const plain = new AlertEngine({ rules: limits, clock });
          readings.forEach(([assetId, own, ticks], k) => {
            const time = (k + 1) * 10;
            // Signals given apart are looked up one by one: the slow way, which knows no order.
            const slow = plain.evaluate({ assetId, time, values: {} }, own);
            expect(engine.evaluate({ assetId, time, values: own })).toEqual(slow);
            if (ticks) expect(engine.tick(time + 1)).toEqual(plain.tick(time + 1));
          });
          expect(engine.open()).toEqual(plain.open());
        },
      ),
      { numRuns: 200 },
    );
  });

  it('compiles the packs, which are quiet at night and loud on the original thresholds', () => {
    const engine = new AlertEngine({ rules: [...solarRules(), ...batteryRules(), ...performanceRules()] });
    const night = {
      solarPower: 0,
      expectedPower: 0,
      temperature: 12,
      batteryLevel: 80,
      voltage: 401,
      irradiance: 0,
      inverterEfficiency: 0,
      panelHealth: 98,
      anomalyPValue: 0.4,
      rulDays: 300,
    };
    for (let minute = 0; minute < 600; minute++) expect(engine.evaluate(at(minute * MINUTE, night))).toEqual([]);
    const noon = {
      ...night,
      solarPower: 400,
      expectedPower: 1000,
      temperature: 71,
      batteryLevel: 14,
      voltage: 460,
      irradiance: 800,
      inverterEfficiency: 70,
      panelHealth: 55,
      anomalyPValue: 1e-6,
      rulDays: 6.9,
    };
    for (let minute = 600; minute < 700; minute++) engine.evaluate(at(minute * MINUTE, noon));
    expect(Object.fromEntries(engine.open().map(({ rule, severity }) => [rule, severity]))).toEqual({
      'critical-temperature': 'CRITICAL',
      'low-battery': 'CRITICAL',
      'power-drop': 'CRITICAL',
      'inverter-failure': 'CRITICAL',
      'panel-degradation': 'CRITICAL',
      'voltage-anomaly': 'HIGH',
      'detected-anomaly': 'HIGH',
      'predicted-failure': 'CRITICAL',
    });
  });

  it('goes on after a restart at any point as if it had not stopped', () => {
    const rules: Rule[] = [
      {
        ...hot,
        raiseAfter: 3,
        clearAfter: 2,
        flapping: { raises: 2, within: 20 },
        escalate: [{ after: 9, to: 'CRITICAL' }],
      },
      { ...hot, id: 'latched', latch: true },
      { id: 'silent', title: 'Silent', when: { type: 'no-data', after: 10, severity: 'LOW' }, expireAfter: 40 },
      {
        id: 'rate',
        title: 'Rate',
        when: { type: 'rate', channel: 'temperature', over: 5, per: 1, direction: 'above', limits: { LOW: 5 } },
      },
      {
        id: 'many',
        title: 'Many',
        when: { type: 'group', of: hot.when as never, atLeast: 2, severity: 'HIGH' },
        mustAcknowledge: true,
      },
    ];
    const assets = [
      { id: 'a', groups: ['g'] },
      { id: 'b', groups: ['g'] },
    ];
    const action = fc.oneof(
      fc.record({
        do: fc.constant('read' as const),
        asset: fc.constantFrom('a', 'b'),
        shift: fc.integer({ min: -5, max: 6 }),
        temperature: fc.integer({ min: 40, max: 80 }),
      }),
      fc.record({ do: fc.constant('tick' as const), shift: fc.integer({ min: -20, max: 40 }) }),
      fc.record({
        do: fc.constantFrom('acknowledge' as const, 'reset' as const, 'resolve' as const, 'shelve' as const),
        pick: fc.nat(5),
      }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 6 }), (actions, stops) => {
        const run = (restarts: readonly number[]) => {
          const clock = new ManualClock(0);
          let engine = new AlertEngine({ rules, assets, clock });
          const log: unknown[] = [];
          const audit: AlertChange[] = [];
          const listen = () => engine.on('change', (change) => audit.push(change));
          listen();
          actions.forEach((step, k) => {
            if (restarts.includes(k)) {
              const state = JSON.parse(JSON.stringify(engine)) as AlertEngineState;
              engine = AlertEngine.fromJSON(state, { rules, assets, clock });
              listen();
            }
            if (step.do === 'read')
              log.push(engine.evaluate(at(clock.now() + step.shift, { temperature: step.temperature }, step.asset)));
            else if (step.do === 'tick') {
              clock.set(clock.now() + step.shift);
              log.push(engine.tick());
            } else {
              const alert = engine.open()[step.pick];
              if (alert !== undefined) {
                try {
                  log.push(engine[step.do](alert.id, { by: 'x' }));
                } catch (error) {
                  log.push(String(error));
                }
              }
            }
          });
          return { log, alerts: engine.open(), audit };
        };
        const straight = run([]);
        expect(run(stops)).toEqual(straight);
        expect(straight.audit.map(({ sequence }) => sequence)).toEqual(straight.audit.map((_, k) => k + 1));
        // What was raised stands, or was ended by an event: nothing is lost.
        const open = new Map<string, boolean>();
        for (const { alert } of straight.audit) open.set(alert.id, alert.resolvedAt === null);
        const standing = [...open]
          .filter(([id, isOpen]) => isOpen && !id.endsWith('-0'))
          .map(([id]) => id)
          .sort();
        expect(straight.alerts.map(({ id }) => id).sort()).toEqual(standing);
      }),
      { numRuns: 200 },
    );
  });

  it('stores of an asset only the rules that remember something, and takes the others for new', () => {
    const clock = new ManualClock(0);
    const options = { rules: [...solarRules(), hot], assets: [{ id: 'a' }, { id: 'b' }], clock };
    const engine = new AlertEngine(options);
    engine.evaluate(at(1, { temperature: 40 }));
    engine.evaluate(at(1, { temperature: 40 }, 'b'));
    const calm = engine.toJSON();
    engine.evaluate(at(2, { temperature: 75 }));
    const [a, b] = engine.toJSON().assets;
    expect(a?.tracks.map(({ rule }) => rule)).toContain('hot');
    expect((a?.tracks.length ?? 0) < options.rules.length).toBe(true);
    expect(b?.tracks.some(({ rule }) => rule === 'hot')).toBe(false);
    const same = AlertEngine.fromJSON(engine.toJSON(), options);
    expect(same.open()).toEqual(engine.open());
    expect(same.evaluate(at(3, { temperature: 40 }))).toEqual(engine.evaluate(at(3, { temperature: 40 })));
    // A state in which a rule is not takes back what has been remembered since.
    same.evaluate(at(4, { temperature: 75 }));
    expect(same.open('a')).not.toEqual([]);
    same.restore(calm);
    expect(same.open('a')).toEqual([]);
  });

  it('reads states of the first format, in which all of every rule was stored', () => {
    const clock = new ManualClock(0);
    const options = { rules: [hot], assets: [{ id: 'a' }], clock };
    const engine = new AlertEngine(options);
    engine.evaluate(at(1, { temperature: 75 }));
    const { assets, ...shared } = engine.toJSON();
    const whole = assets.map(({ tracks, ...asset }) => ({
      ...asset,
      tracks: tracks.map(({ rule, state }) => ({
        rule,
        state: { upSince: -1, upLevel: 0, downSince: -1, downLevel: 0, raises: [], members: {}, guard: null, ...state },
      })),
    }));
    const first = { ...shared, formatVersion: 1, assets: whole } as unknown as AlertEngineState;
    expect(AlertEngine.fromJSON(first, options).open()).toEqual(engine.open());
    expect(() => engine.restore({ ...first, formatVersion: 3 } as unknown as AlertEngineState)).toThrow(
      expect.objectContaining({ code: 'ALERT_BAD_STATE' }),
    );
  });
});
