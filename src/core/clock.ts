import { TwinergyError } from './errors.js';

/** Stops a timer that `Clock.schedule` started. Calling it twice does no harm. */
export type CancelTimer = () => void;

/**
 * Where a component takes its time from. Every component that reads the time or waits takes one as an option, so that
 * a run can be repeated to the bit and a year can pass in a minute.
 */
export interface Clock {
  /** Now, in ms since the epoch, UTC. */
  now(): number;
  /** Calls `callback` once, `delay` ms of this clock's time from now. */
  schedule(delay: number, callback: () => void): CancelTimer;
}

/** Hosts keep delays in 31 bits; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

function hostTimer(delay: number, callback: () => void): CancelTimer {
  const end = Date.now() + delay;
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number) => {
    timer = setTimeout(
      () => (left > LONGEST_DELAY ? wait(end - Date.now()) : callback()),
      Math.min(Math.max(0, left), LONGEST_DELAY),
    );
  };
  wait(delay);
  return () => clearTimeout(timer);
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: hostTimer,
};

/**
 * A clock that runs `speed` times as fast as the machine's, from `start` (ms since the epoch; default: now).
 * `speed` 3600 lets an hour pass in a second.
 * @throws TwinergyError `CLOCK_BAD_SPEED`
 */
export function acceleratedClock(speed: number, start = Date.now()): Clock {
  if (!(speed > 0 && speed < Number.POSITIVE_INFINITY)) {
    throw new TwinergyError('CLOCK_BAD_SPEED', `A clock needs a positive speed, got ${speed}.`, { value: speed });
  }
  const origin = Date.now();
  return {
    now: () => start + (Date.now() - origin) * speed,
    schedule: (delay, callback) => hostTimer(delay / speed, callback),
  };
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved: for tests, replays and simulations. */
export class ManualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  /** @param start ms since the epoch */
  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule(delay: number, callback: () => void): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delay), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the clock by `ms`, firing the timers that fall due, in order, each at its own time. */
  advance(ms: number): void {
    this.set(this.#now + ms);
  }

  /** Moves the clock to `time` (ms since the epoch). Moving it back fires nothing: that is how a clock jump is tested. */
  set(time: number): void {
    for (;;) {
      let due: Timer | undefined;
      // Timers stand in the order in which they were set, so the first of the earliest wins.
      for (const timer of this.#timers) {
        if (timer.at <= time && (due === undefined || timer.at < due.at)) due = timer;
      }
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = time;
  }
}
