import { readConfig } from './config.js';
import { startServer } from './server.js';

/** The OpenAPI document of this server, from a server of its own that holds everything in memory. */
export async function apiDocument(): Promise<unknown> {
  const config = readConfig(['--port', '0', '--db', 'memory:', '--no-models', '--no-demo', '--interval', '0'], {
    LOG_LEVEL: 'silent',
  });
  const server = await startServer(config);
  try {
    return await (await fetch(`${server.url}openapi.json`)).json();
  } finally {
    await server.close();
  }
}
