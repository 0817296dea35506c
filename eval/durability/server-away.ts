import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../../src/core/random.js';
import type { Cluster } from './cluster.js';
import { batchOf, emptyTally, judge, openStore, type Place, type Tally } from './store.js';

type PostgresPlace = Extract<Place, { adapter: 'postgres' }>;

/** Writes through a proxy that cuts all connections `cuts` times, in the middle of batches. No error may reach the writer. */
export async function cutConnections(place: PostgresPlace, cuts: number, random: Random): Promise<Tally> {
  const target = new URL(place.url);
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const through = new URL(place.url);
  through.port = String((proxy.address() as { port: number }).port);
  const tally = await writeWhile({ ...place, url: through.href }, cuts, async () => {
    await wait(5 + random.next() * 60);
    for (const socket of sockets) socket.destroy();
  });
  proxy.close();
  return tally;
}

/** Writes while the server is stopped and started `stops` times, every other time as a crash. */
export function stopServer(cluster: Cluster, schema: string, stops: number, random: Random): Promise<Tally> {
  return writeWhile({ adapter: 'postgres', url: cluster.url, schema }, stops, async (trial) => {
    await wait(100 + random.next() * 200);
    cluster.stop(trial % 2 === 0 ? 'immediate' : 'fast');
    await wait(random.next() * 500);
    cluster.start();
  });
}

/** Writes batches one after the other while `disturb` does its worst; errors that reach the writer are thrown. */
async function writeWhile(
  place: PostgresPlace,
  trials: number,
  disturb: (trial: number) => Promise<void>,
): Promise<Tally> {
  const tally = emptyTally();
  const storage = await openStore(place);
  let acknowledged = -1;
  let running = true;
  const writing = (async () => {
    while (running) {
      await storage.commit(batchOf(acknowledged + 1));
      acknowledged++;
    }
  })();
  // The writer's error, if any, is reported where it is awaited.
  writing.catch(() => undefined);
  for (; tally.trials < trials; tally.trials++) await disturb(tally.trials);
  running = false;
  await writing;
  await judge(storage, acknowledged, tally);
  await storage.close();
  return tally;
}
