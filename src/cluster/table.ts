/** Who owns a partition. */
export interface Ownership {
  /** The worker; null where nobody does. */
  readonly owner: string | null;
  /** Grows with every change of owner: of two that write, the one with the greater epoch is the owner. */
  readonly epoch: number;
  /** Whom the last owner handed it to; others leave it to them for a moment. */
  readonly to?: string | undefined;
}

/** Who owns what: one value in the bucket, changed only by compare-and-set. */
export interface OwnerTable {
  readonly format: 1;
  /** The greatest epoch that was given. */
  readonly epoch: number;
  readonly partitions: readonly Ownership[];
}

/** A table in which nobody owns anything. */
export function emptyTable(partitions: number): OwnerTable {
  return { format: 1, epoch: 0, partitions: Array.from({ length: partitions }, () => ({ owner: null, epoch: 0 })) };
}

/** The table after `owner` took partitions, each under a new epoch, none below `least`. */
export function claimed(table: OwnerTable, owner: string, wanted: readonly number[], least = 0): OwnerTable {
  let epoch = Math.max(table.epoch, least);
  const partitions = [...table.partitions];
  for (const partition of wanted) partitions[partition] = { owner, epoch: ++epoch };
  return { format: 1, epoch, partitions };
}

/** The table after `owner` gave partitions back, each perhaps to somebody; those that it does not own stay as they are. */
export function released(table: OwnerTable, owner: string, given: ReadonlyMap<number, string | undefined>): OwnerTable {
  return {
    ...table,
    partitions: table.partitions.map((ownership, partition) =>
      ownership.owner === owner && given.has(partition)
        ? { owner: null, epoch: ownership.epoch, to: given.get(partition) }
        : ownership,
    ),
  };
}

/** The partitions of a worker. */
export function ownedBy(table: OwnerTable, owner: string): number[] {
  return table.partitions.flatMap((ownership, partition) => (ownership.owner === owner ? [partition] : []));
}
