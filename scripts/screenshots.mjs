// `npm run screenshots`: pictures of every page of the dashboard, light, dark and on a phone, into docs/screenshots/. The real
// server plays its plants and a fault in the one where the sun shines; `--no-models` is quicker and leaves out what they tell.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumArguments, chromiumPath } from '../test/browser/chromium.mjs';
import { buildDashboardIfNeeded, buildIfNeeded } from './build-if-needed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs', 'screenshots');
const models = !process.argv.includes('--no-models');

/** Name of the picture → address; `{plant}` is the one with the fault. */
const pages = {
  overview: '/',
  now: '/plants/{plant}',
  place: '/plants/{plant}/place',
  charts: '/plants/{plant}/charts',
  ahead: '/plants/{plant}/ahead',
  alerts: '/alerts',
  maintenance: '/maintenance',
  calendar: '/maintenance?view=month',
  'settings-look': '/settings/look',
  'settings-plants': '/settings/plants',
  'settings-channels': '/settings/channels',
  'settings-rules': '/settings/rules',
  'settings-notifications': '/settings/notifications',
  'settings-scenarios': '/settings/scenarios',
  'settings-users': '/settings/users',
  'settings-keys': '/settings/keys',
  'settings-tenants': '/settings/tenants',
};
const looks = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  mobile: { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
};
/** What is longer is cut off, px. */
const LONGEST = 2000;

/** Starts the server; resolves with its address and token when its plants have their history (and models). */
function startServer() {
  const args = ['--port', '0', '--db', 'memory:', '--interval', '2', '--history', '7'];
  const server = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'examples/server/src/main.ts'), ...args, ...(models ? [] : ['--no-models'])],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    let said = '';
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}.\n${said}`)));
    server.stdout.on('data', (chunk) => {
      said += chunk;
      const url = /http:\/\/\S+/.exec(said)?.[0];
      const token = /tw_\S+/.exec(said)?.[0];
      if (url !== undefined && token !== undefined && (!models || said.includes('Models are ready')))
        resolve({ server, url: url.replace(/\/$/, ''), token });
    });
  });
}

/** Plays the fault and waits for its alert; gives the plant. */
async function playFault(url, token) {
  const call = async (path, body, method = 'POST') => {
    const response = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  // The alert comes within seconds instead of after the minutes that the fault would have to last.
  const rule = await call('/rules/inverter-failure');
  await call('/rules/inverter-failure', { ...rule, raiseAfter: '3s' }, 'PUT');
  for (;;) {
    const { items } = await call('/latest');
    const [brightest] = items.sort((a, b) => (b.values.irradiance ?? 0) - (a.values.irradiance ?? 0));
    if (brightest !== undefined && Date.now() - Date.parse(brightest.time) < 60_000) {
      await call('/scenarios', { scenario: 'inverter_fault', asset_id: brightest.asset_id });
      for (let tries = 0; tries < 60; tries++) {
        if ((await call('/alerts?status=open')).items.length > 0) break;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      return brightest.asset_id;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

buildIfNeeded();
buildDashboardIfNeeded();
mkdirSync(folder, { recursive: true });
const { server, url, token } = await startServer();
server.removeAllListeners('exit');
const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArguments });
try {
  const plant = await playFault(url, token);
  for (const [look, options] of Object.entries(looks)) {
    const context = await browser.newContext({ ...options, locale: 'en-GB', reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel('User name').waitFor();
    await page.screenshot({ path: join(folder, `sign-in-${look}.png`) });
    await page.getByRole('button', { name: 'Use an access token instead' }).click();
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('navigation', { name: 'Twinergy' }).waitFor();
    for (const [name, path] of Object.entries(pages)) {
      await page.setViewportSize(options.viewport);
      await page.goto(url + path.replace('{plant}', plant));
      await page.getByRole('heading').first().waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached', timeout: 60_000 });
      await page.waitForTimeout(name === 'place' ? 4000 : 800);
      // The window becomes as tall as the page, so that what sticks to its edges stays there.
      const height = await page.evaluate('document.documentElement.scrollHeight');
      await page.setViewportSize({
        ...options.viewport,
        height: Math.min(LONGEST, Math.max(options.viewport.height, height)),
      });
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`) });
    }
    await context.close();
  }
} finally {
  await browser.close();
  server.kill('SIGTERM');
}
const files = readdirSync(folder).filter((name) => name.endsWith('.png'));
const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(`${files.length} pictures, ${(bytes / 1e6).toFixed(2)} MB, in docs/screenshots/`);
