import { randomUUID } from 'node:crypto';
import type { KvWatchEntry } from '@nats-io/kv';
import { TypedEvents } from '../core/index.js';
import type { Monitor } from '../monitor/index.js';
import { balance } from './balance.js';
import { changeTable, control, type MemberRecord, memberFormat, memberPrefix, readTable, tableKey } from './bucket.js';
import { type BucketWatch, watchBucket } from './bucket-watch.js';
import { Claims } from './claims.js';
import { WaitFigures } from './figures.js';
import { Gate } from './gate.js';
import { Lease } from './lease.js';
import type { ClusterLink } from './link.js';
import { Members } from './members.js';
import { messageFormat } from './message.js';
import { modelsKey } from './models.js';
import { OwnedPartitions } from './owned-partitions.js';
import { ShadowReports } from './shadow-reports.js';
import { claimed, type OwnerTable } from './table.js';
import { defaultWrites, type StoredGroup, type WorkEvents, type WorkOptions } from './work.js';
import { WorkerModels } from './worker-models.js';

/** Options of `ClusterWorker.start`. */
export interface WorkerOptions extends WorkOptions {
  /** Name of the worker, unique in the cluster: letters, digits, `-` and `_`. Default: made up. */
  readonly id?: string | undefined;
  /** Time between renewals of the lease, ms. Default 1000. */
  readonly beat?: number | undefined;
  /** How long a lease may stand still until others take its partitions, ms. Default 4000. */
  readonly ttl?: number | undefined;
  /**
   * How long a partition may take to begin, ms (default 60,000). One that takes longer, or fails, is given back, and tried again
   * here or by another worker.
   */
  readonly startLimit?: number | undefined;
  /**
   * `auto`: versions that run as shadows are promoted or dropped when the fleet has given its verdict. Default: that is left to
   * whoever calls `settleShadows`.
   */
  readonly promote?: 'auto' | undefined;
  /** Called for each monitor that begins to run, to listen to its events. */
  readonly onMonitor?: ((monitor: Monitor, tenantId: string) => void) | undefined;
  /** Called for each group of readings that was stored. */
  readonly onStored?: ((group: StoredGroup) => void) | undefined;
}

/** Beats between two words on how shadows do. */
const SHADOWS = 10;

/** Beats that a partition stays with a worker at least, unless the worker leaves. */
const SETTLE = 10;

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
  readonly #beat: number;
  readonly #run = randomUUID();
  readonly #started = Date.now();
  readonly #lease: Lease;
  readonly #members: Members;
  readonly #claims: Claims;
  readonly #owned: OwnedPartitions;
  readonly #models: WorkerModels;
  readonly #shadows: ShadowReports;
  readonly #waits = new WaitFigures();
  #watch: BucketWatch | undefined;
  #listenedAt = performance.now();
  #beats = 0;
  #draining = false;
  #stopped = false;
  #eager = false;
  #loops: Promise<unknown> | undefined;
  #wake: (() => void) | undefined;
  #readings = 0;
  #fenced = 0;

  private constructor(link: ClusterLink, options: WorkerOptions) {
    super();
    const { beat = 1_000, ttl = 4_000 } = options;
    this.#link = link;
    this.id = options.id ?? `worker-${randomUUID().slice(0, 8)}`;
    this.#beat = beat;
    this.#lease = new Lease(link.bucket, this.id, ttl);
    this.#members = new Members(this.id, ttl);
    this.#claims = new Claims(this.id, ttl);
    this.#models = new WorkerModels(link, options, this);
    this.#shadows = new ShadowReports(link, options.promote === 'auto' ? options.storage : undefined, this);
    this.#owned = new OwnedPartitions({
      id: this.id,
      startLimit: options.startLimit ?? 60_000,
      mayStart: () => !this.#stopped && !this.#draining,
      onChange: () => this.#wake?.(),
      context: {
        link,
        options,
        events: this,
        models: (tenantId) => this.#models.of(tenantId),
        onMonitor: (monitor, tenantId) => options.onMonitor?.(monitor, tenantId),
        onStored: (group) => {
          this.#readings += group.readings;
          this.#waits.add(group.waited);
          options.onStored?.(group);
        },
        writes: new Gate(options.writes ?? defaultWrites),
        onLost: (partition) => {
          this.#fenced++;
          void this.#owned.end(partition, { lost: true });
        },
      },
    });
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
    return this.#owned.numbers;
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
      partitions: this.#owned.works.map(({ partition, epoch, lag, rate, sequence }) => ({
        partition,
        epoch,
        lag,
        rate: Math.round(rate * 10) / 10,
        sequence,
      })),
      readings: this.#readings,
      ...this.#owned.counts,
      fenced: this.#fenced,
      p50: this.#waits.quantile(0.5),
      p99: this.#waits.quantile(0.99),
    };
  }

  /** The monitors of a partition by tenant; nothing where this worker does not handle it. */
  monitors(partition: number): ReadonlyMap<string, Monitor> {
    return this.#owned.monitors(partition);
  }

  /** Hands all partitions over and takes no more; the worker stays. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#renew().catch(() => undefined);
    await this.#owned.endAll(false);
    const { table } = await readTable(this.#link.bucket, this.#link.partitions);
    await this.#owned.releaseRest(table);
  }

  /** Leaves: hands over, and gives the lease back. With `handOver: false` it goes like one that is killed. */
  async close({ handOver = true }: { readonly handOver?: boolean } = {}): Promise<void> {
    if (this.#stopped) return;
    if (handOver) await this.drain().catch(() => undefined);
    this.#stopped = true;
    this.#wake?.();
    this.#watch?.stop();
    await this.#loops;
    await this.#shadows.idle;
    await this.#owned.endAll(true);
    if (handOver) await this.#lease.end();
    this.removeAllListeners();
  }

  async #renewals(): Promise<void> {
    while (!this.#stopped) {
      await this.#renew().catch((error: unknown) => this.emit('trouble', { partition: undefined, error }));
      await new Promise((resolve) => setTimeout(resolve, this.#beat));
    }
  }

  async #renew(): Promise<void> {
    this.#beats++;
    // Beside the lease: nothing may hold that up.
    if (this.#beats % SHADOWS === 0) this.#shadows.tell(this.#owned.works);
    await this.#lease.renew(this.record);
  }

  // --- what the bucket says

  #hear(entry: KvWatchEntry): void {
    const { key } = entry;
    if (key.startsWith(memberPrefix)) {
      if (this.#members.hear(entry)) this.#wake?.();
    } else if (key === tableKey) this.#wake?.();
    else if (key === modelsKey && entry.operation === 'PUT') {
      this.#models.hear(entry);
      this.#wake?.();
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
      void this.#owned.reopen(Number(key.slice(control.replay.length)));
    }
  }

  /** A watch by which not even the own lease comes is made anew; it gets its time to begin. */
  #listen(): void {
    const now = performance.now();
    if (now - Math.max(this.#members.echoAt, this.#listenedAt) < 3 * this.#beat + 2_000) return;
    this.#listenedAt = now;
    this.#watch?.restart();
  }

  // --- who owns what

  async #management(): Promise<void> {
    // Workers that start together see each other before anybody takes anything.
    await new Promise((resolve) => setTimeout(resolve, this.#beat));
    while (!this.#stopped) {
      try {
        void this.#models.swap(this.#owned.works);
        if (this.#lease.holds) await this.#manage();
        else for (const partition of this.partitions) void this.#owned.end(partition, { lost: true });
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

  async #manage(): Promise<void> {
    const { bucket, partitions } = this.#link;
    const { table } = await readTable(bucket, partitions);
    if (this.#draining) return;
    const wanted = this.#wanted(table);
    const now =
      wanted.length === 0
        ? table
        : await changeTable(bucket, partitions, (current) => {
            const still = this.#wanted(current).filter((partition) => wanted.includes(partition));
            return still.length === 0 ? undefined : claimed(current, this.id, still);
          });
    this.#owned.follow(now);
    const view = this.#members.view(now, !this.#draining);
    const moves = balance({ ...view, ...(this.#eager && { tolerance: 0 }) });
    const away = moves.filter(({ partition, from }) => from === this.id && this.#mayGo(partition));
    for (const { partition, to } of away) void this.#owned.end(partition, { lost: false, to });
    if (away.length === 0) this.#eager = false;
  }

  #wanted(table: OwnerTable): number[] {
    if (!this.#members.sees) return [];
    const claims = this.#claims.in(this.#members.view(table, !this.#draining));
    return claims.filter((partition) => !this.#owned.holdsOff(partition));
  }

  /** A partition that has just come does not go at once: rates have to be seen first, and hand-overs cost something. */
  #mayGo(partition: number): boolean {
    const age = this.#owned.age(partition);
    return age !== undefined && (this.#eager || age > SETTLE * this.#beat);
  }
}
