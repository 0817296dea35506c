// Packs the library as it would be published, installs the package into an empty project and uses it there: ES modules
// and CommonJS under this Node and under Node 24 (there also its storage by node:sqlite and its command), and bundled in
// headless Chromium.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumPath, inChromium } from '../browser/chromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const project = mkdtempSync(join(tmpdir(), 'twinergy-package-'));
let passed = 0;
let failed = 0;

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
}

function report(name, ok, detail) {
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
  if (!ok) console.log(String(detail).replace(/^/gm, '       '));
}

function must(name, result) {
  if (result.status !== 0) throw new Error(`${name} failed:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

function inBrowser(bundle) {
  const html =
    '<!doctype html><meta charset="utf-8"><title>smoke</title><script type="module" src="/bundle.js"></script>';
  return inChromium(
    (url) => (url === '/bundle.js' ? ['text/javascript', readFileSync(bundle)] : ['text/html', html]),
    async (page) => {
      await page.waitForFunction('globalThis.smokeResult !== undefined', undefined, { timeout: 60_000 });
      return page.evaluate('globalThis.smokeResult');
    },
  );
}

try {
  if (!existsSync(join(root, 'dist', 'index.js'))) must('build', run('npm', ['run', '--silent', 'build'], root));
  const tarball = must('pack', run('npm', ['pack', '--silent', '--pack-destination', project], root))
    .trim()
    .split('\n')
    .at(-1);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'smoke', private: true, version: '1.0.0' }));
  must(
    'install',
    run(
      'npm',
      // React is the one peer that an entry point cannot be imported without: its hooks are React's.
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--omit=optional',
        '--legacy-peer-deps',
        join(project, tarball),
        'react@19',
      ],
      project,
    ),
  );
  for (const file of ['use.mjs', 'use.cjs', 'story.mjs', 'storage.mjs'])
    copyFileSync(join(here, file), join(project, file));

  const nodes = [
    [`Node ${process.versions.node}`, process.execPath, []],
    ['Node 24', 'npx', ['-y', 'node@24']],
  ];
  for (const [name, command, prefix] of nodes) {
    for (const file of ['use.mjs', 'use.cjs']) {
      const result = run(command, [...prefix, file], project);
      report(
        `${name}, ${file.endsWith('cjs') ? 'CommonJS' : 'ES module'}`,
        result.status === 0,
        `${result.stdout}${result.stderr}`,
      );
    }
  }

  const stored = run('npx', ['-y', 'node@24', '--test-reporter=dot', 'storage.mjs'], project);
  report('Node 24, storage by node:sqlite', stored.status === 0, `${stored.stdout}${stored.stderr}`);

  if (chromiumPath === undefined) {
    if (process.env.CI) report('Chromium', false, 'Chromium is not installed.');
    else console.log('skipped Chromium: it is not installed (apt-get install chromium).');
  } else {
    const { build } = await import('esbuild');
    writeFileSync(
      join(project, 'page.mjs'),
      "import * as twinergy from 'twinergy';\nimport { story } from './story.mjs';\ntry { globalThis.smokeResult = { digest: story(twinergy) }; } catch (error) { globalThis.smokeResult = { error: String(error.stack) }; }\n",
    );
    const page = join(project, 'bundle.js');
    await build({
      entryPoints: [join(project, 'page.mjs')],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      outfile: page,
      logLevel: 'error',
    });
    const inPage = await inBrowser(page);
    report('Chromium', inPage.error === undefined, inPage.error);
    const here = must(
      'digest',
      run(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          "import * as t from 'twinergy'; import { story } from './story.mjs'; console.log(story(t))",
        ],
        project,
      ),
    ).trim();
    report(
      'Chromium and Node give the same bits',
      inPage.digest === here,
      `Chromium: ${inPage.digest}\nNode:     ${here}`,
    );
  }
} catch (error) {
  report('package', false, error instanceof Error ? error.message : error);
} finally {
  rmSync(project, { recursive: true, force: true });
}
console.log(`package: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
