/**
 * Splits row numbers 0…n−1 for calibration. Rows next to each other in time are alike, so whole blocks are held back:
 * about 60 of them over the series, so that every season and state has some.
 */
export function splitBlocks(n: number, sequential: boolean): { train: number[]; held: number[][] } {
  if (sequential) {
    const cut = Math.floor(0.6 * n);
    return { train: range(0, cut), held: [range(cut, n)] };
  }
  const size = Math.max(1, Math.floor(n / 60));
  const train: number[] = [];
  const held: number[][] = [];
  for (let start = 0, block = 0; start < n; start += size, block++) {
    const rows = range(start, Math.min(n, start + size));
    if (block % 3 === 1) held.push(rows);
    else train.push(...rows);
  }
  return { train, held };
}

/** Five contiguous folds: each one's rows and the rows of the others. */
export function foldBlocks(n: number): { train: number[]; held: number[] }[] {
  const folds = Math.min(5, n);
  return Array.from({ length: folds }, (_, fold) => {
    const from = Math.floor((fold * n) / folds);
    const to = Math.floor(((fold + 1) * n) / folds);
    return { train: [...range(0, from), ...range(to, n)], held: range(from, to) };
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
