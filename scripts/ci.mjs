// The steps of continuous integration, each run to its end so that one failure does not hide another. Counts: every
// check, every test and every smoke test is one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), 'twinergy-ci-'));
let passed = 0;
let failed = 0;
/** What failed, said again at the end: the last lines of a long run are the ones that get read. */
const failures = [];

/** Runs a command, showing and returning what it prints. */
function run(title, command, args) {
  console.log(`\n== ${title}: ${[command, ...args].join(' ')}`);
  const started = Date.now();
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(result.stdout ?? '');
  console.log(`== ${title}: exit ${result.status}, ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return { ok: result.status === 0, output: result.stdout ?? '' };
}

/** Adds the counts of a step's own line `N passed, N failed`; a step that prints none, or fails without a failure in it, is one failure. */
function count({ ok, output }) {
  const line = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  const counted = { passed: Number(line?.[1] ?? 0), failed: Number(line?.[2] ?? 0) };
  passed += counted.passed;
  failed += counted.failed;
  if ((!ok && counted.failed === 0) || counted.passed + counted.failed === 0) failed++;
  if (!ok || counted.failed > 0) failures.push(output.split('\n').slice(-40).join('\n'));
}

/** The failed tests of vitest's report, each with its file and message. */
function failedTests({ testResults }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (tests.length === 0) return status === 'failed' ? [`${file}: ${message}`] : [];
    return tests.map((test) => `${file} > ${test.fullName}\n${test.failureMessages.join('\n')}`);
  });
}

if (run('install', 'npm', ['ci', '--no-audit', '--no-fund']).ok) {
  count(run('check', 'npm', ['run', '--silent', 'check']));

  const report = join(scratch, 'vitest.json');
  const tests = run('test', 'npm', [
    'test',
    '--silent',
    '--',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const { numPassedTests, numFailedTests, numFailedTestSuites } = result;
    failures.push(...failedTests(result));
    passed += numPassedTests;
    failed += numFailedTests;
    if (numFailedTests === 0 && (!tests.ok || numFailedTestSuites > 0 || numPassedTests === 0)) failed++;
  } else failed++;

  count(run('package', process.execPath, ['test/package/smoke.mjs']));
} else failed++;

rmSync(scratch, { recursive: true, force: true });
for (const failure of failures) console.log(`\n== failed: ${failure}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
