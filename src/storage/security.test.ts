// Hostile callers: SQL in every string of the API, and reads across tenants by every call.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Frame } from '../core/frame.js';
import type { Storage, TenantStorage } from './contract.js';
import { memoryStorage } from './memory/index.js';
import { postgresStorage } from './postgres/index.js';
import { administer, connectionString, serverExpected } from './postgres/test-server.js';
import { sqliteStorage } from './sqlite/index.js';

const start = Date.UTC(2026, 5, 1);
const day = 86_400_000;

/** SQL and other syntax that has opened databases elsewhere; the conformance suite has further ones. */
const attacks: readonly string[] = [
  `' union select tenant_id, asset_id, time, null from telemetry --`,
  `x'; update alerts set title = 'owned'; --`,
  `"; drop table alerts; --`,
  `'); delete from series; --`,
  `a' and 1=(select count(*) from channels) --`,
  `'||(select group_concat(tenant_id) from series)||'`,
  `\\'; drop schema public cascade; --`,
  `$$; drop table telemetry; $$`,
  `E'\\x27; drop table hours; --`,
  `x\u0000'; drop table telemetry; --`,
  `1) or (1=1`,
  `time desc; drop table telemetry`,
  `voltage"::text, (select max(title) from alerts) as "x`,
  `*/ drop table blocks; /*`,
  `; attach database '/tmp/owned.db' as owned; --`,
  `'; copy telemetry to '/tmp/owned'; --`,
  `details->>'a'`,
  `$.details[*] ? (@ == "a")`,
  `{"$gt": ""}`,
  `ʼ; drop table telemetry; --`,
  `＇; drop table telemetry; --`,
  `%27%3B%20drop%20table%20telemetry`,
  `<script>alert(1)</script>`,
];

type Calls = {
  readonly [K in Exclude<keyof TenantStorage, 'tenantId'>]: (
    tenant: TenantStorage,
    asset: string,
    channel: string,
    text: string,
  ) => Promise<unknown>[];
};

async function all(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const result: unknown[] = [];
  for await (const value of source) result.push(value instanceof Frame ? value.toCsv() : value);
  return result;
}
const csv = (frame: Promise<Frame>) => frame.then((value) => value.toCsv());
const any = (value: unknown) => value as never;

/** Every call of a tenant, with the text in each string that it takes. The type keeps the list whole. */
const reading: Pick<
  Calls,
  | 'channels'
  | 'read'
  | 'stream'
  | 'readings'
  | 'latest'
  | 'telemetryAssets'
  | 'chart'
  | 'rollup'
  | 'get'
  | 'list'
  | 'export'
> = {
  channels: (tenant) => [tenant.channels()],
  read: (tenant, assetId, channel, text) => [
    csv(tenant.read({ assetId })),
    csv(tenant.read({ assetId, channels: [channel] })),
    csv(tenant.read({ assetId, from: text })),
    csv(tenant.read({ assetId, to: text })),
    csv(tenant.read({ assetId, limit: any(text) })),
    csv(tenant.read({ assetId, last: any(text) })),
  ],
  stream: (tenant, assetId, channel) => [
    all(tenant.stream({ assetId })),
    all(tenant.stream({ assetId, channels: [channel] })),
  ],
  readings: (tenant, assetId, channel, text) => [
    tenant.readings({ assetId }),
    tenant.readings({ assetId, channels: [channel] }),
    tenant.readings({ assetId, after: text }),
    tenant.readings({ assetId, after: `1~${text}` }),
  ],
  latest: (tenant, assetId) => [tenant.latest(), tenant.latest([assetId])],
  telemetryAssets: (tenant) => [tenant.telemetryAssets()],
  chart: (tenant, assetId, channel, text) => [
    csv(tenant.chart({ assetId, channel, points: 10 })),
    csv(tenant.chart({ assetId, channel, points: 10, method: any(text) })),
  ],
  rollup: (tenant, assetId, channel, text) => [
    csv(tenant.rollup({ assetId, channel, step: '1h' })),
    csv(tenant.rollup({ assetId, channel, step: any(text) })),
  ],
  get: (tenant, assetId, _channel, text) => [
    tenant.get('alerts', text),
    tenant.get('alerts', assetId),
    tenant.get(any(text), 'x'),
  ],
  list: (tenant, assetId, _channel, text) => [
    tenant.list('alerts'),
    tenant.list('outbox'),
    tenant.list('alerts', { assetId }),
    tenant.list('alerts', { where: { title: text, id: assetId } }),
    tenant.list('alerts', { where: any({ [text]: 1 }) }),
    tenant.list('alerts', { where: any({ details: text }) }),
    tenant.list('alerts', { order: any(text) }),
    tenant.list('alerts', { after: text }),
    tenant.list('alerts', { after: `1~${text}` }),
    tenant.list('alerts', { limit: any(text) }),
    tenant.list(any(text)),
  ],
  export: (tenant) => [all(tenant.export())],
};

const writing: Omit<Calls, keyof typeof reading> = {
  registerChannels: (tenant, _asset, _channel, text) => [
    tenant.registerChannels([{ name: text, unit: text, restName: text, title: text }]),
  ],
  write: (tenant, assetId, channel, text) => [
    tenant.write([{ assetId, time: start, values: { voltage: 1 } }]),
    tenant.write([{ assetId, time: start, values: { [channel]: 1 } }]),
    tenant.write([{ assetId, time: start, values: { voltage: any(text) } }]),
    tenant.write([{ assetId, time: any(text), values: {} }]),
    tenant.write([{ assetId, time: start, values: { voltage: 1 }, quality: { [text]: 1 } }]),
  ],
  writeFrame: (tenant, assetId, channel, text) => [
    tenant.writeFrame(
      assetId,
      new Frame(Float64Array.of(start), { [channel]: { data: Float64Array.of(1), unit: 'V' } }),
    ),
    tenant.writeFrame(text, new Frame(Float64Array.of(start), { voltage: { data: Float64Array.of(1), unit: 'V' } })),
  ],
  commit: (tenant, _asset, _channel, text) => [
    tenant.commit({ put: any({ [text]: [{ id: 'x' }] }) }),
    tenant.commit({ remove: any({ [text]: ['x'] }) }),
    tenant.commit({ checkpoint: { id: text, time: 1, position: text, state: { [text]: text }, fence: 1 } }),
  ],
  put: (tenant, assetId, _channel, text) => [
    tenant.put('alerts', [
      { id: text, time: 1, assetId, severity: text, state: text, title: text, details: { [text]: text } },
    ]),
    tenant.put('assets', [{ id: text, time: 1, tags: [text], description: { [text]: text } }]),
    tenant.put('alerts', [any({ id: 'x', time: 1, [text]: 1 })]),
    tenant.put(any(text), [any({ id: 'x' })]),
  ],
  remove: (tenant, assetId, _channel, text) => [
    tenant.remove('alerts', [text, assetId, 'victim']),
    tenant.remove(any(text), ['x']),
  ],
  retain: (tenant, _asset, _channel, text) => [
    tenant.retain({ telemetry: any(text) }),
    tenant.retain({ tables: any({ [text]: 1 }) }),
    tenant.retain({ rollups: any({ [text]: 1 }) }, { now: start + 3 * day }),
    tenant.retain({ archiveAfter: 0, telemetry: 0, tables: { alerts: 0 } }, { now: start + 300 * day }),
  ],
  refreshRollups: (tenant) => [tenant.refreshRollups()],
  import: (tenant, _asset, _channel, text) => [
    tenant.import([text]),
    tenant.import([
      '{"format":"twinergy-tenant","version":1,"tenantId":"victim"}',
      JSON.stringify({ table: text, records: [{ id: text }] }),
    ]),
    tenant.import([
      '{"format":"twinergy-tenant","version":1,"tenantId":"victim"}',
      JSON.stringify({ readings: [{ assetId: text, time: 1, values: { [text]: 1 } }] }),
    ]),
  ],
  outbox: ({ outbox }, _asset, _channel, text) => [
    outbox.claim({ owner: text, topic: text }),
    outbox.claim({ owner: 'w', limit: any(text) }),
    outbox.claim({ owner: 'w', lease: 1 }),
    outbox.ack(text, [text, 'victim']),
    outbox.retry(text, [text, 'victim'], { at: 0, error: text }),
    outbox.bury(text, [text, 'victim'], text),
    outbox.revive([text, 'victim']),
  ],
};

const schema = `security_${process.pid}`;
const targets: [name: string, open: () => Promise<Storage>][] = [
  ['memory', () => memoryStorage()],
  ['sqlite', () => sqliteStorage(':memory:')],
  ['postgres', () => postgresStorage({ connectionString, schema, durability: 'normal' })],
];

describe.each(targets.filter(([name]) => name !== 'postgres' || serverExpected))(
  'a hostile caller of %s',
  (name, open) => {
    let storage: Storage;
    let victim: TenantStorage;
    let before: unknown[];

    beforeAll(async () => {
      storage = await open();
      victim = storage.tenant('victim');
      await victim.registerChannels([{ name: 'hidden', unit: 'A', title: 'TOPSECRET' }]);
      await victim.write(
        Array.from({ length: 60 }, (_, i) => ({
          assetId: 'vault',
          time: start + i * 3_600_000,
          values: { hidden: 31_337.125, voltage: 31_337.125 },
          quality: { hidden: 31_337 },
        })),
      );
      await victim.put('alerts', [
        { id: 'victim', time: start, assetId: 'vault', severity: 'HIGH', state: 'active', title: 'TOPSECRET' },
      ]);
      await victim.put('outbox', [{ id: 'victim', time: start, topic: 't', payload: 'TOPSECRET' }]);
      await victim.retain({ archiveAfter: day }, { now: start + 2 * day });
      await victim.refreshRollups();
      before = await all(victim.export());
    }, 60_000);

    afterAll(async () => {
      await storage.close();
      if (name === 'postgres') await administer(`drop schema ${schema} cascade`);
    });

    /** Answers and refusals of calls; anything but an error of ours is a hole. */
    async function outcomes(calls: Promise<unknown>[]): Promise<string> {
      const settled = await Promise.allSettled(calls);
      return settled
        .map((outcome) => {
          if (outcome.status === 'fulfilled') return JSON.stringify(outcome.value) ?? '';
          const { code, message } = outcome.reason as { code?: unknown; message: string };
          if (typeof code !== 'string' || !/^(STORAGE|UNIT|FRAME)_/.test(code)) throw outcome.reason;
          return `${code} ${message}`;
        })
        .join('\n');
    }

    it('no call reads or changes what belongs to another tenant', async () => {
      for (const id of [
        'attacker',
        `x' or tenant_id = 'victim`,
        'VICTIM',
        'victim ',
        'victim%',
        'victim\t'.trim().concat('_'),
      ]) {
        const tenant = storage.tenant(id);
        for (const call of Object.values({ ...reading, ...writing }))
          expect(await outcomes(call(tenant, 'vault', 'hidden', 'victim'))).not.toMatch(/31337|TOPSECRET/);
      }
      expect(await all(victim.export())).toEqual(before);
    }, 60_000);

    it('SQL in any string of any call is refused or is only a text', async () => {
      for (const [i, text] of attacks.entries()) {
        const tenant = storage.tenant(`fuzzed ${i}`);
        for (const call of Object.values({ ...writing, ...reading }))
          expect(await outcomes(call(tenant, text, text, text))).not.toMatch(/31337|TOPSECRET/);
      }
      expect(await all(victim.export())).toEqual(before);
      expect(await storage.check()).toEqual({ ok: true, problems: [] });
    }, 120_000);

    it('SQL in the name of a tenant is only a name', async () => {
      const kept = attacks.filter((text) => !text.includes('\u0000'));
      for (const text of kept)
        await storage.tenant(text).put('audit', [{ id: 'x', time: 1, actor: text, action: text }]);
      expect(await storage.tenants()).toEqual(expect.arrayContaining(kept));
      for (const text of kept)
        expect((await storage.tenant(text).list('audit')).rows.map(({ actor }) => actor)).toEqual([text]);
      expect(await all(victim.export())).toEqual(before);
    }, 60_000);
  },
);
