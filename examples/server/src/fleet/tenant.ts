import {
  type AlertChange,
  AlertEngine,
  type AssetOutcome,
  Monitor,
  type MonitorOptions,
  type NotifyOptions,
  type PlantDescription,
  type Reading,
  type ReadingJudgement,
  type Rule,
  type Storage,
  type StorageRecord,
  solarRules,
  type TenantStorage,
} from 'twinergy';
import { restName, restValues } from '../http/names.js';
import { notFound, Problem } from '../http/problem.js';
import type { Hub } from '../live/hub.js';
import { notifyOptions, storedChannels } from './notify.js';
import { TwinFeed } from './twin-feed.js';

/** How a tenant's part of the server runs. */
export interface TenantOptions {
  readonly id: string;
  readonly storage: Storage;
  readonly hub: Hub;
  readonly models: MonitorOptions['models'];
  /** ms between readings of simulated plants; 0 plays none. */
  readonly interval: number;
  /** Days of history that simulated plants begin with. */
  readonly history: number;
  readonly say: (text: string) => void;
  /** Hosts that webhooks may reach although they are not public. */
  readonly webhookHosts: readonly string[];
  /** Called with each outcome, for metrics. */
  readonly onOutcome?: (tenantId: string, outcome: AssetOutcome) => void;
  readonly onAlert?: (tenantId: string, change: AlertChange) => void;
}

/** What people say of an asset beside its description. */
export interface AssetTags {
  readonly simulated?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One organisation: its monitor, its plants, its rules. */
export class Tenant {
  readonly id: string;
  readonly storage: TenantStorage;
  readonly monitor: Monitor;
  readonly feed: TwinFeed;
  readonly hub: Hub;
  readonly #options: TenantOptions;
  /** The newest reading of each asset and what is said of it, kept so that looking costs neither query nor twin. */
  readonly #latest = new Map<string, { readonly reading: Reading; judgement?: ReadingJudgement | undefined }>();
  #ticker: NodeJS.Timeout | undefined;
  #training = false;

  private constructor(
    options: TenantOptions,
    plants: readonly PlantDescription[],
    rules: readonly Rule[],
    notify: NotifyOptions,
  ) {
    this.#options = options;
    this.id = options.id;
    this.hub = options.hub;
    this.storage = options.storage.tenant(options.id);
    this.monitor = new Monitor({
      assets: plants,
      rules,
      notify,
      storage: options.storage,
      tenantId: options.id,
      models: options.models ?? false,
      seed: 1,
    });
    this.feed = new TwinFeed({ ...options, storage: this.storage, monitor: this.monitor });
  }

  /** Opens what is stored of a tenant; `first` are the plants of one that has none. */
  static async open(options: TenantOptions, first: readonly PlantDescription[] = []): Promise<Tenant> {
    const storage = options.storage.tenant(options.id);
    const assets = await allAssets(storage);
    const active = assets.filter(({ status, description }) => status === 'active' && description !== undefined);
    const plants = assets.length === 0 ? first : active.map(({ description }) => description as PlantDescription);
    const tenant = new Tenant(
      options,
      plants,
      await storedRules(storage),
      notifyOptions(await storedChannels(storage), options.webhookHosts),
    );
    tenant.#listen();
    await tenant.monitor.open();
    for (const reading of await storage.latest(tenant.monitor.assetIds))
      tenant.#latest.set(reading.assetId, { reading });
    if (assets.length === 0) for (const { id } of first) await tenant.#tag(id, { simulated: options.interval > 0 });
    if (options.interval > 0) {
      const simulated = (await allAssets(storage)).filter(({ tags }) => (tags as AssetTags | undefined)?.simulated);
      for (const plant of plants) if (simulated.some(({ id }) => id === plant.id)) await tenant.feed.add(plant);
    }
    tenant.#ticker = setInterval(() => void tenant.monitor.tick().catch((error) => options.say(String(error))), 5000);
    return tenant;
  }

  /** Ends what is under way. Without `keep` nothing more is written: the tenant is another server's by now. */
  async close({ keep = true } = {}): Promise<void> {
    clearInterval(this.#ticker);
    await this.feed.stop({ keep });
    await this.monitor.close();
  }

  // --- assets

  /** An asset's record. @throws Problem 404 where it is not there, or another tenant's */
  async asset(id: string): Promise<StorageRecord<'assets'>> {
    const record = await this.storage.get('assets', id);
    return record === undefined || record.status !== 'active' ? notFound(`asset "${id}"`) : record;
  }

  async assets(): Promise<StorageRecord<'assets'>[]> {
    return (await allAssets(this.storage)).filter(({ status }) => status === 'active');
  }

  /** Fails with 404 unless the asset is monitored. */
  known(id: string): string {
    try {
      return this.monitor.twin(id).id;
    } catch {
      return notFound(`asset "${id}"`);
    }
  }

  latest(id: string): Reading | undefined {
    return this.#latest.get(id)?.reading;
  }

  /** What is said of the newest reading: worked out with the batch that it came with, once. */
  judged(id: string): ReadingJudgement | undefined {
    const latest = this.#latest.get(id);
    if (latest === undefined) return undefined;
    latest.judgement ??= this.monitor.judge(latest.reading);
    return latest.judgement;
  }

  async addAsset(plant: PlantDescription, tags: AssetTags): Promise<void> {
    if (tags.simulated === true && this.#options.interval === 0)
      throw new Problem(409, 'API_NOT_SIMULATED', 'This server plays no plants (--interval 0).');
    await this.monitor.addAsset(plant);
    await this.#tag(plant.id, tags);
    if (tags.simulated === true) void this.feed.add(plant).catch((error) => this.#options.say(String(error)));
    this.#told('asset', plant.id, { kind: 'added' });
  }

  async changeAsset(plant: PlantDescription, tags: AssetTags): Promise<void> {
    await this.monitor.updateAsset(plant);
    await this.#tag(plant.id, tags);
    if (this.feed.has(plant.id)) await this.feed.remove(plant.id);
    if (tags.simulated === true) await this.feed.add(plant);
    this.#told('asset', plant.id, { kind: 'changed' });
  }

  async removeAsset(id: string): Promise<void> {
    const record = await this.asset(id);
    if (this.feed.has(id)) await this.feed.remove(id);
    await this.monitor.removeAsset(id);
    await this.storage.put('assets', [{ ...record, status: 'removed' }]);
    this.#latest.delete(id);
    this.#told('asset', id, { kind: 'removed' });
  }

  async #tag(id: string, tags: AssetTags): Promise<void> {
    const record = await this.storage.get('assets', id);
    if (record !== undefined) await this.storage.put('assets', [{ ...record, tags }]);
  }

  // --- rules

  /** Keeps a rule and judges by it. @throws TwinergyError `RULE_…` where it makes no sense */
  async putRule(rule: Rule): Promise<void> {
    new AlertEngine({ rules: [rule] });
    const rules = [...this.monitor.rules.filter(({ id }) => id !== rule.id), rule];
    await this.#setRules(rules);
  }

  async removeRule(id: string): Promise<void> {
    if (!this.monitor.rules.some((rule) => rule.id === id)) notFound(`rule "${id}"`);
    await this.#setRules(this.monitor.rules.filter((rule) => rule.id !== id));
  }

  async #setRules(rules: readonly Rule[]): Promise<void> {
    await this.storage.put('documents', [{ id: 'rules', time: Date.now(), kind: 'rules', data: rules }]);
    await this.monitor.setRules(rules);
  }

  /** Tells alerts to the channels that are kept now. */
  async reloadChannels(): Promise<void> {
    await this.monitor.setNotify(notifyOptions(await storedChannels(this.storage), this.#options.webhookHosts));
  }

  // --- models

  /** Whether there are models, or they are being made. */
  get modelState(): 'ready' | 'training' | 'none' {
    if (this.monitor.trained && this.monitor.assetIds.length > 0) return 'ready';
    return this.#training ? 'training' : 'none';
  }

  /** Makes the models that the plants begin with, or one of them, and fits forecasters on what is stored. */
  async train(signal: AbortSignal, assetId?: string): Promise<void> {
    if (this.#options.models === false) return;
    this.#training = true;
    try {
      // A new plant's forecaster is fitted on the history that it is given.
      await this.feed.idle;
      await this.monitor.train({ signal, ...(assetId !== undefined && { assetIds: [assetId] }) });
    } finally {
      this.#training = false;
    }
  }

  // --- live

  #told(type: 'asset' | 'maintenance' | 'import', assetId: string | null, data: Record<string, unknown>): void {
    this.hub.publish(this.id, { type, assetId, time: Date.now(), data });
  }

  /** Tells live clients of a change of the maintenance schedule. */
  tellMaintenance(assetId: string | null, data: Record<string, unknown>): void {
    this.#told('maintenance', assetId, data);
  }

  #listen(): void {
    const { monitor, hub, id: tenantId } = this;
    monitor.onListenerError = (error) => this.#options.say(`A listener failed: ${String(error)}`);
    monitor.on('reading', (outcome) => {
      const { reading, expected, powerRatio } = outcome;
      this.#latest.set(reading.assetId, { reading, judgement: judgementOf(outcome) });
      this.#options.onOutcome?.(tenantId, outcome);
      hub.publish(tenantId, {
        type: 'reading',
        assetId: reading.assetId,
        time: reading.time,
        data: () => ({
          values: restValues(reading.values),
          expected: restValues(expected),
          power_ratio: powerRatio ?? null,
        }),
      });
    });
    monitor.on('alertChange', (change) => {
      const { kind, alert, by, comment } = change;
      this.#options.onAlert?.(tenantId, change);
      hub.publish(tenantId, {
        type: 'alert',
        assetId: alert.assetId,
        time: change.time,
        data: {
          kind,
          by,
          comment,
          alert_id: alert.id,
          rule: alert.rule,
          severity: alert.severity,
          title: alert.title,
          why: alert.why,
          state: alert.state,
          channel: alert.channel === null ? null : restName(alert.channel),
          resolved: alert.resolvedAt !== null,
        },
      });
    });
    monitor.on('anomaly', ({ reading: { assetId, time }, anomaly }) =>
      hub.publish(tenantId, {
        type: 'anomaly',
        assetId,
        time,
        data: { score: anomaly?.score ?? null, p_value: anomaly?.pValue ?? null, why: anomaly?.why ?? null },
      }),
    );
    const labels = new Map<string, string>();
    monitor.on('health', ({ assetId, time, health: { score, label } }) => {
      const told = `${label} ${score === null ? '' : Math.round(score)}`;
      if (labels.get(assetId) === told) return;
      labels.set(assetId, told);
      hub.publish(tenantId, { type: 'health', assetId, time, data: { score, label } });
    });
    monitor.on('forecast', ({ assetId, forecast }) =>
      hub.publish(tenantId, {
        type: 'forecast',
        assetId,
        time: Date.now(),
        data: { from: forecast.time[0] ?? null, steps: forecast.length },
      }),
    );
    monitor.on('life', ({ assetId, life }) =>
      hub.publish(tenantId, { type: 'rul', assetId, time: Date.now(), data: { days: life.median } }),
    );
    monitor.on('training', ({ assetId, progress }) => {
      // A new model may see the newest reading otherwise.
      const latest = this.#latest.get(assetId);
      if (progress === 'done' && latest !== undefined) latest.judgement = undefined;
      hub.publish(tenantId, { type: 'training', assetId, time: Date.now(), data: { progress } });
    });
  }
}

/** What a batch said of a reading; undefined where the stages that say it were left out. */
function judgementOf({ expected, powerRatio, anomaly }: AssetOutcome): ReadingJudgement | undefined {
  if (anomaly === undefined) return undefined;
  const { score, pValue, anomalous, why } = anomaly;
  return { expected, powerRatio, anomaly: { score, pValue, anomalous, why: why ?? '' } };
}

async function allAssets(storage: TenantStorage): Promise<StorageRecord<'assets'>[]> {
  const found: StorageRecord<'assets'>[] = [];
  let after: string | undefined;
  do {
    const page = await storage.list('assets', { limit: 10_000, after });
    found.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** The rules of a tenant: its own, or the standard pack. */
async function storedRules(storage: TenantStorage): Promise<readonly Rule[]> {
  return ((await storage.get('documents', 'rules'))?.data as readonly Rule[] | undefined) ?? solarRules();
}
