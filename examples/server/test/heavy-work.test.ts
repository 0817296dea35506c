import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './running.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--interval', '0']);
}, 60_000);
afterAll(() => server.server.close());

const reading = (i: number) => ({
  asset_id: 'solar-1',
  time: Date.now() - 60_000 + i,
  values: { temperature: 20 + i },
});
const lookAhead = (days: number) => server.call('GET', `/api/v1/assets/solar-1/failure-progression?days=${days}`);

describe('heavy work', () => {
  it('keeps readings from nothing: they are taken in while a year is looked ahead', async () => {
    const order: string[] = [];
    const ahead = Promise.all(
      [365, 364].map(async (days) => {
        const { status } = await lookAhead(days);
        order.push(`${days} days: ${status}`);
      }),
    );
    await expect
      .poll(async () => (await server.call('GET', '/metrics')).text)
      .toContain('twinergy_jobs{queue="answers",state="running"} 1');
    for (let i = 0; i < 3; i++) {
      const { status } = await server.call('POST', '/api/v1/telemetry', { body: reading(i) });
      order.push(`reading: ${status}`);
    }
    await ahead;
    expect([...order].sort()).toEqual(['364 days: 200', '365 days: 200', ...Array(3).fill('reading: 201')]);
    expect(order.at(-1)).toBe('364 days: 200');
  }, 60_000);

  it('ends when the client goes away', async () => {
    const leaving = new AbortController();
    const gone = fetch(`${server.url}/api/v1/assets/solar-1/failure-progression?days=363`, {
      headers: { authorization: `Bearer ${server.tokens.read}` },
      signal: leaving.signal,
    });
    await expect
      .poll(async () => (await server.call('GET', '/metrics')).text)
      .toContain('twinergy_jobs{queue="answers",state="running"} 1');
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await expect
      .poll(async () => (await server.call('GET', '/metrics')).text, { timeout: 10_000 })
      .toContain('twinergy_jobs{queue="answers",state="running"} 0');
    expect((await lookAhead(2)).status).toBe(200);
  }, 60_000);
});
