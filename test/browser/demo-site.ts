import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

const root = new URL('../../', import.meta.url).pathname;

/** The browser demo, built into a folder of its own. */
export interface DemoSite {
  /** What stands at an address, for `inChromium`. */
  readonly files: (url: string) => readonly [type: string, body: Uint8Array] | undefined;
  /** Every file that was asked for so far, with its size after gzip and when (ms since the epoch), in order. */
  readonly served: readonly { readonly path: string; readonly bytes: number; readonly at: number }[];
  remove(): void;
}

/**
 * Builds the browser demo.
 * @param from `source`: of the library as it stands in `src`; `package`: of the built package, as a user would have it
 */
export async function demoSite(from: 'source' | 'package'): Promise<DemoSite> {
  const outDir = mkdtempSync(join(tmpdir(), 'twinergy-demo-'));
  await build({
    root: join(root, 'examples/browser'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
    ...(from === 'source' && {
      resolve: {
        alias: [
          { find: /^twinergy$/, replacement: join(root, 'src/index.ts') },
          { find: /^twinergy\/(.+)$/, replacement: join(root, 'src/$1/index.ts') },
        ],
      },
    }),
  });
  const served: { path: string; bytes: number; at: number }[] = [];
  return {
    served,
    files(url) {
      const path = normalize(new URL(url, 'http://localhost').pathname);
      const file = join(outDir, path === '/' ? 'index.html' : path);
      const type = TYPES[extname(file)];
      if (type === undefined || !existsSync(file)) return undefined;
      const body = readFileSync(file);
      served.push({ path, bytes: gzipSync(body).length, at: Date.now() });
      return [type, body];
    },
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}
