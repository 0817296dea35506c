import { median } from '../../core/quality/statistics.js';
import { solveRidge } from '../forecasters/ridge.js';
import type { TrainingLife } from './course.js';
import {
  bareMeans,
  endOf,
  type FailureMode,
  type FailureModes,
  known,
  SMOOTH,
  smoothed,
  type Way,
  waysOf,
  wayToFailure,
} from './modes.js';

/** Rows at the beginning of a life that are taken for sound at the most, of this share of the assets, those that live longest. */
const FIRST_ROWS = 21;
const SOUND_SHARE = 0.7;
/** Noise of a channel is taken to be at least this share of its whole spread: what hardly moves would else decide all. */
const LEAST_NOISE = 0.03;
/** Parts of a life at which it is learned how far an asset can go. */
const PARTS = [0.3, 0.5, 0.7, 0.9];
/** The part of the way at which the direction is best. */
const WORN = 0.3;
/** How far an asset can go is never told more exactly, standard deviation of the logarithm. */
const LEAST_DOUBT = 0.01;
/** The standard deviation of normal errors over the median of their sizes. */
const NORMAL = 1.48;

/**
 * Learns the direction in which each fault drives the channels, from what sound assets show to where its lives end (Fisher's
 * discriminant). Beside the noise of sound assets alone it tells best which fault it is; beside what weather and load make of
 * wear too, how far it has come.
 * @param lives of different assets, all of which failed
 * @param memory rows that are looked back on
 */
export function findModes(lives: readonly TrainingLife[], memory: number): { found: FailureModes; modeOf: number[] } {
  const channels = lives[0]?.channels.length ?? 0;
  const smooth = lives.map((life) => smoothed(life, SMOOTH));
  const rows = soundRows(lives).map(({ life, row }) => pointOf(smooth[life] as Float64Array[], row));
  const sound = Array.from({ length: channels }, (_, c) => known(meanOf(rows, c)));
  const noise = scatter(rows, sound);
  const faults = [...new Set(lives.map(({ fault }) => fault))];
  const modeOf = lives.map(({ fault }) => faults.indexOf(fault));
  const directions = faults.map((_, mode): FailureMode => {
    const own = lives.flatMap((life, l) => (modeOf[l] === mode ? [{ life, smooth: smooth[l] as Float64Array[] }] : []));
    const ends = own.map(({ life, smooth: last }) => pointOf(last, life.length - 1));
    const end = Float64Array.from(sound, (level, c) => known(meanOf(ends, c) - level));
    const telling = directionOf(noise, end);
    const worn = own.map(({ life }) => life);
    const { covariance } = unevenOf(worn, sound, telling);
    const weight = directionOf(
      noise.map((value, i) => value + WORN * WORN * (covariance[i] as number)),
      end,
    );
    return {
      weight,
      telling,
      end: [...end],
      reach: 1 / deviationAlong(noise, telling),
      offset: deviationAlong(noise, weight),
      noise: 0,
      uneven: unevenOf(worn, sound, weight).deviation,
      doubt: 0,
      beyond: [],
    };
  });
  const draft = { sound, modes: directions };
  const ways = lives.map((life) => waysOf(life, draft));
  const modes = directions.map((mode, m) => {
    const own = lives.flatMap((life, l) => (modeOf[l] === m ? [{ life, way: ways[l]?.[m] as Way }] : []));
    const all = ways.map((each) => each[m] as Way);
    const learned = { ...mode, noise: noiseOf(all, mode.offset), beyond: beyondOf(own, draft, m, memory) };
    const modesSoFar = { sound, modes: directions.with(m, learned) };
    const doubts = own.flatMap(({ life, way }) =>
      PARTS.map((part) => {
        const row = Math.floor(part * (life.length - 1));
        const told = wayToFailure(life, way, modesSoFar, m, Math.max(0, row - memory), row);
        return Math.abs(Math.log(told / endOf(life, way)));
      }),
    );
    return { ...learned, doubt: Math.max(LEAST_DOUBT, NORMAL * median(doubts)) };
  });
  return { found: { sound, modes }, modeOf };
}

/** The direction along which `end` is told most exactly beside noise of a covariance. */
function directionOf(noise: Float64Array, end: Float64Array): number[] {
  const raw = solveRidge(noise, end, end.length, 1, 0);
  const square = Math.max(
    1e-12,
    raw.reduce((sum, value, c) => sum + value * (end[c] as number), 0),
  );
  return Array.from(raw, (w) => w / square);
}

/** Standard deviation along a direction of noise of a covariance. */
function deviationAlong(covariance: Float64Array, weight: readonly number[]): number {
  const n = weight.length;
  let sum = 0;
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++)
      sum += (weight[a] as number) * (weight[b] as number) * (covariance[a * n + b] as number);
  return Math.max(1e-6, Math.sqrt(sum));
}

/**
 * By how much the weeks of worn assets are off the weeks around them, as parts of the way gone: the covariance of the
 * channels, and the usual deviation along the way. Leaps of the wear itself count no more than what is usual.
 */
function unevenOf(
  lives: readonly TrainingLife[],
  sound: readonly number[],
  weight: readonly number[],
): { covariance: Float64Array; deviation: number } {
  const n = sound.length;
  const offs: { off: number[]; along: number }[] = [];
  for (const life of lives) {
    const week = (row: number) =>
      sound.map((level, c) => known((life.sums[c]?.mean(row, row + SMOOTH) ?? Number.NaN) - level));
    for (let row = SMOOTH; row + 2 * SMOOTH <= life.length; row += SMOOTH) {
      const [before, own, after] = [week(row - SMOOTH), week(row), week(row + SMOOTH)];
      const between = before.map((value, c) => (value + (after[c] as number)) / 2);
      const way = between.reduce((sum, value, c) => sum + value * (weight[c] as number), 0);
      if (!(way > WORN / 2 && way < 1)) continue;
      // What a week is off the mean of its neighbours varies by half as much again as a week.
      const off = own.map((value, c) => (value - (between[c] as number)) / way / Math.sqrt(1.5));
      offs.push({ off, along: off.reduce((sum, value, c) => sum + value * (weight[c] as number), 0) });
    }
  }
  const covariance = new Float64Array(n * n);
  const deviation = NORMAL * known(median(offs.map(({ along }) => Math.abs(along))));
  for (const { off, along } of offs) {
    const share = Math.min(1, (3 * deviation) / Math.max(1e-12, Math.abs(along))) ** 2 / offs.length;
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++)
        covariance[a * n + b] = (covariance[a * n + b] as number) + share * (off[a] as number) * (off[b] as number);
  }
  return { covariance, deviation };
}

/** Ridge regression of how far beyond 1 each life ended. */
function beyondOf(
  lives: readonly { readonly life: TrainingLife; readonly way: Way }[],
  modes: FailureModes,
  mode: number,
  memory: number,
): number[] {
  const n = modes.sound.length + 1;
  const gram = new Float64Array(n * n);
  const target = new Float64Array(n);
  for (const { life, way } of lives) {
    const end = endOf(life, way);
    for (const part of PARTS) {
      const row = Math.floor(part * (life.length - 1));
      const point = bareMeans(life, way, modes, mode, Math.max(0, row - memory), row);
      for (let a = 0; a < n; a++) {
        target[a] = (target[a] as number) + (point[a] as number) * (end - 1);
        for (let b = 0; b < n; b++)
          gram[a * n + b] = (gram[a * n + b] as number) + (point[a] as number) * (point[b] as number);
      }
    }
  }
  return [...solveRidge(gram, target, n, 1, 0.003 * PARTS.length * lives.length, new Set([n - 1]))];
}

/** Standard deviation within single assets over their first rows. */
function noiseOf(ways: readonly Way[], otherwise: number): number {
  let [sum, count] = [0, 0];
  for (const { smooth } of ways) {
    const first = smooth.subarray(SMOOTH - 1, Math.min(FIRST_ROWS + 3, smooth.length >> 2));
    if (first.length < 3) continue;
    const mean = first.reduce((total, value) => total + value, 0) / first.length;
    for (const value of first) sum += (value - mean) ** 2;
    count += first.length - 1;
  }
  return count > 0 ? Math.max(Math.sqrt(sum / count), 0.05 * otherwise) : otherwise;
}

function soundRows(lives: readonly TrainingLife[]): { life: number; row: number }[] {
  const lengths = lives.map(({ length }) => length).sort((a, b) => a - b);
  const enough = lengths[Math.floor((1 - SOUND_SHARE) * lengths.length)] ?? 0;
  return lives.flatMap(({ length }, life) => {
    if (length < enough) return [];
    const to = Math.min(length, Math.max(SMOOTH, Math.min(FIRST_ROWS, length >> 2)));
    const from = Math.min(SMOOTH, to) - 1;
    return Array.from({ length: to - from }, (_, i) => ({ life, row: from + i }));
  });
}

/** Covariance of points around a mean; of each channel at least `LEAST_NOISE` squared. */
function scatter(points: readonly (readonly number[])[], mean: readonly number[]): Float64Array {
  const n = mean.length;
  const result = new Float64Array(n * n);
  for (const point of points) {
    const off = point.map((value, c) => known(value - (mean[c] as number)));
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++)
        result[a * n + b] = (result[a * n + b] as number) + ((off[a] as number) * (off[b] as number)) / points.length;
  }
  for (let c = 0; c < n; c++) result[c * n + c] = (result[c * n + c] as number) + LEAST_NOISE * LEAST_NOISE;
  return result;
}

function pointOf(channels: readonly Float64Array[], row: number): number[] {
  return channels.map((values) => values[row] as number);
}

/** Mean of the points that have a value; NaN where none has. */
function meanOf(points: readonly (readonly number[])[], c: number): number {
  let [sum, count] = [0, 0];
  for (const point of points) {
    const value = point[c] as number;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
