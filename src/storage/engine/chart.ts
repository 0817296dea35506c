/** Rows of a column to draw, at most `points`. Missing values are left out. */
export function chartRows(
  time: Float64Array,
  values: Float64Array,
  points: number,
  method: 'lttb' | 'minmax',
): number[] {
  const rows: number[] = [];
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i] as number)) rows.push(i);
  if (rows.length <= points) return rows;
  return method === 'lttb' ? largestTriangles(rows, time, values, points) : extremes(rows, values, points);
}

/** Largest triangle, three buckets (Steinarsson 2013): of each bucket the point that spans most with its neighbours. */
function largestTriangles(rows: readonly number[], time: Float64Array, values: Float64Array, points: number): number[] {
  const at = (n: number) => rows[n] as number;
  const size = (rows.length - 2) / (points - 2);
  const picked = [at(0)];
  let previous = 0;
  for (let b = 0; b < points - 2; b++) {
    const start = Math.floor(b * size) + 1;
    const end = Math.floor((b + 1) * size) + 1;
    const nextEnd = Math.min(Math.floor((b + 2) * size) + 1, rows.length);
    let meanTime = 0;
    let meanValue = 0;
    for (let n = end; n < nextEnd; n++) {
      meanTime += (time[at(n)] as number) / (nextEnd - end);
      meanValue += (values[at(n)] as number) / (nextEnd - end);
    }
    const t0 = time[at(previous)] as number;
    const v0 = values[at(previous)] as number;
    let best = start;
    let bestArea = -1;
    for (let n = start; n < end; n++) {
      const area = Math.abs(
        (t0 - meanTime) * ((values[at(n)] as number) - v0) - (t0 - (time[at(n)] as number)) * (meanValue - v0),
      );
      if (area > bestArea) {
        bestArea = area;
        best = n;
      }
    }
    picked.push(at(best));
    previous = best;
  }
  picked.push(at(rows.length - 1));
  return picked;
}

/** The least and the greatest point of each bucket, in their order. */
function extremes(rows: readonly number[], values: Float64Array, points: number): number[] {
  const buckets = Math.max(1, Math.floor(points / 2));
  const picked: number[] = [];
  for (let b = 0; b < buckets; b++) {
    const start = Math.floor((b * rows.length) / buckets);
    const end = Math.floor(((b + 1) * rows.length) / buckets);
    let low = start;
    let high = start;
    for (let n = start; n < end; n++) {
      const value = values[rows[n] as number] as number;
      if (value < (values[rows[low] as number] as number)) low = n;
      if (value > (values[rows[high] as number] as number)) high = n;
    }
    picked.push(rows[Math.min(low, high)] as number);
    if (low !== high) picked.push(rows[Math.max(low, high)] as number);
  }
  return picked;
}
