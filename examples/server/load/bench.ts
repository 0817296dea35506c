import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { WebSocket } from 'ws';
import { startTestServer } from '../test/running.js';

const CONNECTIONS = 50;
const ROWS = 200;

/** The server in a process of its own, so that the load does not take its turns. */
if (process.argv[2] === '--server') {
  const server = await startTestServer(['--db', process.argv[3] ?? 'memory:', '--interval', '0'], {
    TWINERGY_STRICT: 'off',
  });
  process.send?.({ url: server.url, token: server.tokens.platform });
  process.on('message', (message) => {
    if (message === 'cpu') process.send?.({ cpu: cpuSeconds() });
    else void server.server.close().then(() => process.exit(0));
  });
} else {
  console.log(JSON.stringify(await bench(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>, console.log)));
  process.exit(0);
}

/** Seconds of processor that this process has used. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

interface Served {
  readonly url: string;
  readonly token: string;
  /** Seconds of processor that the server has used: what a request costs it, however busy the machine is. */
  cpu(): Promise<number>;
}

async function withServer<Result>(
  store: string,
  profile: string | undefined,
  work: (served: Served) => Promise<Result>,
): Promise<Result> {
  const child = fork(fileURLToPath(import.meta.url), ['--server', store], {
    execArgv: [...process.execArgv, ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile])],
  });
  const { url, token } = await new Promise<{ url: string; token: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string; token: string }));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  try {
    return await work({
      url,
      token,
      cpu: () =>
        new Promise((resolve) => {
          child.once('message', (message) => resolve((message as { cpu: number }).cpu));
          child.send('cpu');
        }),
    });
  } finally {
    child.removeAllListeners('exit');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.send('end');
    await gone;
  }
}

/** Rows a second by 50 connections with 200 rows a request, each asset's time going on. */
async function ingest({ url, token, cpu }: Served, seconds: number): Promise<{ rate: number; perCpu: number }> {
  const before = await cpu();
  let time = Date.now() - 80_000_000;
  let accepted = 0;
  const instance = autocannon({
    url: `${url}/api/v1/telemetry`,
    connections: CONNECTIONS,
    duration: seconds,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    requests: [
      {
        setupRequest: (request) => {
          const rows = Array.from({ length: ROWS }, (_, i) => {
            if (i % 3 === 0) time += 5;
            return {
              asset_id: `solar-${(i % 3) + 1}`,
              time,
              values: { solar_power: time % 5000, temperature: 25, irradiance: 500 },
            };
          });
          return { ...request, body: JSON.stringify(rows) };
        },
        onResponse: (status, body) => {
          if (status === 201) accepted += (JSON.parse(body) as { accepted: number }).accepted;
        },
      },
    ],
  });
  const { duration } = await instance;
  await settled(url, token);
  return { rate: accepted / duration, perCpu: accepted / ((await cpu()) - before) };
}

/** Waits until what ingest sent last has been worked on: the readings of a tenant go one after the other. */
async function settled(url: string, token: string): Promise<void> {
  await fetch(`${url}/api/v1/telemetry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ asset_id: 'solar-1', time: Date.now() - 1000, values: { solar_power: 1000 } }),
  });
}

async function latest(
  { url, token, cpu }: Served,
  seconds: number,
): Promise<{ rate: number; p99: number; perCpu: number }> {
  const before = await cpu();
  const { requests, latency, non2xx } = await autocannon({
    url: `${url}/api/v1/assets/solar-1/latest`,
    connections: CONNECTIONS,
    duration: seconds,
    headers: { authorization: `Bearer ${token}` },
  });
  if (non2xx > 0) throw new Error(`${non2xx} answers were no success`);
  return { rate: requests.average, p99: latency.p99, perCpu: requests.total / ((await cpu()) - before) };
}

/** So many WebSockets, each told 5 events a second: the time from the reading's ingest to its event. */
async function live(
  { url, token }: Served,
  clients: number,
  seconds: number,
): Promise<{ clients: number; p99: number; perClient: number }> {
  const waits: number[] = [];
  let events = 0;
  const sockets = await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live?events=reading&assets=solar-2`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.on('message', (data) => {
          const text = String(data);
          if (text.startsWith('{"type":"subscribed"')) return resolve();
          if (!text.startsWith('{"type":"event"')) return undefined;
          events++;
          // The reading itself says when it was sent: in units of 100 ms within 100 s, so that it is a possible irradiance.
          const sent = Number(/"ghi":([\d.]+)/.exec(text)?.[1]);
          waits.push((performance.now() - sent * 100 + 1e5) % 1e5);
          return undefined;
        });
      });
      return socket;
    }),
  );
  const began = performance.now();
  let n = 0;
  while (performance.now() - began < seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + ++n * 200 - performance.now())));
    void fetch(`${url}/api/v1/telemetry`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        asset_id: 'solar-2',
        time: Date.now() + n,
        values: { ghi: (performance.now() % 1e5) / 100 },
      }),
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  for (const socket of sockets) socket.terminate();
  waits.sort((a, b) => a - b);
  return {
    clients: sockets.length,
    p99: waits[Math.floor(waits.length * 0.99)] ?? Number.NaN,
    perClient: events / clients / seconds,
  };
}

/**
 * `--quick` is short and with fewer clients; `--only ingest,latest,live` runs parts, `--store sqlite|postgres` on one store;
 * `--profile DIR` writes CPU profiles of the servers there.
 */
async function bench(options: Record<string, unknown>, say: (text: string) => void) {
  const quick = options.quick === true;
  const seconds = quick ? 3 : 10;
  const only = typeof options.only === 'string' ? options.only.split(',') : ['ingest', 'latest', 'live'];
  const profile = typeof options.profile === 'string' ? options.profile : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-server-bench-'));
  const figures: Record<string, number> = {};
  const load = async (served: Served, store: string, suffix: string) => {
    if (only.includes('ingest')) {
      const { rate, perCpu } = await ingest(served, seconds);
      figures[`ingest_rows_per_s${suffix}`] = Math.round(rate);
      figures[`ingest_rows_per_cpu_s${suffix}`] = Math.round(perCpu);
      say(`${store}: ${Math.round(rate)} rows/s, ${Math.round(perCpu)} in a second of the server's processor`);
    }
    if (only.includes('latest')) {
      const { rate, p99, perCpu } = await latest(served, seconds);
      figures[`latest_req_per_s${suffix}`] = Math.round(rate);
      figures[`latest_req_per_cpu_s${suffix}`] = Math.round(perCpu);
      figures[`p99_ms${suffix}`] = p99;
      say(
        `${store}: newest value ${Math.round(rate)} requests/s (${Math.round(perCpu)} in a second of processor), p99 ${p99} ms`,
      );
    }
    if (only.includes('live')) {
      const told = await live(served, quick ? 200 : 1000, seconds);
      figures[`live_clients${suffix}`] = told.clients;
      figures[`live_events_per_client_s${suffix}`] = told.perClient;
      figures[`live_p99_ms${suffix}`] = told.p99;
      say(
        `${store}: ${told.clients} live clients, ${told.perClient.toFixed(2)} events/s each, p99 ${told.p99.toFixed(0)} ms`,
      );
    }
  };
  if (options.store !== 'postgres')
    await withServer(join(folder, 'bench.db'), profile, (served) => load(served, 'SQLite', ''));
  rmSync(folder, { recursive: true, force: true });
  const postgres = String(options.postgres ?? 'postgres://postgres@127.0.0.1:5432/test');
  if (options.store !== 'sqlite' && spawnSync('pg_isready', ['-h', '127.0.0.1']).status === 0) {
    const schema = `twinergy_bench_${process.pid}`;
    await withServer(`${postgres}?schema=${schema}`, profile, (served) => load(served, 'PostgreSQL', '_postgres'));
    spawnSync('psql', [postgres, '-qc', `drop schema if exists ${schema} cascade`]);
  }
  return figures;
}
