import { dayMs, hourMs, minuteMs } from '../contract/time.js';
import type { Storage, TenantStorage } from '../contract.js';

/** What a case is given. */
export interface CaseContext {
  readonly storage: Storage;
  /** A tenant that no other case uses. */
  readonly tenant: TenantStorage;
}

/** One case of the suite. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (context: CaseContext) => Promise<void>;
}

/** 2026-06-01T00:00:00Z, the start of most cases. */
export const start = Date.UTC(2026, 5, 1);

export const minute = minuteMs;
export const hour = hourMs;
export const day = dayMs;

/** One reading. */
export const one = (time: number, values: Record<string, number>, assetId = 'a') => ({ assetId, time, values });

/** Texts that have broken somebody's storage: all are kept as they are. */
export const hostileTexts: readonly string[] = [
  `'; drop table telemetry; --`,
  `" or ""="`,
  `x' or '1'='1`,
  `1; select pg_sleep(5)`,
  `tenant_id"), (select 1)--`,
  '`; delete from alerts; `',
  '$1 $2 :name @p1 ?',
  '%_\\%\\_',
  '\\x00 \\u0000 \\',
  '{"$ne": null}',
  `$.a[0]'--`,
  '../../etc/passwd',
  'naïve – 漢字 – 🜚 – ع',
  '𐀀 above ￿',
  ' leading and trailing ',
  'null',
  '__proto__x',
  'constructor',
  'a\tb'.replace('\t', ' '),
];
