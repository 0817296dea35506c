import type { Figures, RunInput } from '../../bench/harness.js';
import { evaluateEtt } from '../forecast/ett.js';
import { evaluatePlant } from '../forecast/pv.js';

/**
 * `--protocol ett` (default): mean square and mean absolute error on a file in the ETT format. `--protocol pv`: skill and
 * intervals on a plant folder.
 */
export default function forecast(input: RunInput): Promise<Figures> {
  const protocol = input.options.protocol ?? 'ett';
  if (protocol === 'pv') return evaluatePlant(input);
  if (protocol === 'ett') return evaluateEtt(input);
  throw new Error(`Unknown protocol "${protocol}": take ett or pv.`);
}
