import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { Adwin, type DriftDetector, driftDetector, Kswin, kolmogorovSmirnov, PageHinkley } from './drift.js';

const firstChange = (detector: DriftDetector, values: Iterable<number>): number => {
  let i = 0;
  for (const value of values) {
    if (detector.step(value)) return i;
    i++;
  }
  return -1;
};

function* shifting(seed: number, at: number, rows: number): Iterable<number> {
  const random = new Random(seed);
  for (let i = 0; i < rows; i++) yield i < at ? random.next() : 0.5 + 0.5 * random.next();
}

describe.each([
  ['adwin', () => new Adwin()],
  ['kswin', () => new Kswin({ seed: 1 })],
  ['page-hinkley', () => driftDetector('page-hinkley', 0) as DriftDetector],
])('%s', (_, make) => {
  it('stays quiet on an even stream', () => {
    expect(firstChange(make(), shifting(1, 4000, 4000))).toBe(-1);
  });

  it('finds a change within a few hundred values, not before', () => {
    const found = firstChange(make(), shifting(2, 2000, 4000));
    expect(found).toBeGreaterThanOrEqual(2000);
    expect(found).toBeLessThan(2600);
  });

  it('passes over values that are no numbers', () => {
    expect(make().step(Number.NaN)).toBe(false);
  });
});

describe('parts', () => {
  it('Page–Hinkley starts afresh after a finding', () => {
    const detector = new PageHinkley({ threshold: 5, warmup: 5 });
    for (let i = 0; i < 50; i++) detector.step(0);
    expect(firstChange(detector, Array(100).fill(1))).toBeGreaterThan(0);
    expect(firstChange(detector, Array(100).fill(1))).toBe(-1);
  });

  it('ADWIN forgets what was before the change', () => {
    const detector = new Adwin();
    for (const value of shifting(3, 2000, 4000)) detector.step(value);
    expect(detector.width).toBeLessThan(2400);
    expect(detector.mean).toBeGreaterThan(0.7);
  });

  it('measures the distance of two samples', () => {
    expect(kolmogorovSmirnov(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6))).toBe(1);
    expect(kolmogorovSmirnov(Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 3))).toBe(0);
  });
});

describe('state', () => {
  it.each([
    ['adwin', () => new Adwin()],
    ['kswin', () => new Kswin({ seed: 3 })],
    ['page-hinkley', () => new PageHinkley({ threshold: 10 })],
  ] as const)('%s goes on to the bit where it was saved', (_, make) => {
    const random = new Random(5);
    const before = make();
    for (let i = 0; i < 700; i++) before.step(random.next());
    const after = make();
    after.restore(JSON.parse(JSON.stringify(before)));
    const changes = Array.from({ length: 900 }, () => {
      const value = random.uniform(0.2, 1.2);
      const found = before.step(value);
      expect(after.step(value)).toBe(found);
      return found;
    });
    expect(changes).toContain(true);
    expect(JSON.stringify(after)).toBe(JSON.stringify(before));
    expect(() => make().restore({ nonsense: 1 })).toThrow();
  });
});
