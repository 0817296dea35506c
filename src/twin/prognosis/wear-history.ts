import type { WearHistory } from '../../core/degradation/index.js';
import type { HealthEstimate, HealthFilter, HealthQuantity } from '../filter/health-filter.js';
import type { LiveState } from '../filter/live-state.js';

const DAY = 86_400_000;
/** Least share that a day must have in the filter's estimate to count by itself. */
const LEAST_SHARE = 0.02;

/** The daily history of a quantity and its present value, as wear; undefined where nothing told of it. */
export function wearHistory(
  live: LiveState,
  filter: HealthFilter,
  memory: Float64Array,
  index: number,
  time: number,
): WearHistory | undefined {
  const { name, sound, wear } = filter.quantities[index] as HealthQuantity;
  const now: HealthEstimate = { mean: 0, sd: 0, evidence: 0 };
  filter.estimate(memory, index, now);
  if (Number.isNaN(now.evidence) || wear === undefined) return undefined;
  const past = live.history(name);
  // A day that ends with the present reading is told by that reading.
  const whole = Array.from(past?.time ?? [], (_, i) => i).filter((i) => time - (past?.time[i] as number) > DAY / 2);
  const { direction } = wear;
  const days: number[] = [];
  const value: number[] = [];
  const sd: number[] = [];
  let before: { time: number; mean: number; variance: number } | undefined;
  const take = (at: number, mean: number, deviation: number) => {
    const variance = Math.max(deviation * deviation, 1e-18);
    // The filter's estimates hang together from day to day: what each day by itself told is got back from two of them,
    // as a walk of the known drift has it.
    const gone = before === undefined ? 0 : (at - before.time) / DAY;
    const open = before === undefined ? 0 : before.variance + wear.drift(mean) ** 2 * gone;
    const share = before === undefined ? 1 : 1 - variance / open;
    if (share >= LEAST_SHARE) {
      const told = before === undefined ? mean : before.mean + (mean - before.mean) / share;
      days.push((at - time) / DAY);
      value.push(direction * (told - sound));
      sd.push(Math.sqrt(variance / share));
    }
    before = { time: at, mean, variance };
  };
  for (const i of whole) take(past?.time[i] as number, past?.mean[i] as number, past?.sd[i] as number);
  take(time, now.mean, now.sd);
  const ends = days.at(-1) as number;
  return {
    days: Float64Array.from(days, (day) => day - ends),
    value: Float64Array.from(value),
    sd: Float64Array.from(sd),
  };
}
