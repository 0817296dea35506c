import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame, ManualClock, Random } from '../../core/index.js';
import { memoryStorage } from '../../storage/index.js';
import {
  costOfWaiting,
  expectedDays,
  exponentialLife,
  iCalendar,
  type Job,
  lifeFromPrediction,
  lifeSpans,
  MaintenanceSchedule,
  maintenanceFeedback,
  optimalCleaning,
  optimalReplacement,
  planMaintenance,
  simulateRenewal,
  weibullLife,
  withMaintenance,
  workWindows,
} from './index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const NOW = Date.UTC(2026, 5, 1);

describe('life', () => {
  it('goes through the quantiles of a prediction, and falls for ever', () => {
    const life = lifeFromPrediction({ median: 40, intervals: [{ level: 80, lower: 10, upper: 90 }] });
    expect(life?.survival(0)).toBe(1);
    expect(life?.survival(10)).toBeCloseTo(0.9, 12);
    expect(life?.survival(40)).toBeCloseTo(0.5, 12);
    expect(life?.survival(90)).toBeCloseTo(0.1, 12);
    expect(life?.survival(1000)).toBeLessThan(1e-6);
    expect(lifeFromPrediction({ median: null, intervals: [] })).toBeUndefined();
    expect(() => lifeFromPrediction({ median: 5, intervals: [{ level: 80, lower: 10, upper: 90 }] })).toThrow(
      expect.objectContaining({ code: 'PLAN_BAD_LIFE' }),
    );
  });

  it('of Weibull has the mean of the gamma function, and forgets nothing with an exponential', () => {
    // Γ(1.5) = √π / 2
    expect(expectedDays(weibullLife(2, 100), 2000)).toBeCloseTo(100 * (Math.sqrt(Math.PI) / 2), 3);
    expect(weibullLife(1, 50, 1000).survival(20)).toBeCloseTo(exponentialLife(50).survival(20), 12);
  });
});

describe('renewal–reward', () => {
  it('cleans by the square-root rule without rain, and later where it rains', () => {
    const input = { soilingRate: 0.001, energyValue: 100, cleaningCost: 200 };
    expect(optimalCleaning(input).interval).toBeCloseTo(Math.sqrt((2 * 200) / 0.1), 3);
    expect(optimalCleaning({ ...input, rainEvery: 60 }).interval).toBeGreaterThan(70);
    expect(optimalCleaning({ ...input, rainEvery: 10 }).interval).toBeNull();
  });

  it('replaces what wears before it fails, and lets run what does not; drawn cycles agree', () => {
    const costs = { plannedCost: 100, failureCost: 600 };
    const policy = optimalReplacement({ life: weibullLife(3, 1000), ...costs });
    expect(policy.interval).toBeGreaterThan(300);
    expect(policy.interval).toBeLessThan(700);
    expect(policy.costRate).toBeLessThan(0.75 * policy.unplannedRate);
    expect(optimalReplacement({ life: exponentialLife(1000), ...costs }).interval).toBeNull();
    const { costRate, standardError } = simulateRenewal({
      life: weibullLife(3, 1000),
      ...costs,
      interval: policy.interval,
      random: new Random(1),
      cycles: 4000,
    });
    expect(Math.abs(costRate - policy.costRate)).toBeLessThan(4 * standardError);
  });
});

const job = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  assetId: 'a',
  task: `Do ${id}`,
  plannedCost: 100,
  ...more,
});

describe('costOfWaiting', () => {
  it('weighs risk and loss against what putting off saves', () => {
    const wearing = costOfWaiting(job('x', { life: weibullLife(6, 60), failureCost: 1000, renewedCostRate: 2 }));
    expect(wearing.best).toBeGreaterThan(5);
    expect(wearing.best).toBeLessThan(50);
    expect(wearing.bestCost).toBeLessThan(wearing.costNow);
    expect(wearing.cost[90]).toBeGreaterThan(wearing.bestCost);
    const losing = costOfWaiting(job('y', { lossPerDay: 5, renewedCostRate: 2 }));
    expect(losing.best).toBe(0);
    expect(losing.cost[10]).toBeCloseTo(100 + 10 * 3, 9);
  });

  it('is refused with its reason', () => {
    expect(() => costOfWaiting(job('x', { plannedCost: -1 }))).toThrow(
      expect.objectContaining({ code: 'PLAN_BAD_JOB' }),
    );
  });
});

describe('workWindows', () => {
  it('keeps to hours, weekdays, holidays, daylight and weather', () => {
    const week = workWindows(NOW, NOW + 7 * DAY, {
      timeZone: 'Europe/Berlin',
      hours: [7, 17],
      holidays: ['2026-06-03'],
    });
    expect(week.map(({ from, to }) => (to - from) / HOUR)).toEqual([10, 10, 10, 10]);
    expect(new Date(week[0]?.from ?? 0).toISOString()).toBe('2026-06-01T05:00:00.000Z');
    const december = Date.UTC(2026, 11, 1);
    const [dark] = workWindows(december, december + DAY, { site: { latitude: 60, longitude: 10 }, hours: [0, 24] });
    expect(((dark?.to ?? 0) - (dark?.from ?? 0)) / HOUR).toBeLessThan(6.5);
    const weather = new Frame(
      Float64Array.from({ length: 24 }, (_, h) => NOW + h * HOUR),
      { windSpeed: { data: Float64Array.from({ length: 24 }, (_, h) => (h < 12 ? 20 : 3)), unit: 'm/s' } },
    );
    expect(workWindows(NOW, NOW + DAY, { weather })[0]?.from).toBe(NOW + 12 * HOUR);
  });
});

describe('planMaintenance', () => {
  it('shares the way to a plant where that pays, and leaves what can wait', () => {
    const soon = job('a', { lossPerDay: 50 });
    const also = job('b', { life: weibullLife(6, 90), failureCost: 1000, renewedCostRate: 1 });
    const far = job('c', { life: weibullLife(6, 3000), failureCost: 1000, renewedCostRate: 1 });
    const { planned, unplanned } = planMaintenance({ now: NOW, jobs: [soon, also, far], visitCost: 400 });
    expect(planned.map(({ job: { id } }) => id).sort()).toEqual(['a', 'b']);
    expect(planned[0]?.with).toHaveLength(1);
    expect(unplanned).toMatchObject([{ job: { id: 'c' }, reason: 'later' }]);
    const apart = planMaintenance({ now: NOW, jobs: [soon, also], visitCost: 0 });
    expect(apart.planned[1]?.start).toBeGreaterThan((apart.planned[0]?.start ?? 0) + 5 * DAY);
  });

  it('says who cannot do it, and waits for parts', () => {
    const jobs = [job('a', { lossPerDay: 9, skill: 'high-voltage' }), job('b', { lossPerDay: 9, partsLeadDays: 10 })];
    const { planned, unplanned } = planMaintenance({ now: NOW, jobs, crews: [{ id: 'x', skills: ['cleaning'] }] });
    expect(unplanned).toMatchObject([{ job: { id: 'a' }, reason: 'no-crew' }]);
    expect(planned[0]?.start).toBeGreaterThanOrEqual(NOW + 10 * DAY);
    expect(() => planMaintenance({ now: NOW, jobs: [job('a'), job('a')] })).toThrow(
      expect.objectContaining({ code: 'PLAN_DUPLICATE_JOB' }),
    );
  });

  it('never lets a crew be at two places, out of hours or away', () => {
    const jobs = fc.array(
      fc.record({
        assetId: fc.constantFrom('a', 'b', 'c'),
        hours: fc.integer({ min: 1, max: 9 }),
        loss: fc.integer({ min: 1, max: 50 }),
      }),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(jobs, (list) => {
        const away = [{ from: NOW + DAY, to: NOW + 3 * DAY }];
        const { planned, unplanned } = planMaintenance({
          now: NOW,
          horizonDays: 30,
          visitCost: 50,
          jobs: list.map(({ assetId, hours, loss }, i) => job(String(i), { assetId, hours, lossPerDay: loss })),
          crews: [{ id: 'x', away }, { id: 'y' }],
        });
        expect(planned.length + unplanned.length).toBe(list.length);
        for (const a of planned) {
          const hour = new Date(a.start).getUTCHours();
          expect(hour).toBeGreaterThanOrEqual(7);
          expect((a.end - a.start) / HOUR).toBe(a.job.hours);
          if (a.crew === 'x') expect(a.start >= (away[0]?.to ?? 0) || a.end <= (away[0]?.from ?? 0)).toBe(true);
          for (const b of planned)
            if (a !== b && a.crew === b.crew) expect(a.end <= b.start || b.end <= a.start).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('MaintenanceSchedule', () => {
  const open = async () => {
    const clock = new ManualClock(NOW);
    const storage = await memoryStorage();
    const schedule = new MaintenanceSchedule(storage, { clock });
    const plan = (jobs: Job[]) => planMaintenance({ now: clock.now(), jobs });
    return { clock, schedule, plan };
  };

  it('takes plans in, keeps what people decided, and forgets proposals that are no longer wanted', async () => {
    const { schedule, plan } = await open();
    const jobs = [job('a', { lossPerDay: 9, why: 'loses' }), job('b', { lossPerDay: 9 }), job('c', { lossPerDay: 9 })];
    await schedule.take(plan(jobs));
    const [a, b] = await schedule.list();
    await schedule.change(a?.id ?? '', 'approved', { by: 'Ada' });
    await schedule.change(b?.id ?? '', 'cancelled', { comment: 'not now' });
    await schedule.take(plan(jobs.slice(0, 2)));
    const after = await schedule.list();
    expect(after.map(({ status }) => status).sort()).toEqual(['approved', 'cancelled']);
    expect(after.find(({ id }) => id === a?.id)?.details).toMatchObject({
      history: [{ by: 'Ada', status: 'approved' }],
    });
    await expect(schedule.change(b?.id ?? '', 'done')).rejects.toMatchObject({ code: 'SCHEDULE_BAD_CHANGE' });
    await expect(schedule.change('nobody', 'done')).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN_TASK' });
  });

  it('tells conflicts of a crew', async () => {
    const { schedule } = await open();
    const task = { task: 't', assetId: 'a', duration: 3, details: { crew: 'x' } };
    await schedule.add({ ...task, id: '1', time: NOW });
    await schedule.add({ ...task, id: '2', time: NOW + 2 * HOUR });
    await schedule.add({ ...task, id: '3', time: NOW + 9 * HOUR });
    expect(
      await schedule.conflicts([{ id: 'x', away: [{ from: NOW + 10 * HOUR, to: NOW + 20 * HOUR }] }]),
    ).toMatchObject([
      { tasks: ['1', '2'], from: NOW + 2 * HOUR, to: NOW + 3 * HOUR },
      { tasks: ['3'], from: NOW + 10 * HOUR, to: NOW + 12 * HOUR },
    ]);
    await schedule.move('2', NOW + 4 * HOUR);
    expect(await schedule.conflicts()).toEqual([]);
  });

  it('turns done work into resets, labels and lives', async () => {
    const { schedule, clock } = await open();
    const task = { assetId: 'a', component: 'fan', task: 'Replace fan' };
    await schedule.add({ ...task, id: '1', time: NOW });
    await schedule.add({ ...task, id: '2', time: NOW + 90 * DAY });
    clock.advance(10 * DAY);
    await schedule.change('1', 'done', { outcome: { found: 'inverter-derating', failed: true, cost: 80 } });
    clock.advance(90 * DAY);
    await schedule.change('2', 'done', { outcome: { found: 'none' } });
    const tasks = await schedule.list();
    const { resets, labels } = maintenanceFeedback(tasks);
    expect(resets.map(({ time }) => time)).toEqual([NOW + 10 * DAY, NOW + 100 * DAY]);
    expect(labels.map(({ fault }) => fault)).toEqual(['inverter-derating', 'none']);
    const frame = new Frame(new Float64Array([NOW, NOW + DAY]), {});
    expect(withMaintenance({ assetId: 'a', frame }, tasks, 'fan').resets).toEqual([
      { time: NOW + 10 * DAY, failed: true, fault: 'inverter-derating' },
      { time: NOW + 100 * DAY, failed: false },
    ]);
    const spans = lifeSpans(tasks, { assetId: 'a', component: 'fan', from: NOW - 50 * DAY, to: NOW + 130 * DAY });
    expect(spans.map(({ from, to, failed }) => [(to - from) / DAY, failed])).toEqual([
      [60, true],
      [90, false],
      [30, false],
    ]);
  });

  it('exports a calendar with the open tasks', async () => {
    const { schedule, plan } = await open();
    await schedule.take(plan([job('a', { lossPerDay: 9, why: 'It loses 9 EUR a day; dust, mostly' })]));
    const text = await schedule.toICalendar({ name: 'Plant' });
    const event = unfold(text);
    expect(event).toContain('STATUS:TENTATIVE');
    expect(event).toContain('DTSTART:20260601T070000Z');
    expect(event).toContain('DTEND:20260601T090000Z');
    expect(event.find((line) => line.startsWith('DESCRIPTION:'))).toContain('9 EUR a day\\; dust\\, mostly\\nCrew');
  });
});

const unfold = (text: string) => text.replace(/\r\n /g, '').split('\r\n');

describe('iCalendar', () => {
  it('folds at 75 octets without breaking a character, and its text reads back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (summary) => {
        const text = iCalendar([{ uid: 'x', start: NOW, end: NOW + HOUR, summary }], { stamp: NOW });
        for (const line of text.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
        expect(text.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
        const line = unfold(text).find((part) => part.startsWith('SUMMARY:')) ?? '';
        const back = line.slice(8).replace(/\\(.)/g, (_, mark: string) => (mark === 'n' ? '\n' : mark));
        expect(back).toBe(summary.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, ''));
      }),
    );
  });

  it('refuses an entry that ends before it starts', () => {
    expect(() => iCalendar([{ uid: 'x', start: NOW, end: NOW, summary: '' }], { stamp: NOW })).toThrow(
      expect.objectContaining({ code: 'CALENDAR_BAD_TIME' }),
    );
  });
});
