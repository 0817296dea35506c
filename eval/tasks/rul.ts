import type { Figures, RunInput } from '../../bench/harness.js';
import { evaluateCmapss } from '../rul/cmapss-run.js';
import { evaluateFleet } from '../rul/fleet-run.js';

/**
 * `--data DIR --set FD001`: remaining life of the engines of a set in the C-MAPSS format, by every engine or one `--engine`.
 * Without data, or with `--fleet`: of solar plants that the twin ran to failure, by the ready model.
 */
export default async function rul(input: RunInput): Promise<Figures> {
  return input.data === undefined || input.options.fleet !== undefined ? evaluateFleet(input) : evaluateCmapss(input);
}
