import type { Figures, RunInput } from '../../bench/harness.js';
import { drawnFleet } from '../rul/fleet-pool.js';
import { trainReady } from '../rul/ready.js';
import { type CardFleet, FURTHER, HELD_BACK, TRAINING, writeReady } from '../rul/ready-card.js';

/** Makes the ready model of `twinergy/models/ready` and its card: fleets, learning, and figures on fleets that were held back. */
export default async function rulReady({ say }: RunInput): Promise<Figures> {
  const fleet = await drawnFleet(TRAINING, say);
  const heldBack = await drawnFleet(HELD_BACK, say);
  const further: CardFleet[] = [];
  for (const { title, draw } of FURTHER) further.push({ title, fleet: await drawnFleet(draw, say) });
  return { ...writeReady(trainReady(fleet), fleet.length, heldBack, further) };
}
