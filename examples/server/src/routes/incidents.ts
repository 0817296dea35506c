import { z } from '@hono/zod-openapi';
import { foldAlerts, type StorageRecord } from 'twinergy';
import type { AssetTags } from '../fleet/tenant.js';
import { iso, severity, time } from '../http/common.js';
import type { Api } from '../http/endpoint.js';

/** The label of an asset that names what it hangs on: another asset, or a place that several share. */
const PARENT = 'parent';

const incident = z
  .object({
    id: z.string().openapi({ description: 'Stays while the cause is the same' }),
    asset_id: z.string().openapi({ description: 'Where the cause lies' }),
    name: z.string(),
    cause: z.string().nullable().openapi({ description: 'Id of the alert that is the cause, where one is' }),
    effects: z.array(z.string()).openapi({ description: 'Ids of the alerts that follow from it, the oldest first' }),
    probability: z.number().openapi({ description: 'That this is the cause, 0…1' }),
    severity,
    since: time,
    why: z.string(),
    next: z.string().nullable().openapi({ description: 'What to do' }),
  })
  .openapi('Incident');

/** The parent that an asset's labels name. */
function parentOf(record: StorageRecord<'assets'>): string | undefined {
  return (record.tags as AssetTags | undefined)?.labels?.[PARENT];
}

export function incidentRoutes(api: Api): void {
  api.add({
    method: 'get',
    path: '/incidents',
    tag: 'Alerts',
    id: 'listIncidents',
    summary: 'Alerts that stand, folded under their likely causes, the worst first',
    needs: 'read',
    response: z.object({ items: z.array(incident) }),
    run: async ({ tenant }) => {
      const records = await tenant.assets();
      const assets = records.map((record) => {
        const parent = parentOf(record);
        return { id: record.id, name: record.name, ...(parent !== undefined && { parent }) };
      });
      const names = new Map(assets.map(({ id, name }) => [id, name]));
      const found = foldAlerts(tenant.monitor.openAlerts(), { assets, rules: tenant.monitor.rules });
      return {
        items: found.map(({ id, assetId, cause, effects, probability, severity: worst, since, why, next }) => ({
          id,
          asset_id: assetId,
          name: names.get(assetId) ?? assetId,
          cause: cause?.id ?? null,
          effects: effects.map((alert) => alert.id),
          probability,
          severity: worst,
          since: iso(since),
          why,
          next,
        })),
      };
    },
  });
}
