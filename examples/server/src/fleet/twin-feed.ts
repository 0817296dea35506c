import {
  DigitalTwin,
  type DigitalTwinState,
  type Monitor,
  type PlantDescription,
  type Reading,
  type TenantStorage,
} from 'twinergy';
import { notFound } from '../http/problem.js';

const DAY = 86_400_000;

/** How a twin feed runs. */
export interface TwinFeedOptions {
  readonly monitor: Monitor;
  readonly storage: TenantStorage;
  /** ms between readings. */
  readonly interval: number;
  /** Days of history that a new plant begins with. */
  readonly history: number;
  readonly say: (text: string) => void;
}

/** Time between the rows of the history that new plants begin with, ms. */
const HISTORY_STEP = 900_000;

/**
 * Feeds the monitor from twins that play the plants: first the history that is missing (none of it twice), then a reading
 * of each every `interval`. The twins' state, with the scenario being played, is kept in storage and taken up again.
 */
export class TwinFeed {
  readonly #options: TwinFeedOptions;
  readonly #twins = new Map<string, DigitalTwin>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;
  #running = false;
  #savedAt = 0;

  constructor(options: TwinFeedOptions) {
    this.#options = options;
  }

  /** Plays one more plant, with its history, beside those that are played. */
  async add(plant: PlantDescription): Promise<void> {
    const { history, storage } = this.#options;
    const saved = (await storage.get('checkpoints', feedId(plant.id)))?.state as DigitalTwinState | undefined;
    const twin =
      saved === undefined
        ? new DigitalTwin(plant, {
            seed: 100 + this.#twins.size,
            weatherSeed: 7,
            step: HISTORY_STEP,
            start: Date.now() - history * DAY,
          })
        : DigitalTwin.fromJSON(saved);
    this.#twins.set(plant.id, twin);
    if (this.#running) await this.#queue(() => this.#catchUp([twin]));
  }

  /** Plays a plant no more. */
  async remove(assetId: string): Promise<void> {
    this.#twins.delete(assetId);
    await this.#options.storage.remove('checkpoints', [feedId(assetId)]);
  }

  /** Whether it plays this plant. */
  has(assetId: string): boolean {
    return this.#twins.has(assetId);
  }

  /** Begins; resolves when the history is in. */
  async start(): Promise<void> {
    await this.#options.monitor.open();
    await this.#queue(() => this.#catchUp([...this.#twins.values()]));
    this.#running = true;
    if (!this.#stopped) this.#tick();
  }

  /** Ends, and waits for the reading under way; keeps the twins' state unless told not to. */
  async stop({ keep = true } = {}): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
    if (keep) await this.#save();
  }

  /** Resolves when the history and the readings that are under way now are in. */
  get idle(): Promise<void> {
    return this.#working;
  }

  /** The scenario of each plant. */
  get scenarios(): Record<string, string> {
    return Object.fromEntries([...this.#twins].map(([id, { scenario }]) => [id, scenario]));
  }

  /** Plays a scenario on one plant, or on all. @throws TwinergyError `TWIN_UNKNOWN_SCENARIO`, `API_NOT_FOUND` */
  async setScenario(scenario: string, assetId?: string): Promise<void> {
    const ids = assetId === undefined ? [...this.#twins.keys()] : [assetId];
    for (const id of ids) this.twin(id).setScenario(scenario);
    await this.#save();
  }

  /** The twin that plays a plant. @throws Problem 404 */
  twin(assetId: string): DigitalTwin {
    return this.#twins.get(assetId) ?? notFound(`simulated plant "${assetId}"`);
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    this.#working = done.catch((error: unknown) => this.#options.say(`A reading was lost: ${String(error)}`));
    return done;
  }

  /** What the plants did while nobody looked, at the pace of a data logger that kept it. */
  async #catchUp(twins: readonly DigitalTwin[]): Promise<void> {
    const { monitor, history, say } = this.#options;
    if (twins.length === 0) return;
    const now = Date.now();
    const from = Math.min(...twins.map(({ time }) => time ?? now - history * DAY));
    if (now - from > 2 * HISTORY_STEP)
      say(`Catching up on ${((now - from) / DAY).toFixed(1)} days of ${twins.length} plants …`);
    const chunk = HISTORY_STEP * 24;
    for (let time = Math.ceil(from / HISTORY_STEP) * HISTORY_STEP; time <= now && !this.#stopped; time += chunk) {
      const batch: Reading[] = [];
      for (const twin of twins) {
        for (let t = time; t < Math.min(now, time + chunk); t += HISTORY_STEP)
          if (t > (twin.time ?? 0)) batch.push(twin.step(t));
      }
      if (batch.length > 0) await monitor.ingest(batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#save();
  }

  #tick(): void {
    const { interval } = this.#options;
    this.#timer = setTimeout(
      () => {
        void this.#queue(() => this.#once())
          .catch(() => undefined)
          .then(() => {
            if (!this.#stopped) this.#tick();
          });
      },
      interval - (Date.now() % interval),
    );
  }

  async #once(): Promise<void> {
    const now = Date.now();
    const readings = [...this.#twins.values()].flatMap((twin) => (now > (twin.time ?? 0) ? [twin.step(now)] : []));
    if (readings.length > 0) await this.#options.monitor.ingest(readings);
    if (now - this.#savedAt > 60_000) await this.#save();
  }

  async #save(): Promise<void> {
    this.#savedAt = Date.now();
    const states = [...this.#twins].map(([id, twin]) => ({
      id: feedId(id),
      time: this.#savedAt,
      state: twin.toJSON(),
    }));
    await this.#options.storage.put('checkpoints', states);
  }
}

function feedId(assetId: string): string {
  return `feed:${assetId}`;
}
