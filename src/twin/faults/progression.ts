import type { Random } from '../../core/index.js';
import { exp, expm1 } from '../../core/math/index.js';
import type { ProgressionKind } from './catalogue.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Severity as a function of time, 0…1. Asked at increasing or decreasing times, it gives the same answers. */
export type Progression = (time: number) => number;

/** What a progression is made of. */
export interface ProgressionParameters {
  readonly kind: ProgressionKind;
  /** Onset, ms since the epoch. */
  readonly from: number;
  /** Days from the onset to `severity`. */
  readonly days: number;
  /** Severity at the end, 0…1. */
  readonly severity: number;
  /** Stream of the random kinds. */
  readonly random: Random;
}

/**
 * A path of daily steps that is made as far as it is asked for: each day's step comes from its own stream, so the path
 * does not depend on the order of the questions.
 */
function dailyPath(random: Random, increment: (stream: Random) => number): (days: number) => number {
  const path = [0];
  return (days) => {
    const whole = Math.floor(days);
    while (path.length <= whole + 1) {
      path.push((path[path.length - 1] as number) + increment(random.split(path.length)));
    }
    const low = path[whole] as number;
    return low + (days - whole) * ((path[whole + 1] as number) - low);
  };
}

/** exp(4 x) scaled to 0…1: slow at first, then fast, e-folding four times on the way. */
const exponentialShape = (x: number) => expm1(4 * x) / expm1(4);

/**
 * On or off by the hour, as events of some hours each; the share of time on is `share`. Each event begins in a slot of
 * its own stream, so the answer at a time does not depend on what was asked before.
 */
function telegraph(random: Random, share: number, from: number): (time: number) => boolean {
  const slot = 6 * HOUR;
  const cache = new Map<number, { start: number; end: number }>();
  return (time) => {
    const index = Math.floor((time - from) / slot);
    let event = cache.get(index);
    if (event === undefined) {
      const stream = random.split(index);
      const length = Math.min(1, share * stream.uniform(0.6, 1.4)) * slot;
      const start = stream.uniform(0, slot - length);
      event = { start, end: start + length };
      if (cache.size > 64) cache.clear();
      cache.set(index, event);
    }
    const offset = time - from - index * slot;
    return offset >= event.start && offset < event.end;
  };
}

/**
 * How a fault's severity evolves, after the usual degradation laws: `step`, `linear`, `exponential`, `saturating`
 * (1 − exp(−3 x)), `intermittent` (events that come and go, more often with the hours), `wiener` (linear drift with
 * Brownian noise, Whitmore & Schenkelberg 1997) and `gamma` (monotone with Gamma steps, van Noortwijk 2009).
 * Before `from` it is 0; it never leaves 0…1.
 */
export function progression({ kind, from, days, severity, random }: ProgressionParameters): Progression {
  const span = Math.max(days, 1e-9);
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const after = (value: (elapsed: number) => number): Progression => {
    return (time) => (time < from ? 0 : clamp(value((time - from) / DAY)));
  };
  switch (kind) {
    case 'step':
      return after(() => severity);
    case 'linear':
      return after((t) => severity * Math.min(1, t / span));
    case 'exponential':
      return after((t) => severity * exponentialShape(Math.min(1, t / span)));
    case 'saturating':
      return after((t) => (severity * (1 - exp((-3 * t) / span))) / (1 - exp(-3)));
    case 'intermittent': {
      const on = telegraph(random, 0.8 * severity, from);
      return (time) => (time >= from && on(time) ? severity : 0);
    }
    case 'wiener': {
      const noise = dailyPath(random, (stream) => stream.normal(0, (0.3 * severity) / Math.sqrt(span)));
      return after((t) => (severity * t) / span + noise(t));
    }
    case 'gamma': {
      // Mean severity/span a day with a coefficient of variation of 20 % over the whole span.
      const shape = 25 / span;
      const path = dailyPath(random, (stream) => stream.gamma(shape, severity / 25));
      return after((t) => path(t));
    }
  }
}
