import type { Random } from '../../core/index.js';
import type { ProgressionKind } from './catalogue.js';

/** Laws by which a fault that wears an asset out may grow. */
export const WEAR_LAWS: readonly ProgressionKind[] = ['linear', 'exponential', 'gamma', 'wiener'];

/** By which laws the faults of a fleet grow; see `drawnLaw`. */
export type LawChoice = 'mixed' | 'catalogue' | readonly ProgressionKind[];

/** The law by which one asset's fault grows. */
export interface DrawnLaw {
  readonly law: ProgressionKind;
  /** Whether it is the catalogue's own for the fault, rather than one of several drawn. */
  readonly usual: boolean;
}

/**
 * Draws a law. `catalogue`: the one that the catalogue names for the fault. `mixed`: that one for half of the assets, one of
 * `WEAR_LAWS` for the others, since no real wear keeps to a catalogue. A list, which is not empty: one of these, whatever the
 * fault.
 */
export function drawnLaw(random: Random, own: ProgressionKind, choice: LawChoice = 'mixed'): DrawnLaw {
  if (choice === 'catalogue' || (choice === 'mixed' && random.next() < 0.5)) return { law: own, usual: true };
  const laws = choice === 'mixed' ? WEAR_LAWS : choice;
  return { law: laws[random.int(laws.length)] ?? own, usual: false };
}
