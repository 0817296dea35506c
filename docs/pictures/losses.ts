// Makes the loss waterfall of docs/performance.md: npx tsx docs/pictures/losses.ts
import { writeFileSync } from 'node:fs';
import { energyLosses } from '../../src/models/performance/index.js';
import { DigitalTwin, examplePlant } from '../../src/twin/index.js';
import { waterfall } from './waterfall.js';

const PRICE = 0.12;
const twin = new DigitalTwin(examplePlant());
const { telemetry, truth } = twin.simulate({
  from: '2026-05-01',
  days: 60,
  step: '1h',
  seed: 3,
  faults: [
    { id: 'soiling', severity: 0.5 },
    { id: 'inverter-trip', severity: 1, progression: 'step', from: '2026-06-03', to: '2026-06-05' },
    { id: 'series-resistance', severity: 0.4, progression: 'step', from: '2026-05-20' },
  ],
});
const dust = truth.frame.names.find((name) => name.endsWith('soilingLoss')) as string;
const fall = energyLosses(
  telemetry.withColumn('expectedPower', twin.expected(telemetry).column('acPower'), 'W').withColumn(
    'soilingRatio',
    truth.frame.column(dust).map((loss) => 1 - loss),
    '1',
  ),
  { price: PRICE },
);
const money = (value: number) => `${value.toFixed(0)} €`.replace('-', '−');
writeFileSync(
  new URL('./performance-losses.svg', import.meta.url),
  waterfall(
    'Two months of a plant, kWh: two days of outage, dust, contacts that corrode',
    [
      { name: 'expected', value: fall.expected, kind: 'level', note: money(fall.expectedMoney) },
      ...fall.steps
        .filter(({ energy }) => energy !== 0)
        .map(({ name, energy, money: cost }) => ({ name, value: energy, kind: 'change' as const, note: money(cost) })),
      { name: 'measured', value: fall.measured, kind: 'level', note: money(fall.measuredMoney) },
    ],
    Math.floor(fall.measured / 500) * 500 - 500,
  ),
);
