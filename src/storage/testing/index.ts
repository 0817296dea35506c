import type { Storage } from '../contract.js';
import { equal, rejects } from './assert.js';
import { type ConformanceCase, start } from './cases.js';
import { outboxCases } from './outbox.js';
import { recordCases } from './records.js';
import { seriesCases } from './series.js';
import { telemetryCases } from './telemetry.js';
import { wideCases } from './wide.js';

export type { CaseContext, ConformanceCase } from './cases.js';

/** Every case; each is run in a tenant of its own, so one store serves all. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...telemetryCases,
  ...seriesCases,
  ...recordCases,
  ...outboxCases,
  ...wideCases,
];

/** What the suite takes from the test runner: vitest, jest and `node:test` all have these. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** What is tested. */
export interface ConformanceTarget {
  /** Name of the adapter, for the report. */
  readonly name: string;
  /** Opens an empty store; called once. */
  readonly open: () => Promise<Storage>;
  /** Opens the same store again after it was closed, where it outlives the process. */
  readonly reopen?: (() => Promise<Storage>) | undefined;
  /** Puts away what `open` made. */
  readonly cleanUp?: (() => Promise<void>) | undefined;
}

/**
 * The conformance suite for storage adapters, your own too:
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * storageConformance({ describe, it }, { name: 'mine', open: () => myStorage() });
 * ```
 */
export function storageConformance({ describe, it }: TestRunner, target: ConformanceTarget): void {
  describe(`storage conformance: ${target.name}`, () => {
    let storage: Promise<Storage> | undefined;
    const opened = () => {
      storage ??= target.open();
      return storage;
    };
    conformanceCases.forEach(({ name, run }, i) => {
      it(name, async () => {
        const store = await opened();
        await run({ storage: store, tenant: store.tenant(`case ${i}`) });
      });
    });
    it('closing: what was written is there afterwards, and calls after it are refused', async () => {
      const before = await opened();
      await before.write([{ assetId: 'kept', time: start, values: { voltage: 5 } }]);
      await before.close();
      await before.close();
      await rejects(() => before.latest(), 'STORAGE_CLOSED');
      if (target.reopen !== undefined) {
        const after = await target.reopen();
        equal(await after.latest(['kept']), [{ assetId: 'kept', time: start, values: { voltage: 5 } }]);
        await after.close();
      }
      await target.cleanUp?.();
    });
  });
}
