// `npm start`: builds the package and the dashboard where they are older than their sources, then runs the server of examples/server on it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboardIfNeeded, buildIfNeeded } from './build-if-needed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

buildIfNeeded();
buildDashboardIfNeeded();

const server = spawn(
  process.execPath,
  [
    '--import',
    import.meta.resolve('tsx'),
    join(root, 'examples', 'server', 'src', 'main.ts'),
    ...process.argv.slice(2),
  ],
  {
    cwd: process.env.INIT_CWD ?? root,
    stdio: 'inherit',
  },
);
// Ctrl-C reaches the whole group; the server then ends by itself, and this waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 0) : 1));
