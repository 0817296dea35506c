import { buildIfNeeded } from '../scripts/build-if-needed.mjs';
import { inChromium, nameHelper } from '../test/browser/chromium.mjs';
import { type DemoSite, demoSite } from '../test/browser/demo-site.js';
import { dashboardPage } from './dashboard-page.js';
import type { Figures, RunInput } from './harness.js';

const ROUNDS = 3;

/**
 * What a visitor of the demo waits for: ms to the first picture on a cold load (median of rounds), gzipped bytes asked for
 * before it, and the longest time for which the page's thread did not answer, while the plant runs at 1,000×. Of the dashboard:
 * see `dashboardPage`.
 */
export default async function browser({ say }: RunInput): Promise<Figures> {
  buildIfNeeded();
  const site = await demoSite('package');
  try {
    const rounds: Awaited<ReturnType<typeof visit>>[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await visit(site));
    const median = (pick: (round: (typeof rounds)[number]) => number) =>
      rounds.map(pick).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
    for (const { path, bytes } of rounds[0]?.files ?? []) say(`  ${path}: ${(bytes / 1000).toFixed(1)} kB`);
    const dashboard = await dashboardPage(say);
    return {
      first_view_ms: Math.round(median(({ firstView }) => firstView)),
      initial_gzip_kb: Math.round(median(({ kb }) => kb) * 10) / 10,
      long_tasks_ms_max: Math.round(median(({ longest }) => longest)),
      fps_demo: Math.round(median(({ fps }) => fps) * 10) / 10,
      fps_3d: Math.round(dashboard.fps * 10) / 10,
      dashboard_initial_gzip_kb: Math.round(dashboard.initialKb * 10) / 10,
    };
  } finally {
    site.remove();
  }
}

/** One cold visit: in a context of its own, with an empty cache. */
function visit(site: DemoSite) {
  return inChromium(site.files, async (first) => {
    const address = first.url();
    const context = await first.context().browser()?.newContext();
    if (context === undefined) throw new Error('The browser has gone.');
    await first.close();
    const page = await context.newPage();
    const before = site.served.length;
    await page.addInitScript(nameHelper);
    await page.addInitScript(() => {
      const state = { longest: 0, picture: 0 };
      Object.assign(window, { visit: state });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) state.longest = Math.max(state.longest, duration);
      }).observe({ type: 'longtask', buffered: true });
      const look = () => {
        if (document.querySelector('canvas') !== null) state.picture = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(address);
    await page.waitForSelector('canvas');
    await page.waitForTimeout(5000);
    const result = await page.evaluate(async () => {
      const { longest, picture } = (window as unknown as { visit: { longest: number; picture: number } }).visit;
      const frames = await new Promise<number>((resolve) => {
        let count = 0;
        const start = performance.now();
        const next = () => {
          count++;
          const passed = performance.now() - start;
          if (passed < 3000) requestAnimationFrame(next);
          else resolve((1000 * count) / passed);
        };
        requestAnimationFrame(next);
      });
      return { longest, picture, frames, pictureAt: performance.timeOrigin + picture };
    });
    // What is asked for later does not keep anybody waiting, and this program may hear late that the picture is there.
    const files = site.served.slice(before).filter(({ at }) => at <= result.pictureAt);
    return {
      firstView: result.picture,
      longest: result.longest,
      fps: result.frames,
      kb: files.reduce((sum, { bytes }) => sum + bytes, 0) / 1000,
      files,
    };
  });
}
