import { mergeTrials, type ShadowTrials, type TriedVersions, trialReport } from '../monitor/index.js';
import { ModelRegistry, type ShadowReport } from '../monitor/registry/index.js';
import type { Storage } from '../storage/index.js';
import { keysOf } from './bucket.js';
import type { ClusterLink } from './link.js';
import { announceModels, putModel } from './models.js';

/** How a version that runs as a shadow does, in one partition. */
export interface TenantTrials extends ShadowTrials {
  readonly tenantId: string;
}

/** How a version that runs as a shadow does, over the fleet. */
export interface ShadowStatus extends TriedVersions {
  readonly tenantId: string;
  /** Assets that have brought cases. */
  readonly assets: number;
  readonly report: ShadowReport;
}

/** What the owner of a partition says of its shadows. */
export interface ShadowRecord {
  readonly format: 1;
  readonly trials: readonly TenantTrials[];
}

/** Keys of these records; the partition follows. */
export const shadowPrefix = 'shadow.';

/** How the versions that run as shadows do, over all partitions, with what is to be done with them. */
export async function clusterShadows(link: ClusterLink): Promise<ShadowStatus[]> {
  const tenants = new Map<string, ShadowTrials[]>();
  for (const key of await keysOf(link.bucket, `${shadowPrefix}>`)) {
    const entry = await link.bucket.get(key);
    const record = entry?.operation === 'PUT' ? entry.json<ShadowRecord>() : undefined;
    for (const { tenantId, ...trials } of record?.format === 1 ? record.trials : []) {
      const known = tenants.get(tenantId) ?? [];
      tenants.set(tenantId, known);
      known.push(trials);
    }
  }
  return [...tenants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([tenantId, parts]) =>
      mergeTrials(parts).map(({ sums, ...rest }) => ({ tenantId, ...rest, report: trialReport({ sums }) })),
    );
}

/**
 * Acts on the verdicts of the fleet: takes the versions into use that did better, lets go of those that did worse, and tells the
 * workers. What the registry names otherwise by now is left alone. Returns what was settled.
 */
export async function settleShadows(link: ClusterLink, storage: Storage): Promise<ShadowStatus[]> {
  const settled: ShadowStatus[] = [];
  for (const status of await clusterShadows(link)) {
    const { tenantId, name, current, version, report } = status;
    if (report.verdict === 'wait') continue;
    const tenant = storage.tenant(tenantId);
    const registry = new ModelRegistry(tenant);
    const line = await registry.line(name);
    if (line?.current !== current || line.shadow !== version) continue;
    if (report.verdict === 'promote') {
      await registry.promote(name, version, { by: 'cluster', why: reasonOf(status) });
      await putModel(link, tenant, name, version);
    } else await registry.setShadow(name, null);
    settled.push(status);
  }
  for (const tenantId of new Set(settled.map((status) => status.tenantId))) await announceModels(link, tenantId);
  return settled;
}

/** The verdict's figures, for people. */
function reasonOf({ current, assets, report }: ShadowStatus): string {
  const { cases, difference, halfWidth } = report;
  return `Cost ${difference.toFixed(3)} ± ${halfWidth.toFixed(3)} against version ${current}, in ${cases} cases of ${assets} assets.`;
}
