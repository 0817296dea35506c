import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from './running.js';

const run = promisify(execFile);
const deploy = fileURLToPath(new URL('../deploy/', import.meta.url));
const read = (path: string) => readFileSync(join(deploy, path), 'utf8');
const installed = (command: string) => spawnSync('which', [command]).status === 0;
/** Where a program is missing the test is left out, but not in continuous integration. */
const where = (command: string) => process.env.CI !== 'true' && !installed(command);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer([], { TWINERGY_TRUST_PROXY: 'on' });
  await server.server.feed();
  await server.call('GET', '/api/v1/summary');
}, 60_000);
afterAll(() => server.server.close());

describe('what watches the server', () => {
  it('asks Prometheus only for metrics that there are', async () => {
    const { text, status } = await server.call('GET', '/metrics');
    expect(status).toBe(200);
    const names = new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name = '', type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
      ),
    );
    const used = [read('grafana/twinergy.json'), read('prometheus/rules.yml')].flatMap(
      (file) => file.match(/twinergy_\w+/g) ?? [],
    );
    expect(used.length).toBeGreaterThan(20);
    expect([...new Set(used)].filter((name) => !names.has(name))).toEqual([]);
  });

  it.skipIf(where('promtool'))('has alert rules and a configuration that Prometheus takes', () => {
    execFileSync('promtool', ['check', 'rules', join(deploy, 'prometheus/rules.yml')]);
    execFileSync('promtool', ['check', 'config', '--syntax-only', join(deploy, 'prometheus/prometheus.yml')]);
  });

  it('shows metrics to nobody but the keeper of all tenants, and Prometheus', async () => {
    expect((await server.call('GET', '/metrics', { token: null })).status).toBe(401);
    expect((await server.call('GET', '/metrics', { token: server.tokens.admin })).status).toBe(403);
  });
});

describe('systemd', () => {
  it('is told of a unit with what a service needs', () => {
    const unit = read('systemd/twinergy.service');
    for (const line of ['NoNewPrivileges=true', 'ProtectSystem=strict', 'Restart=on-failure', 'EnvironmentFile='])
      expect(unit).toContain(line);
    if (!installed('systemd-analyze')) return;
    const { stderr } = spawnSync('systemd-analyze', ['verify', join(deploy, 'systemd/twinergy.service')], {
      encoding: 'utf8',
    });
    expect(stderr).not.toMatch(/Unknown (key|lvalue)|Failed to parse/);
  });
});

describe.skipIf(where('nginx'))('behind nginx', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-nginx-'));
  let nginx: ChildProcess;
  let port: number;

  const freePort = () =>
    new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });

  beforeAll(async () => {
    const tls = join(folder, 'tls');
    mkdirSync(tls);
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-keyout',
        join(tls, 'privkey.pem'),
        '-out',
        join(tls, 'fullchain.pem'),
      ],
      { stdio: 'ignore' },
    );
    port = await freePort();
    const plain = await freePort();
    // The configuration as it is, but for names and ports of this machine.
    const configuration = read('nginx/twinergy.conf')
      .replace('server server:8080', `server ${new URL(server.url).host}`)
      .replace('listen 80;', `listen 127.0.0.1:${plain};`)
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replaceAll('/etc/nginx/tls', tls);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 256; }
http { access_log off; ${paths.join(' ')} ${configuration} }`,
    );
    execFileSync('nginx', ['-t', '-c', join(folder, 'nginx.conf'), '-p', folder, '-e', `${folder}/error.log`], {
      stdio: 'pipe',
    });
    nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', `${folder}/error.log`], {
      stdio: 'ignore',
    });
    for (let i = 0; i < 100; i++) {
      if ((await curl('/livez')).includes('"ok"')) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, 30_000);
  afterAll(() => {
    nginx?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  // Not by `spawnSync`: the server lives in this process, and must get its turn.
  const curl = async (path: string, ...args: string[]) => {
    const command = ['-sk', '--max-time', '5', ...args, `https://127.0.0.1:${port}${path}`];
    return run('curl', command).then(
      ({ stdout }) => stdout,
      (error: { stdout?: string }) => error.stdout ?? '',
    );
  };

  it('serves the API by TLS, keeps metrics inside, signs in by a cookie that only TLS carries', async () => {
    const bearer = ['-H', `authorization: Bearer ${server.tokens.platform}`];
    expect(JSON.parse(await curl('/api/v1/assets', ...bearer)).items).toHaveLength(3);
    expect(await curl('/metrics', ...bearer, '-o', '/dev/null', '-w', '%{http_code}')).toBe('404');
    const answer = await curl(
      '/api/v1/auth/sign-in',
      '-i',
      '-H',
      'content-type: application/json',
      '-d',
      JSON.stringify({ token: server.tokens.read }),
    );
    expect(answer).toMatch(/set-cookie: twinergy_session=.*HttpOnly; Secure; SameSite=Strict/i);
  });

  it('carries live events by WebSocket and as server-sent events', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/api/v1/live?events=reading&assets=solar-1`, {
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${server.tokens.platform}` },
    });
    const told = new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        const text = String(data);
        if (text.includes('"type":"event"')) resolve(text);
        else if (text.includes('"subscribed"'))
          void server.call('POST', '/api/v1/telemetry', {
            body: { asset_id: 'solar-1', time: Date.now() + 1000, values: { temperature: 31.5 } },
          });
      });
    });
    expect(await told).toContain('31.5');
    socket.close();
    const stream = await curl(
      '/api/v1/events',
      '-N',
      '--max-time',
      '2',
      '-H',
      `authorization: Bearer ${server.tokens.platform}`,
    );
    expect(stream).toContain('event: hello');
  });
});
