// Makes the pictures of docs/live-state.md and docs/prognosis.md: npx tsx docs/pictures/live.ts
import { writeFileSync } from 'node:fs';
import { lineChart } from '../../examples/charts/src/index.js';
import { DigitalTwin, examplePlant } from '../../src/twin/index.js';

const DAY = 86_400_000;
const save = (name: string, svg: string) => writeFileSync(new URL(`../images/${name}.svg`, import.meta.url), svg);
const percent = (values: Float64Array) => values.map((value) => 100 * value);
const add = (a: Float64Array, b: Float64Array, factor: number) =>
  a.map((value, i) => value + factor * (b[i] as number));
const grey = '#69727d';
const blue = '#1f6feb';

// Dirt: grows with dry days, and rain takes it away.
const dirty = new DigitalTwin(examplePlant()).simulate({
  from: '2026-05-01',
  days: 90,
  step: '2h',
  seed: 3,
  faults: [{ id: 'soiling', severity: 0.5 }],
});
const dust = new DigitalTwin(examplePlant()).assimilate(dirty.telemetry);
const seen = percent(dust.column('state.array1.soilingLoss'));
const doubt = percent(dust.column('state.array1.soilingLoss.sd'));
save(
  'live-soiling',
  lineChart({
    title: 'Dirt as the twin sees it by the day, and as it was: rain takes it away at a stroke',
    yLabel: 'Loss, %',
    timeZone: 'Europe/Berlin',
    include: [0],
    bands: [{ name: '95 %', x: dust.time, low: add(seen, doubt, -1.96), high: add(seen, doubt, 1.96), color: blue }],
    series: [
      {
        name: 'true',
        x: dirty.truth.frame.time,
        y: percent(dirty.truth.frame.column('array1.soilingLoss')),
        color: grey,
        dashed: true,
      },
      { name: 'estimated', x: dust.time, y: seen, color: blue },
    ],
  }),
);

// An inverter that wears, looked at on the way to its limit.
const from = Date.parse('2026-03-01');
const faults = [
  { id: 'inverter-efficiency', severity: 0.6, from: from + 20 * DAY, days: 300, progression: 'gamma' as const },
];
const worn = new DigitalTwin(examplePlant()).simulate({ from, days: 220, step: '1h', seed: 11, faults });
const truth = worn.truth.frame.column('fault1.severity').map((severity) => 25 * severity);
const now = from + 110 * DAY;
const twin = new DigitalTwin(examplePlant());
twin.assimilate(worn.telemetry.slice(from, now));
const history = twin.stateHistory('inverter1.extraLoss');
const limit = 8;
const { days, median, intervals } = await twin.prognose({
  event: `inverter1.extraLoss > ${limit / 100}`,
  horizon: '300d',
  samples: 1000,
  seed: 1,
});
if (history === undefined) throw new Error('no history');
const ends = Float64Array.from(days, (day) => now + day * DAY).filter((time) => Number.isFinite(time));
const shares = ends.map((_, i) => (i + 1) / days.length);
const [, eighty] = intervals;
save(
  'prognosis-path',
  lineChart({
    title: 'An inverter loses more and more; shaded: when it will have lost 8 %, with 80 % probability',
    yLabel: 'Loss, %',
    timeZone: 'UTC',
    include: [0, limit],
    spans: [
      {
        from: now + (eighty?.lower ?? 0) * DAY,
        to: now + Math.min(300, eighty?.upper ?? 0) * DAY,
        color: '#1f6feb22',
        title: '80 % interval',
      },
    ],
    series: [
      { name: 'true', x: worn.truth.frame.time, y: truth, color: grey, dashed: true },
      { name: 'estimated', x: history.time, y: percent(history.mean), color: blue },
      { name: 'limit', x: [from, now + 300 * DAY], y: [limit, limit], color: '#cf222e' },
    ],
  }),
);
save(
  'prognosis-distribution',
  lineChart({
    title: `Probability that the limit is met by a day: even odds after ${median?.toFixed(0) ?? 'more than 300'} days`,
    yLabel: 'Share',
    timeZone: 'UTC',
    yRange: [0, 1],
    series: [{ name: 'met by', x: ends, y: shares, color: blue }],
  }),
);
