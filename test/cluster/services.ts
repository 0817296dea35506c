import pg from 'pg';
import { answers } from '../../eval/cluster-faults/nats.js';

/** Where the services of the end-to-end tests are. */
export const services = {
  postgres: process.env.TWINERGY_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test',
  nats: process.env.TWINERGY_NATS ?? 'nats://127.0.0.1:4222',
  redis: process.env.TWINERGY_REDIS ?? 'redis://127.0.0.1:6379',
  rabbit: process.env.TWINERGY_RABBIT ?? 'amqp://127.0.0.1:5672',
} as const;

/** The services of `names` that do not answer; in CI none is left out, so that their tests fail there. */
export async function missing(...names: (keyof typeof services)[]): Promise<string[]> {
  if (process.env.CI !== undefined) return [];
  const there = await Promise.all(
    names.map((name) => {
      const { hostname, port } = new URL(services[name]);
      return answers(Number(port || 5432), hostname);
    }),
  );
  return names.filter((_, i) => !there[i]);
}

/** Runs statements on the test server. */
export async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: services.postgres });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
