import { sustained } from './sustained.js';

/** Numbers of a string: its gain against its neighbours, the variance of that, running innovation, time of evidence. */
const WIDTH = 4;
const PRIOR = 0.005;
/** Variance that a day adds. */
const DRIFT = 0.001 ** 2;
const MOST = 0.02 ** 2;

/** Follows the strings of an array against each other: each one's current over that of a usual one, less 1. */
export const stringGains = {
  width: WIDTH,
  prior: PRIOR,

  begin(memory: Float64Array, count: number): void {
    for (let s = 0; s < count; s++) {
      memory[s * WIDTH] = 0;
      memory[s * WIDTH + 1] = PRIOR ** 2;
      memory[s * WIDTH + 2] = 0;
      memory[s * WIDTH + 3] = Number.NaN;
    }
  },

  age(memory: Float64Array, count: number, days: number): void {
    for (let s = 0; s < count; s++) {
      const at = s * WIDTH + 1;
      memory[at] = Math.min(MOST, (memory[at] as number) + DRIFT * days);
    }
  },

  gain: (memory: Float64Array, s: number) => memory[s * WIDTH] as number,
  variance: (memory: Float64Array, s: number) => memory[s * WIDTH + 1] as number,
  evidence: (memory: Float64Array, s: number) => memory[s * WIDTH + 3] as number,

  /**
   * Takes in the current of string `s` over that of a usual one.
   * @param variance of the ratio
   */
  update(memory: Float64Array, s: number, ratio: number, variance: number, time: number): void {
    const at = s * WIDTH;
    const off = ratio - 1 - (memory[at] as number);
    let own = memory[at + 1] as number;
    // A blown fuse is no drift: then the new value is taken as it is.
    if (sustained(memory, at + 2, off / Math.sqrt(own + variance))) own = Math.max(own, off * off);
    const share = own / (own + variance);
    memory[at] = Math.max(-1, (memory[at] as number) + share * off);
    memory[at + 1] = own * (1 - share);
    memory[at + 3] = time;
  },

  /**
   * What all strings have in common, taken from each: the upper median, since faults only lower currents.
   * @returns the factor that was taken out
   */
  centre(memory: Float64Array, count: number, sorted: Float64Array): number {
    for (let s = 0; s < count; s++) sorted[s] = memory[s * WIDTH] as number;
    const usual = 1 + (sorted.subarray(0, count).sort()[count >> 1] as number);
    if (!(usual > 0.1)) return 1;
    for (let s = 0; s < count; s++) memory[s * WIDTH] = (1 + (memory[s * WIDTH] as number)) / usual - 1;
    return usual;
  },
};
