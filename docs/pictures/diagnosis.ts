// Makes the pictures of docs/diagnosis.md: npx tsx docs/pictures/diagnosis.ts
import { writeFileSync } from 'node:fs';
import { lineChart } from '../../examples/charts/src/index.js';
import { dayLevel } from '../../src/twin/diagnosis/natural.js';
import { Diagnoser, DigitalTwin, type PlantDescription, readPlant } from '../../src/twin/index.js';

const save = (name: string, svg: string) => writeFileSync(new URL(`../images/${name}.svg`, import.meta.url), svg);
const DAY = 86_400_000;
const from = Date.UTC(2026, 3, 1);
const learned = from + 21 * DAY;

const roof: PlantDescription = {
  id: 'roof',
  site: { latitude: 45, longitude: 9, altitude: 120 },
  arrays: [
    {
      tilt: 30,
      azimuth: 175,
      strings: 3,
      modulesPerString: 13,
      module: 'Canadian Solar CS3U-400MS',
      mppt: 'string',
    },
  ],
  inverters: [{ model: 'SunPower SPR-20000m-3' }],
};

const { telemetry } = new DigitalTwin(roof, { seed: 7 }).simulate({
  from,
  days: 50,
  step: '15m',
  faults: [{ id: 'bypass-short', target: 'string2', severity: 0.7, from: '2026-05-02T11:00' }],
});
const diagnoser = new Diagnoser(readPlant(roof)).learn(telemetry.slice(from, learned));
const reports = diagnoser.observe(telemetry.slice(learned));
const first = reports.find(({ findings }) => findings.some(({ kind }) => kind === 'bypass-short'));
const finding = first?.findings[0];
const { series, layout } = diagnoser.learned;
const colors = ['#1f6feb', '#cf222e', '#2da44e'];
save(
  'diagnosis-strings',
  lineChart({
    title: `A shorted module: string 2 leaves its neighbours on 2 May, named on ${new Date(first?.end ?? 0).toISOString().slice(5, 10)}`,
    yLabel: 'Voltage against the neighbours, %',
    include: [0],
    series: series.flatMap((own, j) => {
      const signal = layout.signals[own.like];
      if (own.signal < 0 || signal?.quantity !== 'voltage') return [];
      return [
        {
          name: signal.part,
          x: Float64Array.from(diagnoser.days, ({ start }) => start + DAY / 2),
          y: Float64Array.from(diagnoser.days, (day) => 100 * dayLevel(day, j)),
          color: colors[Number(signal.part.slice(-1)) - 1] as string,
        },
      ];
    }),
  }),
);
console.log(finding);
