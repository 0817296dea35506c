import { defineConfig } from 'vitest/config';

const source = (path: string) => new URL(`./src/${path}`, import.meta.url).pathname;

export default defineConfig({
  // The examples import the package by its name; under test that is the source, so that no build is needed first.
  resolve: {
    alias: [
      { find: /^twinergy$/, replacement: source('index.ts') },
      { find: /^twinergy\/(.+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    include: [
      'src/**/*.test.ts',
      'src/**/*.test.tsx',
      'eval/**/*.test.ts',
      'bench/**/*.test.ts',
      'examples/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    testTimeout: 30_000,
    // One for each core, not one less: on two cores a single one would leave a core idle for most of the run.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/**/*.test.ts'] },
  },
});
