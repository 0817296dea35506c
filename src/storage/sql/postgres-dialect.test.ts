import { describe, expect, it } from 'vitest';
import { SqlCompiler } from './compile.js';
import { manyRows } from './many.js';
import { PostgresDialect } from './postgres-dialect.js';
import { plainArrays } from './postgres-telemetry.js';

function statements(timescale: boolean): string[] {
  const dialect = new PostgresDialect({
    adapter: 'postgres',
    persistent: true,
    multiProcess: true,
    timescale,
    arrays: plainArrays,
  });
  const compiler = new SqlCompiler(dialect);
  return dialect.createTelemetry('telemetry').map((statement) => compiler.compile(statement).sql);
}

describe('the dialect of PostgreSQL', () => {
  it('keeps telemetry in months with a BRIN index, or in a hypertable where TimescaleDB is', () => {
    const native = statements(false).join('\n');
    expect(native).toMatch(/partition by range \(time\)/);
    expect(native).toMatch(/using brin \(time\)/);
    const hypertable = statements(true).join('\n');
    expect(hypertable).toMatch(/create_hypertable\('telemetry', 'time', chunk_time_interval => 2592000000/);
    expect(hypertable).not.toMatch(/partition|brin/);
    for (const text of [native, hypertable]) expect(text).toMatch(/force row level security/);
  });

  it('writes many rows in one statement, each with parameters of its own', () => {
    const [statement] = manyRows('insert into t (a, b) values ($1, $2) on conflict do nothing', 3, 2, (row, values) => {
      values[0] = row;
      values[1] = `'); drop table t; --`;
    });
    expect(statement?.text).toBe('insert into t (a, b) values ($1, $2), ($3, $4), ($5, $6) on conflict do nothing');
    expect(statement?.values).toEqual([
      0,
      `'); drop table t; --`,
      1,
      `'); drop table t; --`,
      2,
      `'); drop table t; --`,
    ]);
  });
});
