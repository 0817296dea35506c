/**
 * A worker of a cluster as a service: takes its part of the assets that the store knows, answers `/livez` and `/metrics`, and
 * hands its partitions over when it is asked to end. Settings: `NATS_URL` (several with commas), `TWINERGY_STORE` or
 * `TWINERGY_STORE_FILE` (a PostgreSQL address, or a file that holds it), `TWINERGY_CLUSTER` (default twinergy), `REPLICAS`
 * (1 or 3), `PORT` (default 9090), `WORKER_ID` (default: made up), `PROMOTE` (`auto`: shadows are promoted or dropped as the
 * fleet's verdicts say), `ROLE` (`jobs`: serves the queue of heavy work, such as `npx twinergy cluster train` hands in, and takes
 * no part of the assets).
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { PlantDescription } from 'twinergy';
import { clusterMetrics, clusterStatus, type Fleet, joinCluster, workerMetrics } from 'twinergy/cluster';
import { jetstreamBroker, serveJobs, storageResults } from 'twinergy/cluster/jobs';
import { monitorJobs } from 'twinergy/monitor';
import type { Storage } from 'twinergy/storage';
import { postgresStorage } from 'twinergy/storage/postgres';

const { env } = process;

/** The assets that the store knows, by tenant: each with the description that it was registered with. */
async function fleetsOf(storage: Storage): Promise<Fleet[]> {
  const fleets: Fleet[] = [];
  for (const tenantId of await storage.tenants()) {
    const { rows } = await storage.tenant(tenantId).list('assets', { limit: 100_000 });
    const assets = rows.flatMap(({ description }) =>
      description === undefined ? [] : [description as PlantDescription],
    );
    fleets.push({ tenantId, assets });
  }
  return fleets;
}

const file = env.TWINERGY_STORE_FILE;
const connectionString = file === undefined ? env.TWINERGY_STORE : readFileSync(file, 'utf8').trim();
const storage = await postgresStorage({ connectionString });
const cluster = await joinCluster({
  nats: (env.NATS_URL ?? 'nats://127.0.0.1:4222').split(','),
  name: env.TWINERGY_CLUSTER ?? 'twinergy',
  replicas: env.REPLICAS === '3' ? 3 : 1,
});

/** Serves the queue of heavy work. */
async function serve() {
  const broker = await jetstreamBroker(cluster.link);
  const { close } = await serveJobs({ broker, results: storageResults(storage), handlers: monitorJobs });
  return { name: 'a server of jobs', metrics: () => '', close };
}

/** Takes a part of the assets. */
async function work() {
  const promote = env.PROMOTE === 'auto' ? 'auto' : undefined;
  const worker = await cluster.work({ storage, assets: () => fleetsOf(storage), id: env.WORKER_ID, promote });
  worker.on('trouble', ({ partition, error }) => console.error(`partition ${partition ?? '–'}: ${String(error)}`));
  worker.on('settled', ({ name, version, report }) => console.log(`${name}, version ${version}: ${report.verdict}`));
  // It hands over when the cluster is left.
  return { name: worker.id, metrics: () => workerMetrics(worker.record), close: async () => undefined };
}

const part = await (env.ROLE === 'jobs' ? serve() : work());

const server = createServer((request, response) => {
  if (request.url === '/livez') response.end('ok');
  else if (request.url === '/metrics') {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    clusterStatus(cluster.link).then(
      (status) => response.end(part.metrics() + clusterMetrics(status)),
      () => response.end(part.metrics()),
    );
  } else {
    response.statusCode = 404;
    response.end();
  }
});
server.listen(Number(env.PORT ?? 9090), () => console.log(`${part.name} has joined the cluster ${cluster.link.name}`));

const end = async (): Promise<void> => {
  server.close();
  await part.close();
  await cluster.close();
  await storage.close();
  process.exit(0);
};
process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());
