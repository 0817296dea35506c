import { expect, it } from 'vitest';
import { fuzz } from './fuzz.js';
import { startTestServer } from './running.js';

it('answers 600 requests of all kinds without a fault of its own', async () => {
  const server = await startTestServer([], { TWINERGY_STRICT: 'off' });
  await server.server.feed();
  const { failures, statuses, requests } = await fuzz(server, 600, 2026);
  await server.server.close();
  expect(failures).toEqual([]);
  expect(requests).toBe(600);
  expect(Object.keys(statuses).sort()).toEqual(['2xx', '4xx']);
}, 120_000);
