import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { type Monitor, type Storage, type StorageRecord, TwinergyError } from 'twinergy';
import { z } from 'zod';
import { eventStream } from './events.js';
import { maintenanceSchedule } from './maintenance.js';
import { channelName, restName, restReading, restValues } from './names.js';
import { body, check, problem } from './problem.js';
import { parseReading, readingSchema } from './reading.js';
import type { TwinFeed } from './twin-feed.js';

/** What the server serves. */
export interface AppParts {
  readonly monitor: Monitor;
  readonly storage: Storage;
  /** Absent on a replay of real telemetry: then there is nothing to play scenarios on. */
  readonly feed: TwinFeed | undefined;
  /** Whether models are being made, or were. */
  readonly training: boolean;
  /** The dashboard page. */
  readonly page: string;
  readonly startedAt: number;
}

const limit = z.coerce.number().int().min(1).max(10_000);
const instant = z.iso
  .datetime({ offset: true })
  .or(z.coerce.number().int())
  .transform((value) => (typeof value === 'number' ? value : Date.parse(value)));

const iso = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());

function restAlert(alert: StorageRecord<'alerts'>) {
  return {
    id: alert.id,
    asset_id: alert.assetId,
    type: alert.rule,
    severity: alert.severity,
    status: alert.state,
    title: alert.title,
    message: alert.why,
    channel: alert.channel === undefined ? null : restName(alert.channel),
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    created_at: iso(alert.time),
    updated_at: iso(alert.updatedAt),
    acknowledged_at: iso(alert.acknowledgedAt),
    acknowledged_by: alert.acknowledgedBy ?? null,
    resolved_at: iso(alert.resolvedAt),
  };
}

function restTask(task: StorageRecord<'maintenanceSchedule'>) {
  const { id, assetId, task: what, status, priority, component, time, completedAt, cost, details } = task;
  return {
    id,
    asset_id: assetId,
    task: what,
    status,
    priority,
    component,
    due: iso(time),
    completed_at: iso(completedAt),
    cost: cost ?? null,
    details,
  };
}

/** The API with the original design's endpoints, as a handler of web requests. */
export function createApp({ monitor, storage, feed, training, page, startedAt }: AppParts): Hono {
  const app = new Hono();
  app.onError((error, context) => problem(context, error));
  app.notFound((context) =>
    problem(context, new TwinergyError('API_NOT_FOUND', `There is no ${context.req.method} ${context.req.path}.`)),
  );
  app.use(
    '*',
    cors({ origin: (origin) => (/^https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(origin) ? origin : null) }),
  );

  const known = (assetId: string) => {
    monitor.twin(assetId);
    return assetId;
  };
  const simulated = () => {
    if (feed === undefined)
      throw new TwinergyError('API_NOT_SIMULATED', 'This server replays real telemetry; it plays no scenarios.');
    return feed;
  };

  app.get('/', async (context) => {
    if (context.req.header('accept')?.includes('text/html')) return context.html(page);
    return context.json({
      name: 'twinergy',
      status: 'running',
      started_at: iso(startedAt),
      assets: monitor.assetIds.length,
      open_alerts: monitor.openAlerts().length,
      models: monitor.trained ? 'ready' : training ? 'training' : 'none',
      source: feed === undefined ? 'replay' : 'twin',
    });
  });

  app.get('/assets', async (context) => {
    const latest = new Map((await storage.latest(monitor.assetIds)).map((reading) => [reading.assetId, reading]));
    const { rows } = await storage.list('assets');
    return context.json(
      rows
        .filter(({ id }) => monitor.assetIds.includes(id))
        .map(({ id, name, type, status, latitude, longitude, ratedPower }) => ({
          id,
          name,
          type,
          status,
          latitude,
          longitude,
          rated_power: ratedPower,
          time_zone: monitor.twin(id).plant?.site.timeZone ?? 'UTC',
          scenario: feed?.scenarios[id] ?? null,
          last_seen: iso(latest.get(id)?.time),
          open_alerts: monitor.openAlerts(id).length,
        })),
    );
  });

  app.get('/twin-data', async (context) => {
    const { asset_id } = check(z.object({ asset_id: z.string().optional() }), context.req.query());
    const readings = await storage.latest(asset_id === undefined ? monitor.assetIds : [known(asset_id)]);
    return context.json(
      readings.map((reading) => ({
        ...restReading(reading),
        expected: restValues(monitor.expected(reading)),
        scenario: feed?.scenarios[reading.assetId] ?? null,
      })),
    );
  });

  app.get('/telemetry/:asset_id', async (context) => {
    const assetId = known(context.req.param('asset_id'));
    const query = check(
      z.object({
        from: instant.optional(),
        to: instant.optional(),
        channels: z.string().optional(),
        limit: limit.default(1000),
      }),
      context.req.query(),
    );
    const channels = query.channels?.split(',').map(channelName);
    const frame = await storage.read({ assetId, from: query.from, to: query.to, channels, last: query.limit });
    const rows = [...frame.rows()].map(({ time, values }) => ({
      time: iso(time),
      ...restValues(Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value)))),
    }));
    return context.json({
      asset_id: assetId,
      units: Object.fromEntries(frame.names.map((name) => [restName(name), frame.unit(name)])),
      rows,
    });
  });

  app.post('/telemetry', async (context) => {
    const input = await body(context, z.union([readingSchema, z.array(readingSchema).min(1).max(10_000)]));
    const { accepted, late, duplicates, rejected } = await monitor.ingest(
      (Array.isArray(input) ? input : [input]).map(parseReading),
    );
    const refused = rejected.map(({ reading, code, reason }) => ({
      asset_id: reading.assetId,
      time: iso(reading.time),
      code,
      reason,
    }));
    return context.json(
      { accepted, late, duplicates, rejected: refused },
      accepted + duplicates > 0 || rejected.length === 0 ? 201 : 422,
    );
  });

  app.get('/alerts', async (context) => {
    const query = check(
      z.object({
        asset_id: z.string().optional(),
        status: z.enum(['active', 'acknowledged', 'resolved']).optional(),
        severity: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']).optional(),
        limit: limit.default(100),
      }),
      context.req.query(),
    );
    const where = { ...(query.status && { state: query.status }), ...(query.severity && { severity: query.severity }) };
    const { rows } = await storage.list('alerts', {
      assetId: query.asset_id,
      where,
      order: 'descending',
      limit: query.limit,
    });
    return context.json(rows.map(restAlert));
  });

  const decide = async (id: string, what: 'acknowledge' | 'resolve', by: string) => {
    await monitor[what](id, by);
    const alert = await storage.get('alerts', id);
    if (alert === undefined) throw new TwinergyError('API_NOT_FOUND', `There is no alert "${id}".`);
    return restAlert(alert);
  };
  const person = z.object({ by: z.string().min(1).max(100).default('operator') });
  const personOf = async (context: Parameters<typeof body>[0]) =>
    (await context.req.text()) === '' ? { by: 'operator' } : body(context, person);
  app.post('/alerts/:id/acknowledge', async (context) =>
    context.json(await decide(context.req.param('id'), 'acknowledge', (await personOf(context)).by)),
  );
  app.post('/alerts/:id/resolve', async (context) =>
    context.json(await decide(context.req.param('id'), 'resolve', (await personOf(context)).by)),
  );

  app.get('/predictions', async (context) => {
    const { asset_id } = check(z.object({ asset_id: z.string().optional() }), context.req.query());
    const ids = asset_id === undefined ? monitor.assetIds : [known(asset_id)];
    const result = await Promise.all(
      ids.map(async (assetId) => {
        const newest = async (kind: string) =>
          (await storage.list('predictions', { assetId, where: { kind }, order: 'descending', limit: 200 })).rows;
        const power = await newest('power');
        const made = power[0]?.time;
        const [life] = await newest('rul');
        return {
          asset_id: assetId,
          forecast: {
            made_at: iso(made),
            unit: 'W',
            level: 80,
            points: power
              .filter(({ time }) => time === made)
              .map(({ targetTime, value, low, high }) => ({ time: iso(targetTime), value, low, high }))
              .sort((a, b) => String(a.time).localeCompare(String(b.time))),
          },
          rul:
            life === undefined
              ? null
              : {
                  made_at: iso(life.time),
                  days: life.value ?? null,
                  low: life.low ?? null,
                  high: life.high ?? null,
                  level: 80,
                  details: life.details,
                },
        };
      }),
    );
    return context.json(asset_id === undefined ? result : result[0]);
  });

  app.get('/health/:asset_id', async (context) => {
    const assetId = known(context.req.param('asset_id'));
    const { rows } = await storage.list('healthMetrics', { assetId, order: 'descending', limit: 1 });
    const [health] = rows;
    if (health === undefined)
      throw new TwinergyError('API_NOT_FOUND', `${assetId} has no health yet: no reading has come.`);
    const { time, score, power, temperature, battery, inverter, degradation, details } = health;
    return context.json({
      asset_id: assetId,
      time: iso(time),
      score,
      components: { power, temperature, battery, inverter },
      degradation,
      ...(details as object),
    });
  });

  app.get('/anomaly', async (context) => {
    const query = check(z.object({ asset_id: z.string().optional(), limit: limit.default(50) }), context.req.query());
    const { rows } = await storage.list('anomalies', {
      assetId: query.asset_id,
      order: 'descending',
      limit: query.limit,
    });
    return context.json(
      rows.map(({ assetId, time, score, pValue, why }) => ({
        asset_id: assetId,
        time: iso(time),
        score,
        p_value: pValue,
        why,
      })),
    );
  });

  app.post('/anomaly', async (context) => {
    const reading = parseReading(await body(context, readingSchema));
    const judged = monitor.judge(reading);
    return context.json({
      asset_id: reading.assetId,
      expected: restValues(judged.expected),
      power_ratio: judged.powerRatio ?? null,
      anomaly: judged.anomaly ?? null,
    });
  });

  app.get('/predictive-alert', async (context) => {
    const { rows } = await storage.list('predictions', { where: { kind: 'rul' }, order: 'descending', limit: 1000 });
    const newest = monitor.assetIds.flatMap((assetId) => rows.find((row) => row.assetId === assetId) ?? []);
    return context.json(
      newest.map(({ assetId, time, value, low, high, details }) => ({
        asset_id: assetId,
        time: iso(time),
        rul_days: value ?? null,
        interval80: low === undefined ? null : [low, high],
        failure_within: (details as { failureWithin?: unknown })?.failureWithin ?? null,
        alert: monitor.openAlerts(assetId).find(({ rule }) => rule === 'predicted-failure')?.severity ?? null,
      })),
    );
  });

  app.get('/maintenance/schedule', async (context) =>
    context.json((await maintenanceSchedule(storage, Date.now())).map(restTask)),
  );

  app.post('/maintenance/schedule', async (context) => {
    const input = await body(
      context,
      z.object({
        asset_id: z.string(),
        task: z.string().min(1).max(500),
        due: instant,
        priority: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']).default('MEDIUM'),
        cost: z.number().nonnegative().optional(),
      }),
    );
    const task = {
      id: crypto.randomUUID(),
      time: input.due,
      assetId: known(input.asset_id),
      task: input.task,
      status: 'approved',
      priority: input.priority,
      cost: input.cost,
    };
    await storage.put('maintenanceSchedule', [task]);
    return context.json(restTask(task), 201);
  });

  app.patch('/maintenance/schedule/:id', async (context) => {
    const { status } = await body(
      context,
      z.object({ status: z.enum(['proposed', 'approved', 'in progress', 'done', 'cancelled']) }),
    );
    const task = await storage.get('maintenanceSchedule', context.req.param('id'));
    if (task === undefined) throw new TwinergyError('API_NOT_FOUND', `There is no task "${context.req.param('id')}".`);
    const changed = { ...task, status, ...(status === 'done' && { completedAt: Date.now() }) };
    await storage.put('maintenanceSchedule', [changed]);
    return context.json(restTask(changed));
  });

  app.get('/failure-progression/:asset_id', async (context) => {
    const assetId = known(context.req.param('asset_id'));
    const { scenario, days } = check(
      z.object({ scenario: z.string().optional(), days: z.coerce.number().min(1).max(365).default(30) }),
      context.req.query(),
    );
    const twin = feed === undefined ? monitor.twin(assetId) : feed.twin(assetId);
    const { telemetry, progress, failures, failureTime } = twin.simulateFailureProgression({
      days,
      ...(scenario !== undefined && { scenario }),
    });
    const daily = telemetry
      .select('solarPower', 'temperature', 'panelHealth')
      .resample('1d', { how: { solarPower: 'energy', temperature: 'max', panelHealth: 'mean' } });
    const severity = progress.resample('1d');
    return context.json({
      asset_id: assetId,
      days,
      failure_time: iso(failureTime ?? undefined),
      failures: failures.map(({ criterion, title, time }) => ({ criterion, title, time: iso(time) })),
      rows: [...daily.join(severity, { how: 'left' }).rows()].map(({ time, values }) => ({
        time: iso(time),
        ...restValues(Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value)))),
      })),
    });
  });

  app.post('/set-scenario', async (context) => {
    const { scenario, asset_id } = await body(
      context,
      z.object({ scenario: z.string(), asset_id: z.string().optional() }),
    );
    const playing = simulated();
    await playing.setScenario(scenario, asset_id);
    return context.json({ scenarios: playing.scenarios });
  });

  app.get('/events', (context) => eventStream(context, monitor));
  return app;
}
