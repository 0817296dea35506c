import { quote, TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';

/** A maintenance after which an asset was as good as new. */
export interface LifeReset {
  /** When, on the frame's time axis. */
  readonly time: number;
  /** True where it was a repair after a failure; otherwise the life before it ended early, unfinished. */
  readonly failed?: boolean;
  /** What it had failed of. */
  readonly fault?: string;
}

/** What was seen of one asset, and what became of it. */
export interface LifeHistory {
  /** Histories of one asset belong together: they are held out together. */
  readonly assetId: string;
  /** Telemetry in the order of time, up to the failure or to the last look. Time may be ms or cycles, see `unit`. */
  readonly frame: Frame;
  /** When it failed, on the frame's time axis. Absent: it had not failed when last looked at. */
  readonly failureTime?: number;
  /** What it failed of, where that is known. */
  readonly fault?: string;
  /** Maintenances that made it as new, in the order of time. */
  readonly resets?: readonly LifeReset[];
}

/** One life: from new, or from a maintenance, to a failure or to the last look. */
export interface Life {
  /** Number of the asset: lives of one asset belong together. */
  readonly asset: number;
  readonly frame: Frame;
  /** When it ended, on the frame's time axis. */
  readonly end: number;
  /** Whether it ended with a failure; otherwise it was at least that long. */
  readonly failed: boolean;
  readonly fault: string | undefined;
}

/**
 * Takes histories apart into lives, and refuses what nothing can be learned from.
 * @throws TwinergyError `RUL_NO_HISTORIES`, `RUL_NO_FAILURES`, `RUL_BAD_HISTORY`
 */
export function livesOf(histories: readonly LifeHistory[]): Life[] {
  const numbers = new Map<string, number>();
  for (const { assetId } of histories) if (!numbers.has(assetId)) numbers.set(assetId, numbers.size);
  const lives = histories.flatMap((history, i) => livesOfOne(history, i, numbers.get(history.assetId) ?? i));
  const failures = lives.filter(({ failed }) => failed).length;
  const hint = 'A twin can make some: twin.runToFailure({ fleet: 50, seed: 1 }).';
  if (lives.length < 2) {
    throw new TwinergyError(
      'RUL_NO_HISTORIES',
      `Remaining life is learned from the lives of at least two assets, got ${lives.length}.`,
      { hint },
    );
  }
  if (failures < 2) {
    throw new TwinergyError(
      'RUL_NO_FAILURES',
      failures === 0
        ? `None of the ${lives.length} lives ended with a failure: there is nothing to learn an end from.`
        : `Only one of the ${lives.length} lives ended with a failure; at least two are needed.`,
      { hint },
    );
  }
  return lives;
}

function livesOfOne(history: LifeHistory, place: number, asset: number): Life[] {
  const { assetId, frame, failureTime, fault, resets = [] } = history;
  const path = `histories[${place}]`;
  const last = frame.time[frame.length - 1];
  if (last === undefined)
    throw new TwinergyError('RUL_BAD_HISTORY', `The history of ${quote(assetId)} is empty.`, { path });
  if (failureTime !== undefined && !(Number.isFinite(failureTime) && failureTime >= last)) {
    throw new TwinergyError(
      'RUL_BAD_HISTORY',
      `${quote(assetId)} fails at ${failureTime}, before its last row at ${last}.`,
      { path: `${path}.failureTime`, value: failureTime, hint: 'Leave out rows after the failure.' },
    );
  }
  resets.forEach(({ time }, r) => {
    if (!Number.isFinite(time) || time <= (resets[r - 1]?.time ?? Number.NEGATIVE_INFINITY)) {
      throw new TwinergyError('RUL_BAD_HISTORY', `The resets of ${quote(assetId)} are not in the order of time.`, {
        path: `${path}.resets[${r}].time`,
        value: time,
      });
    }
  });
  const ends = [
    ...resets.map((reset) => ({ end: reset.time, failed: reset.failed === true, fault: reset.fault })),
    { end: failureTime ?? last, failed: failureTime !== undefined, fault },
  ];
  let begin = 0;
  const lives: Life[] = [];
  for (const [i, { end, failed, fault: of }] of ends.entries()) {
    // What is seen at the very time of a reset is the new life's.
    const stop = i === ends.length - 1 ? frame.length : frame.indexAt(end);
    if (stop > begin) lives.push({ asset, frame: frame.sliceRows(begin, stop), end, failed, fault: of });
    begin = Math.max(begin, stop);
  }
  return lives;
}

/**
 * The channels that are looked at: those wanted, or all that the histories have in common.
 * @throws TwinergyError `FRAME_UNKNOWN_COLUMN`, `RUL_NO_CHANNELS`
 */
export function commonChannels(frames: readonly Frame[], wanted: readonly string[] | undefined): string[] {
  const channels = wanted ?? frames[0]?.names.filter((name) => frames.every((frame) => frame.has(name))) ?? [];
  for (const frame of frames) for (const name of channels) frame.column(name);
  if (channels.length === 0) throw new TwinergyError('RUL_NO_CHANNELS', 'The histories have no channel in common.');
  return [...channels];
}
