// Makes the pictures of docs/health.md: npx tsx docs/pictures/health.ts
import { writeFileSync } from 'node:fs';
import { lineChart } from '../../examples/charts/src/index.js';
import { Random } from '../../src/core/index.js';
import { HealthScoreCalculator, healthTrend } from '../../src/models/index.js';
import { waterfall } from './waterfall.js';

const DAY = 86_400_000;
const save = (name: string, svg: string) => writeFileSync(new URL(`./${name}.svg`, import.meta.url), svg);
const calculator = new HealthScoreCalculator();
const { score, components, degradation } = calculator.calculate({
  powerRatio: 0.9,
  temperature: 48,
  batteryLevel: 70,
  inverterEfficiency: 96,
  degradation: 0.02,
});
if (score === null) throw new Error('There is no score.');
save(
  'health-points',
  waterfall(
    'What each part costs, in points',
    [
      { name: 'all well', value: 100, kind: 'level' },
      ...components.map(({ name, lost }) => ({ name, value: -lost, kind: 'change' as const })),
      { name: 'degradation', value: -degradation, kind: 'change' },
      { name: 'score', value: score, kind: 'level' },
    ],
    Math.floor(score / 10) * 10 - 10,
  ),
);

// A year in which the power slowly falls behind, and its noise.
const random = new Random(3);
const time = Float64Array.from({ length: 365 }, (_, day) => Date.UTC(2026, 0, 1) + day * DAY);
const scores = time.map((_, day) => {
  const powerRatio = 1 - 0.0004 * day + 0.02 * random.normal();
  return (
    calculator.calculate({ powerRatio, temperature: 35, batteryLevel: 80, inverterEfficiency: 97 }).score ?? Number.NaN
  );
});
const { slope, pValue } = healthTrend(time, scores);
const middle = [...scores].sort((a, b) => a - b)[scores.length >> 1] as number;
save(
  'health-trend',
  lineChart({
    title: `Trend of a score: ${(slope * 30).toFixed(1).replace('-', '−')} points a month (p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`})`,
    yLabel: 'score',
    timeZone: 'UTC',
    series: [
      { name: 'score of each day', x: time, y: scores, color: '#69727d', points: true },
      {
        name: 'trend (Theil–Sen)',
        x: time,
        y: time.map((_, day) => middle + slope * (day - time.length / 2)),
        color: '#0969da',
      },
    ],
  }),
);
