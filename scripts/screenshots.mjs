// `npm run screenshots`: pictures of every page of the dashboard and of the browser demo, light, dark and on a phone, and the
// animated story of a fault, into docs/screenshots/. The clock, the weather and the faults are the same each time.
// `-- dashboard`, `-- demo`, `-- story`: only these.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumArguments, chromiumPath, softwareWebGl } from '../test/browser/chromium.mjs';
import { buildDashboardIfNeeded, buildIfNeeded } from './build-if-needed.mjs';
import { takePicture } from './pictures/take.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs', 'screenshots');
const asked = process.argv.slice(2);
const wanted = (name) => asked.length === 0 || asked.includes(name);

const looks = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  mobile: { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
};
buildIfNeeded();
buildDashboardIfNeeded();
// These import the built package by its name, which in a fresh clone is there only now.
const [{ dashboardPictures }, { demoPictures }, { pictureServer }, { story }] = await Promise.all([
  import('./pictures/dashboard.mjs'),
  import('./pictures/demo.mjs'),
  import('./pictures/server.mjs'),
  import('./pictures/story.mjs'),
]);
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
      if (wanted('dashboard')) await dashboardPictures(browser, server, looks, folder, takePicture);
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
