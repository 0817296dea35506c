import type { ClusterLink, ClusterPublisher } from '../../src/cluster/index.js';
import type { Reading } from '../../src/core/index.js';
import type { Random } from '../../src/core/random.js';
import { idsOf, readingOf } from './place.js';

/** A sender of the campaign: half of the fleet sends by it. */
export interface Sender {
  readonly link: ClusterLink;
  readonly publisher: ClusterPublisher;
}

/** Options of `Load`. */
export interface LoadOptions {
  readonly senders: readonly Sender[];
  readonly assets: number;
  readonly step: number;
  /** ms between beats of the fleet. */
  readonly pace: number;
  readonly random: Random;
}

/**
 * Sends the fleet's readings without a pause, and remembers in which order each asset's readings went out. What a source gets
 * wrong can be asked for: readings that come twice, too late, or long after the others.
 */
export class Load {
  readonly #options: LoadOptions;
  /** What was sent, as a monitor that runs alone would be given it. */
  readonly sent: Reading[][] = [];
  readonly #wanted: Record<'duplicate' | 'delay' | 'reorder', number> = { duplicate: 0, delay: 0, reorder: 0 };
  #number = 0;
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get beats(): number {
    return this.#number;
  }

  start(): void {
    this.#running = this.#run();
    this.#running.catch(() => undefined);
  }

  /** Asks for a mistake of a source in one of the next beats. */
  ask(mistake: 'duplicate' | 'delay' | 'reorder'): void {
    this.#wanted[mistake]++;
  }

  /** Stops sending, and resolves when all that was sent is in the stream. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    await Promise.all(this.#options.senders.map(({ publisher }) => publisher.flush()));
  }

  async #run(): Promise<void> {
    const { senders, assets, step, pace, random } = this.#options;
    const ids = idsOf(assets);
    /** Readings that a source keeps back, until the beat of that number. */
    let late: { readonly until: number; readonly reading: Reading }[] = [];
    while (!this.#stopping || late.length > 0) {
      const began = performance.now();
      const number = this.#number++;
      const beat: Reading[] = [];
      for (const { until, reading } of late) if (until <= number) beat.push(reading);
      late = late.filter(({ until }) => until > number);
      if (!this.#stopping) {
        for (let asset = 0; asset < assets; asset++) beat.push(readingOf(asset, number, step));
        // A reading of its own that comes behind its neighbours: it was measured between two beats.
        for (const [mistake, behind] of [
          ['reorder', 1],
          ['delay', 12],
        ] as const) {
          if (this.#wanted[mistake] === 0 || number < 1) continue;
          this.#wanted[mistake]--;
          for (let i = 0; i < assets / 4; i++) {
            const asset = Math.floor(random.next() * assets);
            const reading = readingOf(asset, number, step);
            const between = { ...reading, time: reading.time - step * 500 + i };
            late.push({ until: number + behind, reading: between });
          }
        }
      }
      await this.#send(beat, ids, senders);
      if (this.#wanted.duplicate > 0 && number > 0) {
        this.#wanted.duplicate--;
        await this.#send(beat, ids, senders);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pace - (performance.now() - began))));
    }
  }

  /** Each half by its sender; the next beat goes when both have this one. */
  async #send(beat: readonly Reading[], ids: readonly string[], senders: readonly Sender[]): Promise<void> {
    const index = new Map(ids.map((id, i) => [id, i]));
    this.sent.push([...beat]);
    await Promise.all(
      senders.map(({ publisher }, sender) => {
        const own = beat.filter(({ assetId }) => (index.get(assetId) ?? 0) % senders.length === sender);
        return publisher.publish(own);
      }),
    );
  }
}
