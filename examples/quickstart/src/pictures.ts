import { type LineSeries, lineChart, type Span } from '@twinergy-examples/charts';
import type { Frame } from 'twinergy';
import { type Analysis, dayText } from './analyse.js';
import { ZONE } from './plant.js';

const DAY = 86_400_000;
const MEASURED = 'var(--sun)';
const EXPECTED = 'var(--expected)';

const kilo = (values: Float64Array) => values.map((value) => value / 1000);

function lines(rows: Frame): LineSeries[] {
  return [
    { name: 'measured', x: rows.time, y: kilo(rows.column('acPower')), color: MEASURED },
    { name: 'expected', x: rows.time, y: kilo(rows.column('expected')), color: EXPECTED, dashed: true },
  ];
}

function spans({ findings, model }: Analysis): Span[] {
  return [
    { from: -8.64e15, to: model.learnedUntil, color: 'var(--learned)', title: 'Learned from' },
    ...findings.map(({ start, end, missing }) => ({
      from: start,
      to: end + 3_600_000,
      color: missing > 0 ? 'var(--low)' : 'var(--high)',
      title: `${dayText(start)}: ${missing > 0 ? 'less' : 'more'} power than the weather explains`,
    })),
  ];
}

/** Two days of those that were not learned from: the best, and the one furthest below the model. */
export function tellingDays({ days, model }: Analysis): string[] {
  const tested = days.filter(({ time }) => time >= model.learnedUntil);
  const best = tested.reduce((a, b) => (b.energy > a.energy ? b : a));
  const worst = tested.reduce((a, b) => (b.expected - b.energy > a.expected - a.energy ? b : a));
  return (
    [
      ['Best', best],
      ['Lowest', worst],
    ] as const
  ).map(([name, { time, energy, expected }]) =>
    lineChart({
      title: `${name}: ${dayText(time)}, ${energy.toFixed(0)} of ${expected.toFixed(0)} kWh`,
      yLabel: 'kW',
      timeZone: ZONE,
      series: lines(model.rows.slice(time, time + DAY)),
      include: [0, 6],
      width: 560,
      height: 260,
    }),
  );
}

/** Energy of each day, measured and expected, with the unusual stretches shaded. */
export function energy(analysis: Analysis): string {
  const x = analysis.days.map(({ time }) => time + DAY / 2);
  return lineChart({
    title: 'Energy of each day',
    yLabel: 'kWh',
    timeZone: ZONE,
    series: [
      { name: 'measured', x, y: analysis.days.map(({ energy }) => energy), color: MEASURED },
      { name: 'expected', x, y: analysis.days.map(({ expected }) => expected), color: EXPECTED, dashed: true },
    ],
    spans: spans(analysis),
    include: [0],
    width: 1140,
    height: 300,
  });
}

/** The forecast from the last noon with its bands, and what came. */
export function forecast({ outlook, model }: Analysis): string {
  const { from, forecast } = outlook;
  const rows = model.rows.slice(from - 6 * 3_600_000, from + 8 * 3_600_000);
  const y = (name: string) => kilo(forecast.column(name));
  const band = (level: number, opacity: number) => ({
    name: `${level} %`,
    x: forecast.time,
    low: y(`lower${level}`),
    high: y(`upper${level}`),
    color: 'var(--forecast)',
    opacity,
  });
  return lineChart({
    title: 'Forecast from noon',
    yLabel: 'kW',
    timeZone: ZONE,
    series: [
      { name: 'measured', x: rows.time, y: kilo(rows.column('acPower')), color: MEASURED },
      { name: 'forecast', x: forecast.time, y: y('median'), color: 'var(--forecast)' },
    ],
    bands: [band(80, 0.18), band(50, 0.28)],
    include: [0, 6],
    width: 560,
    height: 260,
  });
}

/** Health of each day. */
export function health({ days }: Analysis): string {
  const x = days.map(({ time }) => time + DAY / 2);
  return lineChart({
    title: 'Health, 0…100 (power of the last seven days)',
    yLabel: '',
    timeZone: ZONE,
    series: [{ name: 'health', x, y: days.map(({ health: score }) => score), color: 'var(--good)' }],
    yRange: [0, 105],
    width: 560,
    height: 260,
  });
}
