import type { Figures, RunInput } from '../../bench/harness.js';
import { evaluateCmapss } from '../rul/cmapss-run.js';
import { evaluateFleet } from '../rul/fleet.js';

/**
 * With `--data DIR --set FD001`: remaining life of the engines of a set in the C-MAPSS format. Without, or with `--fleet`: on
 * fleets of solar plants that the twin runs to failure.
 */
export default async function rul(input: RunInput): Promise<Figures> {
  return input.data === undefined || input.options.fleet !== undefined ? evaluateFleet(input) : evaluateCmapss(input);
}
