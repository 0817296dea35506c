import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

const root = new URL('../../', import.meta.url).pathname;

/** Builds the dashboard of the library as it stands in `src`, into a folder of its own. */
export async function builtDashboard(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-dashboard-'));
  await build({
    root: join(root, 'examples/dashboard'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
    resolve: {
      alias: [
        { find: /^twinergy$/, replacement: join(root, 'src/index.ts') },
        { find: /^twinergy\/(.+)$/, replacement: join(root, 'src/$1/index.ts') },
      ],
    },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * A plant at a place where it is noon now, in whose summer half-year the sun stands high: what a test sees does not hang on
 * when it runs.
 */
export function plantAtNoon<Plant extends { readonly id: string; readonly name?: string | undefined }>(
  plant: Plant,
  id: string,
  name: string,
) {
  const now = new Date();
  const hours = now.getUTCHours() + now.getUTCMinutes() / 60;
  const longitude = ((12 - hours) * 15 + 540) % 360;
  const north = now.getUTCMonth() >= 3 && now.getUTCMonth() <= 8;
  return {
    ...plant,
    id,
    name,
    site: { latitude: north ? 20 : -20, longitude: longitude - 180, altitude: 50, timeZone: 'UTC' },
  };
}
