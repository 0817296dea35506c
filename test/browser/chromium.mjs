// Chromium for tests: the one place that knows where it is and how it is started. Plain JavaScript, because the test of
// the built package runs without a compiler.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

/** Where Chromium is; undefined where it is not installed. */
export const chromiumPath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** How it is started: without what needs rights, a display or the outside world. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For pages: the helper that tsx lets named functions call, also those that are handed to a page. */
export const nameHelper = 'globalThis.__name ??= (made) => made;';

/** What makes Chromium draw WebGL on the processor. */
export const softwareWebGl = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/**
 * Serves files on the loopback interface, opens `/` in headless Chromium, and hands the page to `work`. `more`: arguments
 * for Chromium beyond the usual ones.
 */
export async function inChromium(files, work, more = []) {
  const { chromium } = await import('playwright-core');
  const server = createServer(({ url = '/' }, response) => {
    const [type, body] = files(url) ?? ['text/plain', undefined];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '/usr/bin/chromium',
    args: [...chromiumArguments, ...more],
  });
  try {
    const page = await browser.newPage();
    await page.addInitScript(nameHelper);
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    await page.goto(`http://127.0.0.1:${address.port}/`);
    return await work(page);
  } finally {
    await browser.close();
    server.close();
  }
}
