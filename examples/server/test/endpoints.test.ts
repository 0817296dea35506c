import { ModelRegistry } from 'twinergy/monitor/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './running.js';
import { type SampleIds, samples } from './samples.js';

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly needs: string;
  /** Of no tenant: accounts and the like, which look after themselves. */
  readonly tenantFree: boolean;
  readonly parameters: readonly {
    name: string;
    in: string;
    schema?: { type?: string; minimum?: number; enum?: unknown[] };
  }[];
  readonly body: string | undefined;
  readonly success: string;
}

let it_: TestServer;
let ids: SampleIds;

beforeAll(async () => {
  it_ = await startTestServer();
  await it_.server.feed();
  const { call } = it_;
  await call('POST', '/api/v1/telemetry', {
    body: { asset_id: 'solar-1', time: Date.now(), values: { temperature: 80 } },
  });
  const idOf = async (path: string, body: unknown, name = 'id') =>
    ((await call('POST', path, { body })).body as Record<string, string>)[name] ?? '';
  const open = (await call('GET', '/api/v1/alerts?status=open')).body as { items: { id: string; type: string }[] };
  ids = {
    alert: open.items.find(({ type }) => type === 'critical-temperature')?.id ?? '',
    task: await idOf('/api/v1/maintenance', { asset_id: 'solar-1', task: 'Look', due: '2027-01-01T08:00:00Z' }),
    channel: await idOf('/api/v1/notification-channels', {
      name: 'H',
      type: 'webhook',
      url: 'https://hooks.example.org/x',
    }),
    user: await idOf('/api/v1/users', {
      username: 'ada',
      name: 'Ada',
      role: 'viewer',
      password: 'a quite long sentence',
    }),
    key: await idOf('/api/v1/keys', { name: 'K', scopes: ['read'] }),
  };
  expect(Object.values(ids)).not.toContain('');
}, 60_000);
afterAll(() => it_.server.close());

/** The operations of the document, those that take something away last. */
async function operations(): Promise<Operation[]> {
  const { body } = await it_.call('GET', '/openapi.json', { token: null });
  const { paths } = body as { paths: Record<string, Record<string, Record<string, unknown>>> };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: String(operation.operationId),
      method: method.toUpperCase(),
      path,
      needs: String(operation['x-permission']),
      tenantFree: operation['x-tenant-free'] === true,
      parameters: (operation.parameters ?? []) as Operation['parameters'],
      body: Object.keys((operation.requestBody as { content?: object } | undefined)?.content ?? {})[0],
      success: Object.keys(operation.responses as object).find((status) => status.startsWith('2')) ?? '',
    })),
  );
  const last = (operation: Operation) =>
    operation.method === 'DELETE' || operation.id === 'signOut' ? 2 : operation.path.includes('resolve') ? 1 : 0;
  return all.sort((a, b) => last(a) - last(b));
}

function request(operation: Operation) {
  const sample = samples(ids)[operation.id];
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = sample?.params?.[name];
    if (value === undefined) throw new Error(`No sample of ${name} for ${operation.id}`);
    return encodeURIComponent(value);
  });
  return {
    path: sample?.query === undefined ? path : `${path}?${sample.query}`,
    bare: path,
    body: sample?.body,
    headers: operation.body === 'text/plain' ? { 'content-type': 'text/plain' } : undefined,
    status: sample?.status,
  };
}

/** What of the wrong there was: filled by each test and looked at once, so that all of it is seen. */
async function each(test: (operation: Operation) => Promise<string | undefined>): Promise<void> {
  const wrong: string[] = [];
  for (const operation of await operations()) {
    const found = await test(operation);
    if (found !== undefined) wrong.push(`${operation.method} ${operation.path}: ${found}`);
  }
  expect(wrong).toEqual([]);
}

describe('every endpoint of the document', () => {
  it('is told to nobody who is not signed in', () =>
    each(async (operation) => {
      if (operation.needs === 'public') return undefined;
      const { path, body, headers } = request(operation);
      const answer = await it_.call(operation.method, path, { token: null, body, ...(headers && { headers }) });
      return answer.status === 401 ? undefined : `${answer.status}`;
    }));

  it('asks for its right', () =>
    each(async (operation) => {
      if (operation.needs === 'public' || operation.needs === 'any') return undefined;
      const { path, body, headers } = request(operation);
      // Each of the keys has one right; that of `ingest` cannot even read.
      const token = operation.needs === 'ingest' ? it_.tokens.read : it_.tokens.ingest;
      const answer = await it_.call(operation.method, path, { token, body, ...(headers && { headers }) });
      return answer.status === 403 ? undefined : `${answer.status}`;
    }));

  it('knows nothing of another tenant', () =>
    each(async (operation) => {
      if (!operation.path.includes('{') || operation.needs === 'public') return undefined;
      const { path, body, headers } = request(operation);
      // The standard rules are every tenant's own.
      const mine = /^(get|put|delete)Rule$/.test(operation.id);
      const answer = await it_.call(operation.method, path, {
        token: it_.tokens.other,
        body,
        ...(headers && { headers }),
      });
      return answer.status === (mine ? Number(operation.success) : 404)
        ? undefined
        : `${answer.status} ${answer.text.slice(0, 200)}`;
    }));

  it('acts for no other tenant, whoever asks for it', () =>
    each(async (operation) => {
      if (operation.needs === 'public' || operation.tenantFree) return undefined;
      const { path, body, headers } = request(operation);
      const answer = await it_.call(operation.method, path, {
        token: it_.tokens.other,
        body,
        headers: { ...headers, 'x-tenant-id': 'default' },
      });
      return answer.status === 404 ? undefined : `${answer.status} ${answer.text.slice(0, 200)}`;
    }));

  it('shows nothing of another tenant in a list', async () => {
    for (const path of [
      'assets',
      'latest',
      'alerts',
      'anomalies',
      'maintenance',
      'notification-channels',
      'users',
      'scenarios',
      'audit',
    ]) {
      const { text, status } = await it_.call('GET', `/api/v1/${path}`, { token: it_.tokens.other });
      expect([path, status]).toEqual([path, 200]);
      expect(text).not.toMatch(/solar-|hooks\.example|"ada"/);
    }
    const { body } = await it_.call('GET', '/api/v1/tenants', { token: it_.tokens.other });
    expect((body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(['neighbour']);
    const chosen = await it_.call('GET', '/api/v1/assets', {
      token: it_.tokens.other,
      headers: { 'x-tenant-id': 'default' },
    });
    expect(chosen.status).toBe(404);
  });

  it('refuses what is not as documented, and says where', () =>
    each(async (operation) => {
      const { bare, headers } = request(operation);
      const problems: string[] = [];
      const refused = async (what: string, path: string, body?: unknown, more?: Record<string, string>) => {
        const answer = await it_.call(operation.method, path, { body, headers: { ...headers, ...more } });
        const problem = answer.body as { code?: string; status?: number; detail?: string };
        const ok =
          answer.status >= 400 && answer.status < 500 && problem.code !== undefined && problem.status === answer.status;
        if (!ok || !answer.headers.get('content-type')?.includes('problem+json'))
          problems.push(`${what}: ${answer.status} ${answer.text.slice(0, 80)}`);
      };
      for (const { name, in: place, schema } of operation.parameters) {
        if (place !== 'query') continue;
        if (schema?.enum !== undefined || schema?.type === 'integer' || schema?.type === 'number')
          await refused(`query ${name}`, `${bare}?${name}=nonsense`);
        if (name === 'cursor') await refused('cursor', `${bare}?cursor=${'x'.repeat(1001)}`);
        if (name === 'fields' && operation.id !== 'listRulePacks')
          await refused('fields', `${bare}?fields=there_is_no_such`);
      }
      if (operation.body === 'application/json' && operation.id !== 'influxWrite') {
        await refused('no JSON', bare, '{"a":');
        if (!/alias(Acknowledge|Resolve)/.test(operation.id)) await refused('a number for an object', bare, '7');
        await refused('an unknown key', bare, JSON.stringify({ there_is_no_such: 1 }));
      }
      return problems.length === 0 ? undefined : problems.join('; ');
    }));

  it('does what it says, and answers as documented', () =>
    each(async (operation) => {
      const { path, body, headers, status } = request(operation);
      if (operation.id === 'streamEvents') return undefined;
      const answer = await it_.call(operation.method, path, { body, ...(headers && { headers }) });
      const fine = String(answer.status) === (status === undefined ? operation.success : String(status));
      return fine ? undefined : `${answer.status} ${answer.text.slice(0, 300)}`;
    }));
});

describe('models, losses and the calendar', () => {
  it('shows what models there are, and their cards as JSON and Markdown', async () => {
    const [tenant] = [...it_.server.fleet.open()].filter(({ id }) => id === 'default');
    const registry = new ModelRegistry(tenant?.storage as NonNullable<typeof tenant>['storage']);
    const card = { purpose: 'Tells pumps that leak.', limits: ['Knows no fans.'] };
    await registry.register('pump:1', { kind: 'AnomalyDetector', data: {}, metrics: { recall: 0.9 }, card });
    await registry.promote('pump:1', 1);
    const { body } = await it_.call('GET', '/api/v1/models');
    expect((body as { items: unknown[] }).items).toContainEqual(
      expect.objectContaining({ name: 'pump:1', version: 1, in_use: true, metrics: { recall: 0.9 } }),
    );
    const path = `/api/v1/models/${encodeURIComponent('pump:1')}/card`;
    expect((await it_.call('GET', path)).body).toMatchObject({ ...card, version: 1, data: null });
    const markdown = await it_.call('GET', `${path}?format=markdown`);
    expect(markdown.headers.get('content-type')).toContain('text/markdown');
    expect(markdown.text).toContain('# pump:1, version 1\n\nTells pumps that leak.');
    expect((await it_.call('GET', `${path}?version=2`)).status).toBe(404);
    expect((await it_.call('GET', path, { token: it_.tokens.other })).status).toBe(404);
  });

  it('gives the open tasks as a calendar', async () => {
    await it_.call('POST', '/api/v1/maintenance', {
      body: { asset_id: 'solar-1', task: 'Look at the roof', due: '2027-01-01T08:00:00Z' },
    });
    const { text, headers } = await it_.call('GET', '/api/v1/maintenance/calendar.ics?asset_id=solar-1');
    expect(headers.get('content-type')).toContain('text/calendar');
    expect(text).toMatch(/^BEGIN:VCALENDAR\r\n[\s\S]*DTSTART:20270101T080000Z[\s\S]*END:VCALENDAR\r\n$/);
    expect(text).toContain('Look at the roof');
  });

  it('has losses that add up to the last bit', async () => {
    const { body } = await it_.call('GET', '/api/v1/assets/solar-1/losses');
    const { steps } = body as { steps: { name: string; energy_kwh: number; kind: string }[] };
    expect(steps.map(({ name }) => name)).toEqual([
      'clear_sky',
      'weather',
      'expected',
      'array',
      'conversion',
      'measured',
    ]);
    const [top, weather, expected, array, conversion, measured] = steps.map(({ energy_kwh }) => energy_kwh) as number[];
    expect((top as number) - (weather as number)).toBe(expected);
    expect((expected as number) - (array as number) - (conversion as number)).toBe(measured);
  });
});
