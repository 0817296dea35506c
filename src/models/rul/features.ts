import type { Frame } from '../../core/frame.js';
import type { Matrix } from '../matrix.js';

/** How the course of a channel is summed up. */
export interface RulFeatureOptions {
  /** Rows that are looked back on. */
  readonly window: number;
  /** Rows at the beginning that tell what is usual for this very asset. */
  readonly baseline: number;
  /** Whether the time since the first row is a feature. */
  readonly age: boolean;
}

/** Features of each channel, in this order. */
const KINDS = ['level', 'recent', 'slope', 'change', 'spread'] as const;

/** Names of the features, for explanations: `acPower slope`. */
export function featureNames(channels: readonly string[], { age }: RulFeatureOptions): string[] {
  return [...channels.flatMap((channel) => KINDS.map((kind) => `${channel} ${kind}`)), ...(age ? ['age'] : [])];
}

/**
 * The features of each row from `from` on: per channel the mean of the window (`level`), the mean of its last fifth
 * (`recent`), its slope per row, the change of the level against the asset's first rows, and the standard deviation. Missing
 * values are passed over; a feature without a value is NaN, which the trees take.
 */
export function rulFeatures(frame: Frame, channels: readonly string[], options: RulFeatureOptions, from = 0): Matrix {
  const { window, baseline, age } = options;
  const rows = frame.length - from;
  const width = channels.length * KINDS.length + (age ? 1 : 0);
  const data = new Float64Array(rows * width).fill(Number.NaN);
  channels.forEach((channel, c) => {
    const values = frame.column(channel);
    const usual = mean(values, 0, Math.min(baseline, frame.length));
    for (let row = from; row < frame.length; row++) {
      const start = Math.max(0, row + 1 - window);
      const { level, slope, spread } = line(values, start, row + 1);
      const base = (row - from) * width + c * KINDS.length;
      data[base] = level;
      data[base + 1] = mean(values, Math.max(start, row + 1 - Math.ceil(window / 5)), row + 1);
      data[base + 2] = slope;
      data[base + 3] = level - usual;
      data[base + 4] = spread;
    }
  });
  if (age) {
    const first = frame.time[0] as number;
    for (let row = from; row < frame.length; row++)
      data[(row - from) * width + width - 1] = (frame.time[row] as number) - first;
  }
  return { data, rows, columns: width };
}

function mean(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : Number.NaN;
}

/** Mean, slope per row of the least-squares line, and standard deviation around the mean. */
function line(values: Float64Array, from: number, to: number): { level: number; slope: number; spread: number } {
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumXY = 0;
  const level = mean(values, from, to);
  let squares = 0;
  for (let i = from; i < to; i++) {
    const y = (values[i] as number) - level;
    if (Number.isNaN(y)) continue;
    const x = i - from;
    n++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
    squares += y * y;
  }
  const denominator = n * sumXX - sumX * sumX;
  return {
    level,
    slope: n >= 3 && denominator > 0 ? (n * sumXY - sumX * sumY) / denominator : Number.NaN,
    spread: n >= 2 ? Math.sqrt(squares / (n - 1)) : Number.NaN,
  };
}
