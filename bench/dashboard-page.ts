import type { Page } from 'playwright-core';
import type { PlantDescription } from '../src/twin/index.js';
import { inChromium, softwareWebGl } from '../test/browser/chromium.mjs';
import { dashboardSite } from '../test/browser/dashboard-site.js';

/** A field of 5,000 modules in 250 strings on trackers. */
const field: PlantDescription = {
  id: 'large',
  name: 'Field of 5,000 modules',
  site: { latitude: 33.3, longitude: -112.4, altitude: 300, timeZone: 'America/Phoenix' },
  arrays: [{ tracker: { maxAngle: 55 }, strings: 250, modulesPerString: 20, module: 'Canadian Solar CS3U-400MS' }],
  inverters: [{ model: 'Power-One PVI-CENTRAL-300' }],
};
/** How long frames are counted, and how long the replay runs before that, ms. */
const WATCHED = 4000;
const BEFORE = 1000;

/**
 * The dashboard as a visitor has it: gzipped bytes of all files that its first page asks for, and frames a second of the
 * picture of 5,000 modules in space, while a day is replayed (trackers turn, colours change), drawn by the processor at low
 * quality. A frame counts when the modules were drawn in it.
 */
export async function dashboardPage(
  say: (line: string) => void,
): Promise<{ readonly initialKb: number; readonly fps: number }> {
  const site = await dashboardSite(field);
  try {
    return await inChromium(
      site.files,
      async (page) => {
        await page.waitForSelector('.rail');
        await page.waitForLoadState('networkidle');
        const first = [...site.served];
        for (const { path, bytes } of first) say(`  dashboard ${path}: ${(bytes / 1000).toFixed(1)} kB`);
        const fps = await replay(
          page,
          new URL(`/plants/${field.id}/place?quality=low&day=2026-06-20`, page.url()).href,
        );
        return { initialKb: first.reduce((sum, { bytes }) => sum + bytes, 0) / 1000, fps };
      },
      softwareWebGl,
    );
  } finally {
    site.remove();
  }
}

async function replay(page: Page, address: string): Promise<number> {
  await page.addInitScript(() => {
    const state = { drawn: false };
    Object.assign(window, { picture: state });
    const { drawElements } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.drawElements = function (...given) {
      // Two triangles for each of 5,000 modules.
      if (given[1] >= 30_000) state.drawn = true;
      drawElements.apply(this, given);
    };
  });
  await page.goto(address);
  await page.waitForFunction(() => (window as unknown as { picture: { drawn: boolean } }).picture.drawn);
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.waitForTimeout(BEFORE);
  return page.evaluate(async (watched) => {
    const { picture } = window as unknown as { picture: { drawn: boolean } };
    return new Promise<number>((resolve) => {
      let count = 0;
      const start = performance.now();
      const next = () => {
        if (picture.drawn) count++;
        picture.drawn = false;
        const passed = performance.now() - start;
        if (passed < watched) requestAnimationFrame(next);
        else resolve((1000 * count) / passed);
      };
      requestAnimationFrame(next);
    });
  }, WATCHED);
}
