import { z } from '@hono/zod-openapi';
import type { Tenant } from '../fleet/tenant.js';
import { instant, iso, numberOrNull, severity, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import type { Parts } from './context.js';
import { readRange } from './series.js';

const plantNow = z.object({
  asset_id: z.string(),
  name: z.string(),
  power: numberOrNull,
  expected_power: numberOrNull,
  energy_today_kwh: z.number(),
  expected_today_kwh: numberOrNull,
  health: numberOrNull,
  open_alerts: z.number().int(),
  worst_severity: severity.nullable(),
  ghi: numberOrNull,
  air_temperature: numberOrNull,
  wind_speed: numberOrNull,
  battery_level: numberOrNull,
  last_seen: timeOrNull,
});
const summary = z
  .object({
    time,
    sentence: z.string().openapi({ description: 'Is it well? In words.' }),
    well: z.boolean(),
    power: z.number().openapi({ description: 'W, all plants' }),
    expected_power: numberOrNull,
    energy_today_kwh: z.number(),
    expected_today_kwh: numberOrNull,
    worth_today: numberOrNull,
    currency: z.string().nullable(),
    health: numberOrNull.openapi({ description: 'Mean, weighted by rated power' }),
    alerts: z.record(severity, z.number().int()).openapi({
      type: 'object',
      properties: {
        CRITICAL: { type: 'integer' },
        HIGH: { type: 'integer' },
        MEDIUM: { type: 'integer' },
        LOW: { type: 'integer' },
      },
      required: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'],
    }),
    plants: z.array(plantNow),
    changes: z
      .object({
        since: time,
        new_alerts: z.number().int(),
        resolved_alerts: z.number().int(),
        anomalies: z.number().int(),
        tasks_done: z.number().int(),
      })
      .nullable()
      .openapi({ description: 'Since the last visit (`since`).' }),
    models: z.enum(['ready', 'training', 'none']),
  })
  .openapi('Summary');

/** Start of the local day that holds `at`. */
function midnight(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return at - ((of('hour') * 60 + of('minute')) * 60 + of('second')) * 1000 - (at % 1000);
}

/** Energy of the local day so far, measured and expected, kWh. Worked out anew once a minute. */
async function today(tenant: Tenant, assetId: string, now: number): Promise<{ made: number; expected: number | null }> {
  const twin = tenant.monitor.twin(assetId);
  const from = midnight(now, twin.plant?.site.timeZone ?? 'UTC');
  const inputs = twin.model.channels.filter(({ aliasOf }) => aliasOf === undefined).map(({ name }) => name);
  const { frame } = await readRange(tenant, assetId, inputs, { from, to: now + 1 }, 2000);
  const { name } = twin.model.output;
  if (frame.length < 2 || !frame.has(name)) return { made: 0, expected: null };
  const energy = (power: Float64Array) => {
    let sum = 0;
    for (let row = 1; row < frame.length; row++) {
      const hours = Math.min(1, ((frame.time[row] as number) - (frame.time[row - 1] as number)) / 3_600_000);
      const mean = ((power[row] as number) + (power[row - 1] as number)) / 2;
      if (!Number.isNaN(mean)) sum += (mean * hours) / 1000;
    }
    return sum;
  };
  const sound = twin.expected(frame);
  return { made: energy(frame.column(name)), expected: sound.has(name) ? energy(sound.column(name)) : null };
}

const kilowatts = (watts: number) =>
  Math.abs(watts) >= 1000 ? `${(watts / 1000).toPrecision(3)} kW` : `${Math.round(watts)} W`;

export function summaryRoutes(api: Api, { accounts }: Parts): void {
  const energies = new WeakMap<Tenant, Map<string, { at: number; value: { made: number; expected: number | null } }>>();
  const todayOf = async (tenant: Tenant, assetId: string) => {
    const kept = energies.get(tenant) ?? new Map();
    energies.set(tenant, kept);
    const now = Date.now();
    const old = kept.get(assetId);
    if (old !== undefined && now - old.at < 60_000) return old.value;
    const value = await today(tenant, assetId, now);
    kept.set(assetId, { at: now, value });
    return value;
  };

  api.add({
    method: 'get',
    path: '/summary',
    tag: 'Overview',
    id: 'getSummary',
    summary: 'All plants at a glance: is it well, power against expectation, energy and money today, alerts, weather',
    needs: 'read',
    query: z.object({ since: instant.optional().openapi({ description: 'Time of the last visit.' }) }),
    response: summary,
    run: async ({ tenant, query }) => {
      const { currency, price_per_kwh: price } = (await accounts.tenant(tenant.id))?.settings ?? {};
      const assets = await tenant.assets();
      const plants: z.input<typeof plantNow>[] = [];
      let rated = 0;
      let weighted = 0;
      for (const record of assets) {
        if (!tenant.monitor.assetIds.includes(record.id)) continue;
        const reading = tenant.latest(record.id);
        const output = tenant.monitor.twin(record.id).model.output.name;
        const open = tenant.monitor.openAlerts(record.id);
        const [health] = (
          await tenant.storage.list('healthMetrics', { assetId: record.id, order: 'descending', limit: 1 })
        ).rows;
        const { made, expected } = await todayOf(tenant, record.id);
        if (health?.score !== undefined) {
          weighted += health.score * (record.ratedPower ?? 1);
          rated += record.ratedPower ?? 1;
        }
        plants.push({
          asset_id: record.id,
          name: record.name ?? record.id,
          power: reading?.values[output] ?? null,
          expected_power: tenant.judged(record.id)?.expected[output] ?? null,
          energy_today_kwh: made,
          expected_today_kwh: expected,
          health: health?.score ?? null,
          open_alerts: open.length,
          worst_severity: open[0]?.severity ?? null,
          ghi: reading?.values.ghi ?? null,
          air_temperature: reading?.values.airTemperature ?? null,
          wind_speed: reading?.values.windSpeed ?? null,
          battery_level: reading?.values.batteryLevel ?? null,
          last_seen: iso(reading?.time),
        });
      }
      const sum = (values: readonly (number | null)[]) => values.reduce<number>((all, value) => all + (value ?? 0), 0);
      const alerts = { CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0 };
      const open = tenant.monitor.openAlerts();
      for (const alert of open) alerts[alert.severity]++;
      const power = sum(plants.map((plant) => plant.power));
      const expected = sum(plants.map((plant) => plant.expected_power));
      const made = sum(plants.map((plant) => plant.energy_today_kwh));
      const [worst] = open;
      const share = expected > 0 ? Math.round((power / expected - 1) * 100) : null;
      const nameOf = (id: string) => plants.find((plant) => plant.asset_id === id)?.name ?? id;
      const sentence =
        plants.length === 0
          ? 'No plant yet: add one by its description.'
          : worst !== undefined
            ? `${nameOf(worst.assetId)}: ${worst.title}.${open.length > 1 ? ` ${open.length - 1} more.` : ''}`
            : share === null || power < 1
              ? 'All well; the plants rest.'
              : `All well: ${kilowatts(power)}, ${share === 0 ? 'as' : `${Math.abs(share)} % ${share > 0 ? 'above' : 'below'}`} expected.`;
      return {
        time: iso(Date.now()),
        sentence,
        well: !open.some(({ severity: level }) => level === 'CRITICAL' || level === 'HIGH'),
        power,
        expected_power: plants.some((plant) => plant.expected_power !== null) ? expected : null,
        energy_today_kwh: made,
        expected_today_kwh: plants.some((plant) => plant.expected_today_kwh !== null)
          ? sum(plants.map((plant) => plant.expected_today_kwh))
          : null,
        worth_today: typeof price === 'number' ? made * price : null,
        currency: typeof currency === 'string' ? currency : null,
        health: rated > 0 ? weighted / rated : null,
        alerts,
        plants,
        changes: query.since === undefined ? null : await changesSince(tenant, query.since),
        models: tenant.modelState,
      };
    },
  });
}

async function changesSince(tenant: Tenant, since: number) {
  const [raised, anomalies, audit] = await Promise.all([
    tenant.storage.list('alerts', { from: since, limit: 10_000 }),
    tenant.storage.list('anomalies', { from: since, limit: 10_000 }),
    tenant.storage.list('audit', { from: since, limit: 10_000 }),
  ]);
  return {
    since: iso(since),
    new_alerts: raised.rows.length,
    resolved_alerts: raised.rows.filter(({ state }) => state === 'resolved').length,
    anomalies: anomalies.rows.length,
    tasks_done: audit.rows.filter(
      ({ action, details }) =>
        action === 'task.update' && (details as { status?: string } | undefined)?.status === 'done',
    ).length,
  };
}
