/** A column of a reference file; null stands for "not a number". */
export type ReferenceColumn = readonly (number | null)[];

/** JSON of one reference file, looked into by path. */
export interface ReferenceFile {
  readonly inputs: Node;
  readonly outputs: Node;
  readonly tolerance: Node;
  readonly parameters?: Node;
  readonly constants?: Node;
}

/** Any part of a reference file. */
// biome-ignore lint/suspicious/noExplicitAny: the layout of each file is known to its check alone
export type Node = any;

/** How far a value may be from its reference: |difference| ≤ absolute + relative · |reference|. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/** What the check of a file collects. */
export class Comparison {
  /** Largest error of each column as a multiple of its tolerance. */
  readonly columns = new Map<string, number>();
  /** Columns of models that the library does not offer. */
  readonly skipped: string[] = [];

  /** Largest multiple of all columns. */
  get worst(): number {
    return Math.max(0, ...this.columns.values());
  }

  /** Names columns that are not compared. */
  skip(...names: string[]): void {
    for (const name of names) if (!this.skipped.includes(name)) this.skipped.push(name);
  }

  /** Compares a column row by row; a missing value on one side alone counts as infinitely wrong. */
  column(name: string, ours: ArrayLike<number>, reference: ReferenceColumn, tolerance: Tolerance): void {
    let worst = ours.length === reference.length ? 0 : Number.POSITIVE_INFINITY;
    for (let row = 0; row < reference.length; row++)
      worst = Math.max(worst, multiple(ours[row] ?? Number.NaN, reference[row] ?? null, tolerance));
    this.columns.set(name, Math.max(this.columns.get(name) ?? 0, worst));
  }

  /** Compares one number. */
  value(name: string, ours: number, reference: number | null, tolerance: Tolerance): void {
    this.column(name, [ours], [reference], tolerance);
  }
}

/** Error of one value as a multiple of its tolerance. */
export function multiple(ours: number, reference: number | null, { absolute = 0, relative = 0 }: Tolerance): number {
  if (reference === null) return Number.isNaN(ours) ? 0 : Number.POSITIVE_INFINITY;
  const difference = Math.abs(ours - reference);
  if (difference === 0) return 0;
  const error = difference / (absolute + relative * Math.abs(reference));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** Calls `fn` for each row number of a column and returns the answers. */
export function rows<T>(column: ArrayLike<unknown>, fn: (row: number) => T): T[] {
  return Array.from({ length: column.length }, (_, row) => fn(row));
}
