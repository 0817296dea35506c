import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/clock.js';
import { AlertEngine } from '../engine.js';
import type { Rule } from '../rules/rule.js';
import { AlertDispatcher, type DispatcherOptions, type DispatcherState } from './dispatcher.js';
import type { Notification } from './outbox.js';

const hot: Rule = {
  id: 'hot',
  title: 'Hot',
  when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { CRITICAL: 70, HIGH: 60 } },
};
const low: Rule = {
  id: 'low',
  title: 'Low',
  when: { type: 'threshold', channel: 'batteryLevel', direction: 'below', limits: { MEDIUM: 40 } },
};

function setUp(options: Partial<DispatcherOptions> = {}) {
  const clock = new ManualClock(1_000_000);
  const engine = new AlertEngine({ rules: [hot, low], clock });
  const settings: DispatcherOptions = {
    route: { receiver: 'all', groupWait: 30_000, groupInterval: 300_000, repeatInterval: '4h' },
    receivers: ['all', 'duty', 'boss'],
    clock,
    ...options,
  };
  const dispatcher = new AlertDispatcher(settings);
  engine.on('change', (change) => dispatcher.accept(change));
  const read = (assetId: string, values: Record<string, number>) =>
    engine.evaluate({ assetId, time: clock.now(), values });
  const told = () =>
    dispatcher
      .flush()
      .map(
        ({ receiver, firing, resolved, reason }) =>
          `${reason} ${receiver}: ${firing.map((a) => `${a.assetId}/${a.rule}`).join(' ')} | ${resolved.map((a) => `${a.assetId}/${a.rule}`).join(' ')}`,
      );
  return { clock, engine, dispatcher, settings, read, told };
}

describe('AlertDispatcher', () => {
  it('groups, waits, tells changes, repeats and ends', () => {
    const { clock, read, told } = setUp();
    read('a', { temperature: 65, batteryLevel: 30 });
    expect(told()).toEqual([]);
    clock.advance(30_000);
    expect(told()).toEqual(['change all: a/hot a/low | ']);
    clock.advance(300_000);
    expect(told()).toEqual([]);
    clock.advance(4 * 3_600_000);
    expect(told()).toEqual(['repeat all: a/hot a/low | ']);
    read('a', { temperature: 20, batteryLevel: 30 });
    clock.advance(300_000);
    expect(told()).toEqual(['change all: a/low | a/hot']);
  });

  it('routes by severity, escalates when nobody acknowledges, and says nothing of what came and went', () => {
    const { clock, engine, read, told } = setUp({
      route: {
        receiver: 'all',
        groupWait: 0,
        routes: [{ receiver: 'duty', matchers: ['severity=CRITICAL'], escalate: [{ after: '10m', receiver: 'boss' }] }],
      },
    });
    const [raised] = read('a', { temperature: 75 });
    expect(told()).toEqual(['change duty: a/hot | ']);
    clock.advance(660_000);
    expect(told()).toEqual(['escalation boss: a/hot | ']);
    engine.acknowledge(raised?.alert.id ?? '', 'ann');
    clock.advance(660_000);
    expect(told()).toEqual([]);
    // Less urgent: it takes the other route, and ends there, not here.
    clock.advance(1);
    read('a', { temperature: 65 });
    expect(told()).toEqual(['change all: a/hot | ']);
    clock.advance(86_400_000);
    read('a', { temperature: 20 });
    expect(told()).toEqual(['change all:  | a/hot']);
    const other = setUp();
    other.read('a', { temperature: 65 });
    other.clock.advance(1000);
    other.read('a', { temperature: 20 });
    other.clock.advance(60_000);
    expect(other.told()).toEqual([]);
  });

  it('keeps silent by silences, inhibitions, shelves and quiet hours, and says why', () => {
    const { clock, engine, dispatcher, read, told } = setUp({
      inhibitions: [{ source: ['rule=hot'], target: ['rule=low'], equal: ['asset'] }],
    });
    read('a', { temperature: 65, batteryLevel: 30 });
    read('b', { batteryLevel: 30 });
    dispatcher.silence({ id: 's', matchers: ['asset=b'], from: 0, to: clock.now() + 3_600_000, by: 'ann' });
    clock.advance(30_000);
    expect(told()).toEqual(['change all: a/hot | ']);
    expect(engine.open().map((alert) => dispatcher.verdict(alert).reason)).toEqual(
      expect.arrayContaining(['Silenced by ann (s).', 'Inhibited by Hot on a.', 'Nothing speaks against it.']),
    );
    clock.advance(3_600_000);
    expect(told()).toEqual(['change all: b/low | ']);
    const night = setUp({
      route: { receiver: 'all', groupWait: 0, quiet: { from: '00:00', to: '06:00', zone: 'UTC' } },
    });
    night.read('a', { temperature: 65 });
    expect(night.told()).toEqual([]);
    night.clock.advance(6 * 3_600_000);
    expect(night.told()).toEqual(['change all: a/hot | ']);
  });

  it('tells who is on call, by the local clock, and the next when nobody acknowledges', () => {
    const HOUR = 3_600_000;
    const { clock, engine, dispatcher, read, told } = setUp({
      receivers: ['ann', 'bob', 'cat', 'boss'],
      rotations: {
        duty: {
          receivers: ['ann', 'bob'],
          from: '2026-03-23T09:00',
          days: 7,
          zone: 'Europe/Berlin',
          overrides: [{ from: Date.UTC(2026, 3, 4), to: Date.UTC(2026, 3, 5), receiver: 'cat' }],
        },
      },
      route: {
        receiver: 'duty',
        groupWait: 0,
        groupInterval: 60_000,
        escalate: [
          { after: '15m', receiver: 'duty' },
          { after: '1h', receiver: 'boss' },
        ],
      },
    });
    // Clocks go forward on 29 March: the handover stays at nine.
    expect(dispatcher.receiver('duty', Date.UTC(2026, 2, 23, 7, 59))).toBe('bob');
    expect(dispatcher.receiver('duty', Date.UTC(2026, 2, 23, 8, 0))).toBe('ann');
    expect(dispatcher.receiver('duty', Date.UTC(2026, 2, 30, 6, 59))).toBe('ann');
    expect(dispatcher.receiver('duty', Date.UTC(2026, 2, 30, 7, 0))).toBe('bob');
    expect(dispatcher.receiver('duty', Date.UTC(2026, 3, 4, 12))).toBe('cat');
    clock.set(Date.UTC(2026, 2, 30, 6, 50));
    const [raised] = read('a', { temperature: 75 });
    expect(told()).toEqual(['change ann: a/hot | ']);
    // Nobody acknowledges, and meanwhile bob has taken over.
    clock.advance(16 * 60_000);
    expect(told()).toEqual(['escalation bob: a/hot | ']);
    clock.advance(HOUR);
    expect(told()).toEqual(['escalation boss: a/hot | ']);
    engine.acknowledge(raised?.alert.id ?? '', 'boss');
    clock.advance(HOUR);
    expect(told()).toEqual([]);
    for (const rotation of [
      { receivers: ['nobody'], from: '2026-01-01' },
      { receivers: [], from: '2026-01-01' },
      { receivers: ['ann'], from: 'monday' },
    ])
      expect(() => setUp({ receivers: ['ann', 'all'], rotations: { duty: rotation } })).toThrowError(
        /no receiver|needs receivers|no local time/,
      );
  });

  it('keeps silent in maintenance windows that come again, and holds receivers to their limits', () => {
    const { clock, read, told, dispatcher } = setUp({
      route: { receiver: 'all', groupWait: 0, groupBy: ['asset'] },
      maxPerHour: { all: 2 },
      silences: [
        {
          id: 'cleaning',
          matchers: ['asset=a'],
          from: 0,
          to: Date.UTC(2026, 11, 31),
          periods: [{ from: '08:00', to: '10:00', days: [2], zone: 'Europe/Berlin' }],
          by: 'ann',
        },
      ],
    });
    // A Tuesday in summer: eight in Berlin is six in UTC.
    clock.set(Date.UTC(2026, 5, 2, 6, 30));
    read('a', { temperature: 65 });
    expect(told()).toEqual([]);
    expect(dispatcher.silences.map(({ id }) => id)).toEqual(['cleaning']);
    clock.set(Date.UTC(2026, 5, 2, 8, 0));
    expect(told()).toEqual(['change all: a/hot | ']);
    for (const asset of ['b', 'c']) read(asset, { temperature: 65 });
    // The third within an hour waits for the hour to pass.
    expect(told()).toEqual(['change all: b/hot | ']);
    clock.advance(30 * 60_000);
    expect(told()).toEqual([]);
    clock.advance(31 * 60_000);
    expect(told()).toEqual(['change all: c/hot | ']);
  });

  it('after restarts at any point, tells the same, loses nothing and repeats nothing', () => {
    const action = fc.record({
      asset: fc.constantFrom('a', 'b'),
      temperature: fc.integer({ min: 50, max: 80 }),
      wait: fc.integer({ min: 0, max: 400_000 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), fc.array(fc.nat(40), { maxLength: 5 }), (actions, stops) => {
        const run = (restarts: readonly number[]) => {
          const { clock, engine, settings, read } = setUp();
          engine.removeAllListeners();
          let dispatcher = new AlertDispatcher(settings);
          const log: Notification[] = [];
          actions.forEach(({ asset, temperature, wait }, k) => {
            const changes = read(asset, { temperature });
            for (const change of changes) dispatcher.accept(change);
            if (restarts.includes(k)) {
              const state = JSON.parse(JSON.stringify(dispatcher)) as DispatcherState;
              dispatcher = new AlertDispatcher(settings);
              dispatcher.restore(state);
              // What was handed over before the restart comes again, and changes nothing.
              for (const change of changes) dispatcher.accept(change);
            }
            clock.advance(wait);
            log.push(...dispatcher.flush());
          });
          clock.advance(3_600_000);
          log.push(...dispatcher.flush());
          return { log, open: engine.open() };
        };
        const straight = run([]);
        expect(run(stops)).toEqual(straight);
        expect(new Set(straight.log.map(({ key }) => key)).size).toBe(straight.log.length);
        const told = new Set(straight.log.flatMap(({ firing }) => firing.map(({ id }) => id)));
        for (const { id } of straight.open) expect(told).toContain(id);
      }),
      { numRuns: 100 },
    );
  });
});
