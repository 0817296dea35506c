import { examplePlant } from 'twinergy';
import { expect, it } from 'vitest';
import { startTestServer } from './running.js';

it('folds alerts under what they hang on, and says why', async () => {
  const { server, call } = await startTestServer(['--no-demo', '--history', '0']);
  try {
    const limit = (id: string, explains?: string[]) => ({
      id,
      title: id,
      when: {
        type: 'threshold',
        channel: id === 'hot' ? 'airTemperature' : 'windSpeed',
        direction: 'above',
        limits: { HIGH: 30 },
      },
      ...(explains && { explains }),
    });
    for (const rule of [limit('hot', ['stormy']), limit('stormy')])
      expect((await call('PUT', `/api/v1/rules/${rule.id}`, { body: rule })).status).toBe(200);
    const sent = async (path: string, body: object) => {
      const { status, text } = await call('POST', path, { body });
      expect(status, text).toBeLessThan(300);
    };
    for (const id of ['a', 'b', 'c', 'alone'])
      await sent('/api/v1/assets', {
        plant: { ...examplePlant('home', id) },
        labels: id === 'alone' ? {} : { parent: 'feeder' },
      });
    const report = (asset_id: string, values: object) =>
      sent('/api/v1/telemetry', { asset_id, time: Date.now(), values });
    for (const id of ['a', 'b', 'c']) await report(id, { wind_speed: 40 });
    await report('alone', { air_temperature: 45, wind_speed: 40 });

    const { items } = (await call('GET', '/api/v1/incidents')).body as { items: Record<string, unknown>[] };
    const own = (name: string) =>
      items.find(({ asset_id }) => asset_id === name) as { effects: string[]; cause: string | null; why: string };
    expect(items).toHaveLength(2);
    expect(own('feeder')).toMatchObject({ cause: null, effects: { length: 3 } });
    expect(own('feeder').why).toMatch(/^feeder is the likely cause \(\d+ %\): 3 of the 3 assets/);
    expect(own('alone').effects).toHaveLength(1);
    const cause = (await call('GET', `/api/v1/alerts/${own('alone').cause}`)).body;
    expect(cause).toMatchObject({ type: 'hot' });
  } finally {
    await server.close();
  }
});
