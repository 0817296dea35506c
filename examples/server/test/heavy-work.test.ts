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

  it('diagnoses in a thread of its own: the event loop has its turn all the while', async () => {
    const DAY = 86_400_000;
    const to = Date.now() - DAY;
    const tenant = server.server.fleet.open().find(({ id }) => id === 'default');
    if (tenant === undefined) throw new Error('There is no tenant.');
    const twin = tenant.monitor.twin('solar-2').fork();
    const faults = [{ id: 'inverter-efficiency', severity: 0.5, progression: 'step' }] as const;
    const { telemetry } = twin.simulate({ from: to - 20 * DAY, to, step: '15m', seed: 3, faults });
    await tenant.storage.writeFrame('solar-2', telemetry);
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const began = performance.now();
    const { status, body } = await server.call('GET', '/api/v1/assets/solar-2/diagnosis?days=30');
    const took = performance.now() - began;
    clearInterval(beat);
    expect(status).toBe(200);
    expect((body as { findings: { fault: string }[] }).findings.length).toBeGreaterThan(0);
    expect(longest).toBeLessThan(took / 3);
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
