// The one door for `npm start`, `npm test`, `npm run quickstart|bench|eval|docs|check|screenshots`: installs what is missing, then runs it.
// A fresh clone thus needs no command before it.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build-if-needed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: windows, ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

function must(command, args, options) {
  const status = run(command, args, options);
  if (status !== 0) process.exit(status);
}

/** npm writes this file at the end of an install: older than the lock file means that the lock has moved on. */
function installed() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs - 1000;
}

function ensureInstalled() {
  if (installed()) return;
  console.error('Installing dependencies (npm ci) …');
  must('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
}

const bin = (name) => join(root, 'node_modules', '.bin', name);

const commands = {
  test: (args) => run(bin('vitest'), ['run', ...args]),
  bench: (args) => run(process.execPath, ['--expose-gc', '--import', 'tsx', 'bench/run.ts', ...args]),
  eval: (args) => run(process.execPath, ['--import', 'tsx', 'eval/run.ts', ...args]),
  docs: (args) => run(bin('typedoc'), args),
  check: (args) => run(process.execPath, ['scripts/check.mjs', ...args]),
  quickstart: (args) => {
    buildIfNeeded();
    return run(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(root, 'examples', 'quickstart', 'src', 'main.ts'), ...args],
      {
        cwd: process.env.INIT_CWD ?? root,
      },
    );
  },
  screenshots: (args) => run(process.execPath, ['--import', 'tsx', 'scripts/screenshots.mjs', ...args]),
  start: (args) => run(process.execPath, ['scripts/start.mjs', ...args]),
};

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) {
  console.error(`Unknown command "${name}". Commands: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
ensureInstalled();
process.exit(command(args));
