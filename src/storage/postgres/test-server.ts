// The PostgreSQL server that tests use.
import { connect } from 'node:net';
import pg from 'pg';

export const connectionString = process.env.TWINERGY_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test';

const { hostname, port } = new URL(connectionString);

/** Whether it is there. Under CI it has to be: then its tests run, and fail without it. */
export const serverExpected =
  process.env.CI !== undefined ||
  (await new Promise<boolean>((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 5432) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  }));

/** Runs statements as the user of `connectionString`; the rows of the last one. */
export async function administer(...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}
