import type { KV } from '@nats-io/kv';
import { expect, it } from 'vitest';
import type { ClusterLink } from './link.js';
import { clusterShadows, type TenantTrials } from './shadows.js';

/** A bucket that names keys twice, as one does whose keys are written while it lists them. */
function linkTo(records: Readonly<Record<string, unknown>>): ClusterLink {
  const bucket = {
    keys: async () => {
      const names = Object.keys(records);
      return (async function* () {
        yield* [...names, ...names];
      })();
    },
    get: async (key: string) => ({ operation: 'PUT', json: () => records[key] }),
  } as unknown as KV;
  return { bucket } as ClusterLink;
}

const trials = (tenantId: string, assets: number, cases: number, difference: number): TenantTrials => ({
  tenantId,
  name: 'prior:x',
  current: 1,
  version: 2,
  assets,
  sums: {
    cases,
    pairs: cases - assets,
    current: cases,
    shadow: cases * (1 + difference),
    squares: cases * 2 * difference ** 2,
    products: (cases - assets) * difference ** 2,
    last: null,
  },
});

it('are judged over all partitions, each counted once, every tenant by itself', async () => {
  const link = linkTo({
    'shadow.0': { format: 1, trials: [trials('a', 3, 600, -0.1), trials('b', 1, 900, 0.1)] },
    'shadow.1': { format: 1, trials: [trials('a', 2, 500, -0.1)] },
    'shadow.2': { format: 2, trials: 'of a later release' },
  });
  const shadows = await clusterShadows(link);
  expect(shadows.map(({ tenantId, assets, report }) => [tenantId, assets, report.cases, report.verdict])).toEqual([
    ['a', 5, 1_100, 'promote'],
    // Clearly worse, on too few cases.
    ['b', 1, 900, 'wait'],
  ]);
  expect(shadows[0]?.report.difference).toBeCloseTo(-0.1, 9);
});
