import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AlertChange, AssetOutcome } from 'twinergy';
import type { HeavyWork } from '../analysis/heavy-work.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Tenant } from '../fleet/tenant.js';
import type { Hub } from '../live/hub.js';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Figures by one name each: `{ stage: { life: { p99: 1 } } }` → `stage_life_p99_ms`. Quantiles are in ms. */
function flat(figures: object, prefix = ''): Record<string, number | null> {
  const out: Record<string, number | null> = {};
  for (const [key, value] of Object.entries(figures)) {
    const name = `${prefix}${snake(key).replace(/\W+/g, '_')}`;
    if (typeof value === 'number' || value === null) out[/^p\d\d$/.test(key) ? `${name}_ms` : name] = value;
    else if (typeof value === 'object') Object.assign(out, flat(value, `${name}_`));
  }
  return out;
}

/** Readings that the prediction error is over. */
const WINDOW = 500;

/** What is watched of one plant. */
class PlantFigures {
  readonly tenant: string;
  readonly asset: string;
  score: number | null = null;
  readonly #errors = new Float64Array(WINDOW);
  readonly #levels = new Float64Array(WINDOW);
  #next = 0;

  constructor(tenant: string, asset: string) {
    this.tenant = tenant;
    this.asset = asset;
  }

  compare(made: number, wanted: number): void {
    this.#errors[this.#next % WINDOW] = Math.abs(made - wanted);
    this.#levels[this.#next++ % WINDOW] = wanted;
  }

  /** Mean absolute difference of measured and expected power, relative to mean expected power; null before any. */
  get error(): number | null {
    const sum = (values: Float64Array) => values.reduce((all, value) => all + value, 0);
    const level = sum(this.#levels);
    return level > 0 ? sum(this.#errors) / level : null;
  }
}

/**
 * What the original design wants to be watched, for Prometheus: times of the API, of the models and of the store, the rate
 * of alerts, health, and how good predictions are.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly apiSeconds: Histogram<'route' | 'method' | 'status'>;
  readonly querySeconds: Histogram<'statement'>;
  readonly queryErrors: Counter<'statement'>;
  readonly #readings: Counter<'tenant'>;
  readonly #anomalies: Counter<'tenant'>;
  readonly #alerts: Counter<'tenant' | 'severity' | 'rule'>;
  readonly #loop = monitorEventLoopDelay({ resolution: 20 });
  /** What was counted since Prometheus came last: it is asked for far less often than readings come. */
  readonly #since = new Map<string, { readings: number; anomalies: number }>();
  readonly #plants = new Map<string, PlantFigures>();

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'twinergy_' });
    this.#loop.enable();
    this.apiSeconds = new Histogram({
      name: 'twinergy_api_request_seconds',
      help: 'Time from request to answer',
      labelNames: ['route', 'method', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.querySeconds = new Histogram({
      name: 'twinergy_query_seconds',
      help: 'Time of calls of the store',
      labelNames: ['statement'],
      buckets: SECONDS,
      registers,
    });
    this.queryErrors = new Counter({
      name: 'twinergy_query_errors_total',
      help: 'Calls of the store that failed',
      labelNames: ['statement'],
      registers,
    });
    this.#readings = new Counter({
      name: 'twinergy_readings_total',
      help: 'Readings that were worked on',
      labelNames: ['tenant'],
      registers,
      collect: () => this.#settle(),
    });
    this.#anomalies = new Counter({
      name: 'twinergy_anomalies_total',
      help: 'Readings unlike what the twin expects',
      labelNames: ['tenant'],
      registers,
    });
    this.#alerts = new Counter({
      name: 'twinergy_alerts_total',
      help: 'Alerts that were raised',
      labelNames: ['tenant', 'severity', 'rule'],
      registers,
    });
    const health = new Gauge({
      name: 'twinergy_health_score',
      help: 'Health of a plant, 0…100',
      labelNames: ['tenant', 'asset'],
      registers,
      collect: () => {
        for (const { tenant, asset, score } of this.#plants.values())
          if (score !== null) health.set({ tenant, asset }, score);
      },
    });
    const accuracy = new Gauge({
      name: 'twinergy_prediction_error_ratio',
      help: 'Mean absolute difference of measured and expected power over the last 500 readings, relative to mean expected power',
      labelNames: ['tenant', 'asset'],
      registers,
      collect: () => {
        for (const { tenant, asset, error } of this.#plants.values())
          if (error !== null) accuracy.set({ tenant, asset }, error);
      },
    });
  }

  /** Gauges that are asked for when Prometheus comes. */
  watch(fleet: Fleet, hub: Hub, heavy: HeavyWork): void {
    const registers = [this.registry];
    const open = new Gauge({
      name: 'twinergy_alerts_open',
      help: 'Alerts that stand',
      labelNames: ['tenant', 'severity'],
      registers,
      collect: async () => {
        open.reset();
        for (const tenant of fleet.open())
          for (const { severity } of tenant.monitor.openAlerts()) open.inc({ tenant: tenant.id, severity });
      },
    });
    new Gauge({
      name: 'twinergy_live_clients',
      help: 'Clients that listen live',
      registers,
      collect() {
        this.set(hub.listeners);
      },
    });
    const assets = new Gauge({
      name: 'twinergy_assets',
      help: 'Plants that are monitored',
      labelNames: ['tenant'],
      registers,
      collect: async () => {
        assets.reset();
        for (const tenant of fleet.open()) assets.set({ tenant: tenant.id }, tenant.monitor.assetIds.length);
      },
    });
    const stages = new Gauge({
      name: 'twinergy_inference_seconds',
      help: 'Time of each stage of the monitor for one reading, by quantile',
      labelNames: ['tenant', 'stage', 'quantile'],
      registers,
      collect: async () => {
        stages.reset();
        for (const tenant of fleet.open()) {
          for (const [stage, { p50, p99 }] of Object.entries(tenant.monitor.metrics().stages)) {
            if (p50 !== null) stages.set({ tenant: tenant.id, stage, quantile: '0.5' }, p50 / 1000);
            if (p99 !== null) stages.set({ tenant: tenant.id, stage, quantile: '0.99' }, p99 / 1000);
          }
        }
      },
    });
    const queue = new Gauge({
      name: 'twinergy_queue_readings',
      help: 'Readings that wait for the monitor',
      labelNames: ['tenant'],
      registers,
      collect: async () => {
        queue.reset();
        for (const tenant of fleet.open()) queue.set({ tenant: tenant.id }, tenant.monitor.metrics().queueDepth);
      },
    });
    const jobs = new Gauge({
      name: 'twinergy_jobs',
      help: 'Heavy work that waits and runs, by queue',
      labelNames: ['queue', 'state'],
      registers,
      collect: () => {
        for (const [name, { waiting, running }] of Object.entries(heavy.counts)) {
          jobs.set({ queue: name, state: 'waiting' }, waiting);
          jobs.set({ queue: name, state: 'running' }, running);
        }
      },
    });
    const lag = new Gauge({
      name: 'twinergy_source_lag_seconds',
      help: 'Age of the newest reading of the plant that has been silent longest',
      labelNames: ['tenant'],
      registers,
      collect: async () => {
        lag.reset();
        for (const tenant of fleet.open()) {
          const times = tenant.monitor.assetIds.flatMap((id) => tenant.latest(id)?.time ?? []);
          if (times.length > 0) lag.set({ tenant: tenant.id }, (Date.now() - Math.min(...times)) / 1000);
        }
      },
    });
  }

  /** Counts an outcome of the monitor. */
  outcome(tenantId: string, { reading, expected, anomaly, health }: AssetOutcome): void {
    let since = this.#since.get(tenantId);
    if (since === undefined) {
      since = { readings: 0, anomalies: 0 };
      this.#since.set(tenantId, since);
    }
    since.readings++;
    if (anomaly?.anomalous === true) since.anomalies++;
    const key = `${tenantId} ${reading.assetId}`;
    let plant = this.#plants.get(key);
    if (plant === undefined) {
      plant = new PlantFigures(tenantId, reading.assetId);
      this.#plants.set(key, plant);
    }
    if (health.score !== null) plant.score = health.score;
    const [wanted, made] = [expected.acPower, reading.values.acPower];
    if (wanted !== undefined && made !== undefined && wanted >= 1) plant.compare(made, wanted);
  }

  /** Tells Prometheus' counters what was counted. */
  #settle(): void {
    for (const [tenant, since] of this.#since) {
      this.#readings.inc({ tenant }, since.readings);
      this.#anomalies.inc({ tenant }, since.anomalies);
      since.readings = 0;
      since.anomalies = 0;
    }
  }

  alert(tenantId: string, { kind, alert }: AlertChange): void {
    if (kind === 'raise') this.#alerts.inc({ tenant: tenantId, severity: alert.severity, rule: alert.rule });
  }

  /** The same for people, as one answer. */
  async summary(tenant: Tenant) {
    const { values } = await this.apiSeconds.get();
    const buckets = new Map<number, number>();
    let requests = 0;
    let errors = 0;
    for (const { metricName, labels, value } of values) {
      const { le } = labels as { readonly le?: number | string };
      if (metricName?.endsWith('_bucket') === true && typeof le === 'number')
        buckets.set(le, (buckets.get(le) ?? 0) + value);
      if (metricName?.endsWith('_count') === true) {
        requests += value;
        if (Number(labels.status) >= 500) errors += value;
      }
    }
    const quantile = (q: number) =>
      requests === 0
        ? null
        : ([...buckets].sort(([a], [b]) => a - b).find(([, count]) => count >= q * requests)?.[0] ?? 10) * 1000;
    const { stages: stage, inference: model, queries: query, shed, ...rest } = tenant.monitor.metrics();
    return {
      api: { requests, p50_ms: quantile(0.5), p99_ms: quantile(0.99), errors },
      monitor: {
        shed_stages: shed.length,
        ...flat(rest),
        ...flat({ stage, model, query }),
      },
      live: { clients: this.#listeners?.() ?? 0 },
      process: {
        uptime_s: process.uptime(),
        memory_mb: process.memoryUsage.rss() / 2 ** 20,
        event_loop_lag_ms: this.#loop.mean / 1e6,
      },
    };
  }

  #listeners: (() => number) | undefined;
  set listeners(count: () => number) {
    this.#listeners = count;
  }
}
