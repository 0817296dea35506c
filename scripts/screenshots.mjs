// `npm run screenshots`: pictures of every page of the dashboard and of the browser demo, light, dark and on a phone, and the
// animated story of a fault, into docs/screenshots/. The clock, the weather and the faults are the same each time.
// `-- dashboard`, `-- demo`, `-- story`: only these.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumArguments, chromiumPath, nameHelper, softwareWebGl } from '../test/browser/chromium.mjs';
import { buildDashboardIfNeeded, buildIfNeeded } from './build-if-needed.mjs';
import { shiftClock } from './pictures/clock.mjs';
import { demoPictures } from './pictures/demo.mjs';
import { pictureServer, signIn } from './pictures/server.mjs';
import { story } from './pictures/story.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs', 'screenshots');
const asked = process.argv.slice(2);
const wanted = (name) => asked.length === 0 || asked.includes(name);

/** Name of the picture → address; `{plant}` is the one with the fault, `{alert}` its worst alert. */
const pages = {
  overview: '/',
  now: '/plants/{plant}?range=7d',
  place: '/plants/{plant}/place',
  plan: '/plants/{plant}/place?view=plan&colour=loss',
  charts: '/plants/{plant}/charts?range=7d&channels=solar_power,irradiance,inverter_efficiency',
  ahead: '/plants/{plant}/ahead',
  alerts: '/alerts/{alert}',
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
const LONGEST = 2600;

/** Takes a picture of the whole page: the window becomes as tall as it, so that what sticks to its edges stays there. */
async function takePicture(page, viewport, path) {
  const height = await page.evaluate('document.documentElement.scrollHeight');
  await page.setViewportSize({ ...viewport, height: Math.min(LONGEST, Math.max(viewport.height, height)) });
  await page.waitForTimeout(500);
  await page.screenshot({ path });
  await page.setViewportSize(viewport);
}

/** What a page needs before it shows what it can. */
const before = {
  async ahead(page) {
    await page.getByLabel('Fault', { exact: true }).selectOption('inverter-derating');
    await page.getByRole('button', { name: 'Ask the twin' }).click();
    await page.getByText(/The fault takes/).waitFor({ timeout: 60_000 });
  },
};

async function dashboardPictures(browser, { url, token, plant, offset, call }) {
  const [alert] = (await call('GET', `/alerts?status=open&asset_id=${plant}`)).items;
  for (const [look, options] of Object.entries(looks)) {
    const context = await browser.newContext({ ...options, locale: 'en-GB', reducedMotion: 'reduce' });
    await context.addInitScript(`${nameHelper}(${shiftClock})(${offset})`);
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel('User name').waitFor();
    await page.screenshot({ path: join(folder, `sign-in-${look}.png`) });
    await signIn(page, token);
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(url + path.replace('{plant}', plant).replace('{alert}', alert?.id ?? ''));
      await page.getByRole('heading').first().waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached', timeout: 60_000 });
      await before[name]?.(page);
      await page.waitForTimeout(name === 'place' ? 4000 : 800);
      await takePicture(page, options.viewport, join(folder, `${name}-${look}.png`));
    }
    await context.close();
  }
}

buildIfNeeded();
buildDashboardIfNeeded();
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: [...chromiumArguments, ...softwareWebGl],
});
try {
  if (wanted('demo')) await demoPictures(browser, looks, folder, takePicture);
  if (wanted('dashboard') || wanted('story')) {
    const server = await pictureServer();
    try {
      if (wanted('dashboard')) await dashboardPictures(browser, server);
      if (wanted('story')) await story(browser, server, join(folder, 'fault-story.gif'));
    } finally {
      server.end();
    }
  }
} finally {
  await browser.close();
}
const files = readdirSync(folder).filter((name) => /\.(png|gif)$/.test(name));
const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(`${files.length} pictures, ${(bytes / 1e6).toFixed(2)} MB, in docs/screenshots/`);
process.exit(0);
