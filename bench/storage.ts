/**
 * Storage against the raw drivers: the peer writes and reads the same table with a hand-written prepared statement.
 * The archive is a year at 5 s (`--days N`). Growth goes from 1 to 20 million rows in SQLite and 5 million in PostgreSQL, with
 * `--full` to 100 million in both (`--growth-rows N`, `--pg-growth-rows N`). `--only sqlite,sqljs,archive,growth,postgres` picks.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Libsql from 'libsql';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import initSqlJs from 'sql.js';
import { Frame } from '../src/core/frame.js';
import { Random } from '../src/core/random.js';
import type { Storage, TenantStorage } from '../src/storage/contract.js';
import { postgresStorage } from '../src/storage/postgres/index.js';
import { sqliteStorage } from '../src/storage/sqlite/index.js';
import { sqlJsStorage } from '../src/storage/sqljs/index.js';
import { type Figures, interleaved, median, type RunInput } from './harness.js';

const start = Date.UTC(2025, 0, 1);
const step = 5_000;
const dayMs = 86_400_000;
const channels = Array.from({ length: 10 }, (_, k) => `channel${k}`);
const columnNames = ['tenant_id', 'asset_id', 'time', ...channels];
const table = `(tenant_id text not null, asset_id text not null, time bigint not null, ${channels.map((name) => `${name} double precision`).join(', ')}, primary key (tenant_id, asset_id, time))`;
const marks = columnNames.map(() => '?').join(', ');
const sets = channels.map((name) => `${name} = excluded.${name}`).join(', ');
const insertText = `insert into telemetry (${columnNames.join(', ')}) values (${marks}) on conflict (tenant_id, asset_id, time) do update set ${sets}`;
const selectText = `select time, ${channels.join(', ')} from telemetry where tenant_id = ? and asset_id = ? and time >= ? and time < ? order by time`;

/** Telemetry as sensors give it: slow changes with noise, two decimals. */
function frameOf(rows: number, first = start, names: readonly string[] = channels): Frame {
  const random = new Random(first % 2 ** 31);
  const time = Float64Array.from({ length: rows }, (_, i) => first + i * step);
  const columns = names.map((_, k) =>
    time.map((t) => Math.round(100 * (50 + 40 * Math.sin((t / dayMs) * (k + 1)) + random.uniform(-0.2, 0.2))) / 100),
  );
  return new Frame(
    time,
    Object.fromEntries(names.map((name, k) => [name, { data: columns[k] as Float64Array, unit: 'V' }])),
  );
}

interface RawStatement {
  run(values: unknown[]): unknown;
}

/** The loop that a person writes by hand. */
function insertRaw(statement: RawStatement, frame: Frame, assetId: string): void {
  const data = frame.names.map((name) => frame.column(name));
  for (let i = 0; i < frame.length; i++) {
    statement.run(['default', assetId, frame.time[i], ...data.map((column) => column[i])]);
  }
}

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-bench-'));
  const figures: Record<string, number> = {};
  const full = options.full === true;
  try {
    const parts: Readonly<Record<string, () => Promise<void>>> = {
      sqlite: () => sqlite(join(folder, 'ours.db'), join(folder, 'peer.db'), figures),
      sqljs: () => sqlJs(figures),
      archive: () => archive(folder, Number(options.days ?? 365), figures),
      growth: () =>
        sqliteGrowth(join(folder, 'growth.db'), Number(options['growth-rows'] ?? (full ? 100e6 : 20e6)), figures),
      postgres: async () => {
        if (await serverThere()) await postgres(Number(options['pg-growth-rows'] ?? (full ? 100e6 : 5e6)), figures);
        else say('no PostgreSQL at 127.0.0.1:5432: its keys are absent');
      },
    };
    for (const name of String(options.only ?? Object.keys(parts).join(',')).split(',')) {
      const part = parts[name];
      if (part === undefined) throw new Error(`--only ${name}: there are ${Object.keys(parts).join(', ')}`);
      const before = performance.now();
      await part();
      say(`${name}: ${((performance.now() - before) / 1000).toFixed(0)} s`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return figures;
}

async function sqlite(ours: string, theirs: string, figures: Record<string, number>): Promise<void> {
  const frame = frameOf(50_000);
  const storage = await sqliteStorage(ours, { driver: 'libsql', durability: 'normal' });
  const raw = new Libsql(theirs);
  raw.exec('pragma journal_mode = wal; pragma synchronous = normal');
  raw.exec(`create table telemetry ${table} without rowid`);
  const insert = raw.prepare(insertText) as unknown as RawStatement;
  const select = raw.prepare(selectText) as unknown as { raw(): { all(values: unknown[]): unknown[][] } };
  await storage.writeFrame('warm', frame.sliceRows(0, 100));
  let round = 0;
  const inserted = await interleaved(
    {
      ours: () => storage.writeFrame(`a${round}`, frame),
      theirs: () => {
        raw.exec('begin');
        insertRaw(insert, frame, `a${round++}`);
        raw.exec('commit');
      },
    },
    5,
  );
  const read = await interleaved(
    {
      ours: () => storage.read({ assetId: 'a0', channels }),
      theirs: () => columnsOf(select.raw().all(['default', 'a0', 0, 9e15])),
    },
    5,
  );
  figures.sqlite_insert_ratio = ratio(inserted);
  figures.sqlite_read_ratio = ratio(read);
  figures.sqlite_insert_rows_per_s = Math.round(frame.length / ((inserted.ours as number) / 1000));
  raw.close();
  await storage.close();
}

/** What a caller of the raw driver does with the rows to compute on them. */
function columnsOf(rows: readonly (readonly unknown[])[]): Float64Array[] {
  return Array.from({ length: rows[0]?.length ?? 0 }, (_, k) =>
    Float64Array.from(rows, (row) => (row[k] ?? Number.NaN) as number),
  );
}

async function sqlJs(figures: Record<string, number>): Promise<void> {
  const frame = frameOf(30_000);
  const module = await initSqlJs();
  const storage = await sqlJsStorage({
    sqlJs: module as unknown as NonNullable<Parameters<typeof sqlJsStorage>[0]>['sqlJs'],
  });
  const raw = new module.Database();
  raw.run(`create table telemetry ${table} without rowid`);
  const insert = raw.prepare(insertText) as unknown as RawStatement;
  const select = raw.prepare(selectText);
  await storage.writeFrame('warm', frame.sliceRows(0, 100));
  let round = 0;
  const inserted = await interleaved(
    {
      ours: () => storage.writeFrame(`a${round}`, frame),
      theirs: () => {
        raw.run('begin');
        insertRaw(insert, frame, `a${round++}`);
        raw.run('commit');
      },
    },
    5,
  );
  const read = await interleaved(
    {
      ours: () => storage.read({ assetId: 'a0', channels }),
      theirs: () => {
        const rows: unknown[][] = [];
        select.bind(['default', 'a0', 0, 9e15]);
        while (select.step()) rows.push(select.get());
        return columnsOf(rows);
      },
    },
    5,
  );
  figures.sqljs_insert_ratio = ratio(inserted);
  figures.sqljs_read_ratio = ratio(read);
  await storage.close();
}

/** Scan of one channel from segments against rows of the raw driver, size, and what roll-ups cost. */
async function archive(folder: string, days: number, figures: Record<string, number>): Promise<void> {
  const file = join(folder, 'archive.db');
  const storage = await sqliteStorage(file, { driver: 'libsql', durability: 'normal', maxRows: 10_000_000 });
  const perDay = dayMs / step;
  let insertTime = 0;
  let rollupTime = 0;
  for (let d = 0; d < days; d++) {
    const frame = frameOf(perDay, start + d * dayMs);
    const before = performance.now();
    await storage.writeFrame('a', frame);
    const between = performance.now();
    await storage.refreshRollups();
    insertTime += between - before;
    rollupTime += performance.now() - between;
  }
  figures.rollup_overhead = rollupTime / insertTime;
  await storage.vacuum();
  const raw = new Libsql(file);
  raw.exec('pragma wal_checkpoint(truncate)');
  const pages = () =>
    (
      raw.prepare(`select sum(pgsize) from dbstat where name = 'telemetry'`) as unknown as {
        raw(): { all(): number[][] };
      }
    )
      .raw()
      .all()[0]?.[0] ?? 0;
  const rowBytes = await pages();
  figures.bytes_per_reading_rows = rowBytes / (days * perDay);
  const select = raw.prepare(
    `select time, channel0 from telemetry where tenant_id = ? and asset_id = ? and time >= ? and time < ? order by time`,
  ) as unknown as { raw(): { iterate(values: unknown[]): Iterable<[number, number]> } };
  const rawTimes: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = performance.now();
    // Not all rows at once: so many arrays would mostly measure the garbage collector.
    const [time, values]: [number[], number[]] = [[], []];
    for (const [t, value] of select.raw().iterate(['default', 'a', 0, 9e15])) {
      time.push(t);
      values.push(value);
    }
    rawTimes.push(performance.now() - before);
  }
  await storage.retain({ archiveAfter: 0 }, { now: start + days * dayMs });
  const segments =
    (
      raw.prepare(`select sum(length(data)) from blocks where kind = 'raw'`) as unknown as {
        raw(): { all(): number[][] };
      }
    )
      .raw()
      .all()[0]?.[0] ?? 0;
  figures.archive_size_ratio = segments / rowBytes;
  figures.bytes_per_reading_archive = segments / (days * perDay);
  const ourTimes: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = performance.now();
    const { length } = await storage.read({ assetId: 'a', channels: ['channel0'], limit: 10_000_000 });
    ourTimes.push(performance.now() - before);
    figures.archive_rows = length;
  }
  figures.archive_scan_ratio = median(rawTimes) / median(ourTimes);
  figures.database_bytes = (await stat(file)).size;
  raw.close();
  await storage.close();
}

async function sqliteGrowth(file: string, rows: number, figures: Record<string, number>): Promise<void> {
  const storage = await sqliteStorage(file, { driver: 'libsql', durability: 'normal' });
  figures.growth_rows = rows;
  figures.growth_100x = await growth(storage, rows);
  await storage.close();
}

/** How the time of a range of the same length grows with the table: with `rows` rows over with a million. */
async function growth(storage: TenantStorage, rows: number): Promise<number> {
  const perBatch = 100_000;
  const timeOf = async (count: number) => {
    const times: number[] = [];
    for (let n = 0; n < 25; n++) {
      const from = start + Math.floor((((n * 37) % 25) / 25) * (count - 20_000)) * step;
      const before = performance.now();
      await storage.read({ assetId: 'a', channels: ['one'], from, to: from + 10_000 * step });
      times.push(performance.now() - before);
    }
    return median(times);
  };
  let first = 0;
  for (let count = 0; count < rows; count += perBatch) {
    await storage.writeFrame('a', frameOf(perBatch, start + count * step, ['one']));
    if (count + perBatch === 1_000_000) first = await timeOf(1_000_000);
  }
  return (await timeOf(rows)) / first;
}

async function postgres(growthRows: number, figures: Record<string, number>): Promise<void> {
  const connectionString = 'postgres://postgres@127.0.0.1:5432/test';
  const schema = `bench_${process.pid}`;
  const storage: Storage = await postgresStorage({ connectionString, schema });
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`create schema ${schema}_peer`);
  await client.query(`set search_path = ${schema}_peer`);
  await client.query(`create table telemetry ${table}`);
  const frame = frameOf(50_000);
  const data = channels.map((name) => frame.column(name));
  await storage.writeFrame('warm', frame.sliceRows(0, 100));
  let round = 0;
  const unnestText = `insert into telemetry (${columnNames.join(', ')}) select * from unnest($1::text[], $2::text[], $3::int8[], ${channels.map((_, k) => `$${k + 4}::float8[]`).join(', ')}) on conflict (tenant_id, asset_id, time) do update set ${sets}`;
  const times = await interleaved(
    {
      ours: () => storage.writeFrame(`a${round}`, frame),
      copy: async () => {
        const lines = function* () {
          for (let i = 0; i < frame.length; i++)
            yield `default\ta${round}\t${frame.time[i]}\t${data.map((column) => column[i]).join('\t')}\n`;
        };
        await pipeline(
          Readable.from(batched(lines())),
          client.query(copyFrom(`copy telemetry (${columnNames.join(', ')}) from stdin`)),
        );
      },
      unnest: async () => {
        await client.query('begin');
        for (let at = 0; at < frame.length; at += 10_000) {
          const part = frame.sliceRows(at, at + 10_000);
          await client.query(unnestText, [
            new Array(part.length).fill('default'),
            new Array(part.length).fill(`u${round}`),
            [...part.time],
            ...channels.map((name) => [...part.column(name)]),
          ]);
        }
        await client.query('commit');
        round++;
      },
    },
    5,
  );
  figures.pg_insert_ratio = Math.min(times.copy as number, times.unnest as number) / (times.ours as number);
  figures.pg_insert_rows_per_s = Math.round(frame.length / ((times.ours as number) / 1000));
  figures.pg_growth_rows = growthRows;
  figures.pg_growth_100x = await growth(storage.tenant('growth'), growthRows);
  await storage.close();
  await client.query(`drop schema ${schema} cascade`);
  await client.query(`drop schema ${schema}_peer cascade`);
  await client.end();
}

/** Lines in pieces of 1,000, as a careful hand would send them. */
function* batched(lines: Iterable<string>): Generator<string> {
  let piece: string[] = [];
  for (const line of lines) {
    piece.push(line);
    if (piece.length === 1_000) {
      yield piece.join('');
      piece = [];
    }
  }
  yield piece.join('');
}

function ratio(times: Readonly<Record<string, number>>): number {
  return (times.theirs as number) / (times.ours as number);
}

function serverThere(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: 5432 });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}
