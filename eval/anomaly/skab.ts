import { Frame } from '../../src/core/frame.js';
import { parseTime, readTable } from './csv.js';
import { filesBelow } from './nab.js';

/** A labelled run of the SKAB test bed. */
export interface SkabFile {
  readonly name: string;
  readonly frame: Frame;
  /** 1 where the row is anomalous. */
  readonly labels: Uint8Array;
}

/** The labelled files below `folder`, recognised by a column `anomaly` beside a time and measurements. */
export function readSkab(folder: string): SkabFile[] {
  return filesBelow(folder, '.csv').flatMap((path) => {
    const { header, rows } = readTable(path);
    const labelAt = header.indexOf('anomaly');
    if (labelAt < 0 || rows.length <= 400) return [];
    const time = Float64Array.from(rows, (row) => parseTime(row[0] as string));
    for (let i = 1; i < time.length; i++) {
      if (!((time[i] as number) > (time[i - 1] as number))) time[i] = (time[i - 1] as number) + 1;
    }
    const columns = Object.fromEntries(
      header.flatMap((name, c) =>
        c === 0 || name === 'anomaly' || name === 'changepoint'
          ? []
          : [[name, { data: Float64Array.from(rows, (row) => Number(row[c])), unit: '1' }]],
      ),
    );
    const labels = Uint8Array.from(rows, (row) => (Number(row[labelAt]) > 0 ? 1 : 0));
    return [{ name: path.slice(folder.length + 1), frame: new Frame(time, columns), labels }];
  });
}
