import { describe, expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { AnomalyDetector } from '../anomaly-detector.js';

const fiveMinutes = 300_000;
const day = 288;

/** A daily square wave with noise, 14 days of 5 minutes. */
function daily(
  seed: number,
  change: (value: number, row: number) => number,
): { time: Float64Array; values: Float64Array } {
  const random = new Random(seed);
  const time = Float64Array.from({ length: 14 * day }, (_, i) => i * fiveMinutes);
  const values = time.map((_, i) => {
    const high = i % day > 96 && i % day < 216;
    return change((high ? 80 : 20) + 3 * random.normal(), i);
  });
  return { time, values };
}

/** Rows of the stream with the greatest raw scores, in order of time. */
function peaks({ time, values }: { time: Float64Array; values: Float64Array }, count: number): number[] {
  const learnt = 4 * day;
  const train = new Frame(time.subarray(0, learnt), { x: { data: values.subarray(0, learnt), unit: '1' } });
  const detector = new AnomalyDetector({ engine: 'stream', drift: 'none' }).fit(train);
  const scores: { row: number; raw: number }[] = [];
  for (let row = learnt; row < time.length; row++) {
    const { raw } = detector.update({ assetId: 's', time: time[row] as number, values: { x: values[row] as number } });
    scores.push({ row, raw });
  }
  scores.sort((a, b) => b.raw - a.raw);
  return scores.slice(0, count).map(({ row }) => row);
}

describe('the streaming engine', () => {
  it.each([
    ['a spike', (x: number, row: number) => (row === 10 * day ? 150 : x), 10 * day, 3],
    [
      'a day without its rise',
      (x: number, row: number) => (row >= 10 * day && row < 11 * day ? Math.min(x, 25) : x),
      10 * day + 97,
      30,
    ],
    [
      'a day that is too high',
      (x: number, row: number) => (row >= 10 * day && row < 11 * day ? x + 40 : x),
      10 * day,
      30,
    ],
    [
      'a burst of noise',
      (x: number, row: number) => (row >= 10 * day && row < 10 * day + 60 ? x + ((row * 7919) % 41) - 20 : x),
      10 * day,
      60,
    ],
  ])('finds %s first of all', (_, change, at, within) => {
    const [top] = peaks(daily(1, change), 1);
    expect(top).toBeGreaterThanOrEqual(at);
    expect(top).toBeLessThan(at + within);
  });

  it('raises one event once: rows after it count only if they are above it', () => {
    const [first, second] = peaks(
      daily(2, (x, row) => (row >= 10 * day && row < 10 * day + 20 ? 200 : x)),
      2,
    );
    expect(first).toBeGreaterThanOrEqual(10 * day);
    expect(first).toBeLessThan(10 * day + 20);
    expect(second).not.toBe((first as number) + 1);
  });
});
