import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/clock.js';
import type { AlertChange } from './alert.js';
import { AlertEngine } from './engine.js';
import { type AlarmEvent, alarmKpis } from './kpi.js';
import type { Rule } from './rules/rule.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const hot: Rule = {
  id: 'hot',
  title: 'Hot',
  when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 70, LOW: 60 } },
};

const raise = (time: number, name = 'a'): AlarmEvent => ({
  kind: 'raise',
  time,
  to: 'active-unacknowledged',
  alert: { id: `${name}-${time}`, fingerprint: name, assetId: name, rule: 'r', severity: 'LOW' },
});

describe('alarmKpis', () => {
  it('counts what an engine told, and what people did', () => {
    const clock = new ManualClock(0);
    const engine = new AlertEngine({ rules: [hot], clock });
    const changes: AlertChange[] = [];
    engine.on('change', (change) => changes.push(change));
    const read = (assetId: string, temperature: number) =>
      engine.evaluate({ assetId, time: clock.now(), values: { temperature } });
    const id = (assetId: string) => engine.open(assetId)[0]?.id ?? '';
    for (let k = 0; k < 3; k++) {
      read('chatter', 65);
      clock.advance(10_000);
      read('chatter', 20);
      clock.advance(10_000);
    }
    read('long', 75);
    clock.advance(5 * MINUTE);
    engine.acknowledge(id('long'), 'ann');
    read('worth', 65);
    engine.feedback(id('worth'), true, 'ann');
    const early = engine.open('worth')[0]?.id ?? '';
    clock.advance(2 * HOUR);
    read('worth', 20);
    expect(engine.feedback(early, false, { by: 'ann', comment: 'it was the sun' }).kind).toBe('not-useful');
    read('later', 65);
    engine.shelve(id('later'), { by: 'ann' });
    const kpis = alarmKpis(changes, { from: 0, to: 2 * DAY });
    expect(kpis).toMatchObject({
      alarms: 6,
      perDay: 3,
      perHour: 0.125,
      bySeverity: { HIGH: 1, LOW: 5, MEDIUM: 0, CRITICAL: 0 },
      chattering: [{ assetId: 'chatter', count: 3, share: 0.5 }],
      fleeting: 3,
      standing: [{ assetId: 'long' }, { assetId: 'later' }],
      acknowledgement: { median: 5 * MINUTE, p95: 5 * MINUTE, never: 5 },
      shelved: 1,
      useful: 1,
      notUseful: 1,
      floods: 0,
      peakPer10Minutes: 5,
      topTenShare: 1,
    });
    expect(alarmKpis(changes, { from: DAY, to: 2 * DAY })).toMatchObject({ alarms: 0, standing: [{}, {}], perHour: 0 });
    expect(alarmKpis([], { from: 0, to: HOUR })).toMatchObject({ alarms: 0, topTen: [], topTenShare: 0, floodTime: 0 });
  });

  it('finds floods from the tenth alarm within ten minutes until there are fewer than five', () => {
    const events = Array.from({ length: 12 }, (_, k) => raise(k * 30_000, `a${k}`));
    // The tenth comes at 4.5 min; the eighth leaves at 13.5 min, and four are left.
    const { floods, floodTime, peakPer10Minutes } = alarmKpis(events, { from: 0, to: HOUR });
    expect([floods, floodTime * 60, peakPer10Minutes]).toEqual([1, 9, 12]);
    expect(alarmKpis(events, { from: 0, to: HOUR, operators: 2 }).floods).toBe(0);
    const many = Array.from({ length: 40 }, (_, k) => raise(k * 1000, `a${k}`));
    expect(alarmKpis(many, { from: 0, to: 10 * HOUR }).hoursAbove30).toBe(0.1);
  });

  it('agrees with a count by the second, on any sequence', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3600 }), { maxLength: 80 }), (seconds) => {
        const times = [...seconds].sort((a, b) => a - b);
        const { floodTime, floods } = alarmKpis(
          times.map((second, k) => raise(second * 1000, `a${k}`)),
          { from: 0, to: 2 * HOUR },
        );
        let [flood, count, began] = [false, 0, 0];
        for (let second = 0; second < 7200; second++) {
          const recent = times.filter((time) => time <= second && time > second - 600).length;
          if (!flood && recent >= 10) began++;
          if (flood ? recent >= 5 : recent >= 10) {
            flood = true;
            count++;
          } else flood = false;
        }
        expect(floods).toBe(began);
        expect(floodTime * 7200).toBeCloseTo(count, 6);
      }),
      { numRuns: 60 },
    );
  });
});
