import { expect, it } from 'vitest';
import { plantCsv } from './calibration-plant.js';
import { runPage } from './run-page.js';

it('the code of docs/calibration.md runs as written and finds the roof that the data were made of', () => {
  const printed = runPage('calibration.md', { 'plant.csv': plantCsv() });
  const number = (pattern: RegExp) => Number(pattern.exec(printed)?.[1]);
  expect(Math.abs(number(/array1\.tilt ([\d.]+)/) - 24)).toBeLessThan(2);
  expect(Math.abs(number(/array1\.azimuth ([\d.]+)/) - 214)).toBeLessThan(3);
  expect(Math.abs(number(/peak power ([\d.]+)/) / 11.3 - 1)).toBeLessThan(0.03);
  expect(printed).toContain('2025-04-0');
  expect(printed).toMatch(/acPower\.residual/);
  expect(printed.trim().endsWith('true')).toBe(true);
}, 120_000);
