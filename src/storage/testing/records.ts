import { columnsOf, type StorageRecord, type TableName, tableNames } from '../contract/tables.js';
import { equal, rejects } from './assert.js';
import { type ConformanceCase, hostileTexts, start } from './cases.js';

function example(table: TableName, id: string, time: number, full: boolean): StorageRecord<TableName> {
  const record: Record<string, unknown> = { id, time };
  for (const [name, kind] of columnsOf(table)) {
    if (name === 'id' || name === 'time' || (!full && kind.endsWith('?'))) continue;
    const base = kind.replace('?', '');
    record[name] =
      base === 'text'
        ? `${name} é`
        : base === 'number'
          ? 0.1
          : base === 'integer'
            ? 7
            : base === 'time'
              ? time + 1
              : base === 'boolean'
                ? false
                : { a: [1, null, 'x'] };
  }
  return record as unknown as StorageRecord<TableName>;
}

function forTable(table: TableName): ConformanceCase[] {
  return [
    {
      name: `${table}: a record comes back as it was put`,
      run: async ({ tenant }) => {
        const record = example(table, 'one', start, true);
        await tenant.put(table, [record]);
        equal(await tenant.get(table, 'one'), record);
      },
    },
    {
      name: `${table}: what is absent stays absent`,
      run: async ({ tenant }) => {
        const record = example(table, 'one', start, false);
        await tenant.put(table, [record]);
        equal(await tenant.get(table, 'one'), record);
      },
    },
    {
      name: `${table}: a record replaces the one of the same id`,
      run: async ({ tenant }) => {
        await tenant.put(table, [example(table, 'one', start, true)]);
        const second = example(table, 'one', start + 5, false);
        await tenant.put(table, [second]);
        equal((await tenant.list(table)).rows, [second]);
      },
    },
    {
      name: `${table}: removing is idempotent`,
      run: async ({ tenant }) => {
        await tenant.put(table, [example(table, 'one', start, true), example(table, 'two', start, true)]);
        await tenant.remove(table, ['one', 'not there']);
        await tenant.remove(table, ['one']);
        equal(
          (await tenant.list(table)).rows.map(({ id }) => id),
          ['two'],
        );
      },
    },
    {
      name: `${table}: pages follow each other without gap or repetition`,
      run: async ({ tenant }) => {
        const records = Array.from({ length: 23 }, (_, i) =>
          example(table, `id ${i}`, start + Math.floor(i / 5), false),
        );
        await tenant.put(table, records);
        for (const order of ['ascending', 'descending'] as const) {
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const page = await tenant.list(table, { limit: 4, after, order });
            seen.push(...page.rows.map(({ id }) => id));
            after = page.next;
          } while (after !== undefined);
          const all = (await tenant.list(table, { order })).rows.map(({ id }) => id);
          equal(seen, all, order);
          equal(new Set(seen).size, 23);
        }
      },
    },
    {
      name: `${table}: a range of time has its start and not its end`,
      run: async ({ tenant }) => {
        await tenant.put(
          table,
          [0, 1, 2, 3].map((i) => example(table, `${i}`, start + i, false)),
        );
        equal(
          (await tenant.list(table, { from: start + 1, to: start + 3 })).rows.map(({ id }) => id),
          ['1', '2'],
        );
      },
    },
    {
      name: `${table}: a column that it does not have is refused`,
      run: async ({ tenant }) => {
        const record = { ...example(table, 'one', start, false), 'id" --': 1 };
        await rejects(() => tenant.put(table, [record]), 'STORAGE_UNKNOWN_COLUMN');
        await rejects(() => tenant.list(table, { where: { 'id" --': 1 } as never }), 'STORAGE_UNKNOWN_COLUMN');
        equal((await tenant.list(table)).rows, []);
      },
    },
  ];
}

const alert = (id: string, extra: Partial<StorageRecord<'alerts'>> = {}): StorageRecord<'alerts'> => ({
  id,
  time: start,
  severity: 'HIGH',
  state: 'active',
  title: 't',
  ...extra,
});

/** Cases of the tables of records. */
export const recordCases: readonly ConformanceCase[] = [
  ...tableNames.flatMap(forTable),
  {
    name: 'records: found by asset, and by several columns',
    run: async ({ tenant }) => {
      await tenant.put('alerts', [
        alert('1', { assetId: 'a' }),
        alert('2', { assetId: 'b' }),
        alert('3', { assetId: 'a', state: 'resolved' }),
      ]);
      const page = await tenant.list('alerts', { assetId: 'a', where: { state: 'active', severity: 'HIGH' } });
      equal(
        page.rows.map(({ id }) => id),
        ['1'],
      );
    },
  },
  {
    name: 'records: found by a boolean, and by absence',
    run: async ({ tenant }) => {
      await tenant.put('anomalies', [
        { id: 'yes', time: start, isAnomaly: true },
        { id: 'no', time: start, isAnomaly: false },
        { id: 'unknown', time: start },
      ]);
      const ids = async (isAnomaly: boolean | undefined) =>
        (await tenant.list('anomalies', { where: { isAnomaly } })).rows.map(({ id }) => id);
      equal(await ids(true), ['yes']);
      equal(await ids(false), ['no']);
      equal(await ids(undefined), ['unknown']);
    },
  },
  {
    name: 'records: of the same time they come by id, by code point',
    run: async ({ tenant }) => {
      const ids = ['\u{10000}', '\uffff', 'Z', 'a', 'é', '漢', 'B'];
      await tenant.put(
        'audit',
        ids.map((id) => ({ id, time: start, actor: 'x', action: 'y' })),
      );
      equal(
        (await tenant.list('audit')).rows.map(({ id }) => id),
        ['B', 'Z', 'a', 'é', '漢', '\uffff', '\u{10000}'],
      );
    },
  },
  {
    name: 'records: pages stay whole while others write',
    run: async ({ tenant }) => {
      await tenant.put(
        'audit',
        Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, time: start + i, actor: 'x', action: 'y' })),
      );
      const first = await tenant.list('audit', { limit: 10 });
      await tenant.put('audit', [{ id: 'early', time: start - 5, actor: 'x', action: 'y' }]);
      const second = await tenant.list('audit', { limit: 10, after: first.next });
      equal(
        [...first.rows, ...second.rows].map(({ time }) => time - start),
        Array.from({ length: 20 }, (_, i) => i),
      );
    },
  },
  {
    name: 'records: JSON of any depth, with every escape',
    run: async ({ tenant }) => {
      const details = {
        text: 'a"b\\c\u0001\u2028',
        list: [[], {}, [null, true, 1e-7, -0.5]],
        nested: { a: { b: { c: '🜚' } } },
      };
      await tenant.put('alerts', [alert('1', { details })]);
      equal((await tenant.get('alerts', '1'))?.details, details);
    },
  },
  {
    name: 'records: JSON null is kept apart from absence',
    run: async ({ tenant }) => {
      await tenant.put('outbox', [{ id: '1', time: start, topic: 't', payload: null }]);
      equal(await tenant.get('outbox', '1'), { id: '1', time: start, topic: 't', payload: null });
    },
  },
  {
    name: 'records: NaN, infinity and wrong types are refused, and nothing is written',
    run: async ({ tenant }) => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '1' as never]) {
        await rejects(() => tenant.put('alerts', [alert('good'), alert('bad', { value })]), 'STORAGE_BAD_VALUE');
      }
      await rejects(() => tenant.put('alerts', [alert('bad', { title: undefined as never })]), 'STORAGE_BAD_VALUE');
      await rejects(() => tenant.put('alerts', [alert('bad', { time: 1.5 })]), 'STORAGE_BAD_TIME');
      await rejects(() => tenant.put('alerts', [alert('')]), 'STORAGE_BAD_ID');
      equal((await tenant.list('alerts')).rows, []);
    },
  },
  {
    name: 'records: of two of the same id in one batch the later counts',
    run: async ({ tenant }) => {
      await tenant.put('alerts', [alert('1', { title: 'first' }), alert('1', { title: 'second' })]);
      equal((await tenant.get('alerts', '1'))?.title, 'second');
    },
  },
  {
    name: 'records: unknown tables, cursors and limits are refused',
    run: async ({ tenant }) => {
      await rejects(() => tenant.list('telemetry; --' as never), 'STORAGE_UNKNOWN_TABLE');
      await rejects(() => tenant.get('sqlite_master' as never, 'x'), 'STORAGE_UNKNOWN_TABLE');
      await rejects(() => tenant.list('alerts', { after: "1~x' --\u0000" }), 'STORAGE_BAD_CURSOR');
      await rejects(() => tenant.list('alerts', { limit: 0 }), 'STORAGE_BAD_LIMIT');
      await rejects(() => tenant.list('alerts', { limit: 1e9 }), 'STORAGE_BAD_LIMIT');
    },
  },
  {
    name: 'records: 5,000 in one call',
    run: async ({ tenant }) => {
      await tenant.put(
        'predictions',
        Array.from({ length: 5_000 }, (_, i) => ({ id: `p${i}`, time: start + i, kind: 'power', value: i })),
      );
      equal((await tenant.list('predictions', { limit: 100_000 })).rows.length, 5_000);
    },
  },
  {
    name: 'records: a listing by the beginning of the id, page by page',
    run: async ({ tenant }) => {
      const ids = ['a', 'a:', 'a:1', 'a:\u{1f600}', 'a;', 'b:1', 'a:%', 'a:_', 'A:1'];
      await tenant.put(
        'documents',
        ids.map((id, i) => ({ id, time: start + i, kind: 'k' })),
      );
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await tenant.list('documents', { idPrefix: 'a:', limit: 2, after });
        found.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      equal(found, ['a:', 'a:1', 'a:\u{1f600}', 'a:%', 'a:_']);
      equal((await tenant.list('documents', { idPrefix: '%' })).rows, []);
      await rejects(() => tenant.list('documents', { idPrefix: '' }), 'STORAGE_BAD_ID');
    },
  },
  {
    name: 'records: an aborted listing ends with ABORTED',
    run: async ({ tenant }) => {
      await rejects(() => tenant.list('alerts', { signal: AbortSignal.abort() }), 'ABORTED');
    },
  },
  ...hostileTexts.map(
    (text): ConformanceCase => ({
      name: `records: ${JSON.stringify(text)} is only a text`,
      run: async ({ tenant }) => {
        const record = alert(text, { assetId: text, title: text, rule: text, details: { [text]: text } });
        await tenant.put('alerts', [record, alert('other')]);
        equal(await tenant.get('alerts', text), record);
        equal((await tenant.list('alerts', { assetId: text, where: { title: text } })).rows, [record]);
        await tenant.remove('alerts', [text]);
        equal(
          (await tenant.list('alerts')).rows.map(({ id }) => id),
          ['other'],
        );
      },
    }),
  ),
];
