// Runs in Node and in a browser: a fingerprint of all that a simulation gives, to the bit.
import { DigitalTwin, examplePlant, examplePump, PumpModel } from '../../src/twin/index.js';

/** FNV-1a over the 32-bit halves of every value of every column. */
function fingerprint(columns: Iterable<[string, { data: Float64Array }]>): string {
  let hash = 0x811c9dc5;
  for (const [name, { data }] of columns) {
    for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    // All NaN are one: their bits are no part of a result.
    const clean = data.map((value) => (Number.isNaN(value) ? Number.NaN : value));
    for (const word of new Uint32Array(clean.buffer)) hash = Math.imul(hash ^ word, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** One line for each simulation: what it was and its fingerprint. */
export function twinBits(): string[] {
  const faults = [
    { id: 'soiling', severity: 0.7 },
    { id: 'cell-crack', severity: 0.6, progression: 'wiener' },
    { id: 'inverter-trip', severity: 0.3 },
    { id: 'noise', severity: 0.2, target: 'ghi' },
  ] as const;
  const period = { from: '2026-03-28', days: 3, step: '10m', seed: 42 } as const;
  return (['home', 'roof', 'field'] as const)
    .map((name) => {
      const { telemetry, truth } = new DigitalTwin(examplePlant(name)).simulate({ ...period, faults });
      return `${name} ${fingerprint(telemetry.columns())} ${fingerprint(truth.frame.columns())}`;
    })
    .concat(`pump ${fingerprint(new DigitalTwin(new PumpModel(examplePump)).simulate(period).telemetry.columns())}`);
}
