import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath, inChromium } from './chromium.mjs';
import { type DemoSite, demoSite } from './demo-site.js';
import { ownFile } from './own-file.js';

const skip = chromiumPath === undefined && process.env.CI === undefined;
let site: DemoSite;

beforeAll(async () => {
  if (!skip) site = await demoSite('source');
}, 120_000);
afterAll(() => site?.remove());

it.skipIf(skip)(
  'the demo shows a plant, finds the fault that is stirred in, says why, forecasts, and goes on after a reload',
  { timeout: 180_000, retry: 1 },
  () =>
    inChromium(site.files, async (page) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.waitForSelector('canvas');
      await page.getByRole('button', { name: '10,000×' }).click();
      await page.getByText(/All well: .* kW/).waitFor({ timeout: 60_000 });

      await page.getByRole('slider', { name: /A string is off/ }).fill('1');
      const alert = page.getByRole('region', { name: 'Alerts' }).getByText(/Measured divided by expected power is/);
      await alert.waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Acknowledge' }).first().click();
      await page.getByText('acknowledged').first().waitFor();
      expect(page.url()).toContain('fault.string-open=1.00');

      const forecast = page.getByRole('region', { name: 'Forecast' });
      await forecast.getByRole('button', { name: 'Table' }).click();
      const hours = await forecast.locator('tbody tr').count();
      expect(hours).toBe(24);

      // What is kept is kept every few seconds; the link alone would begin at the start again.
      await page.getByRole('button', { name: 'Pause' }).click();
      const clock = () => page.locator('.clock').textContent();
      const before = Date.parse((await clock()) ?? '');
      const kept = await page.evaluate('localStorage.getItem("twinergy-demo")');
      await page
        .waitForFunction((old) => localStorage.getItem('twinergy-demo') !== old, kept, { timeout: 6000 })
        .catch(() => undefined);
      await page.reload();
      await page.getByRole('button', { name: '10,000×' }).click();
      await page.locator('.clock').waitFor({ timeout: 60_000 });
      expect(Date.parse((await clock()) ?? '')).toBeGreaterThanOrEqual(before - 3_600_000);
      expect(errors).toEqual([]);
    }),
);

it.skipIf(skip)('a file of one’s own becomes a report, in the browser alone', { timeout: 120_000, retry: 1 }, () =>
  inChromium(site.files, async (page) => {
    await page.getByText('Your own plant').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'roof.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(ownFile()),
    });
    // The header says it all: time, power in kW, irradiance on the modules.
    expect(await page.getByLabel('AC power', { exact: true }).inputValue()).toBe('Power [kW]');
    expect(await page.getByLabel('Unit of AC power').inputValue()).toBe('kW');
    await page.getByLabel('Zone of the times').selectOption('UTC');
    await page.getByLabel('Rated power, kW').fill('12');
    await page.getByLabel('Latitude, °').fill('48.14');
    await page.getByLabel('Longitude, °').fill('11.58');
    await page.getByRole('button', { name: 'Make the report' }).click();
    const sentence = await page.getByText(/The last 7 days gave \d+ %/).textContent({ timeout: 60_000 });
    const percent = Number(/(\d+) %/.exec(sentence ?? '')?.[1]);
    // One of two strings is off in that time.
    expect(percent).toBeGreaterThan(44);
    expect(percent).toBeLessThan(56);
  }),
);
