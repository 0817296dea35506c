import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellRow } from '../contract/engine.js';
import { RecordTable } from './table.js';

/** Some records of `anomalies`: id, time, assetId, score, pValue, isAnomaly, detector, why, details. */
const record = fc
  .tuple(
    fc.integer({ min: 0, max: 150 }).map((n) => `r${n}`),
    fc.integer({ min: 0, max: 20 }),
    fc.constantFrom('a', 'b', null),
    fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
    fc.constant(null),
    fc.constantFrom(true, false, null),
    fc.option(fc.string()),
    fc.constant(null),
    fc.constantFrom('{"x":1}', null),
  )
  .map((cells): CellRow => cells);

const action = fc.oneof(
  { weight: 8, arbitrary: record.map((cells) => ({ set: cells })) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 150 }).map((n) => ({ remove: `r${n}` })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 10 }).map((time) => ({ before: time })) },
);

describe('RecordTable', () => {
  it('holds what a map of rows would, over pages, with rooms that are used again', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
        const table = new RecordTable('anomalies');
        const model = new Map<string, CellRow>();
        for (const step of actions) {
          if ('set' in step) {
            table.set(step.set);
            model.set(step.set[0] as string, step.set);
          } else if ('remove' in step) {
            table.delete(step.remove);
            model.delete(step.remove);
          } else {
            table.deleteBefore(step.before);
            for (const [id, cells] of model) if ((cells[1] as number) < step.before) model.delete(id);
          }
        }
        expect(table.size).toBe(model.size);
        expect(new Map([...table.values()].map((cells) => [cells[0], cells]))).toEqual(model);
        for (const [id, cells] of model) expect(table.get(id)).toEqual(cells);
        expect(table.get('nobody')).toBeUndefined();
        const anomalous = table.select({
          table: 'anomalies',
          assetId: 'a',
          from: 5,
          to: undefined,
          where: [['isAnomaly', true]],
          descending: true,
          limit: 1000,
          after: undefined,
        });
        const expected = [...model.values()].filter(
          (cells) => cells[2] === 'a' && (cells[1] as number) >= 5 && cells[5] === true,
        );
        expect(anomalous.map(([id]) => id).sort()).toEqual(expected.map(([id]) => id).sort());
        const times = anomalous.map(([, time]) => time as number);
        expect(times).toEqual([...times].sort((a, b) => b - a));
      }),
      { numRuns: 100 },
    );
  });
});
