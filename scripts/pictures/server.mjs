// The real server for pictures, as on a day in June: its plants play, and one more sends a month of history with a fault in it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playPlant } from './plant.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');

/** What time it is in the pictures. */
const TIME = '2027-06-17T10:40:00Z';

/**
 * Starts it; resolves when its plants have their history and their models.
 * @returns its address, a token that may do everything, the id of the plant with the fault, how far its clock is ahead (ms),
 * a way to call its API, and what ends it
 */
export async function pictureServer({ models = true } = {}) {
  const offset = Date.parse(TIME) - Date.now();
  const args = [
    '--port',
    '0',
    '--db',
    'memory:',
    '--interval',
    '2',
    '--history',
    '30',
    ...(models ? [] : ['--no-models']),
  ];
  const server = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', join(here, 'clock.mjs'), join(root, 'examples/server/src/main.ts'), ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CLOCK_OFFSET: String(offset), TWINERGY_RATE_LIMIT: '0' },
    },
  );
  const { url, token } = await new Promise((resolve, reject) => {
    let said = '';
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}.\n${said}`)));
    server.stdout.on('data', (chunk) => {
      said += chunk;
      const address = /http:\/\/\S+/.exec(said)?.[0];
      const shown = /tw_\S+/.exec(said)?.[0];
      if (address !== undefined && shown !== undefined && (!models || said.includes('Models are ready')))
        resolve({ url: address.replace(/\/$/, ''), token: shown });
    });
  });
  server.removeAllListeners('exit');
  const call = async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const now = () => Date.now() + offset;
  await call('PATCH', '/tenants/default', { settings: { currency: 'EUR', price_per_kwh: 0.24 } });
  const plant = await playPlant(call, now);
  // What people would have made: users, a key, a channel for alerts, a task of their own.
  await call('POST', '/users', { username: 'ada', name: 'Ada Lind', role: 'operator', password: 'only for pictures' });
  await call('POST', '/users', { username: 'sam', name: 'Sam Ortiz', role: 'viewer', password: 'only for pictures' });
  await call('POST', '/keys', { name: 'Data logger', scopes: ['ingest'] });
  await call('POST', '/notification-channels', {
    name: 'On call',
    type: 'slack',
    url: 'https://hooks.example.org/services/on-call',
  });
  const task = { asset_id: 'solar-1', task: 'Clean the modules', priority: 'LOW' };
  await call('POST', '/maintenance', { ...task, due: new Date(now() + 8 * 86_400_000).toISOString() });
  return { url, token, plant, offset, now, call, end: () => server.kill('SIGTERM') };
}

/** Signs in with a token; the page is at the address of the server. */
export async function signIn(page, token) {
  await page.getByRole('button', { name: 'Use an access token instead' }).click();
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Twinergy' }).waitFor();
}
