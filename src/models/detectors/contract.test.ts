import { describe, it } from 'vitest';
import type { Matrix } from '../matrix.js';
import { detectorChecks } from './contract.js';
import { type CustomDetector, mlIsolationForest } from './custom.js';
import { detectorEngineNames, engineKind } from './registry.js';

/** Template of an engine of your own: distance from the mean of the training rows. */
function distanceFromMean(): CustomDetector {
  let mean = new Float64Array(0);
  const distances = ({ data, rows, columns }: Matrix) =>
    Float64Array.from({ length: rows }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += ((data[i * columns + j] as number) - (mean[j] as number)) ** 2;
      return Math.sqrt(sum);
    });
  return {
    name: 'distance-from-mean',
    fit({ data, rows, columns }) {
      mean = new Float64Array(columns);
      for (let i = 0; i < data.length; i++)
        mean[i % columns] = (mean[i % columns] as number) + (data[i] as number) / rows;
    },
    score: distances,
  };
}

describe.each(detectorEngineNames)('the contract: %s', (engine) => {
  const { sequential, online } = engineKind(engine).tags;
  const small = engine.includes('forest') || engine.includes('trees') ? { engineOptions: { trees: 25 } } : {};
  for (const { name, run } of detectorChecks(() => ({ engine, ...small }), { sequential: sequential || online }))
    it(name, run);
});

describe('the contract: an engine of your own', () => {
  for (const { name, run } of detectorChecks(() => ({ engine: distanceFromMean() }), { transient: true }))
    it(name, run);
});

describe('the contract: ml-isolation-forest', async () => {
  // It has no seed, and it cannot isolate where all rows are one.
  const engine = await mlIsolationForest({ trees: 20 });
  const skipped = /same seed|duplicate|stream|single row/;
  for (const { name, run } of detectorChecks(() => ({ engine }), { transient: true })) {
    if (!skipped.test(name)) it(name, run);
  }
});
