import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Files of a folder, as a built dashboard has them; a path that is none gives the page, which finds its way by itself. */
export class StaticFiles {
  readonly #root: string;
  readonly page: string;
  /** Hashes of the page's inline scripts, for the content security policy. */
  readonly scriptHashes: string[];

  constructor(root: string) {
    this.#root = resolve(root);
    const index = join(this.#root, 'index.html');
    this.page = existsSync(index) ? readFileSync(index, 'utf8') : '';
    this.scriptHashes = [...this.page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
      ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    );
  }

  /** A file, or undefined where there is none. */
  async file(path: string): Promise<Response | undefined> {
    let decoded: string;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return undefined;
    }
    const wanted = resolve(this.#root, `.${decoded}`);
    if (decoded.includes('\0') || !wanted.startsWith(this.#root + sep)) return undefined;
    try {
      // Links that lead out of the folder are not followed.
      if (!(await realpath(wanted)).startsWith((await realpath(this.#root)) + sep)) return undefined;
      if (!(await stat(wanted)).isFile()) return undefined;
      const body = await readFile(wanted);
      const hashed = /[.-][\w-]{8,}\.\w+$/.test(wanted) && wanted.includes(`${sep}assets${sep}`);
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': TYPES[extname(wanted)] ?? 'application/octet-stream',
          'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        },
      });
    } catch {
      return undefined;
    }
  }
}
