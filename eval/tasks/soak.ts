import { type Figures, type RunInput, runInExample } from '../../bench/harness.js';

/** The server under a steady load, `--minutes 30` by default: nothing lost, memory flat. */
export default function run(input: RunInput): Promise<Figures> {
  return runInExample('examples/server/load/soak.ts', input);
}
