import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Monitor, TwinergyError } from 'twinergy';
import { sqliteStorage } from 'twinergy/storage/sqlite';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { CsvFeed, readMap } from './csv-feed.js';
import { demoPlants } from './plants.js';
import { TwinFeed } from './twin-feed.js';

const say = (text: string) => console.log(text);

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2));
  const startedAt = Date.now();
  const storage = await sqliteStorage(config.database);
  const map = config.csv === undefined ? undefined : readMap(config.csv.map, config.csv.file);
  const plants = map === undefined ? demoPlants() : [map.plant];
  const monitor = new Monitor({ assets: plants, storage, models: config.models ? { fleet: 12 } : false, seed: 1 });
  await monitor.open();
  const twinFeed =
    map === undefined && config.interval > 0
      ? new TwinFeed({ plants, monitor, storage, interval: config.interval * 1000, history: config.history, say })
      : undefined;
  const feed = map === undefined ? twinFeed : new CsvFeed({ map, monitor, storage, speed: config.speed, say });

  const page = readFileSync(new URL('../public/index.html', import.meta.url), 'utf8');
  const app = createApp({ monitor, storage, feed: twinFeed, training: config.models, page, startedAt });
  const server = serve({ fetch: app.fetch, port: config.port, hostname: config.host }, ({ port }) => {
    say(`Twinergy runs at http://${config.host}:${port}/  (store: ${config.database}; Ctrl-C ends it)`);
  });

  const ending = new AbortController();
  let ended = false;
  const end = async (signal: string) => {
    if (ended) return;
    ended = true;
    say(`${signal}: finishing what is under way …`);
    ending.abort();
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await feed?.stop();
    await monitor.close();
    await storage.close();
    say('Everything is stored. Good bye.');
    process.exit(0);
  };
  process.on('SIGINT', () => void end('Ctrl-C'));
  process.on('SIGTERM', () => void end('SIGTERM'));

  await feed?.start();
  if (config.models && !ended) {
    say('Making the models that the plants begin with (kept for the next start) …');
    try {
      await monitor.train({ signal: ending.signal });
      say('Models are ready.');
    } catch (error) {
      if (!ending.signal.aborted) throw error;
    }
  }
}

main().catch((error: unknown) => {
  if (error instanceof TwinergyError) console.error(`${error.code}: ${error.message}`);
  else console.error(error);
  process.exit(1);
});
