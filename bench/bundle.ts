import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import type { Figures, RunInput } from './harness.js';

/**
 * The ceiling that `--enforce` holds. The aim is 60; the twin's physics and its filters, sixteen detectors that fit without
 * waiting, the alert conditions and the schema of a plant add up to more, and what is there must not grow unseen.
 */
const LIMIT_KB = 118;

/** Packages that a page must not pay for unless it uses them. */
const FORBIDDEN = [
  '@tensorflow',
  'mathjs',
  'sql.js',
  'kysely',
  'libsql',
  'ml-isolation-forest',
  'ml-random-forest',
  // The full form of zod, with its messages in all languages; `zod/mini` has neither.
  'zod/v4/classic',
  'zod/v4/locales',
];

/** What comes by `import()` (optional peers, calibration, diagnosis, prognosis) is loaded later, and not paid at once. */
const loadedLater: Plugin = {
  name: 'loaded-later',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
  },
};

/** What a page pays, minified and gzipped, in kB (1000 bytes), for an import of these names from the package's root. */
async function gzipKb(names: readonly string[]): Promise<{ kb: number; inputs: ReadonlyMap<string, number> }> {
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
    outdir: 'out',
    metafile: true,
    logLevel: 'error',
    plugins: [loadedLater],
  });
  const bytes = outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0);
  const inputs = new Map<string, number>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0) inputs.set(input, (inputs.get(input) ?? 0) + bytesInOutput);
    }
  }
  return { kb: bytes / 1000, inputs };
}

/** Minified bytes by room of `src` and by package, largest first. */
function byRoom(inputs: ReadonlyMap<string, number>): [string, number][] {
  const rooms = new Map<string, number>();
  for (const [input, bytes] of inputs) {
    const room = input.split('/').slice(0, 2).join('/');
    rooms.set(room, (rooms.get(room) ?? 0) + bytes);
  }
  return [...rooms].sort((a, b) => b[1] - a[1]);
}

/** Size of the browser bundle of the core classes; with `--enforce` too large a bundle is an error. */
export default async function bundle({ options, say }: RunInput): Promise<Figures> {
  const core = await gzipKb(['DigitalTwin', 'AnomalyDetector', 'AlertEngine']);
  const leaked = FORBIDDEN.filter((name) =>
    [...core.inputs.keys()].some((input) => input.includes(`node_modules/${name}`)),
  );
  if (leaked.length > 0)
    throw new Error(`The core bundle contains ${leaked.join(', ')}; these must be loaded when used.`);
  say(`core bundle: ${core.kb.toFixed(1)} kB gzip of ${LIMIT_KB} kB`);
  for (const [room, bytes] of byRoom(core.inputs)) say(`  ${room}: ${(bytes / 1000).toFixed(1)} kB minified`);
  if (options.enforce && core.kb > LIMIT_KB)
    throw new Error(`The core bundle has ${core.kb.toFixed(1)} kB gzip, more than ${LIMIT_KB} kB.`);
  return { core_gzip_kb: Math.round(core.kb * 100) / 100 };
}
