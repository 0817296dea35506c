import type { SqlValue } from './driver.js';

const maxParameters = 30_000;

/**
 * An `insert … values (…)` of one row as inserts of many rows, to save the ways to the server; any other statement as one
 * statement for each row.
 */
export function* manyRows(
  text: string,
  count: number,
  width: number,
  bind: (row: number, values: SqlValue[]) => void,
): Generator<{ readonly text: string; readonly values: SqlValue[] }> {
  const tuple = /^insert .*? values (\([^()]*\))/is.exec(text)?.[1];
  const perStatement = tuple === undefined ? 1 : Math.max(1, Math.floor(maxParameters / width));
  for (let start = 0; start < count; start += perStatement) {
    const rows = Math.min(perStatement, count - start);
    const values: SqlValue[] = [];
    for (let row = 0; row < rows; row++) {
      const own = new Array<SqlValue>(width).fill(null);
      bind(start + row, own);
      values.push(...own);
    }
    if (tuple === undefined || rows === 1) yield { text, values };
    else {
      const tuples = Array.from({ length: rows }, (_, row) =>
        tuple.replace(/\$(\d+)/g, (_match, n: string) => `$${Number(n) + row * width}`),
      );
      yield { text: text.replace(tuple, () => tuples.join(', ')), values };
    }
  }
}
