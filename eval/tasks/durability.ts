/**
 * Does its worst to writers and looks at what is left: each acknowledged batch whole (`lost`), no batch in part (`torn`),
 * nothing twice (`duplicates`). Writers are killed with SIGKILL at random points, disks run full, connections are cut in the
 * middle of batches, PostgreSQL is stopped and crashed, dumped
 * while a writer goes on, and several processes write at once.
 * `--kills N` for each adapter with a file (default 200), `--pg-kills N` (default 100), `--cuts N` (default 100), `--stops N`
 * (default 10), `--fills N` (default 5); `--adapters sqlite,sqljs,pglite,postgres` (default all).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, RunInput } from '../../bench/harness.js';
import { Random } from '../../src/core/random.js';
import { type Cluster, makeCluster } from '../durability/cluster.js';
import { dumpWhileWriting } from '../durability/dump.js';
import { killWriters } from '../durability/kills.js';
import { cutConnections, stopServer } from '../durability/server-away.js';
import { fillDisk, mountSmallDisk } from '../durability/small-disk.js';
import type { Place, Tally } from '../durability/store.js';
import { writeTogether } from '../durability/together.js';

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-durability-'));
  const random = new Random(1);
  const figures: Record<string, number> = { kills: 0, lost: 0, duplicates: 0, torn: 0, errors: 0 };
  const add = (name: string, tally: Tally) => {
    say(`${name}: ${JSON.stringify(tally)}`);
    figures[name] = tally.trials;
    for (const key of ['lost', 'duplicates', 'torn'] as const) figures[key] = (figures[key] ?? 0) + tally[key];
  };
  const wanted = new Set(String(options.adapters ?? 'sqlite,sqljs,pglite,postgres').split(','));
  const cluster = wanted.has('postgres') ? await makeCluster() : undefined;
  if (cluster === undefined && wanted.has('postgres'))
    say('no PostgreSQL programs on this machine: what needs a server is left out');
  try {
    const files: Place[] = (['sqlite', 'sqljs', 'pglite'] as const).map((adapter) => ({
      adapter,
      path: join(folder, `plant.${adapter}`),
    }));
    // All adapters at once: some wait for the disk most of the time, some for the processor.
    await Promise.all(
      files
        .filter(({ adapter }) => wanted.has(adapter))
        .map(async (place, lane) => {
          const kills = Number(options.kills ?? 200);
          const tally = await killWriters(place, kills, new Random(lane + 2), told(place.adapter));
          add(`${place.adapter}_kills`, tally);
          figures.kills = (figures.kills ?? 0) + tally.trials;
        }),
    );
    await fullDisks(folder, wanted, cluster, Number(options.fills ?? 5), figures, add, say);
    if (wanted.has('sqlite')) await together({ adapter: 'sqlite', path: join(folder, 'shared.db') }, 2, figures, say);
    if (cluster !== undefined) await server(cluster, options, random, figures, add, say);
  } finally {
    await cluster?.remove();
    await rm(folder, { recursive: true });
  }
  return figures;
}

/** Says now and then how far the kills have come. */
function told(adapter: string): (tally: Tally) => void {
  return (tally) => {
    if (tally.trials % 25 === 0) console.error(`${adapter}: ${JSON.stringify(tally)}`);
  };
}

async function fullDisks(
  folder: string,
  wanted: ReadonlySet<string>,
  cluster: Cluster | undefined,
  rounds: number,
  figures: Record<string, number>,
  add: (name: string, tally: Tally) => void,
  say: RunInput['say'],
): Promise<void> {
  for (const adapter of ['sqlite', 'sqljs', 'postgres'] as const) {
    if (!wanted.has(adapter) || (adapter === 'postgres' && cluster === undefined)) continue;
    const root = join(cluster !== undefined && adapter === 'postgres' ? cluster.folder : folder, `small-${adapter}`);
    // An empty database of PostgreSQL alone takes 8 MiB.
    const disk = await mountSmallDisk(root, adapter === 'postgres' ? 48 : 8);
    if (disk === undefined) {
      say('this user may not mount a tmpfs: full disks are left out');
      return;
    }
    const database = adapter === 'postgres' ? await cluster?.database('small', root) : undefined;
    try {
      const place: Place =
        adapter === 'postgres'
          ? { adapter, url: database?.url ?? '', schema: 'plant' }
          : { adapter, path: join(root, 'plant.db') };
      const { otherErrors, ...tally } = await fillDisk(place, root, rounds);
      add(`${adapter}_disk_full`, tally);
      figures.errors = (figures.errors ?? 0) + otherErrors;
    } finally {
      await database?.drop();
      await disk.unmount();
    }
  }
}

async function server(
  cluster: Cluster,
  options: RunInput['options'],
  random: Random,
  figures: Record<string, number>,
  add: (name: string, tally: Tally) => void,
  say: RunInput['say'],
): Promise<void> {
  const place = (schema: string) => ({ adapter: 'postgres', url: cluster.url, schema }) as const;
  add(
    'postgres_kills',
    await killWriters(place('kills'), Number(options['pg-kills'] ?? 100), random, told('postgres')),
  );
  figures.kills = (figures.kills ?? 0) + (figures.postgres_kills ?? 0);
  add('postgres_cuts', await cutConnections(place('cuts'), Number(options.cuts ?? 100), random));
  add('postgres_stops', await stopServer(cluster, 'stops', Number(options.stops ?? 10), random));
  add('postgres_dumps', await dumpWhileWriting(cluster, 'dumped'));
  await together(place('shared'), 10, figures, say);
}

async function together(
  place: Place,
  writers: number,
  figures: Record<string, number>,
  say: RunInput['say'],
): Promise<void> {
  const result = await writeTogether(place, writers);
  say(`${place.adapter} together: ${JSON.stringify(result)}`);
  figures[`${place.adapter}_writers`] = writers;
  figures.lost = (figures.lost ?? 0) + result.lostUpdates;
  figures.errors = (figures.errors ?? 0) + result.errors;
}
