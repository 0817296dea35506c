import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { startTestServer, type TestServer } from '../../server/test/running.js';
import { generate } from './generate.js';
import { client, createTicket, getAsset, type LiveEvent, LiveStream, listAssets, setScenario } from './index.js';

const generated = fileURLToPath(new URL('./generated', import.meta.url));

function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]),
  );
}

describe('the generated client', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    await server.server.feed();
    client.setConfig({ baseURL: server.url, headers: { Authorization: `Bearer ${server.tokens.platform}` } });
  }, 60_000);
  afterAll(() => server.server.close());

  it('is the one that the document gives', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twinergy-generated-'));
    try {
      await generate(folder);
      expect(filesOf(folder)).toEqual(filesOf(generated));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it('calls the server with types, and throws what it refuses', async () => {
    const { data } = await listAssets({ query: { limit: 2 } });
    expect(data.items.map(({ id }) => id)).toEqual(['solar-1', 'solar-2']);
    await expect(getAsset({ path: { asset_id: 'nothing' } })).rejects.toMatchObject({
      response: { status: 404, data: { code: 'API_NOT_FOUND' } },
    });
  });

  it('listens live, and goes on after a cut without missing anything', async () => {
    const events: LiveEvent[] = [];
    const states: string[] = [];
    const stream = new LiveStream({
      baseUrl: server.url,
      ticket: async () => (await createTicket()).data.ticket,
      events: ['alert', 'reading'],
      onEvent: (event) => events.push(event),
      onState: (state) => states.push(state),
      webSocket: NodeWebSocket as unknown as new (url: string) => WebSocket,
    });
    const until = async (holds: () => boolean) => {
      for (let i = 0; i < 400 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
      expect(holds()).toBe(true);
    };
    const send = (time: number) =>
      server.call('POST', '/api/v1/telemetry', { body: { asset_id: 'solar-1', time, values: { temperature: 30 } } });
    await until(() => states.includes('open'));
    // A first event tells that the subscription stands.
    const now = Date.now();
    for (let i = 0; events.length === 0; i++) {
      await send(now + i);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const before = events.length;
    for (const socket of server.server.sockets()) socket.terminate();
    await send(now + 60_000);
    await send(now + 60_001);
    await until(() => events.length >= before + 2);
    expect(events.slice(before).map(({ time }) => Date.parse(time))).toEqual([now + 60_000, now + 60_001]);
    stream.close();
    await setScenario({ body: { scenario: 'normal' } });
  });
});
