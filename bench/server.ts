import { type Figures, type RunInput, runInExample } from './harness.js';

/** The server over loopback: ingest, the newest values, live clients; on an SQLite file, and on PostgreSQL where one runs. */
export default function bench(input: RunInput): Promise<Figures> {
  return runInExample('examples/server/load/bench.ts', input);
}
