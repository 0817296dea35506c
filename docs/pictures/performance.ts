// Makes the picture of docs/performance.md: npx tsx docs/pictures/performance.ts (about half a minute)
import { writeFileSync } from 'node:fs';
import { knownPlant } from '../../eval/degradation/plants.js';
import { lineChart } from '../../examples/charts/src/index.js';
import { degradationRate, dustModel, sensorNormalised } from '../../src/models/performance/index.js';

const { frame, ratedPower, acLimit, rate } = knownPlant(2, 11);
const found = degradationRate(frame, { ratedPower, acLimit, seed: 1 });
const days = sensorNormalised(frame, {}, { ratedPower, acLimit });
const { loss } = dustModel(days);
const time = days.day.map((day) => day * 86_400_000);
const clean = days.value.map((value, i) => value / (1 - (loss[i] as number)));
const level = [...clean].sort((a, b) => a - b)[clean.length >> 1] as number;
const years = (days.day.at(-1) as number) / 365.2425 - (days.day[0] as number) / 365.2425;
const start = level / (1 + (found.rate * years) / 2);
const percent = (value: number) => `${(100 * value).toFixed(2)} %/a`.replace('-', '−');
writeFileSync(
  new URL('../images/performance-degradation.svg', import.meta.url),
  lineChart({
    title: `Power over what the light allows. Ageing found: ${percent(found.rate)} (${percent(found.lower)} … ${percent(found.upper)}); true: ${percent(rate)}`,
    yLabel: 'ratio',
    timeZone: 'UTC',
    series: [
      { name: 'as measured, with dust', x: time, y: days.value, color: '#bf8700' },
      { name: 'dust taken out', x: time, y: clean, color: '#69727d' },
      {
        name: 'rate found',
        x: Float64Array.of(time[0] as number, time.at(-1) as number),
        y: Float64Array.of(start, start * (1 + found.rate * years)),
        color: '#0969da',
      },
    ],
  }),
);
