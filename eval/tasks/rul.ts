import type { Figures, RunInput } from '../../bench/harness.js';
import { evaluateCmapss } from '../rul/cmapss-run.js';
import { evaluateFleet } from '../rul/fleet-run.js';
import { evaluateFloor } from '../rul/floor.js';

/**
 * `--data DIR --set FD001`: remaining life of the engines of a set in the C-MAPSS format, by every engine or one `--engine`.
 * Without data, or with `--fleet`: of solar plants that the twin ran to failure, by the ready model. `--floor`: how exactly any
 * method could tell it where wear grows by chance.
 */
export default async function rul(input: RunInput): Promise<Figures> {
  if (input.options.floor !== undefined) return evaluateFloor(input);
  return input.data === undefined || input.options.fleet !== undefined ? evaluateFleet(input) : evaluateCmapss(input);
}
