/** Partitions of a stream unless the cluster is made with another number. It cannot be changed later. */
export const defaultPartitions = 64;

/**
 * The partition of an asset, 0 … `partitions` − 1: always the same for the same tenant and asset, on every machine.
 * The text is hashed by 64-bit FNV-1a with a final mix, the hash brought to a partition by jump consistent hashing
 * (Lamping & Veach 2014, arXiv:1406.2294), so that a stream made anew with more partitions moves the fewest assets.
 */
export function partitionOf(tenantId: string, assetId: string, partitions = defaultPartitions): number {
  return jump(hash64(`${tenantId}\u0000${assetId}`), partitions);
}

const MASK = 0xffffffffffffffffn;
const encoder = new TextEncoder();

function hash64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of encoder.encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  // FNV leaves the high bits of short texts alike, and jump hashing reads those first.
  hash = ((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  hash = ((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return hash ^ (hash >> 33n);
}

function jump(key: bigint, buckets: number): number {
  let state = key;
  let bucket = -1;
  let next = 0;
  while (next < buckets) {
    bucket = next;
    state = (state * 2862933555777941757n + 1n) & MASK;
    next = Math.floor((bucket + 1) * (2 ** 31 / (Number(state >> 33n) + 1)));
  }
  return bucket;
}

/** Finds partitions again and again: what was hashed once is remembered, for hashing costs microseconds. */
export class PartitionMap {
  readonly #known = new Map<string, Map<string, number>>();
  readonly partitions: number;

  constructor(partitions: number) {
    this.partitions = partitions;
  }

  /** The partition of an asset. */
  of(tenantId: string, assetId: string): number {
    let tenant = this.#known.get(tenantId);
    if (tenant === undefined) {
      tenant = new Map();
      this.#known.set(tenantId, tenant);
    }
    let partition = tenant.get(assetId);
    if (partition === undefined) {
      partition = partitionOf(tenantId, assetId, this.partitions);
      tenant.set(assetId, partition);
    }
    return partition;
  }
}
