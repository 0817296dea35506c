import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.js';

describe('Random', () => {
  it('is xoshiro128**', () => {
    // The first outputs of the published generator from the state 1, 2, 3, 4.
    const random = Random.fromJSON({ words: [1, 2, 3, 4], spareNormal: null });
    expect(Array.from({ length: 4 }, () => random.uint32())).toStrictEqual([11520, 0, 5927040, 70819200]);
  });

  it('goes on to the bit from its state', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20), (seed, steps) => {
        const random = new Random(seed);
        for (let i = 0; i < steps; i++) random.normal();
        const copy = Random.fromJSON(JSON.parse(JSON.stringify(random)));
        for (let i = 0; i < 5; i++)
          expect([copy.normal(), copy.next()]).toStrictEqual([random.normal(), random.next()]);
      }),
    );
  });

  it('has the moments of its distributions', () => {
    const random = new Random(1);
    const mean = (draw: () => number) => Array.from({ length: 40_000 }, draw).reduce((sum, x) => sum + x, 0) / 40_000;
    expect(mean(() => random.next())).toBeCloseTo(0.5, 1);
    expect(mean(() => random.normal(3, 2))).toBeCloseTo(3, 1);
    expect(mean(() => random.normal() ** 2)).toBeCloseTo(1, 1);
    expect(mean(() => random.exponential(2)) / 2).toBeCloseTo(1, 1);
    expect(mean(() => random.gamma(0.5, 2))).toBeCloseTo(1, 1);
    expect(mean(() => random.gamma(4, 0.5)) / 2).toBeCloseTo(1, 1);
    expect(mean(() => random.int(7)) / 3).toBeCloseTo(1, 1);
  });

  it('splits into streams that differ and leave the parent alone', () => {
    const parent = new Random(7);
    const before = parent.toJSON();
    const firsts = new Set(Array.from({ length: 20_000 }, (_, i) => parent.split(i).next()));
    expect(firsts.size).toBe(20_000);
    expect(parent.split(-1).next()).not.toBe(parent.split(0).next());
    expect(parent.split('a').next()).toBe(parent.split('a').next());
    expect(parent.toJSON()).toStrictEqual(before);
  });

  it('shuffles a permutation, evenly', () => {
    const random = new Random(3);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i++) {
      const items = [0, 1, 2, 3];
      random.shuffle(items);
      counts[items[0] as number] = (counts[items[0] as number] as number) + 1;
      expect([...items].sort()).toStrictEqual([0, 1, 2, 3]);
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('refuses what would hang or repeat', () => {
    const random = new Random();
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 33]) expect(() => random.int(n)).toThrow(/1 to 2³²/);
    expect(() => random.gamma(0)).toThrow(/positive/);
    expect(() => new Random(Number.NaN)).toThrow(/finite/);
    expect(() => Random.fromJSON({ words: [0, 0, 0, 0], spareNormal: null })).toThrow(/state/);
  });
});
