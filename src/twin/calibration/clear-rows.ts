const DAY = 86_400_000;
/** Days to either side that the envelope is taken over. */
const WINDOW = 15;
const LEAST_VALUES = 3;
/** Quantile of the power at one time of day that counts as a clear sky's. */
const CLEAR_QUANTILE = 0.9;

/**
 * The plant's own clear-sky envelope: at each row the power that the clearer days of the month around it reach at that
 * time of day. Needs no model of anything.
 */
export function clearEnvelope(time: Float64Array, power: Float64Array, stepMs: number): Float64Array {
  const slots = Math.max(1, Math.round(DAY / stepMs));
  const first = Math.floor((time[0] ?? 0) / DAY);
  const last = Math.floor((time[time.length - 1] ?? 0) / DAY);
  const days = last - first + 1;
  const grid = new Float64Array(days * slots).fill(Number.NaN);
  const placeOf = (t: number) => {
    const day = Math.floor(t / DAY) - first;
    return day * slots + Math.min(slots - 1, Math.floor((t - (first + day) * DAY) / stepMs));
  };
  for (let row = 0; row < time.length; row++) grid[placeOf(time[row] as number)] = power[row] as number;
  const envelope = new Float64Array(days * slots).fill(Number.NaN);
  for (let slot = 0; slot < slots; slot++) {
    for (let day = 0; day < days; day++) {
      const values: number[] = [];
      for (let d = Math.max(0, day - WINDOW); d <= Math.min(days - 1, day + WINDOW); d++) {
        const value = grid[d * slots + slot] as number;
        if (!Number.isNaN(value)) values.push(value);
      }
      if (values.length < LEAST_VALUES) continue;
      values.sort((a, b) => a - b);
      envelope[day * slots + slot] = values[Math.floor(CLEAR_QUANTILE * (values.length - 1))] as number;
    }
  }
  return time.map((t) => envelope[placeOf(t)] as number);
}

/** Rows of a clear sky by the plant's own envelope. */
export function clearRows(time: Float64Array, power: Float64Array, stepMs: number): boolean[] {
  return rowsNear(time, power, clearEnvelope(time, power, stepMs), stepMs, 0.88, 1.1);
}

/**
 * Rows between `least` and `most` times `envelope`, and as smooth as it from one row to the next: what a clear sky gives.
 */
export function rowsNear(
  time: Float64Array,
  power: Float64Array,
  envelope: Float64Array,
  stepMs: number,
  least: number,
  most: number,
): boolean[] {
  const top =
    envelope
      .filter((value) => value > 0)
      .sort()
      .at(-1) ?? 0;
  return Array.from(power, (value, row) => {
    const bound = envelope[row] as number;
    if (!(bound > 0.03 * top) || !(value > least * bound) || value > most * bound) return false;
    for (const other of [row - 1, row + 1]) {
      const near = power[other] as number;
      const expected = envelope[other] as number;
      if (Math.abs((time[other] ?? Number.NaN) - (time[row] as number)) > 1.5 * stepMs) continue;
      if (Math.abs(value - near - (bound - expected)) > 0.04 * top) return false;
    }
    return true;
  });
}
