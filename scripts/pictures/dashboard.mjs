// Pictures of every page of the dashboard.
import { join } from 'node:path';
import { nameHelper } from '../../test/browser/chromium.mjs';
import { shiftClock } from './clock.mjs';
import { signIn } from './server.mjs';

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
/** What a page needs before it shows what it can. */
const before = {
  async ahead(page) {
    await page.getByRole('region', { name: 'What if' }).locator('select').first().selectOption('inverter-derating');
    await page.getByRole('button', { name: 'Ask the twin' }).click();
    await page.getByText(/The fault takes/).waitFor({ timeout: 60_000 });
  },
};

/** Goes through the pages in each look. `take(page, viewport, path)` takes a picture. */
export async function dashboardPictures(browser, { url, token, plant, offset, call }, looks, folder, take) {
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
      await page.locator('.connection').waitFor({ state: 'detached', timeout: 60_000 });
      await page.waitForLoadState('networkidle');
      await before[name]?.(page);
      await page.waitForTimeout(name === 'place' ? 4000 : 800);
      await take(page, options.viewport, join(folder, `${name}-${look}.png`));
    }
    await context.close();
  }
}
