import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../../src/core/random.js';
import type { Cluster } from '../durability/cluster.js';
import { freePort } from '../free-ports.js';
import { ServerProcess } from './server-process.js';
import { type Tally, Writer } from './writer.js';

/** Kills the server with SIGKILL while readings come, and starts it again as a service manager does. */
export async function killServer(database: string, kills: number, random: Random): Promise<Tally> {
  const server = await ServerProcess.start(['--db', database]);
  const writer = new Writer(server);
  for (let kill = 0; kill < kills; kill++) {
    await writer.acknowledged(1 + Math.floor(random.next() * 5));
    await wait(random.next() * 30);
    await server.end('SIGKILL');
    const began = performance.now();
    await server.start();
    await writer.recovered(began);
  }
  return ended(writer, server);
}

/** Kills PostgreSQL's main process with SIGKILL under a server that writes, and starts it again; the server goes on by itself. */
export async function killPostgres(cluster: Cluster, kills: number, random: Random): Promise<Tally> {
  const server = await ServerProcess.start(['--db', cluster.url]);
  const writer = new Writer(server);
  for (let kill = 0; kill < kills; kill++) {
    await writer.acknowledged(1 + Math.floor(random.next() * 5));
    writer.storeAway = true;
    const [pid] = readFileSync(join(cluster.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await wait(200 + random.next() * 500);
    await again(() => cluster.start());
    // The tenant's lock died with the database: it is claimed anew within some seconds.
    await writer.recovered();
    writer.storeAway = false;
    await writer.acknowledged(3);
  }
  return ended(writer, server);
}

/** Kills Redis, over which servers tell each other and keep answers: nobody may notice but by slower answers. */
export async function killRedis(database: string, kills: number, random: Random): Promise<Tally> {
  const port = await freePort();
  const redis = () =>
    spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], { stdio: 'ignore' });
  let child = redis();
  const server = await ServerProcess.start(['--db', database], { TWINERGY_REDIS: `redis://127.0.0.1:${port}` });
  const writer = new Writer(server);
  for (let kill = 0; kill < kills; kill++) {
    await writer.acknowledged(1 + Math.floor(random.next() * 5));
    child.kill('SIGKILL');
    const began = performance.now();
    const look = await server.call('GET', '/assets/solar-1/health');
    await look.arrayBuffer();
    if (look.status >= 500) writer.tally.wrong5xx++;
    await writer.recovered(began);
    child = redis();
    await writer.acknowledged(3);
  }
  const tally = await ended(writer, server);
  child.kill('SIGKILL');
  return tally;
}

/** The last look at what is stored, and a clean end. */
export async function ended(writer: Writer, server: ServerProcess): Promise<Tally> {
  const tally = await writer.end();
  for (const text of writer.wrong) console.error(text);
  if ((await server.end('SIGTERM')) !== 0) throw new Error('The server did not end cleanly.');
  return tally;
}

/** Tries until it works: a killed PostgreSQL's children hold its memory for a moment. */
async function again(start: () => void): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      start();
      return;
    } catch (error) {
      if (attempt >= 20) throw error;
      await wait(300);
    }
  }
}
