import type { Figures, RunInput } from '../../bench/harness.js';
import { evaluateCmapss } from '../rul/cmapss-run.js';

/** `--data DIR --set FD001`: remaining life of the engines of a set in the C-MAPSS format, by every engine or one `--engine`. */
export default function rul(input: RunInput): Promise<Figures> {
  return evaluateCmapss(input);
}
