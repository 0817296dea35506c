import { type DailyValues, medianOf } from './days.js';

/** Days of a year, mean Gregorian. */
export const YEAR = 365.2425;

/**
 * What a series usually is on each of its days: its trend times its season, the season being the median over the years
 * of what is left within two weeks of that day of the year.
 * @param rate yearly rate of the trend, relative to the beginning
 */
export function seasonOf({ day, value }: DailyValues, rate: number): Float64Array {
  const trend = trendOf(day, rate);
  const flat = value.map((v, i) => v / (trend[i] as number));
  const phase = day.map((d) => d % YEAR);
  const order = Array.from(phase.keys()).sort((a, b) => (phase[a] as number) - (phase[b] as number));
  const result = new Float64Array(day.length);
  const n = order.length;
  const half = Math.min(n >> 1, Math.max(2, Math.round((15 * n) / YEAR)));
  const near = new Float64Array(2 * half + 1);
  // The season moves slowly: it is worked out for one day in four, by place in the year.
  for (let place = 0; place < n; place += 4) {
    for (let k = -half; k <= half; k++) near[k + half] = flat[order[(place + k + n) % n] as number] as number;
    const usual = medianOf(near);
    for (let k = place; k < Math.min(n, place + 4); k++) {
      const i = order[k] as number;
      result[i] = usual * (trend[i] as number);
    }
  }
  return result;
}

/** The straight trend of a yearly rate, 1 on the first day. */
export function trendOf(day: Float64Array, rate: number): Float64Array {
  const first = day[0] as number;
  return day.map((d) => 1 + (rate * (d - first)) / YEAR);
}
