/** One worker of a cluster, as a process: told by JSON where it is, and tells by lines of JSON what happens to it. */
import { performance } from 'node:perf_hooks';
import { ClusterWorker, linkCluster, redisFanOut, tellLive } from '../../src/cluster/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { fleetOf, monitorOptions, type Place } from './place.js';

const place = JSON.parse(process.argv[2] as string) as Place;
const say = (line: object) => process.stdout.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`);
const { nats, name, partitions, replicas, beat, ttl, id, durable } = place;
const storage = await postgresStorage({
  connectionString: place.postgres,
  schema: place.schema,
  durability: durable ? 'full' : 'normal',
  idleInTransaction: 2_000,
});
// What it is told of other servers would let it go round the link that is cut.
const link = await linkCluster({ nats, name, partitions, replicas, connection: { ignoreClusterUpdates: true } });
let live: ReturnType<typeof tellLive> | undefined;
if (place.redis !== undefined) {
  const { Redis } = await import('ioredis');
  const options = { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy: () => 200 } as const;
  const [publisher, subscriber] = [new Redis(place.redis, options), new Redis(place.redis, options)];
  for (const client of [publisher, subscriber]) client.on('error', () => undefined);
  live = tellLive(redisFanOut(publisher, subscriber));
}
const waits: number[] = [];
let stored = 0;
let groups = 0;
const worker = await ClusterWorker.start(link, {
  id,
  storage,
  beat,
  ttl,
  tick: 0,
  group: place.group,
  assets: fleetOf(place.assets),
  monitor: monitorOptions(),
  ...(live !== undefined && { onMonitor: live }),
  onStored: ({ waited, readings }) => {
    if (readings === 0) return;
    stored += readings;
    groups++;
    waits.push(waited);
  },
});
worker.on('owned', (event) => say({ type: 'owned', ...event }));
worker.on('released', (event) => say({ type: 'released', ...event }));
worker.on('fenced', (event) => say({ type: 'fenced', ...event }));
worker.on('trouble', ({ partition, error }) => say({ type: 'trouble', partition, error: String(error) }));
say({ type: 'ready' });
process.on('message', (message: unknown) => {
  if (message === 'close') {
    void worker.close().then(async () => {
      await link.close();
      await storage.close();
      process.exit(0);
    });
  } else if (message === 'waits')
    process.send?.({
      waits: waits.splice(0),
      readings: stored,
      groups,
      cpu: process.cpuUsage(),
      idle: performance.eventLoopUtilization().idle,
    });
});
