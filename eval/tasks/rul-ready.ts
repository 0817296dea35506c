import type { Figures, RunInput } from '../../bench/harness.js';
import { drawnFleet } from '../rul/fleets.js';
import { trainReady } from '../rul/ready.js';
import { HELD_BACK, TRAINING, writeReady } from '../rul/ready-card.js';

/** Makes the ready model of `twinergy/models/ready` and its card: fleets, learning, and figures on fleets that were held back. */
export default function rulReady({ say }: RunInput): Figures {
  const fleet = drawnFleet('training', TRAINING.plants, TRAINING.assetsEach, TRAINING.seed, say);
  const heldBack = drawnFleet('held back', HELD_BACK.plants, HELD_BACK.assetsEach, HELD_BACK.seed, say);
  return { ...writeReady(trainReady(fleet), fleet, heldBack) };
}
