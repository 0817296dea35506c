/**
 * Kills writers with SIGKILL at random points and looks at what is left: each acknowledged batch whole (`lost`), no batch
 * in part (`torn`), no reading twice (`duplicates`). `--kills N` for each adapter with a file (default 200), `--pg-kills N`
 * (default 100).
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Figures, RunInput } from '../../bench/harness.js';
import { Random } from '../../src/core/random.js';
import { batchSize, openStore } from '../durability/writer.js';

const writer = fileURLToPath(new URL('../durability/writer.ts', import.meta.url));

interface Tally {
  kills: number;
  lost: number;
  duplicates: number;
  torn: number;
}

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-durability-'));
  const random = new Random(1);
  const total: Tally = { kills: 0, lost: 0, duplicates: 0, torn: 0 };
  const figures: Record<string, number> = {};
  const schema = `durability_${process.pid}`;
  const targets: [adapter: string, place: string, kills: number][] = [
    ['sqlite', join(folder, 'plant.db'), Number(options.kills ?? 200)],
    ['sqljs', join(folder, 'sqljs.db'), Number(options.kills ?? 200)],
  ];
  if (await serverThere()) targets.push(['postgres', schema, Number(options['pg-kills'] ?? 100)]);
  else say('no PostgreSQL at 127.0.0.1:5432: left out');
  for (const [adapter, place, kills] of targets) {
    const tally = await killWriters(adapter, place, kills, random);
    say(`${adapter}: ${JSON.stringify(tally)}`);
    figures[`${adapter}_kills`] = tally.kills;
    for (const key of ['kills', 'lost', 'duplicates', 'torn'] as const) total[key] += tally[key];
  }
  if (targets.some(([adapter]) => adapter === 'postgres')) {
    const client = new pg.Client({ connectionString: 'postgres://postgres@127.0.0.1:5432/test' });
    await client.connect();
    await client.query(`drop schema ${schema} cascade`);
    await client.end();
  }
  await rm(folder, { recursive: true });
  return { ...total, ...figures };
}

async function killWriters(adapter: string, place: string, kills: number, random: Random): Promise<Tally> {
  const tally: Tally = { kills: 0, lost: 0, duplicates: 0, torn: 0 };
  let acknowledged = -1;
  let next = 0;
  for (; tally.kills < kills; tally.kills++) {
    acknowledged = Math.max(acknowledged, await runAndKill(adapter, place, next, 20 + random.next() * 150));
    const storage = await openStore(adapter, place);
    const frame = await storage.read({ assetId: 'a', channels: ['voltage'] });
    const counts = new Map<number, number>();
    for (const n of frame.column('voltage')) counts.set(n, (counts.get(n) ?? 0) + 1);
    const anomalies = new Set<string>();
    for (let after: string | undefined, more = true; more; ) {
      const page = await storage.list('anomalies', { limit: 10_000, after });
      for (const { id } of page.rows) anomalies.add(id);
      after = page.next;
      more = after !== undefined;
    }
    const position = (await storage.get('checkpoints', 'writer'))?.position as number | undefined;
    await storage.close();
    for (let n = 0; n <= acknowledged; n++) if (!counts.has(n)) tally.lost++;
    for (const [n, count] of counts) {
      if (count > batchSize) tally.duplicates++;
      if (count < batchSize || !anomalies.has(`${n}`) || n > (position ?? -1)) tally.torn++;
    }
    next = (position ?? -1) + 1;
  }
  return tally;
}

/** Runs a writer and kills it `delay` ms after it is ready; the last batch that it acknowledged. */
async function runAndKill(adapter: string, place: string, first: number, delay: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, adapter, place, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = -1;
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') timer = setTimeout(() => child.kill('SIGKILL'), delay);
    else last = Number(line);
  }
  clearTimeout(timer);
  return last;
}

function serverThere(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: 5432 });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}
