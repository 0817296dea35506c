import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures, RunInput } from '../../bench/harness.js';
import { checkQuality, Frame, QualityFlag, type QualityFlagName, TwinergyError } from '../../src/core/index.js';

/** Which flag a label column stands for, by what its name says. */
const LABELS: readonly [RegExp, QualityFlagName][] = [
  [/stale/i, 'stale'],
  [/interpol/i, 'interpolated'],
  [/outlier|spike/i, 'outlier'],
];

const FORMATS = ['iso', 'M/D/YYYY H:mm', 'M/D/YYYY', 'DD.MM.YYYY HH:mm'];

/** The file as a frame, in the first time format that fits; undefined where none does. */
function read(path: string): Frame | undefined {
  const text = readFileSync(path, 'utf8');
  for (const format of FORMATS) {
    try {
      return Frame.fromCsv(text, { time: { format } });
    } catch (error) {
      if (!(error instanceof TwinergyError)) throw error;
    }
  }
  return undefined;
}

function isLabel(values: Float64Array): boolean {
  return values.every((value) => value === 0 || value === 1) && values.some((value) => value === 1);
}

/**
 * Precision and recall of the quality flags, over all files of a folder that have a column of labels (true/false or 1/0)
 * whose name says which flag it is for, and one column of values. Nothing is fitted to the files.
 */
export default function quality({ data, say }: RunInput): Figures {
  const folder = data ?? '../shared/data/pvanalytics';
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}; name one with --data.`);
  const counts = new Map<QualityFlagName, { hits: number; falseAlarms: number; missed: number; files: number }>();
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .sort()) {
    const frame = read(join(folder, file));
    if (frame === undefined) continue;
    const labels = frame.names.flatMap((name) => {
      const flag = LABELS.find(
        ([pattern]) => pattern.test(name) || (/label|mask|flag/i.test(name) && pattern.test(file)),
      )?.[1];
      return flag !== undefined && isLabel(frame.column(name)) ? [{ name, flag }] : [];
    });
    const value = frame.names.find((name) => !isLabel(frame.column(name)));
    if (labels.length === 0 || value === undefined) continue;
    const found = checkQuality(frame.select(value)).flags.get(value);
    if (found === undefined) continue;
    for (const { name, flag } of labels) {
      const count = counts.get(flag) ?? { hits: 0, falseAlarms: 0, missed: 0, files: 0 };
      const truth = frame.column(name);
      let hits = 0;
      let falseAlarms = 0;
      let missed = 0;
      for (let i = 0; i < truth.length; i++) {
        const flagged = ((found[i] as number) & QualityFlag[flag]) !== 0;
        if (flagged && truth[i] === 1) hits++;
        else if (flagged) falseAlarms++;
        else if (truth[i] === 1) missed++;
      }
      say(`${file}: ${flag}: ${hits} found, ${falseAlarms} false, ${missed} missed`);
      counts.set(flag, {
        hits: count.hits + hits,
        falseAlarms: count.falseAlarms + falseAlarms,
        missed: count.missed + missed,
        files: count.files + 1,
      });
    }
  }
  if (counts.size === 0) throw new Error(`No file in ${folder} has labels of stale, interpolated or outlying values.`);
  const figures: Record<string, number> = {};
  for (const [flag, { hits, falseAlarms, missed, files }] of counts) {
    figures[`${flag}_precision`] = hits / Math.max(1, hits + falseAlarms);
    figures[`${flag}_recall`] = hits / Math.max(1, hits + missed);
    figures[`${flag}_files`] = files;
  }
  return figures;
}
