const mostRows = 8_192;

/** Gathers rows of numbers into columns; null is NaN. Rows are kept in pieces as they come, so that none is moved twice. */
export class ColumnGatherer {
  readonly #width: number;
  readonly #full: Float64Array[] = [];
  #piece: Float64Array;
  #at = 0;

  /** @param rows number of rows that are expected, if known */
  constructor(width: number, rows = 256) {
    this.#width = width;
    this.#piece = new Float64Array(rows * width);
  }

  add(row: readonly unknown[]): void {
    if (this.#at === this.#piece.length) this.#extend();
    const piece = this.#piece;
    let at = this.#at;
    for (let k = 0; k < this.#width; k++) {
      const value = row[k];
      piece[at++] = value === null ? Number.NaN : (value as number);
    }
    this.#at = at;
  }

  columns(): Float64Array[] {
    const pieces = [...this.#full, this.#piece.subarray(0, this.#at)];
    const rows = pieces.reduce((sum, piece) => sum + piece.length, 0) / this.#width;
    return Array.from({ length: this.#width }, (_, k) => {
      const column = new Float64Array(rows);
      let row = 0;
      for (const piece of pieces)
        for (let at = k; at < piece.length; at += this.#width) column[row++] = piece[at] as number;
      return column;
    });
  }

  #extend(): void {
    if (this.#at > 0) this.#full.push(this.#piece);
    const rows = Math.min(mostRows, Math.max(256, (2 * this.#piece.length) / this.#width));
    this.#piece = new Float64Array(rows * this.#width);
    this.#at = 0;
  }
}

/** Rows of numbers as columns; null is NaN. */
export function columnsOfRows(rows: readonly (readonly unknown[])[], width: number): Float64Array[] {
  const gatherer = new ColumnGatherer(width, rows.length);
  for (const row of rows) gatherer.add(row);
  return gatherer.columns();
}
