// Builds the package where `dist` is missing or older than its sources: what the examples run on.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function newest(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (time, entry) =>
      entry.isFile() ? Math.max(time, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs) : time,
    0,
  );
}

export function buildIfNeeded() {
  const built = join(root, 'dist', 'index.js');
  const sources = Math.max(newest(join(root, 'src')), statSync(join(root, 'package.json')).mtimeMs);
  if (existsSync(built) && statSync(built).mtimeMs >= sources) return;
  console.log('Building …');
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js'), '--silent', '--no-dts'],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}
