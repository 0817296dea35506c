// `npm run check`: everything that can be said about the code without running its tests, one line per check.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);

/** Name → command. The build comes before the checks of what it makes. */
const checks = [
  ['types', bin('tsc'), ['--noEmit']],
  ['types of the examples', bin('tsc'), ['--noEmit', '-p', 'examples']],
  ['format and lint (biome)', bin('biome'), ['check', '.']],
  [
    'one-way imports (dependency-cruiser)',
    bin('depcruise'),
    ['src', 'examples', '--config', '.dependency-cruiser.cjs'],
  ],
  ['dead code (knip)', bin('knip'), []],
  // The bundling of the declarations needs more memory than a thread of Node has by default.
  [
    'build (tsup)',
    process.execPath,
    ['--max-old-space-size=8192', join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js'), '--silent'],
  ],
  ['package (publint)', bin('publint'), ['--strict']],
  ['types of the package (attw)', bin('attw'), ['--pack', '.', '--profile', 'node16', '--quiet']],
  ['bundle size', process.execPath, ['--import', 'tsx', 'bench/run.ts', 'bundle', '--enforce']],
  ['API documentation (typedoc)', bin('typedoc'), ['--emit', 'none', '--logLevel', 'Warn']],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const started = Date.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    shell: process.platform === 'win32',
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  const ok = status === 0 && !error;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) {
    failed++;
    console.log(`${stdout ?? ''}${stderr ?? ''}${error ? String(error) : ''}`.replace(/^/gm, '       '));
  }
}
console.log(`check: ${checks.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
