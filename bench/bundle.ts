import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Figures, RunInput } from './harness.js';

const LIMIT_KB = 60;

/** Packages that a page must not pay for unless it uses them. */
const FORBIDDEN = ['@tensorflow', 'mathjs', 'sql.js', 'kysely', 'libsql', 'ml-isolation-forest', 'ml-random-forest'];

/** What a page pays, minified and gzipped, in kB (1000 bytes), for an import of these names from the package's root. */
async function gzipKb(names: readonly string[]): Promise<{ kb: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { ${names.join(', ')} } from './src/index.ts';`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    splitting: true,
    outdir: 'out',
    metafile: true,
    logLevel: 'error',
    // Optional peers are loaded by `import()` when used; they are the page's own choice.
    external: [
      '@tensorflow/*',
      'mathjs',
      'sql.js',
      'ml-isolation-forest',
      'ml-random-forest',
      'nodemailer',
      'mqtt',
      'web-push',
    ],
  });
  // With splitting, what is not reachable by a static import is a chunk of its own, loaded later: not paid at once.
  const entry = outputFiles.filter((file) => isPaidAtOnce(file.path, metafile.outputs));
  const bytes = entry.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0);
  return { kb: bytes / 1000, inputs: Object.keys(metafile.inputs) };
}

type Outputs = Record<string, { imports: { path: string; kind: string }[]; entryPoint?: string }>;

/** Whether a chunk is reached from the entry by static imports alone. */
function isPaidAtOnce(path: string, outputs: Outputs): boolean {
  const entry = Object.entries(outputs).find(([, output]) => output.entryPoint !== undefined)?.[0];
  if (entry === undefined) return true;
  const reached = new Set<string>([entry]);
  for (const name of reached) {
    for (const { path: next, kind } of outputs[name]?.imports ?? []) if (kind === 'import-statement') reached.add(next);
  }
  return [...reached].some((name) => path.endsWith(name));
}

/** Size of the browser bundle of the core classes; with `--enforce` too large a bundle is an error. */
export default async function bundle({ options, say }: RunInput): Promise<Figures> {
  const core = await gzipKb(['DigitalTwin', 'AnomalyDetector', 'AlertEngine']);
  const leaked = FORBIDDEN.filter((name) => core.inputs.some((input) => input.includes(`node_modules/${name}`)));
  if (leaked.length > 0)
    throw new Error(`The core bundle contains ${leaked.join(', ')}; these must be loaded when used.`);
  say(`core bundle: ${core.kb.toFixed(1)} kB gzip of ${LIMIT_KB} kB`);
  if (options.enforce && core.kb > LIMIT_KB)
    throw new Error(`The core bundle has ${core.kb.toFixed(1)} kB gzip, more than ${LIMIT_KB} kB.`);
  return { core_gzip_kb: Math.round(core.kb * 100) / 100 };
}
