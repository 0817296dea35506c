import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chromiumPath, inChromium } from './chromium.mjs';
import type { Outcome } from './storage-page.js';

const modules = join(process.cwd(), 'node_modules');
const folders = [join(modules, 'sql.js', 'dist'), join(modules, '@electric-sql', 'pglite', 'dist')];
const types: Readonly<Record<string, string>> = { js: 'text/javascript', wasm: 'application/wasm' };

/** Opens a page that has the library as `page`, and `peers()`, which loads sql.js and PGlite. */
async function inPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const bundle = await build({
    entryPoints: [join(dirname(import.meta.filename), 'storage-page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'page',
    target: 'es2022',
    platform: 'browser',
    external: ['sql.js', '@electric-sql/pglite'],
  });
  const html = `<!doctype html><script src="/sql-wasm-browser.js"></script><script src="/page.js"></script>
<script>const peers = async () => ({ initSqlJs, PGlite: (await import('/index.js')).PGlite });</script>`;
  return inChromium((url) => {
    if (url === '/') return ['text/html', html];
    if (url === '/page.js') return ['text/javascript', bundle.outputFiles[0]?.contents ?? ''];
    const file = folders.map((folder) => join(folder, url)).find((path) => existsSync(path));
    return file === undefined
      ? undefined
      : [types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream', readFileSync(file)];
  }, work);
}

describe.skipIf(chromiumPath === undefined && process.env.CI === undefined)('storage in a browser', () => {
  it.each(['indexeddb', 'opfs', 'pglite'])(
    'the conformance suite passes in Chromium: %s',
    { timeout: 180_000 },
    async (name) => {
      const outcome = await inPage((page) =>
        page.evaluate<Outcome>(`peers().then((peers) => page.conformance('${name}', peers))`),
      );
      expect(outcome.failures).toEqual([]);
      expect(outcome.cases).toBeGreaterThan(210);
    },
  );

  it('a page that is shut keeps what was acknowledged', { timeout: 60_000 }, async () => {
    const found = await inPage((page) =>
      page.evaluate<number[]>('peers().then((peers) => page.shutWithoutClosing(peers))'),
    );
    expect(found).toEqual([3, 3, 3]);
  });
});
