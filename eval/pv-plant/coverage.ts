import type { Frame } from '../../src/core/index.js';
import type { Calibration } from '../../src/twin/index.js';

const DAY = 86_400_000;
/** Share of misses that the interval is made for, and how quickly its width answers to them. */
const MISSES = 0.05;
const RATE = 1.2;

/**
 * Share of daylight rows in the 95 % interval: with the width of the training, and with one that follows the misses of
 * the days before, never of the day itself.
 * Source: I. Gibbs, E. Candès: Adaptive conformal inference under distribution shift, NeurIPS 2021; here on the width.
 */
export function coverage(
  fit: Calibration,
  tested: Frame,
  measured: Float64Array,
  isDay: (time: number) => boolean,
  offset: number,
): { adaptive: number; fixed: number } {
  let width = 1;
  let [inside, insideFixed, all] = [0, 0, 0];
  let start = 0;
  const { time } = tested;
  while (start < time.length) {
    const day = Math.floor(((time[start] as number) + offset) / DAY);
    let end = start;
    while (end < time.length && Math.floor(((time[end] as number) + offset) / DAY) === day) end++;
    const own = tested.sliceRows(Math.max(0, start - 24), Math.min(time.length, end + 24));
    const from = start - Math.max(0, start - 24);
    const wide = fit.predict(own, { condition: 'now', width });
    const plain = fit.predict(own, { condition: 'now' });
    const within = (frame: Frame, row: number) => {
      const m = measured[row] as number;
      const at = from + row - start;
      return m >= (frame.column('acPower.lower')[at] as number) && m <= (frame.column('acPower.upper')[at] as number);
    };
    let [hits, count] = [0, 0];
    for (let row = start; row < end; row++) {
      const expected = plain.column('acPower.expected')[from + row - start] as number;
      if (Number.isNaN(measured[row] as number) || Number.isNaN(expected) || !isDay(time[row] as number)) continue;
      count++;
      if (within(wide, row)) hits++;
      if (within(plain, row)) insideFixed++;
    }
    all += count;
    inside += hits;
    if (count > 0) width = Math.min(20, Math.max(0.2, width * Math.exp(RATE * (1 - hits / count - MISSES))));
    start = end;
  }
  return { adaptive: inside / all, fixed: insideFixed / all };
}
