import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

const base = new URL(process.env.TWINERGY_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test');
const there = await new Promise<boolean>((resolve) => {
  const socket = connect({ host: base.hostname, port: Number(base.port || 5432) });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  socket.unref();
});
const name = `twinergy_servers_${process.pid}`;
const database = new URL(`/${name}`, base).toString();

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: base.toString() });
  await client.connect();
  await client.query(statement);
  await client.end();
}

interface Running {
  readonly url: string;
  readonly token: string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** A server in a process of its own. */
function start(): Promise<Running> {
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', fileURLToPath(new URL('../src/main.ts', import.meta.url))],
      ...['--port', '0', '--db', database, '--no-models', '--interval', '0'],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TSX_TSCONFIG_PATH: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
        TWINERGY_RATE_LIMIT: '0',
      },
    },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /runs at (http:\/\/127\.0\.0\.1:\d+)\//.exec(output)?.[1];
      const token = /tw_[0-9a-f]{12}_[\w-]{43}/.exec(output)?.[0] ?? '';
      if (url === undefined || (token === '' && !output.includes('shown at the first start'))) return;
      resolve({
        url,
        token,
        end: (signal) => {
          child.kill(signal);
          return gone;
        },
      });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void gone.then(() => reject(new Error(output)));
  });
}

if (!there && process.env.CI === undefined) {
  describe.skip('two servers: no PostgreSQL at 127.0.0.1:5432', () => undefined);
} else {
  describe('two servers on one PostgreSQL', () => {
    let first: Running;
    let second: Running;
    let token: string;
    const call = (server: Running, method: string, path: string, body?: unknown) =>
      fetch(`${server.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const began = Date.now() - 3_600_000;
    const reading = (i: number) => ({
      asset_id: 'solar-1',
      time: began + i * 1000,
      values: { temperature: 20 + i / 10 },
    });
    const stored = async (server: Running) => {
      const query = `channels=temperature&from=${new Date(began).toISOString()}&to=${new Date().toISOString()}`;
      const response = await call(server, 'GET', `/assets/solar-1/telemetry?${query}&limit=100`);
      return ((await response.json()) as { items: unknown[] }).items.length;
    };

    beforeAll(async () => {
      await administer(`create database ${name}`);
      first = await start();
      ({ token } = first);
      second = await start();
    }, 120_000);
    afterAll(async () => {
      await Promise.all([first?.end('SIGKILL'), second?.end('SIGTERM')]);
      await administer(`drop database if exists ${name} with (force)`);
    }, 60_000);

    it('answer alike, whichever is asked', async () => {
      expect((await call(second, 'POST', '/telemetry', [reading(0), reading(1)])).status).toBe(201);
      expect((await call(first, 'POST', '/telemetry', [reading(1), reading(2)])).status).toBe(201);
      expect(await stored(first)).toBe(3);
      expect(await stored(second)).toBe(3);
      const [one, two] = await Promise.all(
        [first, second].map(async (server) => (await call(server, 'GET', '/assets/solar-1/latest')).json()),
      );
      expect(two).toEqual(one);
      expect((await call(second, 'GET', '/assets/nowhere/latest')).status).toBe(404);
      const refused = await call(second, 'POST', '/telemetry', [{ asset_id: 'solar-1' }]);
      expect(refused.status).toBe(422);
    }, 60_000);

    it('tell live clients of each what happens at the other, also by a ticket of the other', async () => {
      const { ticket } = (await (await call(first, 'POST', '/auth/ticket')).json()) as { ticket: string };
      const address = `${second.url.replace('http', 'ws')}/api/v1/live?events=reading&ticket=${ticket}`;
      const socket = new WebSocket(address);
      const events: { asset_id: string; data: { values: Record<string, number> } }[] = [];
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.on('message', (data) => {
          const said = JSON.parse(String(data)) as { type: string; event: (typeof events)[number] };
          if (said.type === 'subscribed') resolve();
          if (said.type === 'event') events.push(said.event);
        });
      });
      await call(first, 'POST', '/telemetry', reading(3));
      await expect.poll(() => events.length, { timeout: 10_000 }).toBe(1);
      expect(events[0]).toMatchObject({ asset_id: 'solar-1', data: { values: { temperature: 20.3 } } });
      socket.terminate();
      expect((await fetch(address.replace('ws', 'http'))).status).toBe(401);
    }, 60_000);

    it('go on when the one that kept the tenant is killed, with everything that was acknowledged', async () => {
      let i = 4;
      const acknowledged = async (server: Running) => {
        const { status, headers } = await call(server, 'POST', '/telemetry', reading(i));
        if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        else expect(status).toBe(201);
        if (status === 201) i++;
        return status;
      };
      for (let n = 0; n < 5; n++) expect(await acknowledged(second)).toBe(201);
      await first.end('SIGKILL');
      await expect.poll(() => acknowledged(second), { timeout: 30_000, interval: 200 }).toBe(201);
      expect(await stored(second)).toBe(i);
      expect(await (await call(second, 'GET', '/assets/solar-1/latest')).json()).toMatchObject({
        values: { temperature: reading(i - 1).values.temperature },
      });
    }, 60_000);

    it('let tenants go when the connection that locks them breaks, and take them again', async () => {
      const before = await stored(second);
      await administer(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and application_name = 'twinergy peers'`,
      );
      // Nobody is turned away meanwhile: who asks waits for the connection.
      for (let n = 0; n < 10; n++) {
        expect((await call(second, 'POST', '/telemetry', reading(500 + n))).status).toBe(201);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await stored(second)).toBe(before + 10);
    }, 60_000);
  });
}
