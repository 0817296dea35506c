import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { examplePlant, Random } from 'twinergy';
import { sqliteStorage } from 'twinergy/storage/sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

/** The server as one file, so that it starts in a moment, many times. */
const folder = mkdtempSync(join(tmpdir(), 'twinergy-server-'));
const bundle = join(folder, 'src', 'main.mjs');
const root = fileURLToPath(new URL('../../../', import.meta.url));

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    plugins: [
      {
        name: 'source-of-the-package',
        setup({ onResolve }) {
          onResolve({ filter: /^twinergy(\/|$)/ }, ({ path }) => ({
            path: join(root, 'src', path.slice('twinergy'.length), 'index.ts'),
          }));
        },
      },
    ],
    external: ['libsql', 'pg', 'pino', 'prom-client', 'ioredis', '@opentelemetry/*'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  const { symlinkSync } = await import('node:fs');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly url: string;
  /** Token of the first start; empty at later ones. */
  readonly token: string;
  readonly output: () => string;
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Starts the server on a free port and waits until it says where it is. */
function start(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [bundle, '--port', '0', '--no-models', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
      if (url !== undefined) {
        const token = /tw_[0-9a-f]{12}_[\w-]{43}/.exec(output)?.[0] ?? '';
        if (token === '' && !/shown at the first start/.test(output)) return;
        resolve({
          url,
          token,
          output: () => output,
          end: (signal) => {
            child.kill(signal);
            return gone;
          },
        });
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void gone.then((code) => reject(new Error(`The server ended with ${code}:\n${output}`)));
  });
}

const post = (url: string, token: string, path: string, body: unknown) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('SIGKILL in the middle of ingestion', () => {
  it('loses no reading that was acknowledged, four times', async () => {
    const database = join(folder, 'killed.db');
    const random = new Random(2026);
    let token = '';
    const acknowledged: number[] = [];
    let time = Date.now() - 86_400_000;
    for (let round = 0; round < 4; round++) {
      const server = await start('--db', database, '--interval', '0');
      token ||= server.token;
      let alive = true;
      // Killed somewhere within the request that follows so many good ones.
      let left = 1 + Math.floor(random.uniform(0, 4));
      while (alive) {
        if (left-- === 0)
          setTimeout(
            () => {
              alive = false;
              void server.end('SIGKILL');
            },
            random.uniform(0, 20),
          );
        const times = Array.from({ length: 5 }, (_, i) => time + 1000 * (i + 1));
        time += 5000;
        try {
          const response = await post(
            server.url,
            token,
            'telemetry',
            times.map((t) => ({ asset_id: 'solar-1', time: t, values: { solar_power: t % 10_000, temperature: 20 } })),
          );
          if (response.ok) {
            await response.arrayBuffer();
            acknowledged.push(...times);
          }
        } catch {
          // The server died under the request: nobody was told that it had been stored.
        }
      }
      await server.end('SIGKILL');
    }
    const storage = await sqliteStorage(database);
    const frame = await storage.read({ assetId: 'solar-1', channels: ['solarPower'], last: 1_000_000 });
    const stored = new Map(Array.from(frame.time, (t, i) => [t, frame.column('solarPower')[i]]));
    await storage.close();
    expect(acknowledged.length).toBeGreaterThan(19);
    expect(acknowledged.filter((t) => stored.get(t) !== t % 10_000)).toEqual([]);
  }, 120_000);
});

describe('the server', () => {
  let server: Running;
  let token: string;
  const database = join(folder, 'live.db');

  beforeAll(async () => {
    server = await start('--db', database, '--interval', '0.2', '--history', '1');
    token = server.token;
    for (let i = 0; i < 100; i++) {
      const assets = (await (await fetch(`${server.url}assets`, signedIn())).json()) as { last_seen: string | null }[];
      if (assets.every(({ last_seen }) => last_seen !== null && Date.now() - Date.parse(last_seen) < 5000)) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`No reading came:\n${server.output()}`);
  }, 60_000);
  afterAll(() => server.end('SIGKILL'));

  const signedIn = () => ({ headers: { authorization: `Bearer ${token}` } });
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`, signedIn());
    return { status: response.status, body: await response.json() };
  };

  it.each([
    ['', expect.objectContaining({ status: 'running', assets: 3 })],
    ['assets', expect.arrayContaining([expect.objectContaining({ id: 'solar-1', scenario: 'normal' })])],
    [
      'twin-data',
      expect.arrayContaining([expect.objectContaining({ asset_id: 'solar-2', solar_power: expect.any(Number) })]),
    ],
    ['twin-data?asset_id=solar-3', [expect.objectContaining({ asset_id: 'solar-3', expected: expect.any(Object) })]],
    [
      'telemetry/solar-1?channels=solar_power,temperature&limit=3',
      expect.objectContaining({
        units: { solar_power: 'W', temperature: '°C' },
        rows: expect.arrayContaining([expect.objectContaining({ temperature: expect.any(Number) })]),
      }),
    ],
    ['alerts', expect.any(Array)],
    ['predictions', expect.any(Array)],
    ['health/solar-1', expect.objectContaining({ score: expect.any(Number) })],
    ['anomaly', []],
    ['predictive-alert', expect.any(Array)],
    ['maintenance/schedule', expect.any(Array)],
    [
      'failure-progression/solar-1?scenario=inverter_fault&days=20',
      expect.objectContaining({
        rows: expect.arrayContaining([expect.objectContaining({ solar_power: expect.any(Number) })]),
      }),
    ],
  ])('answers GET /%s', async (path, expected) => {
    expect(await get(path)).toEqual({ status: 200, body: expected });
  });

  it('takes a reading in, raises its alert, and lets it be acknowledged and resolved', async () => {
    const time = Date.now() + 60_000;
    expect(
      (await post(server.url, token, 'telemetry', { asset_id: 'solar-2', time, values: { temperature: 75 } })).status,
    ).toBe(201);
    const { body } = await get('alerts?asset_id=solar-2&status=active');
    const alert = (body as { id: string; type: string; severity: string }[]).find(
      ({ type }) => type === 'critical-temperature',
    );
    expect(alert?.severity).toBe('CRITICAL');
    expect(
      await (await post(server.url, token, `alerts/${alert?.id}/acknowledge`, { comment: 'Seen.' })).json(),
    ).toMatchObject({
      status: 'acknowledged',
      acknowledged_by: 'first admin',
    });
    const tasks = (await get('maintenance/schedule')).body as { asset_id: string; status: string; id: string }[];
    expect(tasks).toContainEqual(
      expect.objectContaining({ asset_id: 'solar-2', priority: 'CRITICAL', status: 'proposed' }),
    );
    expect(await (await post(server.url, token, `alerts/${alert?.id}/resolve`, {})).json()).toMatchObject({
      status: 'resolved',
    });
  });

  it('plays a scenario', async () => {
    expect(
      await (await post(server.url, token, 'set-scenario', { scenario: 'inverter_fault', asset_id: 'solar-1' })).json(),
    ).toMatchObject({ scenarios: { 'solar-1': 'inverter_fault' } });
  });

  it.each([
    [
      'a text for a number',
      'telemetry',
      { asset_id: 'solar-1', values: { temperature: 'hot' } },
      400,
      'API_BAD_REQUEST',
    ],
    ['no JSON', 'telemetry', '{"asset_id":', 400, 'API_BAD_JSON'],
    ['an unknown scenario', 'set-scenario', { scenario: 'flood' }, 400, 'TWIN_UNKNOWN_SCENARIO'],
    ['an unknown alert', 'alerts/nothing/resolve', {}, 404, 'API_NOT_FOUND'],
    ['an unknown path', 'nowhere', {}, 404, 'API_NOT_FOUND'],
  ])('refuses %s with a code', async (_, path, body, status, code) => {
    const response = await post(server.url, token, path, body);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status,
      body: expect.objectContaining({ code, detail: expect.any(String) }),
    });
  });

  it('sets readings aside that cannot be, and says which', async () => {
    const response = await post(server.url, token, 'telemetry', [{ asset_id: 'nowhere', values: { temperature: 1 } }]);
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 422,
      body: { accepted: 0, rejected: [{ code: 'UNKNOWN_ASSET' }] },
    });
  });

  it('tells of readings as they come', async () => {
    const controller = new AbortController();
    const response = await fetch(`${server.url}api/v1/events`, { ...signedIn(), signal: controller.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('event: reading')) text += new TextDecoder().decode((await reader.read()).value);
    controller.abort();
    expect(text).toContain('solar_power');
  });

  it('ends cleanly, and goes on where it was', async () => {
    expect(await server.end('SIGINT')).toBe(0);
    expect(server.output()).toContain('Everything is stored');
    server = await start('--db', database, '--interval', '0.2', '--history', '1');
    const { body } = await get('assets');
    expect(body).toContainEqual(
      expect.objectContaining({ id: 'solar-1', scenario: 'inverter_fault', last_seen: expect.any(String) }),
    );
  });
});

describe('a replay of real telemetry', () => {
  it('stores each row once, also over a restart, and sets aside what cannot be read', async () => {
    const begin = Date.UTC(2026, 4, 1, 6);
    const rows = Array.from(
      { length: 300 },
      (_, i) => `${new Date(begin + i * 300_000).toISOString()},${i === 7 ? 'broken' : i / 10}`,
    );
    const csv = join(folder, 'power.csv');
    const map = join(folder, 'map.json');
    writeFileSync(csv, `when,kilowatt\n${rows.join('\n')}\n`);
    writeFileSync(
      map,
      JSON.stringify({
        plant: examplePlant('home', 'roof'),
        time: { column: 'when' },
        columns: { solarPower: { column: 'kilowatt', unit: 'kW', as: 'W' } },
      }),
    );
    const database = join(folder, 'replay.db');
    const call = ['--db', database, '--csv', csv, '--map', map, '--speed', '100000'];
    const first = await start(...call);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await first.end('SIGTERM')).toBe(0);
    const second = await start(...call);
    while (!/come to its end/.test(second.output())) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await second.end('SIGTERM')).toBe(0);
    expect(second.output()).toContain('1 set aside');
    const storage = await sqliteStorage(database);
    const frame = await storage.read({ assetId: 'roof', channels: ['solarPower', 'acPower'], last: 1000 });
    await storage.close();
    expect(frame.length).toBe(299);
    expect(frame.column('solarPower')[298]).toBeCloseTo(29_900, 9);
    expect(frame.column('acPower')[298]).toBeCloseTo(29_900, 9);
  }, 60_000);
});

describe('wrong calls', () => {
  it.each([
    [['--port', 'many'], 'CONFIG_BAD_OPTION'],
    [['--csv', 'a.csv'], 'CONFIG_BAD_OPTION'],
    [['--csv', '/nowhere.csv', '--map', '/nowhere.json'], 'CONFIG_NO_FILE'],
    [['--colour', 'red'], 'CONFIG_BAD_OPTION'],
  ])('are told what is wrong: %j', (args, code) => {
    expect(() => readConfig(args, {})).toThrow(expect.objectContaining({ code }));
  });

  it('end the program with the reason', async () => {
    await expect(start('--port', 'many')).rejects.toThrow('CONFIG_BAD_OPTION');
  });
});
