import type { TreeKernels } from './kernels.js';

/** The kernels in plain JavaScript, on `bytes` of memory; sums in the same order as in `kernels.wat`. */
export function scalarKernels(bytes: number): TreeKernels {
  const memory = new ArrayBuffer(bytes);
  const f64 = new Float64Array(memory);
  const i32 = new Int32Array(memory);
  const u8 = new Uint8Array(memory);
  return {
    kind: 'js',
    memory,
    gather(rows, count, pairs, out) {
      const first = rows >> 2;
      const from = pairs >> 3;
      let to = out >> 3;
      for (let i = first; i < first + count; i++) {
        const at = from + 2 * (i32[i] as number);
        f64[to++] = f64[at] as number;
        f64[to++] = f64[at + 1] as number;
      }
    },
    histogram(rows, count, gathered, bins, height, list, n, starts, hist) {
      const first = rows >> 2;
      const pairs = gathered >> 3;
      for (let k = 0; k < n; k++) {
        const column = i32[(list >> 2) + k] as number;
        const start = i32[(starts >> 2) + column] as number;
        const base = (hist >> 3) + 2 * start;
        f64.fill(0, base, base + 2 * ((i32[(starts >> 2) + column + 1] as number) - start));
        const from = bins + column * height;
        let pair = pairs;
        for (let i = first; i < first + count; i++) {
          const slot = base + 2 * (u8[from + (i32[i] as number)] as number);
          f64[slot] = (f64[slot] as number) + (f64[pair] as number);
          f64[slot + 1] = (f64[slot + 1] as number) + (f64[pair + 1] as number);
          pair += 2;
        }
      }
    },
    subtract(from, minus, pairs) {
      const a = from >> 3;
      const b = minus >> 3;
      for (let i = 0; i < 2 * pairs; i++) f64[a + i] = (f64[a + i] as number) - (f64[b + i] as number);
    },
    scan(hist, list, n, starts, valueBins, gradient, hessian, least, lambda, floor, result) {
      let best = floor;
      let found = 0;
      const to = result >> 3;
      for (let k = 0; k < n; k++) {
        const column = i32[(list >> 2) + k] as number;
        const first = (hist >> 3) + 2 * (i32[(starts >> 2) + column] as number);
        const missing = first + 2 * (i32[(valueBins >> 2) + column] as number);
        const met = (f64[missing + 1] as number) > 0;
        // First with missing values on the right, then on the left.
        for (let way = met ? 0 : 2; way >= 0; way = way === 0 ? 1 : -1) {
          let g = way === 1 ? (f64[missing] as number) : 0;
          let h = way === 1 ? (f64[missing + 1] as number) : 0;
          const stop = way === 0 ? missing : missing - 2;
          for (let slot = first; slot < stop; slot += 2) {
            const weight = f64[slot + 1] as number;
            if (weight === 0) continue;
            g += f64[slot] as number;
            h += weight;
            if (h < least) continue;
            const rightH = hessian - h;
            if (rightH < least) break;
            const rightG = gradient - g;
            const a = h + lambda;
            const b = rightH + lambda;
            // Compared without a division: most bins are not better.
            const numerator = g * g * b + rightG * rightG * a;
            const denominator = a * b;
            if (numerator > best * denominator) {
              best = numerator / denominator;
              found = 1;
              f64[to] = best;
              f64[to + 1] = g;
              f64[to + 2] = h;
              f64[to + 3] = (slot - first) >> 1;
              f64[to + 4] = column;
              f64[to + 5] = way;
            }
          }
        }
      }
      return found;
    },
    partition(rows, count, bins, table, spare) {
      const first = rows >> 2;
      let left = first;
      let right = spare >> 2;
      for (let i = first; i < first + count; i++) {
        const row = i32[i] as number;
        const goes = u8[table + (u8[bins + row] as number)] as number;
        i32[right] = row;
        i32[left] = row;
        left += goes;
        right += 1 - goes;
      }
      i32.copyWithin(left, spare >> 2, right);
      return left - first;
    },
    score: undefined,
  };
}
