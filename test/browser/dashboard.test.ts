import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityProvider, signInThere } from '../../examples/server/test/identity-provider.js';
import { startTestServer, type TestServer } from '../../examples/server/test/running.js';
import { examplePlant } from '../../src/twin/index.js';
import { builtDashboard, plantAtNoon } from './built-dashboard.js';
import { chromiumArguments, chromiumPath } from './chromium.mjs';

const skip = chromiumPath === undefined && process.env.CI === undefined;
const WAIT = { timeout: 45_000 };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let site: Awaited<ReturnType<typeof builtDashboard>>;
let test: TestServer;
let browser: Browser;
let provider: Awaited<ReturnType<typeof identityProvider>>;

/** Adds a simulated plant where it is noon. */
async function addPlant(id: string, name: string): Promise<void> {
  const { site: _site, ...home } = examplePlant('home');
  const { status, text } = await test.call('POST', '/api/v1/assets', {
    body: { plant: plantAtNoon(home, id, name), simulated: true },
  });
  if (status !== 201) throw new Error(text);
}

/** Lets the inverter's rule raise and clear within seconds: nobody waits ten minutes for a test. */
async function hasten(): Promise<void> {
  const rule = await test.call('GET', '/api/v1/rules/inverter-failure');
  const { status, text } = await test.call('PUT', '/api/v1/rules/inverter-failure', {
    body: { ...(rule.body as object), raiseAfter: '3s', clearAfter: '3s' },
  });
  if (status !== 200) throw new Error(text);
}

async function signIn(context: BrowserContext, token: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(test.url);
  await page.getByRole('button', { name: 'Use an access token instead' }).click();
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Twinergy' }).waitFor(WAIT);
  return page;
}

/** The alert of one test's plant alone: others may have raised some too. */
const alertOf = (page: Page, plant: string) => page.locator('ul.alerts > li').filter({ hasText: plant }).first();

/** Plays a scenario; the server has taken it when the button says so. */
async function play(page: Page, scenario: string, press: 'click' | 'tap'): Promise<void> {
  const button = page.getByRole('button', { name: scenario });
  await button[press](WAIT);
  await expect.poll(() => button.getAttribute('aria-pressed'), WAIT).toBe('true');
}

/** A fault from its beginning to its end, as somebody lives it who looks after the plant. */
async function faultStory(page: Page, id: string, plant: string, press: 'click' | 'tap'): Promise<void> {
  const go = (path: string) => page.goto(`${test.url}${path}`);
  await go(`/plants/${id}`);
  const power = page.locator('.figure').filter({ hasText: 'Power now' }).locator('.number');
  await expect.poll(() => power.textContent(), WAIT).toMatch(/\d.*kW/);

  await play(page, 'Inverter fault', press);
  // The page of the plant says so too, before a cause can be told.
  await page.getByText('Inverter efficiency low').first().waitFor(WAIT);
  await go('/alerts');
  const alert = alertOf(page, plant);
  await alert.waitFor(WAIT);
  // Its explanation names a value and what it was held against.
  await expect.poll(() => alert.textContent(), WAIT).toMatch(/\d+(\.\d+)? ?%/);
  await alert.getByRole('button', { name: 'Acknowledge' })[press]();
  await alert.getByText(/acknowledged by/).waitFor(WAIT);

  await go('/maintenance');
  const task = page.locator('ul.tasks > li').filter({ hasText: plant }).first();
  const before = await task.locator('strong').textContent(WAIT);
  const mine = page
    .locator('ul.tasks > li')
    .filter({ hasText: plant })
    .filter({ hasText: before ?? '' });
  await mine.getByRole('button', { name: 'Approve' })[press]();
  await mine.getByRole('button', { name: 'Begin' })[press](WAIT);
  await mine.getByRole('button', { name: 'Mark as done' })[press](WAIT);
  await mine.getByText(/^done/).waitFor(WAIT);

  await go(`/plants/${id}`);
  const health = page.locator('.figure').filter({ hasText: 'Health' }).locator('.number');
  const value = async () => Number.parseFloat((await health.textContent()) ?? '');
  const ill = await value();
  await play(page, 'Normal', press);
  await expect.poll(value, WAIT).toBeGreaterThan(ill);
}

describe.skipIf(skip)('the dashboard, on the real server', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    site = await builtDashboard();
    provider = await identityProvider();
    test = await startTestServer(
      ['--no-demo', '--interval', '2', '--history', '0.1', '--files', site.folder],
      signInThere(provider.url),
    );
    await test.server.feed();
    await hasten();
    await addPlant('noon', 'House at noon');
    await addPlant('phone', 'House for the phone');
    browser = await chromium.launch({ executablePath: chromiumPath ?? '/usr/bin/chromium', args: chromiumArguments });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await test?.server.close();
    provider?.close();
    site?.remove();
  });

  it('lets people in by their identity provider, and back to the page that they wanted', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${test.url}/alerts?state=all`);
    await page.getByRole('link', { name: "Sign in with your organisation's account" }).click(WAIT);
    await page.getByRole('navigation', { name: 'Twinergy' }).waitFor(WAIT);
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/alerts?state=all');
    await context.close();
  });

  it('shows live values, and a fault from its alert to the health that returns', async () => {
    const context = await browser.newContext();
    const page = await signIn(context, test.tokens.platform);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${test.url}/`);
    const plant = page.getByRole('link', { name: /House at noon/ });
    const first = await plant.textContent(WAIT);
    await expect.poll(() => plant.textContent(), WAIT).not.toBe(first);
    await faultStory(page, 'noon', 'House at noon', 'click');
    expect(errors).toEqual([]);
    await context.close();
  });

  it('does the same on a phone, by touch, with nothing beyond its edge', async () => {
    const context = await browser.newContext(PHONE);
    const page = await signIn(context, test.tokens.platform);
    await faultStory(page, 'phone', 'House for the phone', 'tap');
    for (const path of ['/', '/alerts', '/maintenance?view=month', '/settings', '/plants/phone/ahead']) {
      await page.goto(`${test.url}${path}`);
      await page.getByRole('heading').first().waitFor(WAIT);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0);
    }
    await context.close();
  });

  it('keeps the last values while it is offline, says so, and comes back', async () => {
    const context = await browser.newContext();
    const page = await signIn(context, test.tokens.read);
    await page.getByText('House at noon').first().waitFor(WAIT);
    await context.setOffline(true);
    // A socket that is open lives on without the network in Chromium's emulation: the server cuts it.
    for (const socket of test.server.sockets()) socket.terminate();
    await page.getByText(/No connection\. These are the last values/).waitFor(WAIT);
    await page.getByText('House at noon').first().waitFor(WAIT);
    await context.setOffline(false);
    await page.getByText(/No connection/).waitFor({ state: 'detached', ...WAIT });
    await context.close();
  });

  it("shows days of one's own, and keeps them in the address", async () => {
    const context = await browser.newContext();
    const page = await signIn(context, test.tokens.read);
    await page.goto(`${test.url}/plants/noon/charts`);
    await page.getByRole('button', { name: 'Days', exact: true }).click(WAIT);
    await expect.poll(() => page.url()).toMatch(/from=\d{4}-\d{2}-\d{2}&to=\d{4}-\d{2}-\d{2}/);
    const asked = page.waitForRequest((request) =>
      /series.*from=2026-01-0[12]/.test(decodeURIComponent(request.url())),
    );
    await page.getByLabel('From').fill('2026-01-02');
    await asked;
    await page.reload();
    expect(await page.getByLabel('From').inputValue()).toBe('2026-01-02');
    await context.close();
  });

  it('shows a second tenant nothing of the first', async () => {
    const context = await browser.newContext();
    const page = await signIn(context, test.tokens.other);
    await page.getByText('There is no plant yet', { exact: false }).waitFor(WAIT);
    for (const path of ['/', '/alerts?show=all', '/maintenance', '/plants/noon', '/settings/users']) {
      await page.goto(`${test.url}${path}`);
      await page.getByRole('heading').first().waitFor(WAIT);
      expect(await page.locator('body').textContent(), path).not.toContain('House');
    }
    await context.close();
  });

  it('has no violation of accessibility that axe finds on any page, light and dark', async () => {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await signIn(context, test.tokens.platform);
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
    const parts = ['look', 'plants', 'channels', 'rules', 'notifications', 'scenarios', 'users', 'keys', 'tenants'];
    const found: Record<string, string[]> = {};
    for (const path of [
      '/',
      '/plants/noon',
      '/plants/noon/place',
      '/plants/noon/charts',
      '/plants/noon/charts?from=2026-01-01&to=2026-01-02',
      '/plants/noon/ahead',
      '/alerts?show=all',
      '/maintenance',
      '/maintenance?view=month',
      ...parts.map((part) => `/settings/${part}`),
    ]) {
      // As a link does it: the page is not loaded anew, and axe stays.
      await page.evaluate((to) => history.pushState(null, '', to), path);
      await page.getByRole('heading', { level: 1 }).waitFor(WAIT);
      await page
        .locator('.skeleton')
        .first()
        .waitFor({ state: 'detached', ...WAIT });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const violations = await page.evaluate<string[]>(
          'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 160))))',
        );
        if (violations.length > 0) found[`${path} ${colorScheme}`] = violations;
      }
    }
    expect(found).toEqual({});
    await context.close();
  });
});
