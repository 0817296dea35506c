// Makes the pictures of docs/calibration.md: npx tsx docs/pictures/calibration.ts
import { writeFileSync } from 'node:fs';
import { lineChart } from '../../examples/charts/src/index.js';
import { DigitalTwin, type PlantDescription } from '../../src/twin/index.js';
import { truth } from '../../test/docs/calibration-plant.js';

const belief: PlantDescription = {
  id: 'barn',
  site: truth.site,
  arrays: [{ tilt: 35, azimuth: 180, strings: 2, modulesPerString: 13, module: 'Canadian Solar CS3U-400MS' }],
  inverters: [{ model: 'SunPower SPR-12000m-3' }],
};
const { telemetry } = new DigitalTwin(truth).simulate({ from: '2025-02-01', days: 150, step: '15m', seed: 4 });
const history = telemetry.select('acPower', 'ghi', 'airTemperature', 'windSpeed');
const fit = await new DigitalTwin(belief).calibrate(history, {
  trust: { tilt: Number.POSITIVE_INFINITY, azimuth: Number.POSITIVE_INFINITY },
});
const days = history.slice(Date.parse('2025-06-10T22:00Z'), Date.parse('2025-06-13T22:00Z'));
writeFileSync(
  new URL('../images/calibration-days.svg', import.meta.url),
  lineChart({
    title: 'Described as facing south, the roof faces south-west: the calibrated twin knows',
    yLabel: 'AC power, W',
    timeZone: 'Europe/Zurich',
    include: [0],
    series: [
      {
        name: 'as described',
        x: days.time,
        y: new DigitalTwin(belief).expected(days).column('acPower'),
        color: '#bf8700',
        dashed: true,
      },
      {
        name: 'calibrated',
        x: days.time,
        y: fit.predict(days).column('acPower.expected'),
        color: '#69727d',
        dashed: true,
      },
      { name: 'measured', x: days.time, y: days.column('acPower'), color: '#1f6feb' },
    ],
  }),
);
