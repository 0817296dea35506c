// Builds what is missing or older than its sources: the package that the examples run on, and the dashboard.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** When the newest file of a folder was written, without what was built or installed into it. */
function newest(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((time, entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || /[\\/](dist|node_modules)[\\/]/.test(path.slice(folder.length))) return time;
    return Math.max(time, statSync(path).mtimeMs);
  }, 0);
}

/** Runs a build tool where `built` is older than `sources`. */
function build(title, built, sources, cwd, args) {
  if (existsSync(built) && statSync(built).mtimeMs >= sources) return;
  console.error(`Building ${title} …`);
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

/** The package, for the examples. */
export function buildIfNeeded() {
  const sources = Math.max(newest(join(root, 'src')), statSync(join(root, 'package.json')).mtimeMs);
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  build('the library', join(root, 'dist', 'index.js'), sources, root, [tsup, '--silent', '--no-dts']);
}

/** The dashboard, which the server hands out. It is made of the package, so that is built first. */
export function buildDashboardIfNeeded() {
  const folder = join(root, 'examples', 'dashboard');
  const parts = ['dashboard', 'ui', 'client'].map((name) => newest(join(root, 'examples', name)));
  const sources = Math.max(...parts, statSync(join(root, 'dist', 'index.js')).mtimeMs);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  build('the dashboard', join(folder, 'dist', 'index.html'), sources, folder, [vite, 'build', '--logLevel', 'warn']);
}
