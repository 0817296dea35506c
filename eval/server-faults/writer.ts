import { setTimeout as wait } from 'node:timers/promises';
import type { ServerProcess } from './server-process.js';

const ASSETS = ['solar-1', 'solar-2', 'solar-3'] as const;
/** Readings of one request. */
const ROWS = 5;

/** What came of a scenario. */
export interface Tally {
  /** How often the fault was there. */
  trials: number;
  acknowledged: number;
  /** Acknowledged readings that are not stored as they were sent. */
  lost: number;
  /** Answers 5xx at a time when the store was there, and any that is not 503. */
  wrong5xx: number;
  /** Answers 503 while the store was away. */
  refused: number;
  /** Longest time from the end of a fault until readings were taken again, ms. */
  recoveryMs: number;
}

/** Sends readings without a pause, and remembers which the server has acknowledged. */
export class Writer {
  readonly tally: Tally = { trials: 0, acknowledged: 0, lost: 0, wrong5xx: 0, refused: 0, recoveryMs: 0 };
  /** Whether the store is away: then, and only then, 503 is a right answer. */
  storeAway = false;
  /** Codes of the answers that were wrong, for people. */
  readonly wrong = new Set<string>();
  readonly #server: ServerProcess;
  readonly #begin = Date.now() - 80_000_000;
  readonly #acknowledged = new Map<string, number[]>(ASSETS.map((id) => [id, []]));
  readonly #workers: Promise<void>[] = [];
  #next = 0;
  #running = true;
  #heard: (() => void) | undefined;

  constructor(server: ServerProcess, workers = 3) {
    this.#server = server;
    for (let i = 0; i < workers; i++) this.#workers.push(this.#work(ASSETS[i % ASSETS.length] as string));
  }

  async #work(assetId: string): Promise<void> {
    while (this.#running) {
      const times = Array.from({ length: ROWS }, () => this.#begin + this.#next++ * 10);
      const away = this.storeAway;
      try {
        const response = await this.#server.call(
          'POST',
          '/telemetry',
          times.map((time) => ({ asset_id: assetId, time, values: { solar_power: time % 5000, temperature: 20 } })),
        );
        const text = await response.text();
        if (response.status === 201) {
          this.#acknowledged.get(assetId)?.push(...times);
          this.tally.acknowledged += times.length;
          this.#heard?.();
        } else if (response.status >= 500) {
          if (response.status === 503 && (away || this.storeAway)) this.tally.refused++;
          else {
            this.tally.wrong5xx++;
            this.wrong.add(`${response.status} ${text.slice(0, 200)}`);
          }
          await wait(20);
        }
      } catch {
        // The server is gone: nobody was told that it had been stored.
        await wait(20);
      }
    }
  }

  /** Resolves when so many more requests have been acknowledged; fails where that does not come to pass in three minutes. */
  async acknowledged(requests = 1, within = 180_000): Promise<void> {
    let left = requests;
    const done = new Promise<void>((resolve) => {
      this.#heard = () => {
        if (--left <= 0) resolve();
      };
    });
    const late = AbortSignal.timeout(within);
    await Promise.race([
      done,
      new Promise<never>((_, reject) =>
        late.addEventListener('abort', () => reject(new Error('The server did not recover.'))),
      ),
    ]);
    this.#heard = undefined;
  }

  /** Waits for readings to be taken again after a fault, and notes how long it took. */
  async recovered(since = performance.now()): Promise<void> {
    await this.acknowledged();
    this.tally.recoveryMs = Math.max(this.tally.recoveryMs, performance.now() - since);
    this.tally.trials++;
  }

  /** Sends no more, and looks what is stored of what was acknowledged. */
  async end(): Promise<Tally> {
    this.#running = false;
    await Promise.all(this.#workers);
    for (const [assetId, times] of this.#acknowledged) {
      const stored = new Map<number, unknown>();
      let cursor: string | null = null;
      do {
        const query = `channels=solar_power&limit=1000&from=${this.#begin}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
        const response = await this.#server.call('GET', `/assets/${assetId}/telemetry?${query}`);
        const page = (await response.json()) as {
          items: { time: string; values: Record<string, number> }[];
          next: string | null;
        };
        for (const { time, values } of page.items) stored.set(Date.parse(time), values.solar_power);
        cursor = page.next;
      } while (cursor !== null);
      this.tally.lost += times.filter((time) => stored.get(time) !== time % 5000).length;
    }
    return this.tally;
  }
}
