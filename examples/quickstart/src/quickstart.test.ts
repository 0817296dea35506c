import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { load, makeTelemetry } from './load.js';
import { run } from './run.js';

const data = fileURLToPath(new URL('../../../../shared/data/pvanalytics', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'twinergy-quickstart-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

function expectSound(folder: string): void {
  expect(existsSync(join(folder, 'plant.db'))).toBe(true);
  const html = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(html).not.toMatch(/NaN|Infinity|undefined|Invalid/);
  expect(html).not.toMatch(/(src|href)="http/);
  expect(html.match(/<svg/g)?.length).toBe(5);
  const text = readFileSync(join(folder, 'report.json'), 'utf8');
  // What is not a number would be null in JSON; only these may be.
  for (const [, key] of text.matchAll(/"(\w+)": null/g)) expect(['days', 'resolvedAt']).toContain(key);
}

it.skipIf(!existsSync(data) && !process.env.CI)(
  'reports on the real roof (needs ../shared/data/pvanalytics)',
  async () => {
    const folder = join(out, 'real');
    const { analysis, storedRows } = await run(load(data, true), folder);
    expectSound(folder);
    expect(storedRows).toBe(10_000);
    expect(analysis.days.length).toBe(104);
    expect(analysis.model.factor).toBeGreaterThan(0.7);
    expect(analysis.model.factor).toBeLessThan(1.2);
    const { coverage80, skill } = analysis.outlook.backtest;
    expect(coverage80).toBeGreaterThan(65);
    expect(skill).toBeGreaterThan(0);
  },
);

it('finds the string that opens in telemetry that the twin makes up', async () => {
  const folder = join(out, 'made');
  const { analysis } = await run(makeTelemetry(), folder);
  expectSound(folder);
  expect(analysis.well).toBe(false);
  expect(analysis.alerts.map(({ rule }) => rule)).toContain('power-drop');
  expect(analysis.findings.some(({ missing }) => missing > 20)).toBe(true);
});

it('says what is missing where a folder was asked for', () => {
  expect(() => load(join(out, 'nowhere'), true)).toThrow(/serf_east_15min_ac_power\.csv/);
});
