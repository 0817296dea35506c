import { describe, expect, it } from 'vitest';
import { nabProfiles, normalised, probationOf, rowValues, scaledSigmoid, sweep } from './nab-score.js';

// The expected numbers are those of the benchmark's own documentation and tests (github.com/numenta/NAB).
const even = { truePositive: 1, falsePositive: 1, falseNegative: 1 };

describe('the published scoring rule', () => {
  it('has the sigmoid of the paper', () => {
    expect(scaledSigmoid(-1)).toBeCloseTo(0.98661, 5);
    expect(scaledSigmoid(-0.5)).toBeCloseTo(0.84828, 5);
    expect(scaledSigmoid(0)).toBe(0);
    expect(scaledSigmoid(1)).toBeCloseTo(-0.98661, 5);
    expect(scaledSigmoid(3)).toBe(-1);
  });

  it('caps the probation at 15 % of 5000 rows', () => {
    expect([probationOf(100), probationOf(5000), probationOf(6000)]).toEqual([15, 750, 750]);
    expect(probationOf(6000, 0.1)).toBe(500);
  });

  it('gives a full point at the first row of a window, whatever its width', () => {
    for (const width of [2, 3, 7]) {
      const { value } = rowValues(10, [[2, 2 + width - 1]], even);
      expect(value[2]).toBeCloseTo(1, 12);
    }
  });

  it('makes a detection on the last row and one just behind it nearly cancel', () => {
    const { value } = rowValues(1000, [[450, 549]], even);
    expect((value[549] as number) + (value[550] as number)).toBeCloseTo(0, 2);
  });

  it('scores the published example with every kind of outcome as -0.9540', () => {
    // 100 rows, two windows of 5, hits on a window's first two rows and a false alarm two rows behind it.
    const scores = new Float64Array(100);
    scores[30] = 1;
    scores[31] = 1;
    scores[37] = 1;
    const { value } = rowValues(
      100,
      [
        [30, 34],
        [64, 68],
      ],
      even,
    );
    const total = Math.max(value[30] as number, value[31] as number) + (value[37] as number) - 1;
    expect(total).toBeCloseTo(-0.954, 4);
  });

  it('is 0 for a detector that never flags and 100 for a perfect one', () => {
    const windows: [number, number][] = [
      [40, 49],
      [80, 89],
    ];
    const perfect = Float64Array.from({ length: 100 }, (_, i) => (i === 40 || i === 80 ? 1 : 0));
    for (const profile of Object.values(nabProfiles)) {
      const found = sweep([{ scores: perfect, windows, probation: 15 }], profile);
      expect(normalised(found.score, found.windows, profile)).toBeCloseTo(100, 9);
      const none = sweep([{ scores: new Float64Array(100), windows: [], probation: 15 }], profile);
      expect(none.score).toBeCloseTo(0, 12);
      expect(normalised(-profile.falseNegative * 2, 2, profile)).toBe(0);
    }
  });

  it('takes each window once, at its best flagged row, and finds one threshold for all series', () => {
    const first = { scores: [0, 0.5, 0.9, 0, 0], windows: [[1, 3]] as [number, number][], probation: 0 };
    const second = { scores: [0, 0.2, 0, 0.6, 0], windows: [[3, 4]] as [number, number][], probation: 0 };
    const found = sweep([first, second], nabProfiles.standard);
    expect(found.threshold).toBe(0.5);
    expect(found.score).toBeCloseTo(2, 12);
  });
});
