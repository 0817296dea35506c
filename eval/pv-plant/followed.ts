const DAY = 86_400_000;
/** Weight of a new day in the running share. */
const GAIN = 0.4;

/**
 * The expectation a day ahead: times the share of it that the plant gave on the days before. It looks at measurements,
 * but only at those of earlier days.
 */
export function followed(
  time: Float64Array,
  measured: Float64Array,
  expected: Float64Array,
  offset: number,
): Float64Array {
  const out = new Float64Array(time.length);
  let share = 1;
  let top = 0;
  for (const value of expected) if (value > top) top = value;
  let start = 0;
  while (start < time.length) {
    const day = Math.floor(((time[start] as number) + offset) / DAY);
    let end = start;
    let [m, e] = [0, 0];
    while (end < time.length && Math.floor(((time[end] as number) + offset) / DAY) === day) {
      out[end] = share * (expected[end] as number);
      if ((expected[end] as number) > 0.1 * top && !Number.isNaN(measured[end] as number)) {
        m += measured[end] as number;
        e += expected[end] as number;
      }
      end++;
    }
    if (e > 0) share += GAIN * (Math.min(1.5, Math.max(0.05, m / e)) - share);
    start = end;
  }
  return out;
}
