import { mkdirSync, writeFileSync } from 'node:fs';
import type { RULPredictor } from '../../src/models/index.js';
import type { RunToFailure } from '../../src/twin/index.js';
import { CAP, type FleetFigures, scoreFleet, wearChannels } from './ready.js';

/** Plants and assets of each that the ready model learns from, and that it is tested on. */
export const TRAINING = { plants: 48, assetsEach: 5, seed: 1 } as const;
export const HELD_BACK = { plants: 12, assetsEach: 4, seed: 2 } as const;

const MODEL = 'src/models/ready/solar-life.generated.ts';
const CARD = 'docs/models/solar-life';

/** Writes the ready model, and its card as Markdown and JSON, with its figures on fleets that were held back. */
export function writeReady(
  predictor: RULPredictor,
  fleet: readonly RunToFailure[],
  heldBack: readonly RunToFailure[],
): FleetFigures {
  const text = JSON.stringify(predictor);
  writeFileSync(MODEL, `// Made by: npm run eval -- rul-ready\nexport const solarLife = ${quoted(text)};\n`);
  const figures = scoreFleet(predictor, heldBack);
  const faults = [...new Set(heldBack.map(({ fault }) => fault))].sort();
  const byFault = faults.map((fault) => ({
    fault,
    ...scoreFleet(
      predictor,
      heldBack.filter((history) => history.fault === fault),
    ),
  }));
  mkdirSync('docs/models', { recursive: true });
  writeFileSync(
    `${CARD}.json`,
    `${JSON.stringify({ name: 'solar-life', kind: 'RULPredictor', channels: wearChannels(), cap: CAP, trainedOn: { ...TRAINING, assets: fleet.length }, heldBack: HELD_BACK, figures, byFault, bytes: text.length }, null, 2)}\n`,
  );
  writeFileSync(`${CARD}.md`, card(figures, byFault, fleet.length, text.length));
  return figures;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function card(
  figures: FleetFigures,
  byFault: readonly ({ fault: string } & FleetFigures)[],
  trained: number,
  bytes: number,
): string {
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const rows = byFault.map(
    ({ fault, fleet_assets, fleet_half_life_error, fleet_coverage80, fleet_coverage95 }) =>
      `| ${fault} | ${fleet_assets} | ${percent(100 * fleet_half_life_error)} | ${percent(fleet_coverage80)} | ${percent(fleet_coverage95)} |`,
  );
  return `# Model card: remaining life of solar plants

Written by \`npm run eval -- rul-ready\`, which makes the model. Do not edit.

| | |
| --- | --- |
| what it is | \`RULPredictor\` with gradient boosting, ${(bytes / 1000).toFixed(0)} kB, \`readySolarLife()\` of \`twinergy/models/ready\` |
| what it takes | one row a day: ${wearChannels()
    .map((name) => `\`${name}\``)
    .join(', ')} |
| what it answers | days until the end of life, up to ${CAP} ("that long or longer"), with intervals, and the fault |
| end of life | inverter efficiency below 90 %, arrays below 80 % of sound ones, battery below 80 % of its capacity; the mean of a week |
| learned from | ${trained} assets of ${TRAINING.plants} drawn plants that the twin ran to failure |
| tested on | ${figures.fleet_assets} assets of ${HELD_BACK.plants} other plants: other places, sizes and seeds, and makes that training did not know |

## Figures on the held-back fleets

| | |
| --- | --- |
| median absolute error at half life, over the true remaining life | ${percent(100 * figures.fleet_half_life_error)} |
| truth in the 50 % interval | ${percent(figures.fleet_coverage50)} |
| truth in the 80 % interval | ${percent(figures.fleet_coverage80)} |
| truth in the 95 % interval | ${percent(figures.fleet_coverage95)} |
| right fault named at half life | ${percent(100 * figures.fleet_fault_right)} |
| looks | ${figures.fleet_looks}, at 5 %, 10 %, … 95 % of each life |

| fault | assets | error at half life | in the 80 % interval | in the 95 % interval |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

## What it is not

- It knows the twin's faults and their growth (linear, exponential, gamma and Wiener processes), not those of the field. Fit
  your own as soon as there are failures.
- It was learned from assets that wear. Of a sound one it says "${CAP} days or longer" at best, and often less surely.
- Of a fault that has hardly begun nobody can tell how fast it will grow: early intervals are wide.
- Half of the fleets' faults grow by chance (gamma and Wiener processes). There even one who knew the law and the wear without noise
  would err at half life by about 31 % and 45 % in the median (\`npm run eval -- rul --floor\`).
- Another draw of fleets gives other figures: 64 assets of seed 7 gave 37.5 % at half life, 76.8 % and 93.6 % in the 80 % and 95 % intervals.
`;
}
