import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { HeavyWork } from './analysis/heavy-work.js';
import { createApp } from './app.js';
import { Accounts } from './auth/accounts.js';
import { Authenticator } from './auth/authenticate.js';
import { Oidc } from './auth/oidc.js';
import { OidcSignIn } from './auth/oidc-sign-in.js';
import { Throttle } from './auth/throttle.js';
import type { Config } from './config.js';
import { CsvFeed, readMap } from './fleet/csv-feed.js';
import { Fleet } from './fleet/fleet.js';
import { demoPlants } from './fleet/plants.js';
import { RateLimit } from './http/rate-limit.js';
import { StaticFiles } from './http/static.js';
import { Hub, type LiveEvent } from './live/hub.js';
import { LiveWatch } from './live/watch.js';
import { createLog } from './ops/log.js';
import { Metrics } from './ops/metrics.js';
import { observed } from './ops/observed-storage.js';
import { openTraces } from './ops/traces.js';
import { openShared, openStore } from './store.js';

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  /** The token of the first start (or one that was asked for); undefined where there is none to show. */
  readonly adminToken: string | undefined;
  readonly fleet: Fleet;
  readonly hub: Hub;
  /** The WebSockets that are open. */
  sockets(): Iterable<{ terminate(): void }>;
  /** Makes the models that the plants begin with. */
  train(signal: AbortSignal): Promise<void>;
  /** Begins to feed simulated plants, or the replay. */
  feed(): Promise<void>;
  /** Takes no more requests, finishes those under way, stores everything. */
  close(): Promise<void>;
}

const VERSION = '0.1.0';
/** Where the dashboard is when it has been built; without it there is the API alone. */
const FILES = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/** Starts the server: store, accounts, tenants, API. It answers before models are made and history is in. */
export async function startServer(
  config: Config,
  say: (text: string) => void = () => undefined,
): Promise<RunningServer> {
  const startedAt = Date.now();
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  const metrics = new Metrics();
  const traces = await openTraces(config.telemetry, VERSION);
  const map = config.csv === undefined ? undefined : readMap(config.csv.map, config.csv.file);
  const storage = observed(await openStore(config.database), metrics, traces);
  const accounts = new Accounts(storage);
  const first = await accounts.firstStart();
  const adminToken = first ?? (config.newAdminToken ? await accounts.adminToken() : undefined);
  const secret = config.secret === undefined ? await accounts.secret() : new TextEncoder().encode(config.secret);
  const oidc = config.oidc === undefined ? undefined : new Oidc(config.oidc);
  const authenticator = new Authenticator(accounts, secret, oidc, config.origins);
  const hub = new Hub();
  const watch = new LiveWatch((who) => authenticator.stands(who));
  accounts.onRevoke = () => void watch.look();
  // What all servers of a store know, and nobody else.
  const space = Buffer.from(await accounts.secret()).toString('base64');
  const { peers, answers } = await openShared(config, space, say);
  hub.onPublish = (tenantId, event) => peers.tell(() => JSON.stringify({ tenantId, event }));
  peers.onMessage = (text) => {
    const { tenantId, event } = JSON.parse(text) as { tenantId: string; event: LiveEvent };
    hub.deliver(tenantId, event);
  };
  const fleet = new Fleet(accounts, peers, {
    storage,
    hub,
    models: config.models ? { fleet: 12 } : false,
    interval: map === undefined ? config.interval * 1000 : 0,
    history: config.history,
    webhookHosts: config.webhookHosts,
    say,
    onOutcome: (tenantId, outcome) => metrics.outcome(tenantId, outcome),
    onAlert: (tenantId, change) => metrics.alert(tenantId, change),
  });
  const heavy = new HeavyWork(fleet);
  metrics.watch(fleet, hub, heavy);
  metrics.listeners = () => hub.listeners;
  const plants = map !== undefined ? [map.plant] : config.demo ? demoPlants() : [];
  const main = await fleet.find('default', plants);
  for (const { id } of await accounts.tenants()) await fleet.find(id);
  const replay =
    map === undefined || main === undefined
      ? undefined
      : new CsvFeed({ map, monitor: main.monitor, storage: main.storage, speed: config.speed, say });

  let draining = false;
  const app = createApp({
    accounts,
    authenticator,
    throttle: new Throttle(),
    fleet,
    heavy,
    hub,
    watch,
    metrics,
    startedAt,
    version: VERSION,
    oidcIssuer: config.oidc?.issuer ?? null,
    oidcSignIn: oidc?.options.clientId === undefined ? undefined : new OidcSignIn(oidc, secret),
    publicUrl: config.publicUrl,
    webhookHosts: config.webhookHosts,
    log,
    logFormat: config.logFormat,
    files: new StaticFiles(config.files ?? FILES),
    origins: config.origins,
    rateLimit: new RateLimit(config.rateLimit),
    answers,
    traces,
    timeout: config.timeout,
    trustProxy: config.trustProxy,
    strict: config.strict,
    metricsToken: config.metricsToken,
    ready: async () => {
      const store = await Promise.race([
        storage.get('documents', 'ready').then(
          () => 'ok',
          () => 'away',
        ),
        new Promise<string>((resolve) => setTimeout(resolve, 2000, 'slow')),
      ]);
      return { ok: store === 'ok' && !draining, checks: { store, draining: draining ? 'yes' : 'no' } };
    },
  });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: 65_536, perMessageDeflate: false });
  // The adapter's type of `send` lacks the callback that `ws` allows; what it calls is the same.
  const websocket = { server: sockets } as unknown as NonNullable<Parameters<typeof serve>[0]['websocket']>;
  const server = await new Promise<Server>((resolve, reject) => {
    const made = serve({ fetch: app.fetch, port: config.port, hostname: config.host, websocket }, () =>
      resolve(made),
    ) as Server;
    made.once('error', reject);
  });
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 65_000;
  // Browsers connect beforehand, and may never ask anything: nobody waits for them at the end.
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  server.on('upgrade', ({ socket }) => silent.delete(socket));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  // A client that is gone without a word is found by a ping that nobody answers.
  const alive = new WeakSet<object>();
  const pinger = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!alive.has(socket)) socket.once('pong', () => alive.add(socket));
      else alive.delete(socket);
      socket.ping();
    }
  }, 30_000);
  pinger.unref();

  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}/`;
  await fleet.announce(config.advertise ?? url);

  return {
    url,
    adminToken,
    fleet,
    hub,
    sockets: () => sockets.clients,
    async feed() {
      fleet.onOpen = (tenant) => tenant.feed.start();
      await Promise.all(fleet.open().map((tenant) => tenant.feed.start()));
      await replay?.start();
    },
    async train(signal) {
      fleet.onOpen = async (tenant) => {
        await tenant.feed.start();
        await heavy.do('train', { tenantId: tenant.id }, signal);
      };
      await Promise.all(fleet.open().map(({ id }) => heavy.do('train', { tenantId: id }, signal)));
    },
    async close() {
      draining = true;
      clearInterval(pinger);
      watch.stop();
      for (const socket of sockets.clients) socket.close(1001, 'the server stops');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      for (const socket of silent) socket.destroy();
      // What is under way has ten seconds to finish.
      const cut = setTimeout(() => server.closeAllConnections(), 10_000);
      await replay?.stop();
      for (const socket of sockets.clients) setTimeout(() => socket.terminate(), 1000).unref();
      await fleet.stopFeeds();
      await closed;
      clearTimeout(cut);
      await heavy.close();
      await fleet.close();
      await storage.close();
      await traces?.close();
      log.flush();
    },
  };
}
