/**
 * Does its worst to the server of `examples/server` while readings come: SIGKILL of the server, of a PostgreSQL and of a Redis
 * of its own, a full disk, a WebSocket that does not read, ten times the load. Nothing acknowledged may be lost, no answer
 * may be 5xx but while the store is away, and all of it goes on without a hand.
 * `--kills N` of each (default 10), `--fills N` (default 5), `--seconds S` of the burst (default 10),
 * `--only server,postgres,redis,disk,slow,burst` (default all).
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, RunInput } from '../../bench/harness.js';
import { Random } from '../../src/core/random.js';
import { makeCluster } from '../durability/cluster.js';
import { mountSmallDisk } from '../durability/small-disk.js';
import { killPostgres, killRedis, killServer } from '../server-faults/kills.js';
import { burst, fillStore, stopReading } from '../server-faults/pressure.js';
import type { Tally } from '../server-faults/writer.js';

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-server-faults-'));
  const random = new Random(Number(options.seed ?? 1));
  const kills = Number(options.kills ?? 10);
  const wanted = new Set(String(options.only ?? 'server,postgres,redis,disk,slow,burst').split(','));
  const figures: Record<string, number> = { acknowledged: 0, lost: 0, wrong_5xx: 0 };
  const add = (name: string, tally: Tally) => {
    say(`${name}: ${JSON.stringify(tally)}`);
    figures[name] = tally.trials;
    figures[`${name}_recovery_ms`] = Math.round(tally.recoveryMs);
    figures.acknowledged = (figures.acknowledged ?? 0) + tally.acknowledged;
    figures.lost = (figures.lost ?? 0) + tally.lost;
    figures.wrong_5xx = (figures.wrong_5xx ?? 0) + tally.wrong5xx;
  };
  try {
    if (wanted.has('server')) add('server_kills', await killServer(join(folder, 'killed.db'), kills, random));
    const cluster = wanted.has('postgres') ? await makeCluster() : undefined;
    if (cluster !== undefined) {
      try {
        add('postgres_kills', await killPostgres(cluster, kills, random));
      } finally {
        await cluster.remove();
      }
    }
    if (wanted.has('redis') && spawnSync('which', ['redis-server']).status === 0)
      add('redis_kills', await killRedis(join(folder, 'cached.db'), kills, random));
    const disk = wanted.has('disk') ? await mountSmallDisk(join(folder, 'disk'), 24) : undefined;
    if (disk !== undefined) {
      try {
        add('disk_fills', await fillStore(join(folder, 'disk'), Number(options.fills ?? 5)));
      } finally {
        await disk.unmount();
      }
    }
    if (wanted.has('slow')) {
      const { grownMb, others, told } = await stopReading(join(folder, 'slow.db'), Number(options.requests ?? 300));
      figures.slow_client_memory_mb = Math.round(grownMb);
      figures.slow_client_others_heard = others;
      figures.slow_client_told = told ? 1 : 0;
      say(`slow client: ${grownMb.toFixed(0)} MiB more, others heard ${(others * 100).toFixed(1)} %, told: ${told}`);
    }
    if (wanted.has('burst')) {
      const { calmMs, afterMs, ...tally } = await burst(join(folder, 'burst.db'), Number(options.seconds ?? 10));
      add('bursts', tally);
      figures.burst_calm_ms = calmMs;
      figures.burst_after_ms = afterMs;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}
