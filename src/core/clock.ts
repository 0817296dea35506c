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

function hostTimer(delay: number, callback: () => void): CancelTimer {
  const timer = setTimeout(callback, delay);
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
 */
export function acceleratedClock(speed: number, start = Date.now()): Clock {
  const origin = Date.now();
  return {
    now: () => start + (Date.now() - origin) * speed,
    schedule: (delay, callback) => hostTimer(delay / speed, callback),
  };
}

/** A clock that stands still until it is moved: for tests, replays and simulations. */
export class ManualClock implements Clock {
  #now: number;
  #sequence = 0;
  #timers: { at: number; sequence: number; callback: () => void }[] = [];

  /** @param start ms since the epoch */
  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule(delay: number, callback: () => void): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delay), sequence: this.#sequence++, callback };
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
      const due = this.#timers
        .filter((timer) => timer.at <= time)
        .sort((a, b) => a.at - b.at || a.sequence - b.sequence)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = time;
  }
}
