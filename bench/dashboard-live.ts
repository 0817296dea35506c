import { chromium } from 'playwright-core';
import { startTestServer } from '../examples/server/test/running.js';
import { examplePlant } from '../src/twin/index.js';
import { builtDashboard, plantAtNoon } from '../test/browser/built-dashboard.js';
import { chromiumArguments, chromiumPath, nameHelper } from '../test/browser/chromium.mjs';
import type { Figures, RunInput } from './harness.js';

/** Plants, and s between the readings of each. */
const PLANTS = 100;
const INTERVAL = 5;
/** How often the heap is looked at, and how long the page settles before that, ms. */
const EVERY = 15_000;
const SETTLES = 20_000;

/**
 * The overview with 100 plants that are read every 5 s by the real server, watched for some minutes: how the heap after a
 * collection grows (slope of a line through its sizes, MB a minute), and the longest time between two frames, ms.
 * `--minutes`: how long; default 10.
 */
export default async function dashboardLive({ options, say }: RunInput): Promise<Figures> {
  const minutes = Number(options.minutes ?? 10);
  const site = await builtDashboard();
  const test = await startTestServer([
    '--no-demo',
    '--interval',
    String(INTERVAL),
    '--history',
    '0',
    '--files',
    site.folder,
  ]);
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '/usr/bin/chromium',
    args: chromiumArguments,
  });
  try {
    await test.server.feed();
    const { site: _site, ...home } = examplePlant('home');
    for (let i = 0; i < PLANTS; i++) {
      const plant = plantAtNoon(home, `plant-${i}`, `House ${i}`);
      await test.call('POST', '/api/v1/assets', { body: { plant, simulated: true } });
    }
    const context = await browser.newContext();
    await context.addInitScript(nameHelper);
    const page = await context.newPage();
    await page.goto(test.url);
    await page.getByRole('button', { name: 'Use an access token instead' }).click();
    await page.getByLabel('Access token').fill(test.tokens.read);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: `House ${PLANTS - 1}` }).waitFor({ timeout: 60_000 });
    const chrome = await context.newCDPSession(page);
    await chrome.send('Performance.enable');
    await chrome.send('HeapProfiler.enable');
    await page.waitForTimeout(SETTLES);
    await page.evaluate(() => {
      const state = { worst: 0, last: performance.now() };
      Object.assign(window, { frames: state });
      const next = (now: number) => {
        state.worst = Math.max(state.worst, now - state.last);
        state.last = now;
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    });
    const heaps: [minute: number, megabytes: number][] = [];
    let worst = 0;
    const begun = Date.now();
    while (Date.now() - begun < minutes * 60_000) {
      await page.waitForTimeout(EVERY);
      // Before the collection, which stops the page too.
      worst = Math.max(
        worst,
        await page.evaluate(() => (window as unknown as { frames: { worst: number } }).frames.worst),
      );
      await chrome.send('HeapProfiler.collectGarbage');
      const { metrics } = await chrome.send('Performance.getMetrics');
      const size = (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1e6;
      heaps.push([(Date.now() - begun) / 60_000, size]);
      say(`  ${heaps.at(-1)?.[0].toFixed(1)} min: ${size.toFixed(1)} MB, longest frame ${worst.toFixed(0)} ms`);
      await page.evaluate(() => {
        const { frames } = window as unknown as { frames: { worst: number; last: number } };
        frames.worst = 0;
        frames.last = performance.now();
      });
    }
    return {
      minutes,
      plants: PLANTS,
      heap_mb: Math.round(10 * (heaps.at(-1)?.[1] ?? Number.NaN)) / 10,
      heap_slope_mb_per_minute: Math.round(1000 * slopeOf(heaps)) / 1000,
      frame_ms_max: Math.round(worst),
    };
  } finally {
    await browser.close();
    await test.server.close();
    site.remove();
  }
}

/** Of the line through points by least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (pick: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean(([a]) => a), mean(([, b]) => b)];
  const above = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return above / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}
