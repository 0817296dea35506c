import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { TwinergyError } from '../core/index.js';
import type { Checkpoint } from '../storage/index.js';

/**
 * Characters from which a state is deflated. PostgreSQL moves rows of more than two kilobytes into a table beside, which costs it
 * several times what a small row does; the state of an asset's rules is mostly names, and becomes a fifth.
 */
const DEFLATE_FROM = 1_000;

/** Small windows: the state has a few kilobytes, and setting the memory up is most of the work. */
const FAST = { level: 1, windowBits: 13, memLevel: 6 } as const;

/** A checkpoint as it is stored: with the checksum of its state, which is deflated where it is long. */
export function sealed(row: Checkpoint): Checkpoint {
  if (row.state === undefined) return row;
  const text = JSON.stringify(row.state);
  const position = { crc32: crc32(text) };
  return text.length < DEFLATE_FROM
    ? { ...row, position }
    : { ...row, state: { deflated: deflateRawSync(text, FAST).toString('base64') }, position };
}

/** The state of a checkpoint as its writer knows it. @throws TwinergyError `CLUSTER_DAMAGED_STATE` */
export function unsealed({ id, state, position }: Checkpoint): unknown {
  if (state === undefined) return undefined;
  const text = textOf(state);
  if (text === undefined || (position as { crc32?: unknown } | undefined)?.crc32 !== crc32(text)) {
    throw new TwinergyError('CLUSTER_DAMAGED_STATE', `The checkpoint ${id} has another checksum than its state.`, {
      value: id,
      hint: 'Restore the table "checkpoints", or remove the rows of this partition and replay its stream.',
    });
  }
  return JSON.parse(text);
}

/** The state as JSON; undefined where it cannot be inflated. */
function textOf(state: unknown): string | undefined {
  const { deflated } = (state ?? {}) as { deflated?: unknown };
  if (typeof deflated !== 'string') return JSON.stringify(state);
  try {
    return inflateRawSync(Buffer.from(deflated, 'base64')).toString();
  } catch {
    return undefined;
  }
}
