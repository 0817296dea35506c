import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

// The sub-path exports of package.json are the one list of entry points: `./twin` → `src/twin/index.ts`,
// `./connect/csv` → `src/connect/csv/index.ts`.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> };
const entry = Object.fromEntries(
  Object.keys(exports)
    .filter((key) => key !== './package.json')
    .map((key) => {
      const name = key === '.' ? 'index' : `${key.slice(2)}/index`;
      return [name, `src/${name}.ts`];
    }),
);

export default defineConfig({
  // The last one is nobody's to import. What the same entries reach is put into one chunk, and a bundler can't take a chunk
  // apart: an entry that reaches the plant but not its diagnosis keeps the two apart, so that a page pays for the first alone.
  entry: { ...entry, 'twin/digital-twin': 'src/twin/digital-twin.ts' },
  format: ['esm', 'cjs'],
  // The declaration bundler sets `baseUrl`, which TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  splitting: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
  target: 'es2022',
  // `node:sqlite` has no name without its prefix, so the prefix must stay.
  removeNodeProtocol: false,
});
