import { quote, TwinergyError } from '../core/errors.js';
import type { AlertAsset } from './rules/rule.js';
import type { SavedTrack } from './saved-track.js';
import type { TrackState } from './track.js';

/** The state of an `AlertEngine`, as `toJSON` gives it. The audit trail is not in it: it goes to storage by `on('change')`. */
export interface AlertEngineState {
  readonly kind: 'AlertEngine';
  readonly formatVersion: 2;
  readonly sequence: number;
  readonly late: number;
  readonly assets: readonly {
    readonly asset: AlertAsset;
    readonly lastTime: number;
    /** The rules of which something is remembered; the others are as new. */
    readonly tracks: readonly { readonly rule: string; readonly state: SavedTrack }[];
  }[];
  readonly groups: readonly { readonly key: string; readonly state: TrackState }[];
}

/** Formats that can be read. The first had all rules of an asset, each with all that is remembered. */
const READABLE: ReadonlySet<number> = new Set([1, 2]);

/** The state, after its kind and version were looked at. @throws TwinergyError `ALERT_BAD_STATE` */
export function checkedState(state: AlertEngineState): AlertEngineState {
  if (state?.kind !== 'AlertEngine' || !READABLE.has(state.formatVersion) || !Array.isArray(state.assets)) {
    throw new TwinergyError('ALERT_BAD_STATE', `${quote(state)} is not the state of an alert engine of format 1 or 2.`);
  }
  return state;
}
