import initSqlJs from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm.wasm?url';
import {
  type Frame,
  ManualClock,
  Monitor,
  type MonitorEvents,
  type Reading,
  type Storage,
  solarRules,
  type TenantStorage,
  type WorkOptions,
} from 'twinergy';
import { indexedDbFile, sqlJsStorage } from 'twinergy/storage/sqljs';
import type { DigitalTwin } from 'twinergy/twin';
import type { DemoConfig, Kept, PostedEvent } from './messages.js';
import { plainFrame } from './plain.js';

const DATABASE = 'demo';
/** Events that the page shows. */
const TOLD = ['reading', 'forecast', 'life', 'alertChange', 'training'] as const;

/** The monitor over the plant, with a database that this browser keeps. */
export class Watch {
  readonly #monitor: Monitor;
  readonly #storage: Storage;
  readonly #clock: ManualClock;
  readonly #tenant: TenantStorage;
  readonly #assetId: string;
  #readings = 0;

  private constructor(monitor: Monitor, storage: Storage, tenantId: string, assetId: string, clock: ManualClock) {
    this.#monitor = monitor;
    this.#storage = storage;
    this.#clock = clock;
    this.#tenant = storage.tenant(tenantId);
    this.#assetId = assetId;
  }

  static async open(twin: DigitalTwin, config: DemoConfig, post: (event: PostedEvent) => void): Promise<Watch> {
    const sqlJs = await initSqlJs({ locateFile: () => wasmUrl });
    const file = indexedDbFile(DATABASE);
    const storage = await sqlJsStorage({ sqlJs, file, durability: 'normal', saveInterval: 5000 });
    // Each plant and seed is a world of its own: what was kept of another one is not mixed in.
    const tenantId = `${config.plant}-${config.seed}-${config.start}`;
    const clock = new ManualClock(twin.time ?? config.start);
    const description = twin.toJSON().description;
    if (description === null) throw new Error('The plant has no description.');
    const monitor = new Monitor({
      assets: [description],
      storage,
      tenantId,
      rules: solarRules(),
      clock,
      seed: config.seed,
    });
    for (const name of TOLD) {
      monitor.on(name, (payload) => post({ kind: 'monitor-event', name, payload: posted(name, payload) }));
    }
    await monitor.open();
    return new Watch(monitor, storage, tenantId, twin.id, clock);
  }

  get alerts(): readonly MonitorEvents['alert'][] {
    return this.#monitor.openAlerts();
  }

  async ingest(readings: readonly Reading[]): Promise<void> {
    this.#clock.set(readings.at(-1)?.time ?? this.#clock.now());
    const { accepted } = await this.#monitor.ingest(readings);
    this.#readings += accepted;
  }

  async learn({ signal, onProgress }: WorkOptions): Promise<void> {
    await this.#monitor.train({ signal, onProgress });
  }

  async acknowledge(alertId: string): Promise<void> {
    await this.#monitor.acknowledge(alertId, 'visitor');
  }

  /** The newest `span` ms of telemetry in the store. */
  recent(span: number): Promise<Frame> {
    const to = this.#clock.now() + 1;
    return this.#tenant.read({ assetId: this.#assetId, from: to - span, to });
  }

  async kept(): Promise<Kept> {
    const estimate = await navigator.storage?.estimate?.();
    return { readings: this.#readings, bytes: estimate?.usage ?? null };
  }

  /** Closes the store and deletes what it kept. The page begins anew afterwards. */
  async forget(): Promise<void> {
    await this.#monitor.close();
    await this.#storage.close();
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(`twinergy:${DATABASE}`);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
      request.onblocked = () => resolve();
    });
  }
}

/** A payload as it can be posted: frames are not plain data. */
function posted(name: (typeof TOLD)[number], payload: MonitorEvents[(typeof TOLD)[number]]): unknown {
  if (name === 'forecast') {
    const { assetId, forecast } = payload as MonitorEvents['forecast'];
    return { assetId, forecast: plainFrame(forecast) };
  }
  if (name === 'reading') {
    const { forecast: _, ...rest } = payload as MonitorEvents['reading'];
    return rest;
  }
  return payload;
}
