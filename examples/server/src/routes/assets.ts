import { z } from '@hono/zod-openapi';
import { examplePlant, type PlantDescription, type StorageRecord } from 'twinergy';
import {
  batteries,
  type FaultDefinition,
  inverters,
  modules,
  plantFaults,
  plantSchema,
  readPlant,
  sensorFaults,
} from 'twinergy/twin';
import type { AssetTags, Tenant } from '../fleet/tenant.js';
import { assetParams, id, iso, numberOrNull, page, text, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { restName, restValues } from '../http/names.js';
import { Problem } from '../http/problem.js';
import type { Parts } from './context.js';

const values = z.record(z.string(), z.number());
const asset = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    time_zone: z.string(),
    latitude: numberOrNull,
    longitude: numberOrNull,
    rated_power: numberOrNull.openapi({ description: 'AC, W' }),
    simulated: z.boolean(),
    scenario: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    last_seen: timeOrNull,
    open_alerts: z.number().int(),
    worst_severity: z.string().nullable(),
    health: numberOrNull,
    power: numberOrNull.openapi({ description: 'AC now, W' }),
    expected_power: numberOrNull.openapi({ description: 'What the twin expects now, W' }),
    created_at: time,
  })
  .openapi('Asset');
const plantInput = z
  .looseObject({ id: z.string(), name: z.string().optional() })
  .openapi('PlantDescription', { description: 'A plant as its owner describes it; angles in degrees, powers in W.' });
const assetInput = z.strictObject({
  plant: plantInput,
  simulated: z.boolean().default(false).openapi({ description: 'Played by a twin instead of measured.' }),
  labels: z.record(text(100, 1), text(200)).default({}),
});

/** A plant's description from outside, checked. @throws TwinergyError `TWIN_BAD_DESCRIPTION` */
export function plantOf(input: unknown): PlantDescription {
  const isPlant = (value: unknown): value is PlantDescription => readPlant(value as PlantDescription) !== undefined;
  if (!isPlant(input)) throw new Problem(400, 'TWIN_BAD_DESCRIPTION', 'This describes no plant.');
  return input;
}

const shownFault = ({ id, title, acts, severity }: FaultDefinition) => ({ id, title, acts, severity });

async function restAsset(tenant: Tenant, record: StorageRecord<'assets'>): Promise<z.input<typeof asset>> {
  const { id: assetId } = record;
  const tags = (record.tags ?? {}) as AssetTags;
  const reading = tenant.latest(assetId);
  const open = tenant.monitor.openAlerts(assetId);
  const twin = tenant.monitor.twin(assetId);
  const output = twin.model.output.name;
  const [health] = (await tenant.storage.list('healthMetrics', { assetId, order: 'descending', limit: 1 })).rows;
  return {
    id: assetId,
    name: record.name ?? assetId,
    type: record.type ?? 'solar-plant',
    time_zone: twin.plant?.site.timeZone ?? 'UTC',
    latitude: record.latitude ?? null,
    longitude: record.longitude ?? null,
    rated_power: record.ratedPower ?? null,
    simulated: tenant.feed.has(assetId),
    scenario: tenant.feed.scenarios[assetId] ?? null,
    labels: { ...tags.labels },
    last_seen: iso(reading?.time),
    open_alerts: open.length,
    worst_severity: open[0]?.severity ?? null,
    health: health?.score ?? null,
    power: reading?.values[output] ?? null,
    expected_power: tenant.judged(assetId)?.expected[output] ?? null,
    created_at: iso(record.time),
  };
}

export function assetRoutes(api: Api, { accounts, heavy }: Parts): void {
  api.add({
    method: 'get',
    path: '/assets',
    tag: 'Assets',
    id: 'listAssets',
    summary: 'Plants with their state now',
    needs: 'read',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      cursor: text(300).optional(),
      label: text(300).optional().openapi({ description: '`name:value`', example: 'region:south' }),
    }),
    response: page(asset),
    run: async ({ tenant, query }) => {
      const [name, value] = query.label?.split(':') ?? [];
      const all = (await tenant.assets())
        .filter(({ id: one }) => tenant.monitor.assetIds.includes(one))
        .filter(({ tags }) => name === undefined || (tags as AssetTags | undefined)?.labels?.[name] === value)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const rest = all.filter(({ id: one }) => query.cursor === undefined || one > query.cursor);
      const items = await Promise.all(rest.slice(0, query.limit).map((record) => restAsset(tenant, record)));
      return { items, next: rest.length > query.limit ? (items.at(-1)?.id ?? null) : null };
    },
  });

  api.add({
    method: 'post',
    path: '/assets',
    tag: 'Assets',
    id: 'createAsset',
    summary: 'Add a plant by its description',
    needs: 'configure',
    status: 201,
    body: assetInput,
    response: asset,
    run: async ({ tenant, who, body }) => {
      const plant = plantOf(body.plant);
      await tenant.addAsset(plant, { simulated: body.simulated, labels: body.labels });
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'asset.create',
        subject: plant.id,
        assetId: plant.id,
      });
      // Nobody waits for it: until then there are no anomalies and no remaining life.
      void heavy.do('train', { tenantId: tenant.id, assetId: plant.id }).catch(() => undefined);
      return restAsset(tenant, await tenant.asset(plant.id));
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}',
    tag: 'Assets',
    id: 'getAsset',
    summary: 'A plant with its state now',
    needs: 'read',
    params: assetParams,
    response: asset,
    run: async ({ tenant, params }) => restAsset(tenant, await tenant.asset(params.asset_id)),
  });

  api.add({
    method: 'put',
    path: '/assets/{asset_id}',
    tag: 'Assets',
    id: 'updateAsset',
    summary: 'Change the description of a plant',
    needs: 'configure',
    params: assetParams,
    body: assetInput,
    response: asset,
    run: async ({ tenant, who, params, body }) => {
      await tenant.asset(params.asset_id);
      const plant = plantOf(body.plant);
      if (plant.id !== params.asset_id)
        throw new Problem(400, 'API_BAD_REQUEST', 'body.plant.id: is not that of the path.', { path: 'body.plant.id' });
      await tenant.changeAsset(plant, { simulated: body.simulated, labels: body.labels });
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'asset.update',
        subject: plant.id,
        assetId: plant.id,
      });
      return restAsset(tenant, await tenant.asset(plant.id));
    },
  });

  api.add({
    method: 'post',
    path: '/assets/{asset_id}/train',
    tag: 'Assets',
    id: 'trainAsset',
    summary: 'Make the models of a plant where there are none, and fit its forecaster anew on what is stored',
    needs: 'configure',
    params: assetParams,
    response: asset,
    run: async ({ tenant, who, params }) => {
      const record = await tenant.asset(params.asset_id);
      await heavy.do('train', { tenantId: tenant.id, assetId: record.id });
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'asset.train',
        subject: record.id,
        assetId: record.id,
      });
      return restAsset(tenant, record);
    },
  });

  api.add({
    method: 'delete',
    path: '/assets/{asset_id}',
    tag: 'Assets',
    id: 'deleteAsset',
    summary: 'Monitor a plant no more; what is stored of it stays',
    needs: 'configure',
    params: assetParams,
    response: z.undefined(),
    status: 204,
    run: async ({ tenant, who, params }) => {
      await tenant.removeAsset(params.asset_id);
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'asset.delete',
        subject: params.asset_id,
        assetId: params.asset_id,
      });
      return undefined;
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/plant',
    tag: 'Assets',
    id: 'getPlant',
    summary: 'The description of a plant: as its owner wrote it, and with every default filled in',
    needs: 'read',
    params: assetParams,
    response: z.object({
      description: z.record(z.string(), z.unknown()),
      resolved: z
        .record(z.string(), z.unknown())
        .openapi({ description: 'Modules, strings, inverters, battery in full.' }),
      channels: z.array(
        z.object({
          name: z.string(),
          unit: z.string(),
          title: z.string(),
          alias_of: z.string().nullable(),
          full_scale: z.number(),
        }),
      ),
      stages: z
        .array(z.string())
        .openapi({ description: 'Channels that the twin can expect, in the order of the physics.' }),
    }),
    run: async ({ tenant, params }) => {
      const record = await tenant.asset(params.asset_id);
      const twin = tenant.monitor.twin(params.asset_id);
      return {
        description: { ...(record.description as object) },
        resolved: { ...twin.plant },
        channels: twin.model.channels.map(({ name, unit, title, aliasOf, fullScale }) => ({
          name: restName(name),
          unit,
          title,
          alias_of: aliasOf === undefined ? null : restName(aliasOf),
          full_scale: fullScale,
        })),
        stages: twin.model.stages.map(restName),
      };
    },
  });

  const latest = z
    .object({
      asset_id: z.string(),
      time,
      values,
      expected: values,
      power_ratio: numberOrNull,
      anomaly: z
        .object({ score: z.number(), p_value: z.number(), anomalous: z.boolean(), why: z.string().nullable() })
        .nullable(),
    })
    .openapi('Latest');
  const latestOf = (tenant: Tenant, assetId: string) => {
    const reading = tenant.latest(assetId);
    const judged = tenant.judged(assetId);
    if (reading === undefined || judged === undefined) return undefined;
    const { expected, powerRatio, anomaly } = judged;
    return {
      asset_id: assetId,
      time: iso(reading.time),
      values: restValues(reading.values),
      expected: restValues(expected),
      power_ratio: powerRatio ?? null,
      anomaly:
        anomaly === undefined
          ? null
          : {
              score: anomaly.score,
              p_value: anomaly.pValue,
              anomalous: anomaly.anomalous,
              why: anomaly.anomalous ? anomaly.why : null,
            },
    };
  };
  api.add({
    method: 'get',
    path: '/latest',
    tag: 'Telemetry',
    id: 'listLatest',
    summary: 'The newest reading of each plant beside what its twin expects',
    needs: 'read',
    query: z.object({ asset_id: id.optional() }),
    response: page(latest),
    run: ({ tenant, query }) => ({
      items: (query.asset_id === undefined ? tenant.monitor.assetIds : [tenant.known(query.asset_id)]).flatMap(
        (one) => latestOf(tenant, one) ?? [],
      ),
      next: null,
    }),
  });
  api.add({
    method: 'get',
    path: '/assets/{asset_id}/latest',
    tag: 'Telemetry',
    id: 'getLatest',
    summary: 'The newest reading of a plant beside what its twin expects',
    needs: 'read',
    params: assetParams,
    response: latest,
    run: ({ tenant, params }) => {
      const found = latestOf(tenant, tenant.known(params.asset_id));
      if (found === undefined) throw new Problem(404, 'API_NO_DATA', 'No reading has come yet.');
      return found;
    },
  });

  api.add({
    method: 'get',
    path: '/library',
    tag: 'Assets',
    id: 'getLibrary',
    summary: 'What plants are made of: modules, inverters, batteries, faults, and the schema of a description',
    needs: 'read',
    maxAge: 3600,
    response: z.object({
      modules: z.array(z.string()),
      inverters: z.array(z.string()),
      batteries: z.array(z.string()),
      faults: z.array(
        z.object({
          id: z.string(),
          kind: z.enum(['plant', 'sensor']),
          title: z.string(),
          acts: z.string().openapi({ description: 'On what: array, string, inverter, battery, plant, channel' }),
          severity: z.string().openapi({ description: 'What severity 1 means' }),
        }),
      ),
      plants: z.array(plantInput).openapi({ description: 'Ready descriptions to begin with' }),
      plant_schema: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema' }),
    }),
    run: () => ({
      modules: Object.keys(modules),
      inverters: Object.keys(inverters),
      batteries: Object.keys(batteries),
      faults: [
        ...plantFaults.map((fault) => ({ ...shownFault(fault), kind: 'plant' as const })),
        ...sensorFaults.map((fault) => ({ ...shownFault(fault), kind: 'sensor' as const })),
      ],
      plants: (['home', 'roof', 'field'] as const).map((name) => ({ ...examplePlant(name) })),
      plant_schema: { ...z.toJSONSchema(plantSchema, { io: 'input', unrepresentable: 'any' }) },
    }),
  });
}
