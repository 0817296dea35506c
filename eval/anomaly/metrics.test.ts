import { describe, expect, it } from 'vitest';
import { averagePrecision, Confusion, rocAuc } from './metrics.js';
import { readNpy } from './npz.js';

describe('metrics', () => {
  it('measures the area under the ROC curve, ties counting half', () => {
    expect(rocAuc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(rocAuc([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(rocAuc([1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5);
    expect(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  });

  it('measures the average precision', () => {
    expect(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(0.8333, 4);
  });

  it('counts false and missing alarms in percent', () => {
    const confusion = new Confusion();
    for (const [predicted, actual] of [
      [1, 1],
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 1],
    ])
      confusion.add(predicted === 1, actual === 1);
    expect(confusion.f1).toBeCloseTo(0.5, 12);
    expect(confusion.far).toBeCloseTo(100 / 3, 12);
    expect(confusion.mar).toBe(50);
  });
});

describe('NumPy arrays', () => {
  const npy = (descr: string, fortran: boolean, shape: string, body: Uint8Array) => {
    const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }`;
    const text = new TextEncoder().encode(header);
    const bytes = new Uint8Array(10 + text.length + body.length);
    bytes.set([0x93, 78, 85, 77, 80, 89, 1, 0, text.length & 255, text.length >> 8]);
    bytes.set(text, 10);
    bytes.set(body, 10 + text.length);
    return bytes;
  };

  it('reads rows and columns in either order, and several types', () => {
    const small = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect(Array.from(readNpy(npy('|u1', false, '2, 3', small))?.data ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Array.from(readNpy(npy('|u1', true, '2, 3', small))?.data ?? [])).toEqual([1, 3, 5, 2, 4, 6]);
    expect(Array.from(readNpy(npy('>i2', false, '1,', Uint8Array.of(255, 254)))?.data ?? [])).toEqual([-2]);
    expect(readNpy(npy('|O', false, '1,', small))).toBeUndefined();
  });
});
