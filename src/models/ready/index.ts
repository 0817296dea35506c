import type { SavedPredictor } from '../rul/saved.js';
import { RULPredictor } from '../rul-predictor.js';
import type { SealedModel } from '../serial.js';
import { solarLife } from './solar-life.generated.js';

/**
 * A predictor of the remaining life of solar plants that is ready for use: learned from fleets of many makes, sizes and places
 * that the twin ran to failure (`npm run eval -- rul-ready` makes it). It takes daily figures of wear, see `wearMeterOf` of
 * `twinergy/twin`, and answers in days, up to 365. Its model card is docs/models/solar-life.md.
 */
export function readySolarLife(): RULPredictor {
  return RULPredictor.fromJSON(JSON.parse(solarLife) as SealedModel<SavedPredictor>);
}
