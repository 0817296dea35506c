import { TwinergyError, type TypedEvents } from '../core/index.js';
import type { ModelShelf } from '../monitor/index.js';
import { isFenced, scopeOf } from './fenced-storage.js';
import { RecentRate } from './figures.js';
import type { Gate } from './gate.js';
import type { ClusterLink } from './link.js';
import { decodeMessage, type ReadingsMessage } from './message.js';
import { MessageQueue, type Queued } from './message-queue.js';
import { PartitionMap } from './partition.js';
import { type PartitionReader, readPartition, type StreamMessage } from './reader.js';
import type { TenantTrials } from './shadows.js';
import { TenantWork } from './tenant-work.js';
import { clockOf, fleetsOf, type StoredGroup, type WorkEvents, type WorkOptions } from './work.js';

/** What a partition's work needs of its worker. */
export interface PartitionContext {
  readonly link: ClusterLink;
  readonly options: WorkOptions;
  readonly events: Pick<TypedEvents<WorkEvents>, 'emit'>;
  /** Models of a tenant, shared by all partitions of the worker. */
  readonly models: (tenantId: string) => ModelShelf | false;
  /** A monitor began to run, for those who listen to all of them. */
  readonly onMonitor: (monitor: TenantWork['monitor'], tenantId: string) => void;
  readonly onStored: (group: StoredGroup) => void;
  /** Lets the transactions of the worker's partitions through. */
  readonly writes: Gate;
  /** There is a later owner. */
  readonly onLost: (partition: number) => void;
}

/** How often an idle tenant's position is brought up to what was read, ms. */
const KEEP_UP = 30_000;

/** Readings in memory beyond which the stream waits, in groups. */
const QUEUE_GROUPS = 2;

/** One partition under one owner: reads its messages, lets its tenants' monitors take them in, and stores how far it came. */
export class PartitionWork {
  readonly partition: number;
  readonly epoch: number;
  readonly #context: PartitionContext;
  readonly #scope: string;
  readonly #tenants = new Map<string, TenantWork>();
  readonly #group: number;
  #reader: PartitionReader | undefined;
  readonly #queue = new MessageQueue();
  #wake: (() => void) | undefined;
  #room: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  #lost = false;
  #read = 0;
  #pending = 0;
  #ticked = performance.now();
  #kept = performance.now();
  readonly #rate = new RecentRate();
  readonly #opened = performance.now();

  private constructor(partition: number, epoch: number, context: PartitionContext) {
    this.partition = partition;
    this.epoch = epoch;
    this.#context = context;
    this.#scope = scopeOf(context.link.name, partition);
    this.#group = context.options.group ?? 2_000;
  }

  /**
   * Takes a partition over: shuts earlier owners out, takes up what they stored, and reads on from there.
   * With `replayFrom`, from that sequence again.
   * @throws TwinergyError `STORAGE_FENCED` where there is a later owner
   */
  static async open(
    partition: number,
    epoch: number,
    context: PartitionContext,
    replayFrom?: number,
  ): Promise<PartitionWork> {
    const work = new PartitionWork(partition, epoch, context);
    try {
      const fleets = await fleetsOf(context.options.assets);
      const map = new PartitionMap(context.link.partitions);
      for (const { tenantId = 'default', assets } of fleets) {
        const own = assets.filter(({ id }) => map.of(tenantId, id) === partition);
        if (own.length > 0 || fleets.length === 1) await work.#openTenant(tenantId, own);
      }
      if (work.#tenants.size === 0) await work.#openTenant('default', []);
      if (replayFrom !== undefined) for (const tenant of work.#tenants.values()) await tenant.goBack(replayFrom - 1);
    } catch (error) {
      await work.#closeTenants();
      throw error;
    }
    const from = Math.min(...[...work.#tenants.values()].map(({ sequence }) => sequence)) + 1;
    work.#read = from - 1;
    work.#reader = readPartition(context.link, partition, { from, accept: (message) => work.#accept(message) });
    work.#running = work.#run();
    return work;
  }

  /** Messages that are read and not stored, and those that the stream still has. */
  get lag(): number {
    return this.#pending + this.#queue.length;
  }

  /** Readings a second, the last minute weighing most. */
  get rate(): number {
    return this.#rate.value;
  }

  /** How long this owner has it, ms. */
  get age(): number {
    return performance.now() - this.#opened;
  }

  /** Sequence of the last message behind which everything is stored. */
  get sequence(): number {
    const { first } = this.#queue;
    return first === undefined ? this.#read : first.sequence - 1;
  }

  /** The monitors, by tenant. */
  get monitors(): ReadonlyMap<string, TenantWork['monitor']> {
    return new Map([...this.#tenants].map(([tenantId, { monitor }]) => [tenantId, monitor]));
  }

  /** Takes the models into use that the worker has now; readings go on meanwhile. */
  async useModels(): Promise<void> {
    for (const [tenantId, tenant] of this.#tenants) await tenant.useModels(this.#context.models(tenantId));
  }

  /** How the versions that run as shadows do here. */
  get shadows(): TenantTrials[] {
    return [...this.#tenants].flatMap(([tenantId, { monitor }]) =>
      monitor.shadows().map((trials) => ({ tenantId, ...trials })),
    );
  }

  /**
   * Gives the partition up. In order (`lost` false): what is being stored is stored, how far it came is written down; what was
   * read beyond that the next owner reads again. Lost: nothing is written any more.
   */
  async stop(lost: boolean): Promise<void> {
    this.#lost ||= lost;
    if (!this.#stopping) {
      this.#stopping = true;
      this.#wake?.();
      this.#room?.();
    }
    await this.#reader?.stop();
    await this.#running;
    if (!this.#lost) await this.#keepUp().catch(() => undefined);
    await this.#closeTenants();
  }

  async #openTenant(tenantId: string, assets: Parameters<typeof TenantWork.open>[2]['assets']): Promise<TenantWork> {
    const { options, models, onMonitor } = this.#context;
    const now = clockOf(options).now();
    const place = { scope: this.#scope, epoch: this.epoch, now };
    const work = await TenantWork.open(options, place, { tenantId, assets }, models(tenantId), options.storage);
    this.#tenants.set(tenantId, work);
    onMonitor(work.monitor, tenantId);
    return work;
  }

  async #closeTenants(): Promise<void> {
    await Promise.all([...this.#tenants.values()].map(({ monitor }) => monitor.close()));
  }

  async #accept({ sequence, time, pending, data }: StreamMessage): Promise<void> {
    if (this.#stopping) return;
    let message: ReadingsMessage | TwinergyError;
    try {
      message = decodeMessage(data);
    } catch (error) {
      if (!(error instanceof TwinergyError)) throw error;
      message = error;
    }
    if (message instanceof TwinergyError && message.code === 'CLUSTER_NEWER_MESSAGE') {
      // Another worker, of a later release, must have this partition; here it waits.
      this.#context.events.emit('trouble', { partition: this.partition, error: message });
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
      return;
    }
    const bad = message instanceof TwinergyError;
    const tenantId = bad ? (this.#tenants.keys().next().value as string) : (message as ReadingsMessage).tenantId;
    const tenant = this.#tenants.get(tenantId) ?? (await this.#openTenant(tenantId, []));
    const joins = !bad && tenant.mayJoin(message as ReadingsMessage);
    const readings = bad ? 0 : (message as ReadingsMessage).readings.length;
    this.#queue.push({ sequence, time, message, data: bad ? data : EMPTY, tenantId, readings, joins });
    this.#read = sequence;
    this.#pending = pending;
    this.#wake?.();
    if (this.#queue.readings > QUEUE_GROUPS * this.#group && !this.#stopping) {
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      if (this.#queue.length === 0) await this.#idle();
      if (this.#queue.length > 0 && !this.#stopping) await this.#store();
    }
  }

  /** Waits for messages; meanwhile lets time pass for the monitors, and positions catch up. */
  async #idle(): Promise<void> {
    const { tick = 5_000 } = this.#context.options;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, tick === 0 ? KEEP_UP : Math.min(tick, KEEP_UP));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    await this.#upkeep();
  }

  async #upkeep(): Promise<void> {
    const { tick = 5_000 } = this.#context.options;
    const now = performance.now();
    try {
      if (tick > 0 && now - this.#ticked >= tick && !this.#stopping) {
        this.#ticked = now;
        for (const { monitor } of this.#tenants.values()) await monitor.tick();
      }
      if (now - this.#kept >= KEEP_UP && !this.#stopping) await this.#keepUp();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #keepUp(): Promise<void> {
    this.#kept = performance.now();
    const upTo = this.sequence;
    for (const tenant of this.#tenants.values()) await tenant.keepUp(upTo);
  }

  /** Stores the next group; tries again until it is stored, set aside, or somebody else's. */
  async #store(): Promise<void> {
    let messages: readonly Queued[] = [];
    for (let attempt = 0; !this.#stopping; attempt++) {
      try {
        const readings = await this.#context.writes.pass(async () => {
          if (this.#stopping) return undefined;
          // What came while others were let through goes with it.
          if (attempt === 0) messages = this.#queue.group(this.#group);
          return this.#tenantOf(messages).take(messages, attempt > 0);
        });
        if (readings !== undefined) this.#stored(messages, readings);
        break;
      } catch (error) {
        if (this.#failed(error)) return;
        if (isBadData(error) && messages.length > 1) messages = messages.slice(0, 1);
        else if (isBadData(error) && attempt >= 2) {
          await this.#tenantOf(messages)
            .setAside(messages[0] as Queued, error as TwinergyError)
            .then(
              () => this.#stored(messages, 0),
              (second: unknown) => this.#failed(second),
            );
          break;
        } else await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 50 * 2 ** attempt)));
      }
    }
    if (performance.now() - this.#ticked >= (this.#context.options.tick ?? 5_000)) await this.#upkeep();
  }

  #tenantOf(messages: readonly Queued[]): TenantWork {
    return this.#tenants.get((messages[0] as Queued).tenantId) as TenantWork;
  }

  #stored(messages: readonly Queued[], readings: number): void {
    this.#queue.drop(messages);
    this.#room?.();
    this.#room = undefined;
    this.#rate.add(readings);
    const [{ tenantId, time }] = messages as readonly [Queued];
    this.#context.onStored({
      partition: this.partition,
      tenantId,
      readings,
      waited: Math.max(0, Date.now() - time),
    });
  }

  /** Notes an error; true where this owner's time is over. */
  #failed(error: unknown): boolean {
    const { events, onLost } = this.#context;
    if (!isFenced(error)) {
      events.emit('trouble', { partition: this.partition, error });
      return this.#stopping;
    }
    this.#lost = true;
    this.#stopping = true;
    this.#room?.();
    events.emit('fenced', { partition: this.partition, epoch: this.epoch });
    onLost(this.partition);
    return true;
  }
}

const EMPTY = new Uint8Array();

/** Whether an error will come again with the same data, whatever one waits for. */
function isBadData(error: unknown): boolean {
  return error instanceof TwinergyError && /^(STORAGE_BAD|STORAGE_UNKNOWN|MONITOR_BAD|CLUSTER_BAD)/.test(error.code);
}
