/** The one function of pg-copy-streams that the bench calls. */
declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg';

  export function from(text: string): Submittable & NodeJS.WritableStream;
}
