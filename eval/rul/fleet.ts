import type { Figures, RunInput } from '../../bench/harness.js';
export async function evaluateFleet(_input: RunInput): Promise<Figures> {
  throw new Error('not yet');
}
