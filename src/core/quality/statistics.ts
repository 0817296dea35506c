/** The values that are there, in ascending order. */
export function sortedPresent(data: Float64Array): Float64Array {
  return data.filter((value) => !Number.isNaN(value)).sort();
}

/** The `p` quantile of ascending values, between neighbours by a straight line; NaN of none. */
export function quantile(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low] as number;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return a + (b - a) * (at - low);
}

/** The median of the values that are there; NaN of none. */
export function median(values: Iterable<number>): number {
  return quantile(sortedPresent(Float64Array.from(values)), 0.5);
}

/** The span that a channel's values usually have: from the 5 % to the 95 % quantile, else of all. 0: it never changes. */
export function usualRange(sorted: Float64Array): number {
  if (sorted.length === 0) return 0;
  const inner = quantile(sorted, 0.95) - quantile(sorted, 0.05);
  return inner > 0 ? inner : (sorted[sorted.length - 1] as number) - (sorted[0] as number);
}

/** The usual distance of two rows, in ms: the median. */
export function usualStep(time: Float64Array): number {
  return median(time.subarray(1).map((t, i) => t - (time[i] as number)));
}

/** Pearson's correlation of the rows in which both are there; 0 where one never changes. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let n = 0;
  let meanA = 0;
  let meanB = 0;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    n++;
    const dx = x - meanA;
    const dy = y - meanB;
    meanA += dx / n;
    meanB += dy / n;
    aa += dx * (x - meanA);
    bb += dy * (y - meanB);
    ab += dx * (y - meanB);
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
