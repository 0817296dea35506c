import { setTimeout as wait } from 'node:timers/promises';
import type { ClusterLink } from '../../src/cluster/index.js';
import type { Random } from '../../src/core/random.js';
import type { Link } from './proxy.js';
import { caughtUp, healthy, patient, type Scene } from './scene.js';

/** What is done to a cluster. */
export type Kind =
  | 'kill-worker'
  | 'pause-worker'
  | 'kill-nats'
  | 'kill-postgres'
  | 'kill-redis'
  | 'cut-worker-link'
  | 'cut-sender-link'
  | 'hold-link'
  | 'slow-link'
  | 'duplicate'
  | 'delay'
  | 'reorder';

/** How often each kind comes in a round; rounds are repeated and shuffled as a whole. */
const MIX: readonly Kind[] = [
  'kill-worker',
  'kill-worker',
  'pause-worker',
  'pause-worker',
  'kill-nats',
  'kill-postgres',
  'kill-redis',
  'cut-worker-link',
  'cut-sender-link',
  'hold-link',
  'slow-link',
  'duplicate',
  'duplicate',
  'delay',
  'reorder',
];

/** Kinds of faults without end: rounds of `MIX`, each in another order; only those of `only`, where it is given. */
export function* faultsInTurn(random: Random, only: readonly string[] | undefined): Generator<Kind, never> {
  const mix = MIX.filter((kind) => only?.includes(kind) ?? true);
  if (mix.length === 0) throw new Error(`There are no faults ${only?.join(', ')}.`);
  while (true) yield* shuffled(mix, random);
}

/** Does one bad thing, and waits until all partitions are handled again where it took a worker away. */
export async function commit(kind: Kind, scene: Scene): Promise<void> {
  const { random, nats, postgres, redis, fleet, takeovers, workerLinks, senderLink, load, direct, placeOf } = scene;
  const some = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  // One that has something to lose.
  await healthy(scene);
  const worker = some(takeovers.owners);
  const link = workerLinks.get(worker) as Link;
  switch (kind) {
    case 'kill-worker':
      takeovers.lost(worker);
      await fleet.kill(worker);
      await healthy(scene);
      takeovers.back(worker);
      await fleet.start(placeOf(worker));
      break;
    case 'pause-worker':
      fleet.signal(worker, 'SIGSTOP');
      takeovers.lost(worker);
      // Others have its partitions by then; it wakes in the middle of what it was doing.
      await healthy(scene);
      await wait(random.next() * 500);
      takeovers.back(worker);
      fleet.signal(worker, 'SIGCONT');
      await wait(500);
      break;
    case 'kill-nats': {
      const node = Math.floor(random.next() * 3);
      await nats.kill(node);
      await wait(500 + random.next() * 3_000);
      await nats.start(node);
      // The next node may only be taken away when this one has caught up, else the stream has no majority.
      await caughtUp(direct);
      break;
    }
    case 'kill-postgres':
      await postgres.crash();
      await wait(random.next() * 1_500);
      await postgres.recover();
      break;
    case 'kill-redis':
      await redis.kill();
      await wait(random.next() * 1_000);
      await redis.start();
      break;
    case 'cut-worker-link':
      link.cut();
      takeovers.lost(worker);
      await healthy(scene);
      takeovers.back(worker);
      link.mend();
      break;
    case 'cut-sender-link':
      senderLink.cut();
      await wait(500 + random.next() * 3_000);
      senderLink.mend();
      break;
    case 'hold-link':
      (random.next() < 0.5 ? senderLink : link).hold();
      await wait(200 + random.next() * 1_500);
      for (const held of [senderLink, link]) held.mend();
      break;
    case 'slow-link':
      (random.next() < 0.5 ? senderLink : link).slow(50 + random.next() * 300);
      await wait(1_000 + random.next() * 1_500);
      for (const slow of [senderLink, link]) slow.mend();
      break;
    case 'duplicate':
      if (random.next() < 0.5) load.ask('duplicate');
      else await repeatMessages(direct, 1 + Math.floor(random.next() * 20));
      await wait(300);
      break;
    case 'delay':
    case 'reorder':
      load.ask(kind);
      await wait(500);
      break;
  }
}

/** Puts the last messages into the stream once more, under new ids: the server does not know that it has them. */
async function repeatMessages({ manager, js, names }: ClusterLink, count: number): Promise<void> {
  const { state } = await patient(() => manager.streams.info(names.stream));
  for (let seq = Math.max(1, state.last_seq - count); seq <= state.last_seq; seq++) {
    const message = await patient(() => manager.streams.getMessage(names.stream, { seq }));
    if (message !== null)
      await patient(() => js.publish(message.subject, message.data, { msgID: `again-${seq}-${Date.now()}` }));
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
