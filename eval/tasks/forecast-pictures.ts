import { mkdirSync, writeFileSync } from 'node:fs';
import type { Figures, RunInput } from '../../bench/harness.js';
import { type LineSeries, lineChart } from '../../examples/charts/src/index.js';
import type { Frame } from '../../src/core/frame.js';
import { type BacktestForecast, type EngineName, Forecaster } from '../../src/models/index.js';
import { DigitalTwin, examplePlant } from '../../src/twin/index.js';
import { clearSkyIrradiance } from '../forecast/clear-sky.js';

const FOLDER = 'docs/pictures';
const HOUR = 36e5;
const COMPARED: readonly EngineName[] = [
  'seasonal-naive',
  'clear-sky-persistence',
  'smart-persistence',
  'gradient-boosting',
  'feature-linear',
];
const COLOURS = ['#9a6700', '#8250df', '#bf3989', '#1a7f37', '#0969da'];

/** Draws the pictures of docs/forecasting.md from the telemetry of a simulated roof, and prints the figures in them. */
export default function forecastPictures({ say }: RunInput): Figures {
  mkdirSync(FOLDER, { recursive: true });
  const plant = examplePlant('home');
  const { telemetry } = new DigitalTwin(plant).simulate({ from: '2026-04-01', days: 100, step: '15m', seed: 4 });
  const { latitude, longitude, altitude = 0 } = plant.site;
  const geometry = { latitude, longitude, altitude, tilt: 35, azimuth: 170 };
  const clearSky = (time: number) => clearSkyIrradiance(geometry, time);
  const task = { target: 'acPower', horizon: '24h', step: '1h', clearSky } as const;

  drawForecast(telemetry, task);
  const figures: Record<string, number> = {};
  const series: LineSeries[] = COMPARED.map((engine, i) => {
    const report = new Forecaster({ engine, levels: [80] }).backtest(telemetry, { ...task, folds: 3, every: '2h' });
    figures[`rmse_${engine}`] = report.rmse;
    say(`${engine}: ${report.rmse.toFixed(0)} W`);
    return {
      name: engine,
      x: report.byLead.map((_, h) => h + 1),
      y: report.byLead.map(({ rmse }) => rmse),
      color: COLOURS[i] as string,
    };
  });
  draw('forecast-engines', {
    title: 'Error by lead: root mean square error of five engines in a back-test',
    yLabel: 'W',
    xLabel: 'hours ahead',
    series,
    include: [0],
  });

  const forecasts: BacktestForecast[] = [];
  const levels = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95];
  const report = new Forecaster({ engine: 'feature-linear', levels }).backtest(telemetry, {
    ...task,
    folds: 3,
    every: '2h',
    onForecast: (forecast) => forecasts.push(forecast),
  });
  const held = levels.map((level) => report.coverage[level] as number);
  figures.coverage80 = report.coverage[80] as number;
  figures.forecasts = forecasts.length;
  draw('forecast-coverage', {
    title: 'Do intervals hold? Share of values inside, against the share promised',
    yLabel: '% inside',
    xLabel: 'level, %',
    series: [
      { name: 'promised', x: levels, y: levels, color: '#8c959f', dashed: true },
      { name: 'held', x: levels, y: held, color: '#0969da' },
    ],
    yRange: [0, 100],
  });
  return figures;
}

/** Two days behind and one ahead, with the bands. */
function drawForecast(telemetry: Frame, task: Parameters<Forecaster['fit']>[1]): void {
  const from = (telemetry.time[telemetry.length - 1] as number) - 29.75 * HOUR;
  const forecast = new Forecaster({ engine: 'auto' })
    .fit(telemetry.slice(0, from), task)
    .predict({ history: telemetry, from });
  const shown = telemetry.slice(from - 48 * HOUR, from + 24 * HOUR).resample('1h');
  const band = (level: number, opacity: number) => ({
    name: `${level} %`,
    x: forecast.time,
    low: forecast.column(`lower${level}`),
    high: forecast.column(`upper${level}`),
    color: '#0969da',
    opacity,
  });
  draw('forecast-day', {
    title: 'A day ahead: what came, the forecast, and its 50, 80 and 95 % intervals',
    yLabel: 'W',
    timeZone: 'Europe/Berlin',
    bands: [band(95, 0.12), band(80, 0.16), band(50, 0.22)],
    series: [
      { name: 'measured', x: shown.time, y: shown.column('acPower'), color: '#1f2328', width: 1.8 },
      { name: 'forecast', x: forecast.time, y: forecast.column('mean'), color: '#0969da', dashed: true },
    ],
    include: [0],
  });
}

function draw(name: string, options: Parameters<typeof lineChart>[0]): void {
  writeFileSync(`${FOLDER}/${name}.svg`, `${lineChart(options)}\n`);
}
