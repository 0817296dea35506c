import { quote, TwinergyError } from '../core/errors.js';
import type { AlertAsset } from './rules/rule.js';
import type { TrackState } from './track.js';

/** The state of an `AlertEngine`, as `toJSON` gives it. The audit trail is not in it: it goes to storage by `on('change')`. */
export interface AlertEngineState {
  readonly kind: 'AlertEngine';
  readonly formatVersion: 1;
  readonly sequence: number;
  readonly late: number;
  readonly assets: readonly {
    readonly asset: AlertAsset;
    readonly lastTime: number;
    readonly tracks: readonly { readonly rule: string; readonly state: TrackState }[];
  }[];
  readonly groups: readonly { readonly key: string; readonly state: TrackState }[];
}

/** The state, after its kind and version were looked at. @throws TwinergyError `ALERT_BAD_STATE` */
export function checkedState(state: AlertEngineState): AlertEngineState {
  if (state?.kind !== 'AlertEngine' || state.formatVersion !== 1 || !Array.isArray(state.assets)) {
    throw new TwinergyError('ALERT_BAD_STATE', `${quote(state)} is not the state of an alert engine of format 1.`);
  }
  return state;
}
