import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

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
  const there = await Promise.all(names.map((name) => answers(services[name])));
  return names.filter((_, i) => !there[i]);
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 5432) });
    const settle = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

/** Runs statements on the test server. */
export async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: services.postgres });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** A NATS server of the test's own, or one node of a cluster. */
export interface NatsNode {
  readonly url: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts `count` nodes of one NATS cluster with JetStream, on free ports. */
export async function natsNodes(
  count: number,
): Promise<{ nodes: NatsNode[]; start(i: number): Promise<void>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-nats-'));
  const ports = await freePorts(2 * count);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const nodes: NatsNode[] = [];
  const start = async (i: number): Promise<void> => {
    const port = ports[i] as number;
    const clustered =
      count === 1
        ? []
        : [
            '--cluster_name',
            'test',
            '--cluster',
            routes[i] as string,
            '--routes',
            routes.filter((_, j) => j !== i).join(','),
          ];
    const child = spawn(
      'nats-server',
      ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(folder, String(i)), '-n', `n${i}`, ...clustered],
      { stdio: 'ignore' },
    );
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    nodes[i] = {
      url: `nats://127.0.0.1:${port}`,
      child,
      stop: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
    while (!(await answers(`nats://127.0.0.1:${port}`))) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await Promise.all(Array.from({ length: count }, (_, i) => start(i)));
  return {
    nodes,
    start,
    async remove() {
      await Promise.all(nodes.map((node) => node.stop()));
      await rm(folder, { recursive: true });
    },
  };
}

/** Ports that are free, none twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
