import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Duration, durationMs, MissingPeerError, quote, TwinergyError } from '../core/index.js';
import { type ClusterNames, clusterNames } from './names.js';
import { defaultPartitions } from './partition.js';

/** Where a cluster is, and how its stream is made the first time. */
export interface LinkOptions {
  /** Servers: `nats://127.0.0.1:4222`, or several of one NATS cluster. */
  readonly nats: string | readonly string[];
  /** Name of the cluster; several may share a NATS server. Small letters, digits and `-`. Default `twinergy`. */
  readonly name?: string | undefined;
  /** Partitions of the stream; fixed when it is made. Default 64. */
  readonly partitions?: number | undefined;
  /** Copies of stream, leases and models: 1 (default), or 3 in a NATS cluster of three nodes. */
  readonly replicas?: 1 | 3 | 5 | undefined;
  /** How long readings stay in the stream, for replays. Default `7d`. */
  readonly keep?: Duration | undefined;
  /** Where readings lie: `file` (default), or `memory` for tests. */
  readonly stored?: 'file' | 'memory' | undefined;
  /** Further options of the NATS client: user, token, TLS. */
  readonly connection?: Readonly<Record<string, unknown>> | undefined;
}

/** A connection to a cluster: its stream, its bucket and what they are called. Made by `linkCluster`. */
export interface ClusterLink {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly bucket: KV;
  readonly names: ClusterNames;
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly stored: 'file' | 'memory';
  /** The bucket of models; undefined where no model was spread yet. */
  models(): Promise<ObjectStore | undefined>;
  /** The bucket of models, made where there is none. */
  makeModels(): Promise<ObjectStore>;
  /** Resolves while the connection stands: what is sent before that only waits in memory. */
  connected(): Promise<void>;
  close(): Promise<void>;
}

/**
 * How long the bucket may take to answer, ms. Less than a lease stands: an answer that went down with a node must not cost the
 * worker that waits for it its lease.
 */
const BUCKET_PATIENCE = 1_500;

/** Messages that come again within this time are dropped by the server, ns. */
const DUPLICATE_WINDOW = 120e9;

/**
 * Connects to a cluster and makes its stream and bucket where they are not there. The connection comes back by itself.
 * @throws MissingPeerError where the packages `@nats-io/*` are not installed
 * @throws TwinergyError `CLUSTER_BAD_OPTION`; `CLUSTER_PARTITIONS` where the stream has another number of partitions
 */
export async function linkCluster(options: LinkOptions): Promise<ClusterLink> {
  const { name = 'twinergy', partitions = defaultPartitions, replicas = 1, stored = 'file' } = options;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) throw badOption('name', name, 'Use small letters, digits and "-".');
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 65_536)
    throw badOption('partitions', partitions, 'A whole number from 1 to 65536.');
  const keep = durationMs(options.keep ?? '7d', 'keep');
  const packages = await natsPackages();
  const servers = typeof options.nats === 'string' ? [options.nats] : [...options.nats];
  const connection = await packages.transport.connect({
    servers,
    name: `twinergy ${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 2_000,
    maxPingOut: 2,
    ...options.connection,
  });
  try {
    const names = clusterNames(name);
    const js = packages.jetstream.jetstream(connection, { timeout: 5_000 });
    const manager = await packages.jetstream.jetstreamManager(connection, { timeout: 5_000 });
    await ensureStream(manager, names, { partitions, replicas, stored, keep });
    await new packages.kv.Kvm(js).create(names.bucket, { history: 1, replicas });
    // Opened, not made, a bucket is read at its leader: a replica that lags behind would show owners of the past.
    const quick = packages.jetstream.jetstream(connection, { timeout: BUCKET_PATIENCE });
    const bucket = await new packages.kv.Kvm(quick).open(names.bucket);
    let models: Promise<ObjectStore> | undefined;
    const objects = async () => new (await packages.obj()).Objm(js);
    return {
      connection,
      js,
      manager,
      bucket,
      names,
      name,
      partitions,
      replicas,
      stored,
      models: () => {
        models ??= objects().then((all) => all.open(names.models));
        return models.catch((error: unknown) => {
          models = undefined;
          if (/object store not found/.test(String(error))) return undefined;
          throw error;
        });
      },
      makeModels: async () => (await objects()).create(names.models, { replicas }),
      connected: standing(connection),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function natsPackages() {
  try {
    const [transport, jetstream, kv] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
      import('@nats-io/kv'),
    ]);
    return { transport, jetstream, kv, obj: () => import('@nats-io/obj') };
  } catch (cause) {
    throw new MissingPeerError(
      '@nats-io/transport-node @nats-io/jetstream @nats-io/kv @nats-io/obj',
      'The cluster',
      cause,
    );
  }
}

async function ensureStream(
  manager: JetStreamManager,
  names: ClusterNames,
  wanted: {
    readonly partitions: number;
    readonly replicas: number;
    readonly stored: 'file' | 'memory';
    readonly keep: number;
  },
): Promise<void> {
  const { partitions, replicas, stored, keep } = wanted;
  const subjects = [names.readings(0).replace(/0$/, '*')];
  const description = `twinergy readings, partitions=${partitions}`;
  const found = await manager.streams.info(names.stream).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 10059) return undefined;
    throw error;
  });
  if (found === undefined) {
    await manager.streams.add({
      name: names.stream,
      subjects,
      description,
      retention: 'limits',
      storage: stored,
      num_replicas: replicas,
      max_age: keep * 1e6,
      duplicate_window: Math.min(DUPLICATE_WINDOW, keep * 1e6),
      allow_direct: true,
    });
    return;
  }
  const made = /partitions=(\d+)/.exec(found.config.description ?? '')?.[1];
  if (made !== String(partitions)) {
    throw new TwinergyError(
      'CLUSTER_PARTITIONS',
      `The stream ${names.stream} has ${made ?? 'an unknown number of'} partitions, not ${partitions}.`,
      {
        path: 'partitions',
        value: partitions,
        hint: 'The number is fixed when the stream is made; use another name for a new one.',
      },
    );
  }
}

function badOption(path: string, value: unknown, hint: string): TwinergyError {
  return new TwinergyError('CLUSTER_BAD_OPTION', `${path} is ${quote(value)}.`, { path, value, hint });
}

/** Follows whether the connection stands. */
function standing(connection: NatsConnection): () => Promise<void> {
  let open: (() => void) | undefined;
  let gate: Promise<void> | undefined;
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' || type === 'staleConnection') {
        gate ??= new Promise((resolve) => {
          open = resolve;
        });
      } else if (type === 'reconnect') {
        open?.();
        gate = undefined;
      }
    }
    open?.();
    gate = undefined;
  })();
  return () => gate ?? Promise.resolve();
}
