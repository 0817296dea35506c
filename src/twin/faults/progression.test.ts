import { describe, expect, it } from 'vitest';
import { Random } from '../../core/index.js';
import type { ProgressionKind } from './catalogue.js';
import { progression } from './progression.js';

const DAY = 86_400_000;
const make = (kind: ProgressionKind, seed = 1) =>
  progression({ kind, from: 10 * DAY, days: 100, severity: 0.8, random: new Random(seed) });
const kinds: ProgressionKind[] = ['step', 'linear', 'exponential', 'saturating', 'intermittent', 'wiener', 'gamma'];

describe('progression', () => {
  it.each(kinds)(
    '%s is 0 before the onset, stays within 0…1 and does not depend on the order of the questions',
    (kind) => {
      const forward = make(kind);
      const backward = make(kind);
      const times = Array.from({ length: 200 }, (_, i) => (i * 1.7 + 0.3) * DAY);
      const there = times.map((time) => forward(time));
      const back = [...times]
        .reverse()
        .map((time) => backward(time))
        .reverse();
      expect(back).toEqual(there);
      for (const [i, value] of there.entries()) {
        if ((times[i] as number) < 10 * DAY) expect(value).toBe(0);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    },
  );

  it.each(['step', 'linear', 'exponential', 'saturating'] as const)('%s reaches its severity in its time', (kind) => {
    expect(make(kind)(110 * DAY)).toBeCloseTo(0.8, 9);
  });

  it('grows on average to its severity where it is random', () => {
    for (const kind of ['wiener', 'gamma'] as const) {
      let sum = 0;
      for (let seed = 0; seed < 300; seed++) sum += make(kind, seed)(60 * DAY);
      expect(sum / 300).toBeGreaterThan(0.37);
      expect(sum / 300).toBeLessThan(0.43);
    }
  });

  it('never goes back where it is a gamma process', () => {
    const path = make('gamma');
    let before = 0;
    for (let t = 10; t < 120; t += 0.25) {
      const now = path(t * DAY);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });

  it('is on for the share of time that its severity says where it is intermittent', () => {
    const path = make('intermittent');
    let on = 0;
    for (let hour = 0; hour < 24 * 400; hour++) if (path(10 * DAY + hour * 3_600_000) > 0) on++;
    expect(on / (24 * 400)).toBeCloseTo(0.64, 1);
  });
});
