import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/clock.js';
import type { AlertChange } from '../alert.js';
import { AlertEngine } from '../engine.js';
import { AlertDispatcher } from '../notify/dispatcher.js';
import type { Rule } from '../rules/rule.js';
import { type Diagnosis, type FoldOptions, foldAlerts } from './fold.js';
import { AlertSuppressor, type SuppressorState } from './suppressor.js';

const MINUTE = 60_000;
const strings = Array.from({ length: 6 }, (_, k) => `s1.${k}`);
const others = Array.from({ length: 6 }, (_, k) => `s2.${k}`);
const assets = [
  { id: 'plant' },
  { id: 'inv1', parent: 'plant', name: 'Inverter 1' },
  { id: 'inv2', parent: 'plant', name: 'Inverter 2' },
  ...strings.map((id) => ({ id, parent: 'inv1' })),
  ...others.map((id) => ({ id, parent: 'inv2' })),
];
const rules: Rule[] = [
  {
    id: 'fault',
    title: 'Inverter fault',
    when: { type: 'threshold', channel: 'current', direction: 'above', limits: { HIGH: 100 } },
    explains: ['low', 'odd'],
    playbook: 'Look at the fan.',
  },
  {
    id: 'low',
    title: 'Low power',
    when: { type: 'threshold', channel: 'solarPower', direction: 'below', limits: { MEDIUM: 10 } },
  },
  {
    id: 'odd',
    title: 'Odd',
    when: { type: 'threshold', channel: 'anomalyPValue', direction: 'below', limits: { LOW: 0.001 } },
  },
];

function plant() {
  const clock = new ManualClock(0);
  const engine = new AlertEngine({ rules, assets, clock });
  const read = (assetId: string, values: Record<string, number>) =>
    engine.evaluate({ assetId, time: clock.now(), values });
  const fold = (more: Partial<FoldOptions> = {}) => foldAlerts(engine.open(), { assets, rules, ...more });
  return { clock, engine, read, fold };
}

describe('foldAlerts', () => {
  it('folds what hangs on a failed inverter under it, and says why with figures', () => {
    const { clock, read, fold } = plant();
    read('inv1', { current: 200, solarPower: 1, anomalyPValue: 1e-9 });
    clock.advance(40_000);
    for (const id of strings.slice(0, 5)) read(id, { solarPower: 1 });
    read('s2.0', { solarPower: 2 });
    const [first, second, ...rest] = fold();
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      assetId: 'inv1',
      cause: { rule: 'fault' },
      severity: 'HIGH',
      since: 0,
      figures: { assets: 6, affected: 5, span: 40_000 },
      next: 'Look at the fan.',
    });
    expect(first?.effects).toHaveLength(7);
    expect(first?.probability).toBeGreaterThan(0.95);
    expect(first?.why).toMatch(
      /^Inverter 1 is the likely cause \(\d\d %\): 5 of the 6 assets below it alerted within 40 s/,
    );
    expect(first?.why).toContain('Low power, Odd follows from it');
    expect(second).toMatchObject({ assetId: 's2.0', effects: [], why: expect.stringMatching(/^s2.0 alone: /) });
  });

  it('suspects what says nothing where nearly all below it alert, and only then', () => {
    const { read, fold } = plant();
    for (const id of strings.slice(0, 2)) read(id, { solarPower: 1 });
    expect(fold()).toHaveLength(2);
    for (const id of strings.slice(2, 5)) read(id, { solarPower: 1 });
    expect(fold()).toMatchObject([{ assetId: 'inv1', cause: null, figures: { affected: 5 } }]);
    for (const id of [...others, 'inv1', 'inv2', 's1.5']) read(id, { solarPower: 1 });
    // Everything at once: the plant, not both inverters.
    expect(fold()).toMatchObject([{ assetId: 'plant', cause: null, figures: { affected: 14, assets: 14 } }]);
  });

  it('believes the twin, and what is far apart in time has no common cause', () => {
    const { clock, read, fold } = plant();
    const diagnosis: Diagnosis = {
      assetId: 'inv1',
      title: 'fan failure',
      probability: 0.9,
      evidence: ['it derates above 38 °C'],
      energyLost: 3100,
      action: 'Replace the fan.',
    };
    read('s1.0', { solarPower: 1 });
    read('s1.1', { solarPower: 1 });
    read('s1.2', { solarPower: 1 });
    expect(fold()[0]?.probability).toBeLessThan(0.9);
    expect(fold({ diagnoses: [diagnosis] })).toMatchObject([
      {
        assetId: 'inv1',
        next: 'Replace the fan.',
        figures: { energyLost: 3100 },
        why: expect.stringContaining('the twin finds fan failure (90 %); it derates above 38 °C'),
      },
    ]);
    const late = plant();
    for (const id of strings) {
      late.read(id, { solarPower: 1 });
      late.clock.advance(60 * MINUTE);
    }
    expect(late.fold()).toHaveLength(6);
    clock.advance(1);
  });

  it('loses no alert and counts none twice, whatever stands', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            asset: fc.constantFrom(...assets.map(({ id }) => id), 'stranger'),
            values: fc.constantFrom<Record<string, number>>(
              { solarPower: 1 },
              { current: 200 },
              { solarPower: 1, current: 200, anomalyPValue: 0 },
            ),
            wait: fc.integer({ min: 1, max: 20 * MINUTE }),
          }),
          { maxLength: 30 },
        ),
        (steps) => {
          const { clock, engine, read, fold } = plant();
          for (const { asset, values, wait } of steps) {
            clock.advance(wait);
            read(asset, values);
          }
          const loop = [...assets, { id: 'plant', parent: 's1.0' }];
          for (const incidents of [fold(), fold({ assets: loop })]) {
            const all = incidents.flatMap(({ cause, effects }) => (cause === null ? effects : [cause, ...effects]));
            expect(all.map(({ id }) => id).sort()).toEqual(
              engine
                .open()
                .map(({ id }) => id)
                .sort(),
            );
            for (const { probability } of incidents) {
              expect(probability).toBeGreaterThanOrEqual(0);
              expect(probability).toBeLessThanOrEqual(1);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('AlertSuppressor', () => {
  it('lets one message come of a failed inverter, and the rest be heard when it is over', () => {
    const { clock, engine, read } = plant();
    let suppressor = new AlertSuppressor({ assets, rules });
    const dispatcher = new AlertDispatcher({
      route: { receiver: 'duty', groupWait: 0, groupInterval: 1, groupBy: ['asset'] },
      receivers: ['duty'],
      clock,
    });
    const told = (changes: readonly AlertChange[]) => {
      const all = [...changes, ...suppressor.settle(engine, clock.now())];
      for (const change of all) dispatcher.accept(change);
      return dispatcher.flush().flatMap(({ firing }) => firing.map(({ assetId, rule }) => `${assetId} ${rule}`));
    };
    expect(
      told([
        ...read('inv1', { current: 200 }),
        ...strings.flatMap((id) => read(id, { solarPower: 1 })),
        ...read('s2.3', { solarPower: 1 }),
      ]),
    ).toEqual(['inv1 fault', 's2.3 low']);
    expect(engine.open('s1.0')[0]).toMatchObject({ state: 'suppressed-by-design' });
    expect(engine.audit(engine.open('s1.0')[0]?.id).at(-1)?.comment).toContain('Inverter 1 is the likely cause');
    const state = JSON.parse(JSON.stringify(suppressor)) as SuppressorState;
    suppressor = new AlertSuppressor({ assets, rules });
    suppressor.restore(state);
    // A person wants to hear one of them all the same.
    engine.unsuppress(engine.open('s1.0')[0]?.id ?? '', 'ann');
    clock.advance(MINUTE);
    told([]);
    expect(engine.open('s1.0')[0]?.suppressed).toBe(false);
    // One string ends, the inverter ends, and five strings are still low.
    clock.advance(MINUTE);
    told([...read('s1.1', { solarPower: 500 }), ...read('inv1', { current: 5 })]);
    clock.advance(60 * MINUTE);
    for (const id of strings.slice(2)) read(id, { solarPower: 1 });
    expect(engine.open().some(({ suppressed }) => suppressed)).toBe(true);
    // Without an alert of the inverter the strings are heard by their worst.
    expect(engine.open().filter(({ suppressed }) => !suppressed).length).toBeGreaterThan(0);
    clock.advance(1);
    for (const id of strings) told(read(id, { solarPower: 500 }));
    expect(engine.open('s1.2')).toEqual([]);
    clock.advance(1);
    expect(read('s1.2', { solarPower: 1 })[0]?.to).toBe('active-unacknowledged');
  });

  it('quiets what is less urgent in a storm, and not what is urgent', () => {
    const { clock, engine, read } = plant();
    const suppressor = new AlertSuppressor({
      assets,
      rules,
      // So that nothing follows from anything.
      follows: 0.5,
      alone: 0.5,
      storm: { alerts: 6, within: '10m', keep: 'HIGH' },
    });
    for (const id of strings) read(id, { solarPower: 1 });
    suppressor.settle(engine, clock.now());
    expect(engine.open().filter(({ suppressed }) => suppressed)).toEqual([]);
    read('s2.0', { solarPower: 1 });
    read('inv1', { current: 200 });
    suppressor.settle(engine, clock.now());
    expect(engine.open().filter(({ suppressed }) => !suppressed)).toMatchObject([{ rule: 'fault' }]);
    clock.advance(11 * MINUTE);
    suppressor.settle(engine, clock.now());
    expect(engine.open().filter(({ suppressed }) => suppressed)).toEqual([]);
  });
});
