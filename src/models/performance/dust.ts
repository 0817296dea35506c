import { log } from '../../core/math/index.js';
import { type DailyValues, medianOf } from './days.js';
import { seasonOf, trendOf } from './season.js';
import { yearOnYearRate } from './year-on-year.js';

/** Rates of soiling that the search begins with, as a fraction a day. */
const RATES = [3e-4, 6e-4, 1.1e-3, 2e-3, 3.5e-3];
/** Chance of a wash on any day, to begin with, and between which it is sought. */
const WASH = 1 / 25;
const WASHES = [1 / 100, 1 / 12] as const;
/** The most that dust takes, and the longest dry spell that is followed, days. */
const MOST = 0.35;
const LONGEST = 400;
const ROUNDS = 28;
/** How much better in log-likelihood dust must explain a series than no dust: two parameters more. */
const WORTH = 6;

/** What a series says of dust. */
export interface DustModel {
  /** Loss that a dry day adds, as a fraction; 0 where the series does not speak of dust. */
  readonly rate: number;
  /** Expected loss on each day of the series, 0…1. */
  readonly loss: Float64Array;
}

/**
 * Dust as a hidden clock: the loss grows by one rate each day and goes back to nothing when rain (or somebody) washes
 * the glass, at times that nobody wrote down. The clock is followed by the forward–backward algorithm of a hidden Markov
 * chain over the days since the last wash (Rabiner 1989); rate, level and noise by likelihood. Other than slopes fitted
 * stretch by stretch, it takes nothing for dust that goes up as often as it goes down.
 */
export function dustModel(days: DailyValues): DustModel {
  const { day, value } = days;
  let trend = yearOnYearRate(days);
  // A dry season looks like a season of the plant: dust is let explain all it can before the season gets the rest.
  let usual = trendOf(day, trend);
  let clock = firstClock(day, over(value, usual));
  if (clock === undefined) return { rate: 0, loss: new Float64Array(day.length) };
  for (let round = 1; round <= ROUNDS; round++) {
    const { loss } = clock;
    const clean = { day, value: value.map((v, i) => v / (1 - (loss[i] as number))) };
    // Dust and ageing are told apart step by step; steps are lengthened, as each goes only part of the way.
    const next = yearOnYearRate(clean);
    trend += (round < ROUNDS - 3 ? 1.6 : 1) * (next - trend);
    usual = seasonOf(clean, trend);
    const x = over(value, usual);
    clock = fitClock(day, x, clock.rate, clock.wash, loss);
    if (round % 4 === 0) clock = refine(day, x, clock, round < ROUNDS / 2 ? 1.15 : 1.05);
  }
  // Without dust the plant has the season that its own values show.
  const flat = over(value, seasonOf(days, yearOnYearRate(days)));
  const level = medianOf(flat);
  const without = likelihood(flat.map((v) => v / level - 1)) + WORTH;
  return clock.score > without ? clock : { rate: 0, loss: new Float64Array(day.length) };
}

function over(value: Float64Array, usual: Float64Array): Float64Array {
  return value.map((v, i) => v / (usual[i] as number));
}

/** The best rate of the list, refined between its neighbours; undefined where dust explains nothing at all. */
function firstClock(day: Float64Array, x: Float64Array): Clock | undefined {
  const tried = RATES.map((rate) => fitClock(day, x, rate, WASH));
  const best = tried.reduce((a, b) => (b.score > a.score ? b : a));
  const clean = medianOf(x);
  if (best.score <= likelihood(x.map((v) => v / clean - 1)) + WORTH) return undefined;
  return refine(day, x, refine(day, x, best, 1.32), 1.15);
}

/** The best of a rate and those a factor to either side, and of rarer and more frequent washes, from where the clock stands. */
function refine(day: Float64Array, x: Float64Array, from: Clock, factor: number): Clock {
  let best = from;
  for (const rate of [from.rate / factor, from.rate * factor]) {
    // The dust that is known is scaled with the rate, to begin with.
    const loss = from.loss.map((part) => Math.min(MOST, (part * rate) / from.rate));
    const fit = fitClock(day, x, rate, from.wash, loss);
    if (fit.score > best.score) best = fit;
  }
  const { rate, loss } = best;
  for (const wash of [best.wash / 1.5, best.wash * 1.5]) {
    if (wash < WASHES[0] || wash > WASHES[1]) continue;
    const fit = fitClock(day, x, rate, wash, loss);
    if (fit.score > best.score) best = fit;
  }
  return best;
}

/** Log-likelihood of residuals with their own spread. */
function likelihood(residual: Float64Array): number {
  const noise = spreadOf(residual);
  return residual.reduce((sum, e) => sum + log(density(e, noise)), 0);
}

function spreadOf(residual: Float64Array): number {
  return Math.max(0.003, 1.4826 * medianOf(residual.map(Math.abs)));
}

/**
 * Student's t of three degrees of freedom, without its constant: days that are off for reasons of their own do little.
 * Its power below 1 says that neighbouring days err alike, so that each tells less than it would alone.
 */
function density(error: number, noise: number): number {
  const u = error / noise;
  const q = 1 + (u * u) / 3;
  // The fourth root by two square roots.
  return Math.sqrt(Math.sqrt(1 / (q * q * noise)));
}

interface Clock extends DustModel {
  readonly score: number;
  readonly wash: number;
  readonly level: number;
  readonly noise: number;
}

/**
 * Level and noise for the dust that is known so far, then the likelihood and the expected loss; where nothing is known
 * yet, in three rounds of expectation and maximisation.
 */
function fitClock(day: Float64Array, x: Float64Array, rate: number, wash: number, known?: Float64Array): Clock {
  const states = Math.min(LONGEST, Math.ceil(MOST / rate));
  let loss = known ?? new Float64Array(x.length).fill(Math.min(0.15, (rate / wash) * 0.7));
  for (let round = known === undefined ? 0 : 2; ; round++) {
    const level = medianOf(x.map((v, i) => v / (1 - (loss[i] as number))));
    const noise = spreadOf(x.map((v, i) => v / (level * (1 - (loss[i] as number))) - 1));
    const followed = follow(day, x, rate, wash, states, level, noise);
    if (round === 2) return { rate, wash, level, noise, ...followed };
    loss = followed.loss;
  }
}

/** One pass forward and one back over every calendar day; days without a value only let the clock run. */
function follow(
  day: Float64Array,
  x: Float64Array,
  rate: number,
  wash: number,
  states: number,
  level: number,
  noise: number,
): { score: number; loss: Float64Array } {
  const n = day.length;
  const forward = new Float64Array(n * states);
  const emitted = new Float64Array(n * states);
  let now = new Float64Array(states);
  let next = new Float64Array(states);
  // At the start the clock stands as it does on any day.
  for (let k = 0; k < states; k++) now[k] = wash * (1 - wash) ** k;
  let score = 0;
  for (let i = 0; i < n; i++) {
    const steps = i === 0 ? 0 : Math.min(states, (day[i] as number) - (day[i - 1] as number));
    for (let s = 0; s < steps; s++) {
      run(now, next, wash);
      [now, next] = [next, now];
    }
    let total = 0;
    for (let k = 0; k < states; k++) {
      const e = density((x[i] as number) / level / (1 - rate * k) - 1, noise);
      emitted[i * states + k] = e;
      const a = (now[k] as number) * e;
      now[k] = a;
      total += a;
    }
    for (let k = 0; k < states; k++) {
      now[k] = (now[k] as number) / total;
      forward[i * states + k] = now[k] as number;
    }
    score += log(total);
  }
  const loss = new Float64Array(n);
  let back = new Float64Array(states).fill(1);
  let before = new Float64Array(states);
  for (let i = n - 1; i >= 0; i--) {
    let sum = 0;
    let mean = 0;
    for (let k = 0; k < states; k++) {
      const p = (forward[i * states + k] as number) * (back[k] as number);
      sum += p;
      mean += p * k;
    }
    loss[i] = (rate * mean) / sum;
    if (i === 0) break;
    let total = 0;
    for (let k = 0; k < states; k++) {
      back[k] = (back[k] as number) * (emitted[i * states + k] as number);
      total += back[k] as number;
    }
    for (let k = 0; k < states; k++) back[k] = (back[k] as number) / total;
    const steps = Math.min(states, (day[i] as number) - (day[i - 1] as number));
    for (let s = 0; s < steps; s++) {
      for (let k = 0; k < states; k++)
        before[k] = wash * (back[0] as number) + (1 - wash) * (back[Math.min(k + 1, states - 1)] as number);
      [back, before] = [before, back];
    }
  }
  return { score, loss };
}

/** Lets the clock run for a day. */
function run(now: Float64Array, next: Float64Array, wash: number): void {
  const last = now.length - 1;
  let total = 0;
  for (let k = 0; k <= last; k++) total += now[k] as number;
  for (let k = last; k > 0; k--) next[k] = (1 - wash) * (now[k - 1] as number);
  next[last] = (next[last] as number) + (1 - wash) * (now[last] as number);
  next[0] = wash * total;
}
