// Makes the pictures of docs/twin.md and docs/weather.md: npx tsx docs/pictures/twin.ts
import { writeFileSync } from 'node:fs';
import { lineChart } from '../../examples/charts/src/index.js';
import { DigitalTwin, examplePlant, generateWeather } from '../../src/twin/index.js';

const save = (name: string, svg: string) => writeFileSync(new URL(`../images/${name}.svg`, import.meta.url), svg);
const site = { latitude: 48.14, longitude: 11.58, altitude: 520 };

const twin = new DigitalTwin(examplePlant());
const { telemetry } = twin.simulate({
  from: '2026-06-08',
  days: 5,
  step: '15m',
  seed: 1,
  faults: [{ id: 'inverter-efficiency', from: '2026-06-10', severity: 0.8, progression: 'step' }],
});
const residual = twin.assimilate(telemetry);
save(
  'twin-week',
  lineChart({
    title: 'Measured falls behind expected from 10 June on: the inverter loses a fifth',
    yLabel: 'AC power, W',
    timeZone: 'Europe/Berlin',
    include: [0],
    series: [
      { name: 'expected', x: residual.time, y: residual.column('acPower.expected'), color: '#69727d', dashed: true },
      { name: 'measured', x: residual.time, y: residual.column('acPower'), color: '#1f6feb' },
    ],
  }),
);
const places = [0, 10, 300].map((km) =>
  generateWeather({
    site: { ...site, longitude: site.longitude + km / 74.2 },
    seed: 4,
    from: '2026-06-08T04:00Z',
    to: '2026-06-08T18:00Z',
  }),
);
save(
  'weather-places',
  lineChart({
    title: 'One seed, three places: clouds are shared as far as places are near',
    yLabel: 'Global irradiance, W/m²',
    timeZone: 'Europe/Berlin',
    include: [0],
    series: places.map((weather, i) => ({
      name: ['here', '10 km east', '300 km east'][i] as string,
      x: weather.time,
      y: weather.column('ghi'),
      color: ['#1f6feb', '#2da44e', '#bf8700'][i] as string,
    })),
  }),
);
