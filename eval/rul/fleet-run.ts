import type { Figures, RunInput } from '../../bench/harness.js';
import { readySolarLife } from '../../src/models/ready/index.js';
import { WEAR_LAWS } from '../../src/twin/faults/index.js';
import { drawnFleet } from './fleet-pool.js';
import { scoreFleet } from './ready.js';
import { HELD_BACK } from './ready-card.js';

/**
 * The ready model on fleets that it was not learned from. `--plants`, `--assets` (of each) and `--seed` draw others;
 * `--laws drawn`: each fault grows by any of the four laws, whatever the catalogue says of it.
 */
export async function evaluateFleet({ options, say }: RunInput): Promise<Figures> {
  const fleet = await drawnFleet(
    {
      part: 'held back',
      plants: Number(options.plants ?? HELD_BACK.plants),
      assetsEach: Number(options.assets ?? HELD_BACK.assetsEach),
      seed: Number(options.seed ?? HELD_BACK.seed),
      ...(options.laws === 'drawn' && { laws: WEAR_LAWS }),
    },
    say,
  );
  const ready = readySolarLife();
  const figures: Record<string, number> = { ...scoreFleet(ready, fleet) };
  for (const law of WEAR_LAWS) {
    const own = fleet.filter((history) => history.law === law);
    if (own.length === 0) continue;
    const { fleet_assets, fleet_half_life_error, fleet_half_wear_error, fleet_coverage80 } = scoreFleet(ready, own);
    figures[`assets_${law}`] = fleet_assets;
    figures[`half_life_error_${law}`] = fleet_half_life_error;
    figures[`half_wear_error_${law}`] = fleet_half_wear_error;
    figures[`coverage80_${law}`] = fleet_coverage80;
  }
  return figures;
}
