// Pictures of the browser demo: as it comes, with a fault and a network that was trained in it, and with the report of a file.
import { join } from 'node:path';
import { inChromium } from '../../test/browser/chromium.mjs';
import { demoSite } from '../../test/browser/demo-site.ts';
import { ownFile } from '../../test/browser/own-file.ts';

/** Plays the demo in each look. `take(page, viewport, path)` takes a picture. */
export async function demoPictures(browser, looks, folder, take) {
  const site = await demoSite('package');
  try {
    await inChromium(site.files, async (first) => {
      for (const [look, options] of Object.entries(looks)) {
        const context = await browser.newContext({ ...options, locale: 'en-GB', reducedMotion: 'reduce' });
        const page = await context.newPage();
        const picture = (name) => take(page, options.viewport, join(folder, `${name}-${look}.png`));
        await page.goto(first.url());
        await page.waitForSelector('canvas');
        await page.getByRole('button', { name: '10,000×' }).click();
        await page.getByText(/All well: .* kW/).waitFor({ timeout: 60_000 });
        await page.getByRole('slider', { name: /A string is off/ }).fill('1');
        await page
          .getByRole('region', { name: 'Alerts' })
          .getByText(/Measured divided by expected power is/)
          .waitFor({ timeout: 60_000 });
        await page.waitForTimeout(2000);
        await page.getByRole('button', { name: 'Pause' }).click();
        await picture('demo');
        await page.getByRole('button', { name: /Train/ }).click();
        await page
          .getByText(/trained/i)
          .first()
          .waitFor({ timeout: 180_000 });
        await page.locator('input[type=file]').setInputFiles({
          name: 'roof.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from(ownFile()),
        });
        await page.getByLabel('Zone of the times').selectOption('UTC');
        await page.getByLabel('Rated power, kW').fill('12');
        await page.getByLabel('Latitude, °').fill('48.14');
        await page.getByLabel('Longitude, °').fill('11.58');
        await page.getByRole('button', { name: 'Make the report' }).click();
        await page.getByText(/The last 7 days gave \d+ %/).waitFor({ timeout: 60_000 });
        await picture('demo-report');
        await context.close();
      }
    });
  } finally {
    site.remove();
  }
}
