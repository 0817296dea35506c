import type { Figures, RunInput } from '../../bench/harness.js';
import { readySolarLife } from '../../src/models/ready/index.js';
import { drawnFleet } from './fleets.js';
import { scoreFleet } from './ready.js';
import { HELD_BACK } from './ready-card.js';

/** The ready model on fleets that it was not learned from. `--plants`, `--assets` (of each) and `--seed` draw others. */
export function evaluateFleet({ options, say }: RunInput): Figures {
  const plants = Number(options.plants ?? HELD_BACK.plants);
  const assetsEach = Number(options.assets ?? HELD_BACK.assetsEach);
  const fleet = drawnFleet('held back', plants, assetsEach, Number(options.seed ?? HELD_BACK.seed), say);
  return { ...scoreFleet(readySolarLife(), fleet) };
}
