import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { chromiumPath, inChromium } from './chromium.mjs';
import { twinBits } from './twin-bits.js';

describe('the twin in a browser', () => {
  it.skipIf(chromiumPath === undefined && process.env.CI === undefined)(
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
      const there = await inChromium(
        () => ['text/html', '<!doctype html>'],
        async (page) => {
          await page.addScriptTag({ content: bundle.outputFiles[0]?.text ?? '' });
          return page.evaluate('bits.twinBits()');
        },
      );
      expect(there).toEqual(twinBits());
    },
    60_000,
  );
});
