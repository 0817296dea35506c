import { TwinergyError } from '../core/index.js';
import { type ModelShelf, Monitor, type MonitorOptions } from '../monitor/index.js';
import type { Storage, TenantStorage } from '../storage/index.js';
import { type FencedTenant, type Position, readPosition, storeOf, takeFence } from './fenced-storage.js';
import type { ReadingsMessage } from './message.js';
import { ArrivalOrder } from './order.js';
import type { WorkOptions } from './work.js';

/** A message that was taken from the stream and not yet stored. */
export interface Arrived {
  readonly sequence: number;
  /** When the server took it, ms since the epoch. */
  readonly time: number;
  /** What it says; an error where it cannot be read. */
  readonly message: ReadingsMessage | TwinergyError;
  readonly data: Uint8Array;
}

/** Senders whose counts a partition remembers: those heard of last. */
const SENDERS = 256;

/** The assets that one tenant has in one partition, under one owner: their monitor and how far it has come. */
export class TenantWork {
  readonly monitor: Monitor;
  readonly #fenced: FencedTenant;
  readonly #scope: string;
  readonly #plain: TenantStorage;
  readonly #order = new ArrivalOrder();
  readonly #groups: boolean;
  #models: ModelShelf | false;
  #position: Position;

  private constructor(
    monitor: Monitor,
    models: ModelShelf | false,
    fenced: FencedTenant,
    { scope, plain, groups }: { readonly scope: string; readonly plain: TenantStorage; readonly groups: boolean },
  ) {
    this.monitor = monitor;
    this.#models = models;
    this.#fenced = fenced;
    this.#position = fenced.position;
    this.#scope = scope;
    this.#plain = plain;
    // What is suppressed depends on what comes together.
    this.#groups = groups;
  }

  /** Takes the fence, and what is stored up. @throws TwinergyError `STORAGE_FENCED`, and what `Monitor` throws */
  static async open(
    options: WorkOptions,
    place: { readonly scope: string; readonly epoch: number; readonly now: number },
    fleet: { readonly tenantId: string; readonly assets: MonitorOptions['assets'] },
    models: ModelShelf | false,
    storage: Storage,
  ): Promise<TenantWork> {
    const plain = storage.tenant(fleet.tenantId);
    const fenced = await takeFence(plain, place.scope, place.epoch, place.now);
    const monitor = new Monitor({
      ...options.monitor,
      ...fleet,
      models,
      storage: storeOf(storage, fenced.storage),
      // The stream holds what waits: nothing is left out, nothing refused.
      overload: { shedFrom: Number.MAX_SAFE_INTEGER, refuseFrom: Number.MAX_SAFE_INTEGER },
    });
    try {
      await monitor.open();
      if (models !== false && options.train !== false) await monitor.train();
    } catch (error) {
      await monitor.close();
      throw error;
    }
    return new TenantWork(monitor, models, fenced, {
      scope: place.scope,
      plain,
      groups: options.monitor?.suppress === undefined,
    });
  }

  /** Sequence of the last message that is stored. */
  get sequence(): number {
    return this.#position.sequence;
  }

  /** Takes the models of a shelf into use, where they are not; readings go on meanwhile. */
  async useModels(models: ModelShelf | false): Promise<void> {
    if (models === false || models === this.#models) return;
    await this.monitor.useModels(models);
    this.#models = models;
  }

  /** Whether a message may be taken in together with its neighbours; it must be asked of each, in order. */
  mayJoin(message: ReadingsMessage): boolean {
    return this.#order.follows(message.readings) && this.#groups;
  }

  /**
   * Takes messages in, in one transaction with the position behind them. Called again after an error with the same messages, it
   * looks first whether they were stored all the same.
   */
  async take(messages: readonly Arrived[], again: boolean): Promise<number> {
    if (again) this.#position = await readPosition(this.#plain, this.#scope);
    const fresh: Arrived[] = [];
    let position = this.#position;
    for (const arrived of messages) {
      if (!this.#knownAt(arrived, position)) fresh.push(arrived);
      position = after(position, arrived);
    }
    if (position.sequence <= this.#position.sequence) return 0;
    this.#fenced.position = position;
    try {
      const readings = fresh.flatMap(({ message }) => (message instanceof TwinergyError ? [] : message.readings));
      if (readings.length > 0) await this.monitor.ingest(readings);
      else await this.#fenced.storage.commit({ put: { quarantine: fresh.map(quarantined) } });
      this.#position = position;
      return readings.length;
    } catch (error) {
      this.#fenced.position = this.#position;
      throw error;
    }
  }

  /** Sets a message aside that cannot be stored, with the reason, and goes on behind it. */
  async setAside(arrived: Arrived, reason: TwinergyError): Promise<void> {
    const position = after(this.#position, arrived);
    this.#fenced.position = position;
    await this.#fenced.storage.commit({ put: { quarantine: [quarantined({ ...arrived, message: reason })] } });
    this.#position = position;
  }

  /** Nothing of this tenant came up to `sequence`: the next owner need not look for it. */
  async keepUp(sequence: number): Promise<void> {
    if (sequence <= this.#position.sequence) return;
    const position = { ...this.#position, sequence };
    this.#fenced.position = position;
    await this.#fenced.storage.commit({});
    this.#position = position;
  }

  /** Goes back, to take in again what came after `sequence`: what is there already does not change by it. */
  async goBack(sequence: number): Promise<void> {
    const position = { sequence: Math.min(sequence, this.#position.sequence), publishers: {} };
    this.#fenced.position = position;
    await this.#fenced.storage.commit({});
    this.#position = position;
  }

  #knownAt(arrived: Arrived, { publishers }: Position): boolean {
    const { message, sequence } = arrived;
    if (sequence <= this.#position.sequence) return true;
    if (message instanceof TwinergyError || message.publisher === undefined || message.number === undefined)
      return false;
    return message.number <= (publishers[message.publisher] ?? 0);
  }
}

/** The position behind a message. */
function after(position: Position, { sequence, message }: Arrived): Position {
  if (sequence <= position.sequence) return position;
  if (message instanceof TwinergyError || message.publisher === undefined || message.number === undefined)
    return { ...position, sequence };
  const { [message.publisher]: before = 0, ...others } = position.publishers;
  const kept = Object.entries(others);
  if (kept.length >= SENDERS) kept.splice(0, kept.length - SENDERS + 1);
  return {
    sequence,
    publishers: { ...Object.fromEntries(kept), [message.publisher]: Math.max(before, message.number) },
  };
}

/** The record of a message that cannot be read; it is the same however often it is made. */
function quarantined({ sequence, time, message, data }: Arrived) {
  const error = message instanceof TwinergyError ? message : undefined;
  const at = Math.round(time);
  return {
    id: `message-${sequence}`,
    time: at,
    reason: `${error?.code ?? 'CLUSTER_BAD_MESSAGE'}: ${error?.message ?? 'The message could not be taken in.'}`,
    receivedAt: at,
    reading: { base64: Buffer.from(data.subarray(0, 100_000)).toString('base64') },
  };
}
