import { type Figures, type RunInput, runInExample } from '../../bench/harness.js';

/** Requests made from the server's own document, `--requests 20000` by default: no answer may be a fault of the server. */
export default function run(input: RunInput): Promise<Figures> {
  return runInExample('examples/server/load/api-fuzz.ts', input);
}
