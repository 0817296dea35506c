import { randomUUID } from 'node:crypto';
import type { KvWatchEntry } from '@nats-io/kv';
import { TypedEvents } from '../core/index.js';
import { type ModelShelf, type Monitor, modelShelf } from '../monitor/index.js';
import { balance } from './balance.js';
import {
  changeTable,
  control,
  isRevisionConflict,
  type MemberRecord,
  memberFormat,
  memberKey,
  memberPrefix,
  readTable,
  tableKey,
} from './bucket.js';
import { type BucketWatch, watchBucket } from './bucket-watch.js';
import { LeaseWatch } from './expiry.js';
import { isFenced } from './fenced-storage.js';
import { WaitFigures } from './figures.js';
import type { ClusterLink } from './link.js';
import { messageFormat } from './message.js';
import { ClusterModels, modelsKey } from './models.js';
import { type PartitionContext, PartitionWork } from './partition-work.js';
import { claimed, type OwnerTable, ownedBy, released } from './table.js';
import type { StoredGroup, WorkEvents, WorkOptions } from './work.js';

/** Options of `ClusterWorker.start`. */
export interface WorkerOptions extends WorkOptions {
  /** Name of the worker, unique in the cluster: letters, digits, `-` and `_`. Default: made up. */
  readonly id?: string | undefined;
  /** Time between renewals of the lease, ms. Default 1000. */
  readonly beat?: number | undefined;
  /** How long a lease may stand still until others take its partitions, ms. Default 4000. */
  readonly ttl?: number | undefined;
  /** Called for each monitor that begins to run, to listen to its events. */
  readonly onMonitor?: ((monitor: Monitor, tenantId: string) => void) | undefined;
  /** Called for each group of readings that was stored. */
  readonly onStored?: ((group: StoredGroup) => void) | undefined;
}

/** Beats that a partition stays with a worker at least, unless the worker leaves. */
const SETTLE = 10;

/** Partitions that are taken over side by side. */
const OPENING = 4;

/**
 * Runs the monitors of some partitions of a cluster: as many as are its part. Workers know of each other by leases in the
 * bucket; who owns what is one table, changed by compare-and-set. A worker that stops renewing its lease loses its partitions
 * to the others, and whatever it still tries to write is refused by the fence.
 *
 * ```ts
 * const worker = await ClusterWorker.start(link, { storage, assets, monitor: { rules } });
 * process.once('SIGTERM', () => worker.close());
 * ```
 */
export class ClusterWorker extends TypedEvents<WorkEvents> {
  readonly id: string;
  readonly #link: ClusterLink;
  readonly #options: WorkerOptions;
  readonly #beat: number;
  readonly #ttl: number;
  readonly #run = randomUUID();
  readonly #started = Date.now();
  readonly #leases = new LeaseWatch();
  readonly #members = new Map<string, MemberRecord>();
  readonly #running = new Map<number, PartitionWork>();
  readonly #opening = new Map<number, Promise<void>>();
  readonly #closing = new Map<number, Promise<void>>();
  #releasing: Promise<unknown> = Promise.resolve();
  readonly #orphans = new Map<number, number>();
  readonly #shelves = new Map<string, ModelShelf>();
  readonly #models: ClusterModels;
  readonly #waits = new WaitFigures();
  readonly #context: PartitionContext;
  #watch: BucketWatch | undefined;
  #revision = 0;
  #beats = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #echoAt = performance.now();
  #listenedAt = performance.now();
  #draining = false;
  #stopped = false;
  #eager = false;
  #loops: Promise<unknown> | undefined;
  #wake: (() => void) | undefined;
  #readings = 0;
  #takeovers = 0;
  #handovers = 0;
  #fenced = 0;

  private constructor(link: ClusterLink, options: WorkerOptions) {
    super();
    this.#link = link;
    this.#options = options;
    this.id = options.id ?? `worker-${randomUUID().slice(0, 8)}`;
    this.#beat = options.beat ?? 1_000;
    this.#ttl = options.ttl ?? 4_000;
    this.#models = new ClusterModels(link);
    this.#context = {
      link,
      options,
      events: this,
      models: (tenantId) => this.#shelf(tenantId),
      onMonitor: (monitor, tenantId) => options.onMonitor?.(monitor, tenantId),
      onStored: (group) => {
        this.#readings += group.readings;
        this.#waits.add(group.waited);
        options.onStored?.(group);
      },
      onLost: (partition) => {
        this.#fenced++;
        void this.#end(partition, { lost: true });
      },
    };
  }

  /** Joins a cluster; partitions come to it from then on. */
  static async start(link: ClusterLink, options: WorkerOptions): Promise<ClusterWorker> {
    const worker = new ClusterWorker(link, options);
    await worker.#renew();
    worker.#watch = watchBucket(link.bucket, (entry) => worker.#hear(entry));
    worker.#loops = Promise.all([worker.#renewals(), worker.#management()]);
    return worker;
  }

  /** The partitions that it handles now. */
  get partitions(): number[] {
    return [...this.#running.keys()].sort((a, b) => a - b);
  }

  /** What it says of itself to the others and to `clusterStatus`. */
  get record(): MemberRecord {
    return {
      format: memberFormat,
      id: this.id,
      run: this.#run,
      started: this.#started,
      beat: this.#beats,
      draining: this.#draining,
      reads: messageFormat,
      partitions: [...this.#running.values()].map(({ partition, epoch, lag, rate, sequence }) => ({
        partition,
        epoch,
        lag,
        rate: Math.round(rate * 10) / 10,
        sequence,
      })),
      readings: this.#readings,
      takeovers: this.#takeovers,
      handovers: this.#handovers,
      fenced: this.#fenced,
      p50: this.#waits.quantile(0.5),
      p99: this.#waits.quantile(0.99),
    };
  }

  /** The monitors of a partition by tenant; nothing where this worker does not handle it. */
  monitors(partition: number): ReadonlyMap<string, Monitor> {
    return this.#running.get(partition)?.monitors ?? new Map();
  }

  /** Hands all partitions over and takes no more; the worker stays. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#renew().catch(() => undefined);
    await Promise.allSettled(this.#opening.values());
    await Promise.all(this.partitions.map((partition) => this.#end(partition, { lost: false })));
    const { table } = await readTable(this.#link.bucket, this.#link.partitions);
    const left = ownedBy(table, this.id);
    if (left.length > 0) await this.#release(new Map(left.map((partition) => [partition, undefined])));
  }

  /** Leaves: hands over, and gives the lease back. With `handOver: false` it goes like one that is killed. */
  async close({ handOver = true }: { readonly handOver?: boolean } = {}): Promise<void> {
    if (this.#stopped) return;
    if (handOver) {
      await this.drain().catch(() => undefined);
    }
    this.#stopped = true;
    this.#wake?.();
    this.#watch?.stop();
    await this.#loops;
    await Promise.allSettled(this.#opening.values());
    await Promise.all(this.partitions.map((partition) => this.#end(partition, { lost: true })));
    await Promise.all(this.#closing.values());
    if (handOver) await this.#link.bucket.delete(memberKey(this.id)).catch(() => undefined);
    this.removeAllListeners();
  }

  // --- the lease

  /** Whether the lease stands, by this worker's own clock: others wait at least as long before they take anything. */
  get #holds(): boolean {
    return performance.now() - this.#renewedAt < this.#ttl;
  }

  async #renewals(): Promise<void> {
    while (!this.#stopped) {
      await this.#renew().catch((error: unknown) => this.emit('trouble', { partition: undefined, error }));
      await new Promise((resolve) => setTimeout(resolve, this.#beat));
    }
  }

  async #renew(): Promise<void> {
    const asked = performance.now();
    this.#beats++;
    const { bucket } = this.#link;
    const key = memberKey(this.id);
    const text = JSON.stringify(this.record);
    try {
      this.#revision = await (this.#revision === 0
        ? bucket.create(key, text)
        : bucket.update(key, text, this.#revision));
      this.#renewedAt = asked;
    } catch (error) {
      if (!isRevisionConflict(error)) throw error;
      // A renewal whose answer was lost; or the record was cleared away, and begins anew.
      const entry = await bucket.get(key);
      this.#revision = entry === null || entry.length === 0 ? 0 : entry.revision;
    }
  }

  #hear(entry: KvWatchEntry): void {
    const { key, revision } = entry;
    if (key.startsWith(memberPrefix)) {
      const id = key.slice(memberPrefix.length);
      if (entry.operation !== 'PUT') {
        this.#members.delete(id);
        this.#leases.forget(key);
        this.#wake?.();
        return;
      }
      this.#leases.see(key, revision);
      if (!this.#members.has(id)) this.#wake?.();
      this.#members.set(id, entry.json<MemberRecord>());
      if (id === this.id) {
        // An observer that stood still, or was cut off, cannot say that the others did.
        const gap = performance.now() - this.#echoAt;
        if (gap > this.#ttl / 2) this.#leases.forgive(gap - this.#ttl / 2);
        this.#echoAt = performance.now();
      }
    } else if (key === tableKey) this.#wake?.();
    else if (key === modelsKey && entry.operation === 'PUT') {
      if (entry.isUpdate) void this.#swapModels(entry.json<{ tenant: string }>().tenant);
    } else if (key.startsWith('control.') && entry.operation === 'PUT') this.#command(entry);
  }

  #command({ key, isUpdate }: KvWatchEntry): void {
    if (key === control.drain(this.id)) {
      void this.#link.bucket
        .delete(key)
        .catch(() => undefined)
        .then(() => this.close());
    } else if (key === control.rebalance && isUpdate) {
      this.#eager = true;
      this.#wake?.();
    } else if (key.startsWith(control.replay)) {
      void this.#reopen(Number(key.slice(control.replay.length)));
    }
  }

  /** Ends a partition in order and begins it anew, under the same epoch: for what is asked of it to be replayed. */
  async #reopen(partition: number): Promise<void> {
    const work = this.#running.get(partition);
    if (work === undefined) return;
    this.#running.delete(partition);
    const ending = work.stop(false).finally(() => {
      this.#closing.delete(partition);
      this.#wake?.();
    });
    this.#closing.set(partition, ending);
    await ending;
  }

  /** From where on a partition is asked to be replayed, and what says that it was done. */
  async #replayOf(partition: number): Promise<{ readonly from: number; done(): Promise<void> } | undefined> {
    const key = control.replay + partition;
    const entry = await this.#link.bucket.get(key);
    if (entry === null || entry.operation !== 'PUT') return undefined;
    const { from } = entry.json<{ from: number }>();
    return { from, done: () => this.#link.bucket.delete(key, { previousSeq: entry.revision }) };
  }

  // --- who owns what

  async #management(): Promise<void> {
    // Workers that start together see each other before anybody takes anything.
    await new Promise((resolve) => setTimeout(resolve, this.#beat));
    while (!this.#stopped) {
      try {
        if (this.#holds) await this.#manage();
        else for (const partition of this.partitions) void this.#end(partition, { lost: true });
      } catch (error) {
        this.emit('trouble', { partition: undefined, error });
      }
      this.#listen();
      if (this.#stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#beat / 2);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** A watch by which not even the own lease comes is made anew; it gets its time to begin. */
  #listen(): void {
    const now = performance.now();
    if (now - Math.max(this.#echoAt, this.#listenedAt) < 3 * this.#beat + 2_000) return;
    this.#listenedAt = now;
    this.#watch?.restart();
  }

  async #manage(): Promise<void> {
    const { table } = await readTable(this.#link.bucket, this.#link.partitions);
    if (this.#draining) return;
    const wanted = this.#claims(table);
    const now =
      wanted.length === 0
        ? table
        : await changeTable(this.#link.bucket, this.#link.partitions, (current) => {
            const still = this.#claims(current).filter((partition) => wanted.includes(partition));
            return still.length === 0 ? undefined : claimed(current, this.id, still);
          });
    this.#follow(now);
    const moves = balance({ ...this.#view(now), ...(this.#eager && { tolerance: 0 }) });
    const away = moves.filter(({ partition, from }) => from === this.id && this.#mayGo(partition));
    for (const { partition, to } of away) void this.#end(partition, { lost: false, to });
    if (away.length === 0) this.#eager = false;
  }

  /** A partition that has just come does not go at once: rates have to be seen first, and hand-overs cost something. */
  #mayGo(partition: number): boolean {
    const work = this.#running.get(partition);
    return work !== undefined && (this.#eager || work.age > SETTLE * this.#beat);
  }

  /** The table without the owners whose leases ran out, the workers that live, and the rates. */
  #view(table: OwnerTable) {
    const lives = (id: string) => id === this.id || this.#leases.age(memberKey(id)) < this.#ttl;
    const rates = new Map<number, number>();
    const workers: string[] = this.#draining ? [] : [this.id];
    for (const [id, { draining, partitions, format }] of this.#members) {
      if (!lives(id) || format > memberFormat) continue;
      if (id !== this.id && !draining) workers.push(id);
      for (const { partition, rate } of partitions) rates.set(partition, rate);
    }
    const partitions = table.partitions.map((ownership) =>
      ownership.owner === null || lives(ownership.owner) ? ownership : { owner: null, epoch: ownership.epoch },
    );
    return { table: { ...table, partitions }, workers, rates };
  }

  /** Partitions of nobody that are this worker's part, or that nobody took for too long. */
  #claims(table: OwnerTable): number[] {
    const view = this.#view(table);
    const now = performance.now();
    view.table.partitions.forEach(({ owner }, partition) => {
      if (owner !== null) this.#orphans.delete(partition);
      else if (!this.#orphans.has(partition)) this.#orphans.set(partition, now);
    });
    return balance(view)
      .filter(({ from, to, partition }) => {
        const alone = now - (this.#orphans.get(partition) ?? now) > this.#ttl;
        return from === null && (to === this.id || alone);
      })
      .map(({ partition }) => partition);
  }

  /** Begins what the table says is this worker's, ends what is not. */
  #follow(table: OwnerTable): void {
    for (const [partition, work] of this.#running) {
      const ownership = table.partitions[partition];
      if (ownership?.owner !== this.id || ownership.epoch !== work.epoch) void this.#end(partition, { lost: true });
    }
    const missing = ownedBy(table, this.id).filter(
      (partition) => !this.#running.has(partition) && !this.#opening.has(partition) && !this.#closing.has(partition),
    );
    for (const partition of missing) {
      if (this.#opening.size >= OPENING) break;
      const opening = this.#open(partition, table.partitions[partition]?.epoch as number).finally(() => {
        this.#opening.delete(partition);
        this.#wake?.();
      });
      this.#opening.set(partition, opening);
    }
  }

  async #open(partition: number, epoch: number): Promise<void> {
    const began = performance.now();
    try {
      const replay = await this.#replayOf(partition);
      const work = await PartitionWork.open(partition, epoch, this.#context, replay?.from);
      await replay?.done();
      if (this.#stopped || this.#draining) {
        await work.stop(this.#stopped);
        return;
      }
      this.#running.set(partition, work);
      this.#takeovers++;
      const ms = performance.now() - began;
      this.emit('owned', { partition, epoch, position: work.sequence, ms });
    } catch (error) {
      this.emit('trouble', { partition, error });
      if (!isFenced(error)) return;
      // The bucket was made anew, or set back: the store has seen later epochs than the table.
      const fence = await PartitionWork.fenceOf(partition, this.#context);
      await changeTable(this.#link.bucket, this.#link.partitions, (table) => {
        const ownership = table.partitions[partition];
        const mine = ownership?.owner === this.id && ownership.epoch === epoch && epoch <= fence;
        return mine ? claimed(table, this.id, [partition], fence) : undefined;
      });
    }
  }

  /**
   * Ends the work on a partition, beside everything else: what it waits for must not keep other partitions waiting. In order
   * (`lost` false), it is stored up to where it came, and the table says that it is free; lost, nothing is written any more.
   */
  #end(partition: number, { lost, to }: { readonly lost: boolean; readonly to?: string | undefined }): Promise<void> {
    const work = this.#running.get(partition);
    if (work === undefined) return this.#closing.get(partition) ?? Promise.resolve();
    this.#running.delete(partition);
    const ending = (async () => {
      await work.stop(lost);
      if (!lost) this.#handovers++;
      this.emit('released', { partition, epoch: work.epoch, lost });
      if (!lost) await this.#release(new Map([[partition, to]]));
    })()
      .catch((error: unknown) => this.emit('trouble', { partition, error }))
      .finally(() => {
        this.#closing.delete(partition);
        this.#wake?.();
      });
    this.#closing.set(partition, ending);
    return ending;
  }

  /** Says in the table that partitions are free; one change after the other, so that they do not get in each other's way. */
  #release(given: ReadonlyMap<number, string | undefined>): Promise<unknown> {
    const { bucket, partitions } = this.#link;
    const change = () => changeTable(bucket, partitions, (table) => released(table, this.id, given));
    const done = this.#releasing.then(change, change);
    this.#releasing = done.catch(() => undefined);
    return done;
  }

  // --- models

  #shelf(tenantId: string): ModelShelf | false {
    const { storage, monitor } = this.#options;
    const models = monitor?.models;
    if (models === false) return false;
    if (models !== undefined && 'of' in models) return models;
    let shelf = this.#shelves.get(tenantId);
    if (shelf === undefined) {
      shelf = modelShelf(this.#models.in(storage.tenant(tenantId)), { seed: monitor?.seed ?? 0, ...models });
      this.#shelves.set(tenantId, shelf);
    }
    return shelf;
  }

  /** Takes the models into use that the registry names now; readings go on meanwhile. */
  async #swapModels(tenantId: string): Promise<void> {
    this.#shelves.delete(tenantId);
    const shelf = this.#shelf(tenantId);
    if (shelf === false) return;
    for (const work of this.#running.values())
      await work.monitors
        .get(tenantId)
        ?.useModels(shelf)
        .catch((error: unknown) => this.emit('trouble', { partition: work.partition, error }));
  }
}
