import { Frame } from '../../core/frame.js';
import { equal, rejects } from './assert.js';
import { type ConformanceCase, day, hostileTexts, minute, one, start } from './cases.js';

function numberCase(value: number): ConformanceCase {
  return {
    name: `telemetry: ${value} comes back bit for bit`,
    run: async ({ tenant }) => {
      await tenant.write([one(start, { solarPower: value })]);
      equal((await tenant.read({ assetId: 'a' })).column('solarPower')[0], value + 0);
      await tenant.retain({ archiveAfter: 0 }, { now: start + 2 * day });
      equal((await tenant.read({ assetId: 'a' })).column('solarPower')[0], value + 0, 'from the archive');
    },
  };
}

function timeCase(text: string, ms: number): ConformanceCase {
  return {
    name: `telemetry: ${text} is ${ms}`,
    run: async ({ tenant }) => {
      await tenant.write([one(ms - 1, { voltage: 1 }), one(ms, { voltage: 2 }), one(ms + 1, { voltage: 3 })]);
      equal([...(await tenant.read({ assetId: 'a', from: text })).column('voltage')], [2, 3]);
      equal([...(await tenant.read({ assetId: 'a', to: new Date(ms) })).column('voltage')], [1]);
      equal([...(await tenant.read({ assetId: 'a', from: ms, to: ms + 1 })).time], [ms]);
    },
  };
}

/** Cases of telemetry. */
export const telemetryCases: readonly ConformanceCase[] = [
  ...[
    0,
    -0,
    1,
    -1,
    0.1,
    1 / 3,
    1e-300,
    5e-324,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    2 ** 53 + 2,
    1e22,
    123456.789,
  ].map(numberCase),
  timeCase('2026-06-01T00:00:00Z', start),
  timeCase('2026-06-01T02:00:00+02:00', start),
  timeCase('2026-03-29T01:00:00Z', Date.UTC(2026, 2, 29, 1)),
  timeCase('2026-10-25T03:00:00+02:00', Date.UTC(2026, 9, 25, 1)),
  timeCase('2026-10-25T03:00:00+01:00', Date.UTC(2026, 9, 25, 2)),
  timeCase('2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)),
  timeCase('1969-12-31T23:59:59.500Z', -500),
  timeCase('1970-01-01T00:00:00Z', 0),
  timeCase('2038-01-19T03:14:08Z', 2 ** 31 * 1000),
  timeCase('1066-10-14T12:00:00Z', Date.UTC(1066, 9, 14, 12)),
  timeCase('9999-12-31T23:59:59.998Z', 253402300799998),
  {
    name: 'telemetry: a time without zone is refused',
    run: async ({ tenant }) => {
      await rejects(() => tenant.read({ assetId: 'a', from: '2026-06-01T00:00:00' }), 'STORAGE_BAD_TIME');
      await rejects(() => tenant.read({ assetId: 'a', from: 'yesterday' }), 'STORAGE_BAD_TIME');
      await rejects(() => tenant.read({ assetId: 'a', from: Number.NaN }), 'STORAGE_BAD_TIME');
    },
  },
  {
    name: 'telemetry: bad times, values and assets are refused, and nothing is written',
    run: async ({ tenant }) => {
      const good = one(start, { voltage: 1 });
      await rejects(() => tenant.write([good, one(start + 0.5, { voltage: 1 })]), 'STORAGE_BAD_TIME');
      await rejects(() => tenant.write([good, one(Number.NaN, { voltage: 1 })]), 'STORAGE_BAD_TIME');
      await rejects(() => tenant.write([good, one(1e17, { voltage: 1 })]), 'STORAGE_BAD_TIME');
      await rejects(() => tenant.write([good, one(start, { voltage: Number.POSITIVE_INFINITY })]), 'STORAGE_BAD_VALUE');
      await rejects(() => tenant.write([good, one(start, { voltage: '230' as never })]), 'STORAGE_BAD_VALUE');
      await rejects(() => tenant.write([good, one(start, { voltage: 1 }, '')]), 'STORAGE_BAD_ID');
      await rejects(() => tenant.write([good, one(start, { voltage: 1 }, 'a\u0000b')]), 'STORAGE_BAD_ID');
      await rejects(() => tenant.write([good, one(start, { voltage: 1 }, '\ud800')]), 'STORAGE_BAD_ID');
      await rejects(() => tenant.write([good, one(start, { nobodyKnows: 1 })]), 'STORAGE_UNKNOWN_CHANNEL');
      equal(await tenant.telemetryAssets(), []);
    },
  },
  {
    name: 'telemetry: NaN and null are "not measured"',
    run: async ({ tenant }) => {
      await tenant.write([one(start, { voltage: Number.NaN, current: 1, temperature: null as never })]);
      const frame = await tenant.read({ assetId: 'a', channels: ['voltage', 'current', 'temperature'] });
      equal(
        [frame.column('voltage')[0], frame.column('current')[0], frame.column('temperature')[0]],
        [Number.NaN, 1, Number.NaN],
      );
      equal((await tenant.latest())[0]?.values, { current: 1 });
    },
  },
  {
    name: 'telemetry: a reading without values has its row',
    run: async ({ tenant }) => {
      await tenant.write([one(start, {})]);
      equal((await tenant.read({ assetId: 'a', channels: ['voltage'] })).length, 1);
    },
  },
  {
    name: 'telemetry: writing twice changes nothing',
    run: async ({ tenant }) => {
      const readings = Array.from({ length: 100 }, (_, i) => one(start + i, { voltage: i }));
      await tenant.write(readings);
      await tenant.write(readings);
      const frame = await tenant.read({ assetId: 'a' });
      equal(
        [...frame.column('voltage')],
        readings.map(({ values }) => values.voltage as number),
      );
    },
  },
  {
    name: 'telemetry: later values replace, absent ones leave what was there',
    run: async ({ tenant }) => {
      await tenant.write([one(start, { voltage: 1, current: 2 })]);
      await tenant.write([one(start, { voltage: 3, current: Number.NaN, temperature: 4 })]);
      equal((await tenant.latest())[0]?.values, { current: 2, temperature: 4, voltage: 3 });
    },
  },
  {
    name: 'telemetry: duplicates in one batch merge, the later counts',
    run: async ({ tenant }) => {
      await tenant.write([
        one(start, { voltage: 1, current: 9 }),
        one(start, { voltage: 2, current: Number.NaN }),
        one(start, { voltage: 3, current: Number.NaN }),
      ]);
      equal((await tenant.latest())[0]?.values, { current: 9, voltage: 3 });
    },
  },
  {
    name: 'telemetry: any order of writing gives the same frame',
    run: async ({ tenant }) => {
      const order = Array.from({ length: 500 }, (_, i) => (i * 7919) % 500);
      for (let i = 0; i < 500; i += 50)
        await tenant.write(order.slice(i, i + 50).map((n) => one(start + n, { voltage: n })));
      equal(
        [...(await tenant.read({ assetId: 'a' })).column('voltage')],
        Array.from({ length: 500 }, (_, i) => i),
      );
    },
  },
  {
    name: 'telemetry: assets in one batch stay apart',
    run: async ({ tenant }) => {
      await tenant.write([
        one(start, { voltage: 1 }, 'b'),
        one(start, { voltage: 2 }, 'a'),
        one(start, { voltage: 3 }, 'B'),
      ]);
      equal(await tenant.telemetryAssets(), ['B', 'a', 'b']);
      equal(
        (await tenant.latest()).map(({ assetId, values }) => [assetId, values.voltage]),
        [
          ['B', 3],
          ['a', 2],
          ['b', 1],
        ],
      );
      equal(
        (await tenant.latest(['b', 'none'])).map(({ assetId }) => assetId),
        ['b'],
      );
    },
  },
  {
    name: 'telemetry: limits take the earliest, last the latest rows',
    run: async ({ tenant }) => {
      await tenant.write(Array.from({ length: 10 }, (_, i) => one(start + i, { voltage: i })));
      equal([...(await tenant.read({ assetId: 'a', limit: 3 })).column('voltage')], [0, 1, 2]);
      equal([...(await tenant.read({ assetId: 'a', last: 3 })).column('voltage')], [7, 8, 9]);
      equal([...(await tenant.read({ assetId: 'a', last: 2, to: start + 5 })).column('voltage')], [3, 4]);
      equal((await tenant.read({ assetId: 'a', limit: 0 })).length, 0);
      await rejects(() => tenant.read({ assetId: 'a', limit: 1, last: 1 }), 'STORAGE_BAD_LIMIT');
      await rejects(() => tenant.read({ assetId: 'a', limit: -1 }), 'STORAGE_BAD_LIMIT');
    },
  },
  {
    name: 'telemetry: an asset that is not there has no rows',
    run: async ({ tenant }) => {
      equal((await tenant.read({ assetId: 'nobody' })).length, 0);
      equal((await tenant.readings({ assetId: 'nobody' })).rows, []);
      equal(await tenant.latest(), []);
    },
  },
  {
    name: 'telemetry: channels come in the order asked, units with them',
    run: async ({ tenant }) => {
      await tenant.registerChannels([{ name: 'string1.dcCurrent', unit: 'A', title: 'String 1', min: 0, max: 20 }]);
      await tenant.write([one(start, { voltage: 1, 'string1.dcCurrent': 2 })]);
      const frame = await tenant.read({ assetId: 'a', channels: ['voltage', 'string1.dcCurrent', 'humidity'] });
      equal(frame.names, ['voltage', 'string1.dcCurrent', 'humidity']);
      equal(
        frame.names.map((name) => frame.unit(name)),
        ['V', 'A', '%'],
      );
      await rejects(() => tenant.read({ assetId: 'a', channels: ['unknown'] }), 'STORAGE_UNKNOWN_CHANNEL');
    },
  },
  {
    name: 'channels: registering twice is one, another unit is refused',
    run: async ({ tenant }) => {
      await tenant.registerChannels([{ name: 'flow', unit: 'W' }]);
      await tenant.registerChannels([{ name: 'flow', unit: 'W', title: 'Flow' }]);
      await rejects(() => tenant.registerChannels([{ name: 'flow', unit: 'kW' }]), 'STORAGE_CHANNEL_UNIT');
      equal(await tenant.channels(), [{ name: 'flow', unit: 'W', title: 'Flow' }]);
    },
  },
  {
    name: 'channels: names that differ only in case or punctuation stay apart',
    run: async ({ tenant }) => {
      const names = [
        'dcPower',
        'dcpower',
        'DCPOWER',
        'dc_power',
        'dc.power',
        'dc power',
        'time',
        'asset_id',
        'tenantId',
        'quality',
        '1st',
        'é',
        'è',
      ];
      await tenant.registerChannels(names.map((name) => ({ name, unit: '1' })));
      await tenant.write([one(start, Object.fromEntries(names.map((name, i) => [name, i])))]);
      const frame = await tenant.read({ assetId: 'a', channels: names });
      equal(
        names.map((name) => frame.column(name)[0]),
        names.map((_, i) => i),
      );
    },
  },
  {
    name: 'channels: bad names are refused',
    run: async ({ tenant }) => {
      for (const name of ['', '#time', 'a\u0000', 'a\nb', 'x'.repeat(129), '\udc00', 5 as never]) {
        await rejects(() => tenant.registerChannels([{ name, unit: '1' }]), 'STORAGE_BAD_CHANNEL');
      }
    },
  },
  {
    name: 'frames: written and read back, with units converted',
    run: async ({ tenant }) => {
      const time = Float64Array.from({ length: 50 }, (_, i) => start + i * minute);
      await tenant.writeFrame(
        'a',
        new Frame(time, {
          solarPower: { data: time.map((_, i) => i), unit: 'kW' },
          myOwn: { data: time.map((_, i) => i / 3), unit: 'A' },
        }),
      );
      const frame = await tenant.read({ assetId: 'a' });
      equal([...frame.time], [...time]);
      equal(frame.column('solarPower')[3], 3_000);
      equal(frame.column('myOwn')[4], 4 / 3);
      equal([frame.unit('solarPower'), frame.unit('myOwn')], ['W', 'A']);
    },
  },
  {
    name: 'frames: an empty one is no error, an infinite value is',
    run: async ({ tenant }) => {
      await tenant.writeFrame('a', new Frame(new Float64Array(), {}));
      await rejects(
        () =>
          tenant.writeFrame(
            'a',
            new Frame(Float64Array.of(start), {
              voltage: { data: Float64Array.of(Number.POSITIVE_INFINITY), unit: 'V' },
            }),
          ),
        'STORAGE_BAD_VALUE',
      );
      await rejects(
        () =>
          tenant.writeFrame(
            'a',
            new Frame(Float64Array.of(start + 0.5), { voltage: { data: Float64Array.of(1), unit: 'V' } }),
          ),
        'STORAGE_BAD_TIME',
      );
    },
  },
  {
    name: 'telemetry: quality flags come back with their readings',
    run: async ({ tenant }) => {
      await tenant.write([{ ...one(start, { voltage: 1 }), quality: { voltage: 5 } }, one(start + 1, { voltage: 2 })]);
      equal((await tenant.readings({ assetId: 'a' })).rows, [
        { ...one(start, { voltage: 1 }), quality: { voltage: 5 } },
        one(start + 1, { voltage: 2 }),
      ]);
      await tenant.retain({ archiveAfter: 0 }, { now: start + 2 * day });
      equal((await tenant.readings({ assetId: 'a' })).rows[0]?.quality, { voltage: 5 });
    },
  },
  {
    name: 'telemetry: pages of readings stay whole while others write',
    run: async ({ tenant }) => {
      await tenant.write(Array.from({ length: 25 }, (_, i) => one(start + 2 * i, { voltage: i })));
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await tenant.readings({ assetId: 'a', limit: 10, after });
        seen.push(...page.rows.map(({ time }) => time - start));
        after = page.next;
        await tenant.write([one(start - 1, { voltage: -1 }), one(start + 3, { voltage: -1 })]);
      } while (after !== undefined);
      equal(
        seen,
        Array.from({ length: 25 }, (_, i) => 2 * i),
      );
    },
  },
  {
    name: 'telemetry: a stream gives everything in chunks, and can be aborted',
    run: async ({ tenant }) => {
      await tenant.write(Array.from({ length: 25 }, (_, i) => one(start + i, { voltage: i })));
      const lengths: number[] = [];
      for await (const frame of tenant.stream({ assetId: 'a', chunk: 10 })) lengths.push(frame.length);
      equal(lengths, [10, 10, 5]);
      const control = new AbortController();
      await rejects(async () => {
        for await (const _ of tenant.stream({ assetId: 'a', chunk: 10, signal: control.signal })) control.abort();
      }, 'ABORTED');
      await rejects(() => tenant.read({ assetId: 'a', signal: AbortSignal.abort() }), 'ABORTED');
    },
  },
  {
    name: 'telemetry: many writers at once, all of it there',
    run: async ({ tenant }) => {
      await Promise.all(
        Array.from({ length: 40 }, (_, w) =>
          tenant.write(Array.from({ length: 25 }, (_, i) => one(start + i * 40 + w, { voltage: w }, `asset ${w % 3}`))),
        ),
      );
      let rows = 0;
      for (const assetId of await tenant.telemetryAssets()) rows += (await tenant.read({ assetId })).length;
      equal(rows, 1_000);
    },
  },
  {
    name: 'telemetry: a bad write does not take its neighbours down',
    run: async ({ tenant }) => {
      // The fence stands before: writes that are under way together may come in any order.
      await tenant.commit({ checkpoint: { id: 'c', time: start, fence: 9 } });
      const outcomes = await Promise.allSettled([
        tenant.write([one(start, { voltage: 1 })]),
        tenant.commit({ readings: [one(start + 1, { voltage: 2 })], checkpoint: { id: 'c', time: start, fence: 9 } }),
        tenant.commit({ readings: [one(start + 2, { voltage: 3 })], checkpoint: { id: 'c', time: start, fence: 1 } }),
        tenant.write([one(start + 3, { voltage: 4 })]),
      ]);
      equal(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
      );
      equal([...(await tenant.read({ assetId: 'a' })).column('voltage')], [1, 2, 4]);
    },
  },
  ...hostileTexts.map(
    (text): ConformanceCase => ({
      name: `telemetry: asset and channel ${JSON.stringify(text)}`,
      run: async ({ tenant }) => {
        await tenant.registerChannels([{ name: text, unit: text.slice(0, 60), title: text }]);
        await tenant.write([one(start, { [text]: 4, voltage: 1 }, text)]);
        const frame = await tenant.read({ assetId: text, channels: [text] });
        equal([frame.column(text)[0], frame.unit(text)], [4, text.slice(0, 60)]);
        equal(await tenant.telemetryAssets(), [text]);
        equal((await tenant.readings({ assetId: text })).rows, [
          { assetId: text, time: start, values: { [text]: 4, voltage: 1 } },
        ]);
      },
    }),
  ),
];
