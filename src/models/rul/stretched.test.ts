import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { type Curve, libraryOf, POINTS, remainingOf } from './stretched.js';
import { Tally } from './tally.js';
import { WindowSums } from './windows.js';

/** Lives whose way goes by a power of the time. */
function lives(count: number, scale: number): Curve[] {
  const random = new Random(3);
  return Array.from({ length: count }, () => {
    const power = random.uniform(0.8, 3);
    const length = scale * random.uniform(80, 300);
    return { mode: 0, length, points: Float32Array.from({ length: POINTS + 1 }, (_, i) => (1 - i / POINTS) ** power) };
  });
}

/** What is told of an asset whose way is a square of the time, after a share of its life. */
function told(library: readonly Curve[], length: number, share: number, scale: number, noise = 0.01) {
  const random = new Random(5);
  const rows = Math.round(share * length);
  const way = Float64Array.from({ length: rows }, (_, i) => (i / length) ** 2 + noise * random.normal());
  const age = Float64Array.from({ length: rows }, (_, i) => scale * i);
  const view = {
    mode: 0,
    unlikely: 0,
    sums: new WindowSums(way),
    total: 1,
    noise: noise / Math.sqrt(7),
    uneven: 0.02,
    offset: 0.01,
    doubt: 0.05,
  };
  return remainingOf(libraryOf(library, 1000 * scale), [view], age, 0, rows - 1);
}

describe('lives stretched in time', () => {
  it('tell what is left of a life of their kind, surer the later', () => {
    const all = lives(200, 1);
    const early = told(all, 200, 0.5, 1);
    const late = told(all, 200, 0.8, 1);
    expect(Math.abs(early.middle - 100)).toBeLessThan(25);
    expect(Math.abs(late.middle - 40)).toBeLessThan(8);
    expect(late.high - late.low).toBeLessThan(early.high - early.low);
    expect(late.low).toBeLessThan(40);
    expect(late.high).toBeGreaterThan(40);
  });

  it('tell the same whatever time is counted in', () => {
    const days = told(lives(100, 1), 150, 0.6, 1);
    const hours = told(lives(100, 24), 150, 0.6, 24);
    for (const key of ['low', 'middle', 'high'] as const)
      expect(Math.abs(hours[key] / 24 / days[key] - 1)).toBeLessThan(0.05);
  });

  it('say about the same of a sound asset from a part of the moments as from few lives that are looked at whole', () => {
    const all = lives(720, 1);
    const few = all.filter((_, i) => i % 24 === 0);
    const [many, some] = [told(all, 2000, 0.01, 1, 0.05), told(few, 2000, 0.01, 1, 0.05)];
    expect(Math.abs(many.middle / some.middle - 1)).toBeLessThan(0.25);
  });
});

describe('the tally of remaining lives', () => {
  it('tells quantiles, whichever comes first', () => {
    const forth = new Tally(365);
    const back = new Tally(365);
    for (let life = 0; life <= 100; life++) {
      forth.add(life, -Math.abs(life - 50) / 20);
      back.add(100 - life, -Math.abs(50 - life) / 20);
    }
    for (const tally of [forth, back]) {
      const { low, middle, high } = tally.told();
      expect(Math.abs(middle - 50)).toBeLessThan(3);
      expect(low).toBeLessThan(middle);
      expect(high).toBeGreaterThan(middle);
      expect(tally.worth).toBeGreaterThan(30);
      expect(tally.least).toBe(-8);
    }
    expect(forth.told().middle).toBeCloseTo(back.told().middle, 6);
  });

  it('says all is open where nothing was counted', () => {
    expect(new Tally(365).told()).toEqual({ low: 0, middle: 182.5, high: 365 });
  });
});
