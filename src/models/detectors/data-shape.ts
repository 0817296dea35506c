import type { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';
import { sampleRows, takeRows } from './engine.js';

/** What can be said of a table without labels. */
export interface DataShape {
  readonly rows: number;
  readonly columns: number;
  /** Share of the columns in which one value takes more than half of the rows: sparse, counts, switches. */
  readonly sparse: number;
  /** Share of the columns with fewer than 32 different values in the sample. */
  readonly discrete: number;
}

/** Rows looked at. */
const sampleSize = 2000;

/** Measures the shape of `rows` on a sample. */
export function shapeOf(rows: Matrix, random: Random): DataShape {
  const sample = takeRows(rows, sampleRows(rows.rows, sampleSize, random));
  const column = new Float64Array(sample.rows);
  let sparse = 0;
  let discrete = 0;
  for (let j = 0; j < sample.columns; j++) {
    for (let i = 0; i < sample.rows; i++) column[i] = sample.data[i * sample.columns + j] as number;
    column.sort();
    let different = 1;
    let run = 1;
    let longest = 1;
    for (let i = 1; i < column.length; i++) {
      if (column[i] === column[i - 1]) run++;
      else {
        different++;
        run = 1;
      }
      if (run > longest) longest = run;
    }
    if (different > 1 && longest > column.length / 2) sparse++;
    if (different < 32) discrete++;
  }
  return {
    rows: rows.rows,
    columns: rows.columns,
    sparse: sparse / Math.max(1, rows.columns),
    discrete: discrete / Math.max(1, rows.columns),
  };
}
