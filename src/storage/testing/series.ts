import { equal, rejects } from './assert.js';
import { type ConformanceCase, day, hour, minute, one, start } from './cases.js';

const steps = (count: number, step: number, value: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => one(start + i * step, { solarPower: value(i) }));

/** Cases of roll-ups, charts, the archive, retention, batches, tenants and transfer. */
export const seriesCases: readonly ConformanceCase[] = [
  {
    name: 'roll-ups: count, mean, least, greatest, last and energy of an hour',
    run: async ({ tenant }) => {
      await tenant.write([1000, 2000, 3000, 6000].map((solarPower, i) => one(start + i * 15 * minute, { solarPower })));
      const frame = await tenant.rollup({ assetId: 'a', channel: 'solarPower', step: '1h' });
      const at = (name: string) => frame.column(name)[0];
      equal(
        [frame.length, frame.time[0], at('count'), at('mean'), at('min'), at('max'), at('last')],
        [1, start, 4, 3000, 1000, 6000, 6000],
      );
      equal(at('energy'), (1500 + 2500 + 4500 + 6000) / 4);
      equal(frame.unit('energy'), 'Wh');
    },
  },
  ...(['1m', '15m', '1h', '1d'] as const).map(
    (step): ConformanceCase => ({
      name: `roll-ups: ${step} of a constant has its energy, and gaps stay gaps`,
      run: async ({ tenant }) => {
        const width = { '1m': minute, '15m': 15 * minute, '1h': hour, '1d': day }[step];
        await tenant.write([...steps(2 * 1440, minute, () => 600), one(start + 10 * day, { solarPower: Number.NaN })]);
        const frame = await tenant.rollup({ assetId: 'a', channel: 'solarPower', step });
        equal(frame.length, (2 * day) / width);
        equal(
          frame.column('energy').every((energy) => Math.abs(energy - (600 * width) / hour) < 1e-6),
          true,
        );
        equal(
          frame.column('count').every((count) => count === width / minute),
          true,
        );
      },
    }),
  ),
  {
    name: 'roll-ups: right after late, corrected and archived readings',
    run: async ({ tenant }) => {
      const mean = async () =>
        (await tenant.rollup({ assetId: 'a', channel: 'solarPower', step: '1d' })).column('mean')[0];
      await tenant.write([one(start, { solarPower: 10 }), one(start + 5 * hour, { solarPower: 30 })]);
      equal(await mean(), 20);
      await tenant.write([one(start + 3 * hour, { solarPower: 50 })]);
      equal(await mean(), 30);
      await tenant.write([one(start, { solarPower: 40 })]);
      equal(await mean(), 40);
      await tenant.retain({ archiveAfter: 0 }, { now: start + 3 * day });
      equal(await mean(), 40);
      await tenant.write([one(start + 3 * hour, { solarPower: 80 })]);
      equal(await mean(), 50);
    },
  },
  {
    name: 'roll-ups: a range has its start and not its end; bad steps and channels are refused',
    run: async ({ tenant }) => {
      await tenant.write(steps(4, hour, (i) => i));
      const frame = await tenant.rollup({
        assetId: 'a',
        channel: 'solarPower',
        step: '1h',
        from: start + hour,
        to: start + 3 * hour,
      });
      equal([...frame.column('mean')], [1, 2]);
      await rejects(
        () => tenant.rollup({ assetId: 'a', channel: 'solarPower', step: "1h'--" as never }),
        'STORAGE_BAD_STEP',
      );
      await rejects(() => tenant.rollup({ assetId: 'a', channel: 'nobody', step: '1h' }), 'STORAGE_UNKNOWN_CHANNEL');
    },
  },
  ...(['lttb', 'minmax'] as const).map(
    (method): ConformanceCase => ({
      name: `charts: ${method} keeps the peak and the number of points`,
      run: async ({ tenant }) => {
        await tenant.write(steps(2_000, minute, (i) => (i === 777 ? 1_000 : Math.sin(i / 50))));
        const frame = await tenant.chart({ assetId: 'a', channel: 'solarPower', points: 100, method });
        equal([frame.length <= 100, frame.length > 50, Math.max(...frame.column('solarPower'))], [true, true, 1_000]);
      },
    }),
  ),
  {
    name: 'charts: few points come as they are; bad requests are refused',
    run: async ({ tenant }) => {
      await tenant.write(steps(5, minute, (i) => i));
      equal((await tenant.chart({ assetId: 'a', channel: 'solarPower', points: 10 })).length, 5);
      await rejects(() => tenant.chart({ assetId: 'a', channel: 'solarPower', points: 2 }), 'STORAGE_BAD_LIMIT');
      await rejects(
        () => tenant.chart({ assetId: 'a', channel: 'solarPower', points: 10, method: 'x' as never }),
        'STORAGE_BAD_METHOD',
      );
    },
  },
  {
    name: 'archive: reads the same as rows, in every range and limit',
    run: async ({ tenant }) => {
      await tenant.write(steps(5 * 144, 10 * minute, (i) => (i % 7 === 0 ? Number.NaN : Math.round(i * 3.7) / 10)));
      const queries = [
        {},
        { limit: 200 },
        { last: 200 },
        { from: start + day + hour, to: start + 3 * day - hour },
        { last: 3, to: start + 2 * day },
        { limit: 2, from: start + 4 * day },
      ];
      const all = () =>
        Promise.all(queries.map(async (query) => (await tenant.read({ assetId: 'a', ...query })).toCsv()));
      const before = await all();
      equal(await tenant.retain({ archiveAfter: day }, { now: start + 4 * day }), {
        archivedDays: 3,
        archivedRows: 432,
      });
      equal(await all(), before);
      equal((await tenant.latest())[0]?.time, start + (5 * 144 - 1) * 10 * minute);
    },
  },
  {
    name: 'archive: late readings join their day, and a second run takes them in',
    run: async ({ tenant }) => {
      await tenant.write([one(start, { voltage: 1, current: 1 }), one(start + 2, { voltage: 3 })]);
      await tenant.retain({ archiveAfter: 0 }, { now: start + 2 * day });
      await tenant.write([one(start + 1, { voltage: 2 }), one(start, { voltage: 10 })]);
      const expected = [
        [10, 2, 3],
        [1, Number.NaN, Number.NaN],
      ];
      const now = async () => {
        const frame = await tenant.read({ assetId: 'a' });
        return [[...frame.column('voltage')], [...frame.column('current')]];
      };
      equal(await now(), expected);
      equal(await tenant.retain({ archiveAfter: 0 }, { now: start + 2 * day }), { archivedDays: 1, archivedRows: 3 });
      equal(await now(), expected);
      equal(await tenant.retain({ archiveAfter: 0 }, { now: start + 2 * day }), { archivedDays: 0, archivedRows: 0 });
    },
  },
  {
    name: 'archive: the latest reading of a silent asset comes from the archive',
    run: async ({ tenant }) => {
      await tenant.write([one(start, { voltage: 1 }), one(start + 5, { voltage: 2 })]);
      await tenant.retain({ archiveAfter: 0 }, { now: start + 2 * day });
      equal(await tenant.latest(), [one(start + 5, { voltage: 2 })]);
    },
  },
  {
    name: 'retention: telemetry, segments, roll-ups and records go by age',
    run: async ({ tenant }) => {
      await tenant.write(steps(6 * 24, hour, (i) => i));
      await tenant.put(
        'audit',
        [0, 5].map((d) => ({ id: `${d}`, time: start + d * day, actor: 'x', action: 'y' })),
      );
      await tenant.retain({ archiveAfter: 3 * day }, { now: start + 6 * day });
      await tenant.retain({ telemetry: 5 * day, tables: { audit: 2 * day } }, { now: start + 6 * day });
      equal((await tenant.read({ assetId: 'a' })).time[0], start + day);
      equal(
        (await tenant.list('audit')).rows.map(({ id }) => id),
        ['5'],
      );
      equal(
        (await tenant.rollup({ assetId: 'a', channel: 'solarPower', step: '1d' })).length,
        6,
        'roll-ups outlive rows',
      );
      await tenant.retain({ rollups: { '1h': 2 * day } }, { now: start + 6 * day });
      equal((await tenant.rollup({ assetId: 'a', channel: 'solarPower', step: '1h' })).length, 48);
      await rejects(() => tenant.retain({ telemetry: -1 }), 'STORAGE_BAD_LIMIT');
    },
  },
  {
    name: 'batches: readings, records and checkpoint together',
    run: async ({ tenant }) => {
      await tenant.commit({
        readings: [one(start, { voltage: 1 })],
        put: {
          anomalies: [{ id: 'x', time: start, score: 0.9 }],
          outbox: [{ id: 'o', time: start, topic: 'alert', payload: { n: 1 } }],
        },
        checkpoint: { id: 'monitor', time: start, position: { offset: 17 }, state: { a: [1, 2] }, fence: 3 },
      });
      equal((await tenant.get('checkpoints', 'monitor'))?.position, { offset: 17 });
      equal([(await tenant.list('anomalies')).rows.length, (await tenant.list('outbox')).rows.length], [1, 1]);
      await tenant.commit({ remove: { outbox: ['o'] } });
      equal((await tenant.list('outbox')).rows.length, 0);
    },
  },
  {
    name: 'batches: a lower fence is refused, and nothing of the batch is there',
    run: async ({ tenant }) => {
      const commit = (fence: number, n: number) =>
        tenant.commit({
          readings: [one(start + n, { voltage: n })],
          put: { audit: [{ id: `${n}`, time: start, actor: 'x', action: 'y' }] },
          checkpoint: { id: 'm', time: start, fence, position: n },
        });
      await commit(5, 1);
      await rejects(() => commit(4, 2), 'STORAGE_FENCED');
      await commit(5, 3);
      equal([...(await tenant.read({ assetId: 'a' })).column('voltage')], [1, 3]);
      equal(
        (await tenant.list('audit')).rows.map(({ id }) => id),
        ['1', '3'],
      );
    },
  },
  {
    name: 'batches: a bad part leaves nothing behind',
    run: async ({ tenant }) => {
      await rejects(
        () =>
          tenant.commit({
            readings: [one(start, { voltage: 1 })],
            put: { alerts: [{ id: 'x', time: start } as never] },
          }),
        'STORAGE_BAD_VALUE',
      );
      await rejects(
        () => tenant.commit({ readings: [one(start, { voltage: 1 })], remove: { nothing: ['x'] } as never }),
        'STORAGE_UNKNOWN_TABLE',
      );
      equal(await tenant.telemetryAssets(), []);
      await tenant.commit({});
    },
  },
  {
    name: 'tenants: no call sees another tenant',
    run: async ({ storage, tenant }) => {
      const other = storage.tenant(`${tenant.tenantId} other`);
      await tenant.registerChannels([{ name: 'secretChannel', unit: 'A' }]);
      await tenant.write(steps(48, hour, (i) => i));
      await tenant.put('alerts', [
        { id: 'x', time: start, severity: 'HIGH', state: 'active', title: 'secret', assetId: 'a' },
      ]);
      await tenant.commit({ checkpoint: { id: 'm', time: start, fence: 100 } });
      await tenant.retain({ archiveAfter: 0 }, { now: start + 3 * day });
      await tenant.refreshRollups();
      equal(await other.channels(), []);
      equal((await other.read({ assetId: 'a', channels: ['solarPower'] })).length, 0);
      equal((await other.readings({ assetId: 'a', channels: ['solarPower'] })).rows, []);
      equal([await other.latest(), await other.latest(['a']), await other.telemetryAssets()], [[], [], []]);
      for await (const frame of other.stream({ assetId: 'a', channels: ['solarPower'] })) equal(frame.length, 0);
      equal((await other.rollup({ assetId: 'a', channel: 'solarPower', step: '1h' })).length, 0);
      equal((await other.chart({ assetId: 'a', channel: 'solarPower', points: 10 })).length, 0);
      equal(await other.get('alerts', 'x'), undefined);
      equal((await other.list('alerts', { assetId: 'a', where: { id: 'x' } })).rows, []);
      await rejects(() => other.read({ assetId: 'a', channels: ['secretChannel'] }), 'STORAGE_UNKNOWN_CHANNEL');
      const lines: string[] = [];
      for await (const line of other.export()) lines.push(line);
      equal(
        lines.some((line) => line.includes('secret')),
        false,
      );
      // And no writing call reaches it either.
      await other.remove('alerts', ['x']);
      await other.commit({ checkpoint: { id: 'm', time: start, fence: 1 } });
      await other.write([one(start, { solarPower: -1 })]);
      await other.retain(
        { telemetry: 0, archiveAfter: 0, tables: { alerts: 0 }, rollups: { '1h': 0 } },
        { now: start + 300 * day },
      );
      equal((await tenant.get('alerts', 'x'))?.title, 'secret');
      equal((await tenant.get('checkpoints', 'm'))?.fence, 100);
      equal((await tenant.read({ assetId: 'a' })).column('solarPower')[0], 0);
      equal((await tenant.rollup({ assetId: 'a', channel: 'solarPower', step: '1h' })).length, 48);
    },
  },
  {
    name: 'tenants: units of the same channel may differ',
    run: async ({ storage, tenant }) => {
      const other = storage.tenant(`${tenant.tenantId} other`);
      await tenant.registerChannels([{ name: 'flux', unit: 'W' }]);
      await other.registerChannels([{ name: 'flux', unit: 'kW' }]);
      equal([(await tenant.channels())[0]?.unit, (await other.channels())[0]?.unit], ['W', 'kW']);
    },
  },
  {
    name: 'tenants: bad names are refused; the default tenant is the storage itself',
    run: async ({ storage }) => {
      for (const id of ['', 'a\u0000', 'x'.repeat(257), '\ud800', 7 as never]) {
        await rejects(async () => storage.tenant(id), 'STORAGE_BAD_ID');
      }
      equal([storage.tenantId, storage.tenant('default') === storage], ['default', true]);
    },
  },
  {
    name: 'transfer: a tenant is the same after export and import',
    run: async ({ storage, tenant }) => {
      await tenant.registerChannels([{ name: 'mine', unit: 'A', title: 'x' }]);
      await tenant.write([
        { ...one(start, { solarPower: 1 / 3, mine: 5e-324 }), quality: { mine: 2 } },
        one(start + day, { mine: 2 }, 'b'),
      ]);
      await tenant.put('alerts', [
        { id: 'x', time: start, severity: 'HIGH', state: 'active', title: 't', details: { a: 1 } },
      ]);
      await tenant.retain({ archiveAfter: 0 }, { now: start + day + hour });
      const lines = async (from: typeof tenant) => {
        const result: string[] = [];
        for await (const line of from.export()) result.push(line);
        return result;
      };
      const copy = storage.tenant(`${tenant.tenantId} copy`);
      const exported = await lines(tenant);
      await copy.import(exported);
      await copy.import(exported);
      equal((await lines(copy)).slice(1), exported.slice(1));
      await rejects(() => copy.import(['not json']), 'STORAGE_BAD_IMPORT');
      await rejects(() => copy.import(['{"format":"other"}']), 'STORAGE_BAD_IMPORT');
    },
  },
  {
    name: 'upkeep: check finds nothing, vacuum loses nothing, nothing is pending',
    run: async ({ storage, tenant }) => {
      await tenant.write(steps(10, hour, (i) => i));
      equal((await storage.tenants()).includes(tenant.tenantId), true);
      await storage.vacuum();
      equal(await storage.check(), { ok: true, problems: [] });
      equal((await tenant.read({ assetId: 'a' })).length, 10);
      equal(storage.pending, 0);
    },
  },
];
