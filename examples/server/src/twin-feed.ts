import {
  DigitalTwin,
  type DigitalTwinState,
  type Monitor,
  type PlantDescription,
  type Reading,
  type Storage,
  TwinergyError,
} from 'twinergy';

const DAY = 86_400_000;

/** Readings of simulated plants, at the pace of the clock. */
export interface Feed {
  /** Begins; resolves when the history is in. */
  start(): Promise<void>;
  /** Ends, and waits for the reading under way. */
  stop(): Promise<void>;
}

/** How a twin feed runs. */
export interface TwinFeedOptions {
  readonly plants: readonly PlantDescription[];
  readonly monitor: Monitor;
  readonly storage: Storage;
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
export class TwinFeed implements Feed {
  readonly #options: TwinFeedOptions;
  readonly #twins = new Map<string, DigitalTwin>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;
  #savedAt = 0;

  constructor(options: TwinFeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { plants, monitor, storage, history, say } = this.#options;
    await monitor.open();
    const now = Date.now();
    for (const [i, plant] of plants.entries()) {
      const saved = (await storage.get('checkpoints', feedId(plant.id)))?.state as DigitalTwinState | undefined;
      const twin =
        saved === undefined
          ? new DigitalTwin(plant, { seed: 100 + i, weatherSeed: 7, step: HISTORY_STEP, start: now - history * DAY })
          : DigitalTwin.fromJSON(saved);
      this.#twins.set(plant.id, twin);
    }
    // What the plants did while nobody looked, at the pace of a data logger that kept it.
    const from = Math.min(...[...this.#twins.values()].map(({ time }) => time ?? now - history * DAY));
    if (now - from > 2 * HISTORY_STEP)
      say(`Catching up on ${((now - from) / DAY).toFixed(1)} days of ${plants.length} plants …`);
    for (
      let time = Math.ceil(from / HISTORY_STEP) * HISTORY_STEP;
      time <= now && !this.#stopped;
      time += HISTORY_STEP * 24
    ) {
      const batch: Reading[] = [];
      for (const twin of this.#twins.values()) {
        for (let t = time; t < Math.min(now, time + HISTORY_STEP * 24); t += HISTORY_STEP)
          if (t > (twin.time ?? 0)) batch.push(twin.step(t));
      }
      if (batch.length > 0) await monitor.ingest(batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#save();
    if (!this.#stopped) this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
    await this.#save();
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

  /** The twin that plays a plant. @throws TwinergyError `API_NOT_FOUND` */
  twin(assetId: string): DigitalTwin {
    const twin = this.#twins.get(assetId);
    if (twin === undefined) throw new TwinergyError('API_NOT_FOUND', `There is no plant "${assetId}".`);
    return twin;
  }

  #tick(): void {
    const { interval } = this.#options;
    this.#timer = setTimeout(
      () => {
        this.#working = this.#once().catch((error: unknown) =>
          this.#options.say(`A reading was lost: ${String(error)}`),
        );
        void this.#working.then(() => {
          if (!this.#stopped) this.#tick();
        });
      },
      interval - (Date.now() % interval),
    );
  }

  async #once(): Promise<void> {
    const now = Date.now();
    const readings = [...this.#twins.values()].flatMap((twin) => (now > (twin.time ?? 0) ? [twin.step(now)] : []));
    await this.#options.monitor.ingest(readings);
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
