// @vitest-environment happy-dom
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

type Result = Awaited<ReturnType<typeof import('./scenario.js').run>>;

/** Bundles the scenario with one version of React, and runs it. */
async function scenario(alias: Record<string, string>): Promise<Result> {
  const { outputFiles } = await build({
    entryPoints: ['test/react/scenario.tsx'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'scenario',
    platform: 'browser',
    jsx: 'automatic',
    logLevel: 'silent',
    alias,
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  const run = new Function(`${outputFiles[0]?.text}; return scenario.run();`) as () => Promise<Result>;
  return run();
}

describe.each([
  ['19', {}],
  [
    '18',
    {
      react: 'react-18',
      'react/jsx-runtime': 'react-18/jsx-runtime',
      'react-dom/client': 'react-dom-18/client',
      'react-dom/server': 'react-dom-18/server.browser',
      'react-dom': 'react-dom-18',
    },
  ],
] as const)('the hooks with React %s', (_, alias) => {
  it('show what the source tells, in Strict Mode and on a server, and let go of it', { timeout: 20_000 }, async () => {
    const result = await scenario(alias);
    const { seen, atFirst } = result;
    expect(result.onServer).toContain('<p>0');
    expect(result.afterServer).toBe(0);
    expect(atFirst.alerts).toEqual(['old']);
    expect(atFirst.series?.time).toEqual([1, 2, 30]);
    expect(atFirst.series?.values).toEqual({ acPower: [10, 20, 300], 'acPower.expected': [NaN, NaN, NaN] });
    // Strict Mode mounts twice: five events of the shared store and the series' own are left, once each.
    expect(result.listening).toBe(6);
    expect(result.text).toMatch(/^2 /);
    expect(seen.power).toEqual([100, 600]);
    expect(result.burst).toBeLessThan(30);
    expect(seen.alerts).toEqual(['new']);
    expect(seen.series?.time.length).toBeLessThanOrEqual(5);
    expect(seen.series?.time.at(-1)).toBe(540);
    expect(seen.series?.values['acPower.expected']?.at(-1)).toBe(601);
    expect(seen.twin).toBeGreaterThan(1);
    expect(result.left).toBe(0);
    expect(result.twinStopped).toBe(true);
  });
});

it('the hooks are under 3 kB gzip', async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/react/index.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    external: ['react'],
  });
  expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(3000);
});
