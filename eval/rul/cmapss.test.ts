import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { readCmapss, SETTINGS } from './cmapss.js';
import { evaluateCmapss } from './cmapss-run.js';

/** Settings of the operating regimes: altitude, Mach number, throttle. */
const REGIMES = [
  [0, 0, 100],
  [10, 0.25, 100],
  [20, 0.7, 100],
  [25, 0.62, 60],
  [42, 0.84, 100],
] as const;

/** Lines of engines that wear over `cycles`; each cycle is flown in a regime that shifts sensors far more than wear does. */
function lines(unit: number, cycles: number, shown: number, random: Random): string[] {
  return Array.from({ length: shown }, (_, i) => {
    const regime = random.int(REGIMES.length);
    const wear = ((i + 1) / cycles) ** 2;
    const settings = REGIMES[regime]?.map((value) => value + 0.002 * random.normal()) ?? [];
    const sensors = [300, 80, 9].map(
      (scale, s) =>
        scale * (1 + regime * (s - 0.5)) + 0.01 * scale * ((s === 1 ? -1 : 1) * wear + 0.05 * random.normal()),
    );
    return [unit, i + 1, ...settings, ...sensors].map((value) => Number(value.toFixed(4))).join(' ');
  });
}

describe('a set of several operating regimes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cmapss-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const random = new Random(3);
  const part = (count: number, seen: () => number) => {
    const text: string[] = [];
    const left: number[] = [];
    for (let unit = 1; unit <= count; unit++) {
      const cycles = 60 + random.int(60);
      const shown = Math.round(cycles * seen());
      text.push(...lines(unit, cycles, shown, random));
      left.push(cycles - shown);
    }
    return { text: `${text.join(' \n')} \n`, left };
  };
  const train = part(10, () => 1);
  const test = part(20, () => random.uniform(0.4, 0.95));
  writeFileSync(join(folder, 'train_MADE.txt'), train.text);
  writeFileSync(join(folder, 'test_MADE.txt'), test.text);
  writeFileSync(join(folder, 'RUL_MADE.txt'), `${test.left.join('\n')}\n`);

  it('is read with its settings, sensors and truth', () => {
    const set = readCmapss(folder, 'MADE');
    expect([set.train.length, set.test.length, set.truth]).toEqual([10, 20, test.left]);
    expect(set.test[0]?.names).toEqual([...SETTINGS, 'sensor1', 'sensor2', 'sensor3']);
  });

  it('is learned across the regimes, which are found', async () => {
    const said: string[] = [];
    const figures = await evaluateCmapss({
      data: folder,
      options: { set: 'MADE', engine: 'similarity' },
      say: (line) => said.push(line),
    });
    expect(figures.regimes).toBe(REGIMES.length);
    // One that always says the mean of the test engines themselves.
    const left = test.left.map((cycles) => Math.min(125, cycles));
    const mean = left.reduce((sum, cycles) => sum + cycles, 0) / left.length;
    const blind = Math.sqrt(left.reduce((sum, cycles) => sum + (cycles - mean) ** 2, 0) / left.length);
    expect(figures.rmse_capped).toBeLessThan(0.6 * blind);
    expect(said[0]).toContain('similarity');
  });
});
