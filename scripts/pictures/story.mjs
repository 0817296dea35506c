// The story of a fault as an animated picture of about 20 seconds: a plant that is well, a fault, its alert, what is done about
// it, and the health that returns. Played on the real server; each scene is a still that says what happens.
import { writeFileSync } from 'node:fs';
import gifenc from 'gifenc';
import { PNG } from 'pngjs';
import { nameHelper } from '../../test/browser/chromium.mjs';
import { shiftClock } from './clock.mjs';
import { signIn } from './server.mjs';

const { GIFEncoder, quantize, applyPalette } = gifenc;
const SIZE = { width: 960, height: 600 };
/** How long a scene stands, ms. */
const STANDS = 1900;
const WAIT = { timeout: 60_000 };

/** The plant of the story: one that the server plays, where the sun shines. */
const PLANT = { id: 'solar-2', name: 'Office in Valencia' };

/** Plays the story, and writes it to `path`. */
export async function story(browser, { url, token, offset, call }, path) {
  // The alert comes, and goes, within seconds instead of after minutes.
  const rule = await call('GET', '/rules/inverter-failure');
  await call('PUT', '/rules/inverter-failure', { ...rule, raiseAfter: '3s', clearAfter: '3s' });
  const context = await browser.newContext({
    viewport: SIZE,
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  await context.addInitScript(`${nameHelper}(${shiftClock})(${offset})`);
  const page = await context.newPage();
  await page.goto(url);
  await signIn(page, token);
  const scenes = [];
  const go = async (where) => {
    await page.goto(url + where);
    await page.getByRole('heading').first().waitFor(WAIT);
    await page
      .locator('.skeleton')
      .first()
      .waitFor({ state: 'detached', ...WAIT });
    await page.waitForTimeout(800);
  };
  const scene = async (words, stands = STANDS) => {
    await page.evaluate(caption, words);
    scenes.push({ png: PNG.sync.read(await page.screenshot()), stands });
  };
  const mine = (list) => page.locator(`${list} > li`).filter({ hasText: PLANT.name }).first();

  await go(`/plants/${PLANT.id}?range=now`);
  await scene('A plant at noon: its power is what the twin expects.');
  await page.getByRole('button', { name: 'Inverter fault' }).click();
  await page.getByRole('button', { name: 'Inverter fault' }).scrollIntoViewIfNeeded();
  await scene('A fault is played on it: an inverter loses power.');
  await page.getByText('Inverter efficiency low').first().waitFor(WAIT);
  await page.waitForTimeout(3000);
  await page.evaluate('scrollTo(0, 0)');
  await scene('Seconds later: what is wrong, since when, and what to do.');
  await go('/alerts');
  await mine('ul.alerts').waitFor(WAIT);
  await mine('ul.alerts').evaluate((line) => line.scrollIntoView({ block: 'center' }));
  await scene('The alert says why, with the figures.');
  await mine('ul.alerts').getByRole('button', { name: 'Acknowledge' }).click();
  await mine('ul.alerts')
    .getByText(/acknowledged by/)
    .waitFor(WAIT);
  await scene('Somebody takes it.');
  await go(`/plants/${PLANT.id}/place?colour=loss`);
  await page.waitForTimeout(4000);
  await scene('Where it is.');
  await go('/maintenance');
  const task = mine('ul.tasks');
  const named = await task.locator('strong').textContent(WAIT);
  const same = page
    .locator('ul.tasks > li')
    .filter({ hasText: PLANT.name })
    .filter({ hasText: named ?? '' });
  await scene('The planner has proposed the work.');
  await same.getByRole('button', { name: 'Approve' }).click();
  await same.getByRole('button', { name: 'Begin' }).click(WAIT);
  await scene('Approved, and begun.');
  await call('POST', '/scenarios', { scenario: 'normal', asset_id: PLANT.id });
  await same.getByRole('button', { name: 'Mark as done' }).click(WAIT);
  await same.getByText(/^done/).waitFor(WAIT);
  await scene('Done.');
  for (let tries = 0; tries < 60; tries++) {
    if ((await call('GET', `/alerts?status=open&asset_id=${PLANT.id}`)).items.length === 0) break;
    await page.waitForTimeout(1000);
  }
  await go(`/plants/${PLANT.id}?range=now`);
  await scene('The power is back, and the alert is over.', 2600);
  await context.close();
  writeFileSync(path, animation(scenes));
}

/** Shows what happens at the foot of the page; runs in the page. */
function caption(words) {
  const id = 'story-caption';
  const element = document.getElementById(id) ?? document.body.appendChild(document.createElement('p'));
  element.id = id;
  element.textContent = words;
  element.style.cssText =
    'position:fixed;inset:auto 0 0 0;margin:0;padding:14px 24px;z-index:99;background:#111418;color:#fff;font:600 18px system-ui';
}

/** A GIF of the scenes, each with its own colours. */
function animation(scenes) {
  const gif = GIFEncoder();
  for (const { png, stands } of scenes) {
    const palette = quantize(png.data, 128);
    gif.writeFrame(applyPalette(png.data, palette), png.width, png.height, { palette, delay: stands });
  }
  gif.finish();
  return gif.bytes();
}
