import { quote, TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';

/** What was seen of one asset, and when it failed. */
export interface LifeHistory {
  readonly assetId: string;
  /** Telemetry in the order of time, up to the failure or to the last look. */
  readonly frame: Frame;
  /** When it failed, on the frame's time axis. */
  readonly failureTime: number;
}

/**
 * Refuses histories that nothing can be learned from, and gives the channels that all of them have.
 * @throws TwinergyError `RUL_NO_HISTORIES`, `RUL_BAD_HISTORY`, `RUL_NO_CHANNELS`
 */
export function checkHistories(histories: readonly LifeHistory[], wanted: readonly string[] | undefined): string[] {
  if (histories.length < 2) {
    throw new TwinergyError(
      'RUL_NO_HISTORIES',
      `Remaining life is learned from at least two assets that failed, got ${histories.length}.`,
      {
        hint: 'A twin can make some: twin.runToFailure({ fleet: 50, seed: 1 }).',
      },
    );
  }
  histories.forEach(({ assetId, frame, failureTime }, i) => {
    const last = frame.time[frame.length - 1];
    const path = `histories[${i}]`;
    if (last === undefined)
      throw new TwinergyError('RUL_BAD_HISTORY', `The history of ${quote(assetId)} is empty.`, { path });
    if (!Number.isFinite(failureTime) || failureTime < last) {
      throw new TwinergyError(
        'RUL_BAD_HISTORY',
        `${quote(assetId)} fails at ${failureTime}, before its last row at ${last}.`,
        {
          path: `${path}.failureTime`,
          value: failureTime,
          hint: 'Leave out rows after the failure.',
        },
      );
    }
  });
  const first = histories[0] as LifeHistory;
  const channels = wanted ?? first.frame.names.filter((name) => histories.every(({ frame }) => frame.has(name)));
  for (const { frame } of histories) for (const name of channels) frame.column(name);
  if (channels.length === 0) throw new TwinergyError('RUL_NO_CHANNELS', 'The histories have no channel in common.');
  return [...channels];
}
