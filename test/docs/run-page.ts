import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url);

/** The TypeScript of a page of `docs/`: its fenced `ts` blocks one after another, as a reader would type them. */
export function codeOf(page: string): string {
  const text = readFileSync(new URL(`docs/${page}`, root), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
  if (blocks.length === 0) throw new Error(`docs/${page} has no block of ts.`);
  return blocks.join('\n');
}

/**
 * Runs the code of a page as written, in a folder of its own that holds `files`, with `twinergy` standing for the source.
 * Returns what it printed; throws with its errors where it fails.
 */
export function runPage(page: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-docs-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const code = codeOf(page).replace(
      /(from\s+|import\()'twinergy(?:\/([^']+))?'/g,
      (_, before: string, path?: string) => {
        const source = new URL(path === undefined ? 'src/index.ts' : `src/${path}/index.ts`, root);
        return `${before}'${source.href}'`;
      },
    );
    const file = join(folder, 'page.mts');
    writeFileSync(file, code);
    return execFileSync(process.execPath, ['--import', createRequire(import.meta.url).resolve('tsx'), file], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
