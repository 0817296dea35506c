import { existsSync } from 'node:fs';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { twinBits } from './twin-bits.js';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

describe('the twin in a browser', () => {
  it.skipIf(executablePath === undefined && process.env.CI === undefined)(
    'gives the same bits as in Node (needs Chromium)',
    async () => {
      const bundle = await build({
        entryPoints: ['test/browser/twin-bits.ts'],
        bundle: true,
        write: false,
        format: 'iife',
        globalName: 'bits',
        target: 'es2022',
      });
      const browser = await chromium.launch({
        executablePath: executablePath ?? '/usr/bin/chromium',
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
      try {
        const page = await browser.newPage();
        await page.addScriptTag({ content: bundle.outputFiles[0]?.text ?? '' });
        const there = await page.evaluate('bits.twinBits()');
        expect(there).toEqual(twinBits());
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});
