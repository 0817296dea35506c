import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { fillUp } from '../durability/small-disk.js';
import { ended } from './kills.js';
import { ServerProcess } from './server-process.js';
import { type Tally, Writer } from './writer.js';

/** Fills the disk under the store, looks that reading goes on, and makes room again; the server goes on by itself. */
export async function fillStore(disk: string, fills: number): Promise<Tally> {
  const server = await ServerProcess.start(['--db', join(disk, 'plant.db')]);
  const writer = new Writer(server);
  const filler = join(disk, 'filler');
  for (let fill = 0; fill < fills; fill++) {
    await writer.acknowledged(3);
    writer.storeAway = true;
    const before = writer.tally.refused;
    await fillUp(filler);
    for (let i = 0; i < 600 && writer.tally.refused < before + 3; i++) await wait(50);
    if (writer.tally.refused < before + 3) throw new Error('The disk did not become full.');
    const look = await server.call('GET', '/assets/solar-1/latest');
    await look.arrayBuffer();
    if (look.status !== 200) writer.tally.wrong5xx++;
    await rm(filler);
    await writer.recovered();
    writer.storeAway = false;
  }
  return ended(writer, server);
}

/** What came of a client that does not read. */
export interface SlowClient {
  /** MiB of memory that the server took more of while one client read nothing. */
  readonly grownMb: number;
  /** Events that a client which reads got in that time, of those there were. */
  readonly others: number;
  /** Whether the slow one was told that it lags, or was given up. */
  readonly told: boolean;
}

/** One WebSocket stops reading while readings pour in: the others hear all of it, memory stays bounded. */
export async function stopReading(database: string, requests: number): Promise<SlowClient> {
  const server = await ServerProcess.start(['--db', database]);
  const [slow, quick] = await Promise.all([listen(server), listen(server)]);
  const memory = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  const send = async (n: number, pad: number) => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      asset_id: 'solar-1',
      time: Date.now() - 80_000_000 + (n * 200 + i) * 10,
      values: { solar_power: i, temperature: 20, ghi: 500, air_temperature: 20 + (pad % 7) },
    }));
    const response = await server.call('POST', '/telemetry', rows);
    await response.arrayBuffer();
    if (response.status !== 201) throw new Error(`A reading was refused: ${response.status}`);
  };
  for (let n = 0; n < 20; n++) await send(n, n);
  slow.socket.pause();
  const [before, heard] = [memory(), quick.events()];
  for (let n = 20; n < 20 + requests; n++) await send(n, n);
  const grownMb = memory() - before;
  for (let i = 0; i < 100 && quick.events() - heard < requests * 200; i++) await wait(50);
  const others = (quick.events() - heard) / (requests * 200);
  slow.socket.resume();
  for (let i = 0; i < 100 && !slow.lagged(); i++) await wait(50);
  const told = slow.lagged();
  slow.socket.terminate();
  quick.socket.terminate();
  await server.end('SIGTERM');
  return { grownMb, others, told };
}

async function listen(server: ServerProcess) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/live?events=reading`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  let events = 0;
  let lagged = false;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      lagged = true;
    });
    socket.on('message', (data) => {
      const text = String(data);
      if (text.startsWith('{"type":"subscribed"')) resolve();
      if (text.startsWith('{"type":"event"')) events++;
      if (text.startsWith('{"type":"lagging"')) lagged = true;
    });
  });
  return { socket, events: () => events, lagged: () => lagged };
}

/** Ten times as many senders for a while, then as before. */
export async function burst(database: string, seconds: number): Promise<Tally & { calmMs: number; afterMs: number }> {
  const server = await ServerProcess.start(['--db', database]);
  const writer = new Writer(server, 3);
  await writer.acknowledged(10);
  const calmMs = await answerTime(server);
  const more = new Writer(server, 30);
  await wait(seconds * 1000);
  const second = await more.end();
  await writer.recovered();
  const afterMs = await answerTime(server);
  const tally = await ended(writer, server);
  return {
    ...tally,
    acknowledged: tally.acknowledged + second.acknowledged,
    lost: tally.lost + second.lost,
    wrong5xx: tally.wrong5xx + second.wrong5xx,
    calmMs,
    afterMs,
  };
}

/** Median time of an answer, ms. */
async function answerTime(server: ServerProcess): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 31; i++) {
    const start = performance.now();
    await (await server.call('GET', '/assets/solar-1/latest')).arrayBuffer();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[15] as number;
}
