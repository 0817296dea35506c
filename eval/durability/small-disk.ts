import { spawnSync } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { batchOf, emptyTally, judge, openStore, type Place, type Tally } from './store.js';

/** A tmpfs of that many MiB at `folder`; undefined where this user may not mount one. */
export async function mountSmallDisk(
  folder: string,
  megabytes: number,
): Promise<{ unmount(): Promise<void> } | undefined> {
  await mkdir(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (status !== 0) return undefined;
  return {
    async unmount() {
      // Lazily: libsql gives its files back only when its statements are collected.
      spawnSync('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Writes until the disk is full, judges, makes room, and writes on with the same store; `rounds` times. `ballast` is a folder
 * on the same disk. Every refusal must say `STORAGE_FULL`.
 */
export async function fillDisk(
  place: Place,
  ballast: string,
  rounds: number,
): Promise<Tally & { otherErrors: number }> {
  const tally = { ...emptyTally(), otherErrors: 0 };
  await mkdir(ballast, { recursive: true });
  let storage = await openStore(place);
  let acknowledged = -1;
  for (; tally.trials < rounds; tally.trials++) {
    const filler = join(ballast, 'filler');
    await fillUp(filler);
    let refused = 0;
    for (let n = acknowledged + 1; refused < 3; n++) {
      try {
        await storage.commit(batchOf(n));
        acknowledged = n;
      } catch (error) {
        refused++;
        if ((error as { code?: unknown }).code !== 'STORAGE_FULL') tally.otherErrors++;
        n--;
      }
    }
    await judge(storage, acknowledged, tally);
    await rm(filler);
    // The same store goes on as soon as there is room again.
    for (let n = acknowledged + 1, end = n + 5; n < end; n++) {
      await storage.commit(batchOf(n));
      acknowledged = n;
    }
    await storage.close();
    storage = await openStore(place);
    await judge(storage, acknowledged, tally);
  }
  await storage.close();
  return tally;
}

/** Takes all but a little of the room: writes the file `path` until its disk is full. */
export async function fillUp(path: string): Promise<void> {
  const piece = new Uint8Array(64 * 1024);
  await writeFile(path, '');
  for (let pieces = 0; ; pieces++) {
    try {
      await writeFile(path, piece, { flag: 'a' });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
      // Leaves room for some batches, so that the disk becomes full in the middle of writing.
      await truncate(path, Math.max(0, pieces - 8) * piece.length);
      return;
    }
  }
}
