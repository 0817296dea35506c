import { mkdirSync, writeFileSync } from 'node:fs';
import type { Figures, RunInput } from '../../bench/harness.js';
import { lineChart } from '../../examples/charts/src/index.js';
import { type LifeHistory, RULPredictor } from '../../src/models/index.js';
import { pumps } from '../../src/models/rul/contract.js';

const FOLDER = 'docs/pictures';
const DAY = 86_400_000;
const COLOURS = ['#0969da', '#1a7f37', '#9a6700', '#8250df', '#bf3989', '#57606a'];

/** Draws the pictures of docs/rul.md: pumps whose wear shows in vibration and flow. */
export default function rulPictures({ say }: RunInput): Figures {
  mkdirSync(FOLDER, { recursive: true });
  const training = pumps(40, 1);
  const fresh = pumps(30, 2);
  const predictor = new RULPredictor({ engine: 'auto', window: 15, seed: 1, timeBudget: Number.POSITIVE_INFINITY }).fit(
    training,
  );
  const [one] = [...fresh].sort((a, b) => b.frame.length - a.frame.length);
  if (one !== undefined) drawLife(predictor, one);
  const parts = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  const figures: Record<string, number> = {};
  const series = predictor.candidates.map(({ engine }, i) => {
    const own = new RULPredictor({ engine: engine as 'weibull', window: 15, seed: 1 }).fit(training);
    const y = parts.map((part) => meanError(own, fresh, part));
    figures[`half_life_${engine}`] = y[3] as number;
    say(`${engine}: ${y[3]?.toFixed(1)} days at half life`);
    return { name: engine, x: parts.map((part) => 100 * part), y, color: COLOURS[i] as string };
  });
  draw('rul-engines', {
    title: 'Mean error on new pumps by the share of life that is over',
    yLabel: 'days',
    xLabel: '% of life',
    series,
    include: [0],
  });
  return figures;
}

function drawLife(predictor: RULPredictor, { frame, failureTime }: LifeHistory & { failureTime: number }): void {
  const rows = Array.from({ length: frame.length - 6 }, (_, i) => i + 6);
  const answers = rows.map((row) => predictor.predict(frame.sliceRows(0, row)));
  const x = answers.map(({ time }) => time / DAY);
  const bound = (side: 'lower' | 'upper') =>
    answers.map(({ intervals }) => intervals.find(({ level }) => level === 80)?.[side] ?? Number.NaN);
  draw('rul-life', {
    title: 'One pump: remaining life as it was told day by day, with 80 % intervals',
    yLabel: 'days left',
    xLabel: 'day',
    include: [0],
    series: [
      { name: 'truth', x, y: x.map((day) => failureTime / DAY - day), color: '#57606a', dashed: true },
      { name: 'median', x, y: answers.map(({ median }) => median ?? Number.NaN), color: '#0969da' },
      { name: '80 %: from', x, y: bound('lower'), color: '#8cb8e8' },
      { name: '80 %: to', x, y: bound('upper'), color: '#8cb8e8' },
    ],
  });
}

function meanError(
  predictor: RULPredictor,
  fresh: readonly (LifeHistory & { readonly failureTime: number })[],
  part: number,
): number {
  const errors = fresh.map(({ frame, failureTime }) => {
    const { time, median } = predictor.predict(frame.sliceRows(0, Math.max(6, Math.floor(part * frame.length))));
    return Math.abs((median ?? Number.NaN) - (failureTime - time) / DAY);
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function draw(name: string, chart: Parameters<typeof lineChart>[0]): void {
  writeFileSync(`${FOLDER}/${name}.svg`, lineChart(chart));
}
