import { mkdirSync, writeFileSync } from 'node:fs';
import type { RULPredictor } from '../../src/models/index.js';
import { WEAR_LAWS } from '../../src/twin/faults/index.js';
import type { RunToFailure } from '../../src/twin/index.js';
import { CAP, type FleetFigures, scoreFleet, wearChannels } from './ready.js';

/** Plants and assets of each that the ready model learns from, and that it is tested on. */
export const TRAINING = { part: 'training', plants: 120, assetsEach: 6, seed: 1 } as const;
export const HELD_BACK = { part: 'held back', plants: 96, assetsEach: 4, seed: 2 } as const;
/** Other draws of held-back plants that the card states too: another seed, and laws that no catalogue told. */
export const FURTHER = [
  { title: 'another draw (`--plants 16 --assets 4 --seed 7`)', draw: { ...HELD_BACK, plants: 16, seed: 7 } },
  {
    title: 'every fault by any law (`--plants 16 --assets 4 --laws drawn`)',
    draw: { ...HELD_BACK, plants: 16, laws: WEAR_LAWS },
  },
] as const;

const MODEL = 'src/models/ready/solar-life.generated.ts';
const CARD = 'docs/models/solar-life';

/** A fleet of the card, with what it is. */
export interface CardFleet {
  readonly title: string;
  readonly fleet: readonly RunToFailure[];
}

/** One line of a table of the card. */
type Line = { readonly title: string } & FleetFigures;

/** Writes the ready model, and its card as Markdown and JSON, with its figures on fleets that were held back. */
export function writeReady(
  predictor: RULPredictor,
  trained: number,
  heldBack: readonly RunToFailure[],
  further: readonly CardFleet[],
): FleetFigures {
  const text = JSON.stringify(predictor);
  writeFileSync(MODEL, `// Made by: npm run eval -- rul-ready\nexport const solarLife = ${quoted(text)};\n`);
  const figures = scoreFleet(predictor, heldBack);
  const by = (key: 'fault' | 'law'): Line[] =>
    [...new Set(heldBack.map((history) => history[key]))].sort().map((title) => ({
      title,
      ...scoreFleet(
        predictor,
        heldBack.filter((history) => history[key] === title),
      ),
    }));
  const byFault = by('fault');
  const byLaw = by('law');
  const others = further.map(({ title, fleet }): Line => ({ title, ...scoreFleet(predictor, fleet) }));
  mkdirSync('docs/models', { recursive: true });
  writeFileSync(
    `${CARD}.json`,
    `${JSON.stringify({ name: 'solar-life', kind: 'RULPredictor', channels: wearChannels(), cap: CAP, trainedOn: { ...TRAINING, assets: trained }, heldBack: HELD_BACK, figures, byFault, byLaw, further: others, bytes: text.length }, null, 2)}\n`,
  );
  writeFileSync(`${CARD}.md`, card(figures, byFault, byLaw, others, trained, text.length));
  return figures;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function card(
  figures: FleetFigures,
  byFault: readonly Line[],
  byLaw: readonly Line[],
  further: readonly Line[],
  trained: number,
  bytes: number,
): string {
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const table = (of: string, lines: readonly Line[]) =>
    [
      `| ${of} | assets | error at half life | at half of the wear | in the 50 % interval | 80 % | 95 % |`,
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...lines.map(
        (line) =>
          `| ${line.title} | ${line.fleet_assets} | ${percent(100 * line.fleet_half_life_error)} | ${percent(100 * line.fleet_half_wear_error)} | ${percent(line.fleet_coverage50)} | ${percent(line.fleet_coverage80)} | ${percent(line.fleet_coverage95)} |`,
      ),
    ].join('\n');
  return `# Model card: remaining life of solar plants

Written by \`npm run eval -- rul-ready\`, which makes the model. Do not edit.

| | |
| --- | --- |
| what it is | \`RULPredictor\` with the engine \`stretch\`, ${(bytes / 1000).toFixed(0)} kB, \`readySolarLife()\` of \`twinergy/models/ready\` |
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
| the same half way from the onset of the fault to the failure | ${percent(100 * figures.fleet_half_wear_error)} |
| truth in the 50 % interval | ${percent(figures.fleet_coverage50)} |
| truth in the 80 % interval | ${percent(figures.fleet_coverage80)} |
| truth in the 95 % interval | ${percent(figures.fleet_coverage95)} |
| right fault named at half life | ${percent(100 * figures.fleet_fault_right)} |
| looks | ${figures.fleet_looks}, at 5 %, 10 %, … 95 % of each life |

Half life is half of an asset's whole record. That begins 5 to 60 days before its fault does, so that at half life some faults have
hardly begun, or not at all. Half of the wear is half way from the onset to the failure, when the twin's own prognosis is tested.

${table('fault', byFault)}

Half of the faults grow by the law that the catalogue names for them, half by one drawn of four.

${table('law', byLaw)}

Other fleets of held-back plants:

${table('fleet', further)}

## What it is not

- It knows the twin's faults and their growth (linear, exponential, gamma and Wiener processes), not those of the field. Fit
  your own as soon as there are failures.
- It was learned from assets that wear. Of a sound one it says "${CAP} days or longer" at best, and often less surely.
- Of a fault that has hardly begun nobody can tell how fast it will grow: early intervals are wide.
- Wear that grows by chance (gamma and Wiener processes) cannot be foretold better than to about 31 % and 45 % at half life in the
  median, even by one who knew the law and the wear without noise (\`npm run eval -- rul --floor\`).
- Until 27 November 2026 the twin drew every fault's law from four alike. Figures from before are of such fleets; the last table
  has one.
`;
}
