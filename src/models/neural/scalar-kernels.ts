import type { Kernels } from './kernels.js';

/** The kernels in plain JavaScript: where there is no WebAssembly. Sums are in double precision. */
export function scalarKernels(floats: number): Kernels {
  const m = new Float32Array(floats);

  function gemm(
    x: number,
    rows: number,
    k: number,
    xStride: number,
    w: number,
    bias: number,
    blocks: number,
    out: number,
    outStride: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      const from = x + r * xStride;
      for (let b = 0; b < blocks; b++) {
        // Eight sums at a time stay in registers.
        for (let half = 0; half < 16; half += 8) {
          let at = w + b * k * 16 + half;
          const bb = bias + b * 16 + half;
          let s0 = m[bb] as number;
          let s1 = m[bb + 1] as number;
          let s2 = m[bb + 2] as number;
          let s3 = m[bb + 3] as number;
          let s4 = m[bb + 4] as number;
          let s5 = m[bb + 5] as number;
          let s6 = m[bb + 6] as number;
          let s7 = m[bb + 7] as number;
          for (let i = from; i < from + k; i++) {
            const v = m[i] as number;
            s0 += v * (m[at] as number);
            s1 += v * (m[at + 1] as number);
            s2 += v * (m[at + 2] as number);
            s3 += v * (m[at + 3] as number);
            s4 += v * (m[at + 4] as number);
            s5 += v * (m[at + 5] as number);
            s6 += v * (m[at + 6] as number);
            s7 += v * (m[at + 7] as number);
            at += 16;
          }
          const o = out + r * outStride + b * 16 + half;
          m[o] = s0;
          m[o + 1] = s1;
          m[o + 2] = s2;
          m[o + 3] = s3;
          m[o + 4] = s4;
          m[o + 5] = s5;
          m[o + 6] = s6;
          m[o + 7] = s7;
        }
      }
    }
  }

  return {
    kind: 'js',
    memory: m,
    gemm,
    lstm(input, steps, k, inputStride, xh, w, bias, blocks, z, c, size, out, hard) {
      const h = xh + k;
      for (let t = 0; t < steps; t++) {
        m.copyWithin(xh, input + t * inputStride, input + t * inputStride + k);
        gemm(xh, 1, k + size, 0, w, bias, blocks, z, 0);
        for (let i = 0; i < size; i++) {
          const inGate = gate(m[z + i] as number, hard);
          const forget = gate(m[z + size + i] as number, hard);
          const outGate = gate(m[z + 3 * size + i] as number, hard);
          const state = forget * (m[c + i] as number) + inGate * tanh(m[z + 2 * size + i] as number);
          m[c + i] = state;
          m[h + i] = outGate * tanh(state);
        }
        m.copyWithin(out + t * size, h, h + size);
      }
    },
  };
}

function gate(x: number, hard: number): number {
  return hard === 0 ? 1 / (1 + Math.exp(-x)) : Math.min(1, Math.max(0, 0.2 * x + 0.5));
}

// From one exponential: Math.tanh costs several times as much, and near 0 an absolute error of 1e-16 is enough.
function tanh(x: number): number {
  return 2 / (1 + Math.exp(-2 * x)) - 1;
}
