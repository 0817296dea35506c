import { quote, TwinergyError } from '../../core/errors.js';
import type { Reading } from '../../core/reading.js';
import { throwIfAborted, type WorkOptions } from '../../core/work.js';
import { type StorageRecord, type TableName, tableNames } from '../contract/tables.js';
import type { Storage, StoredChannel, TenantStorage } from '../contract.js';

/** One line of an exported tenant. */
type Line =
  | { readonly format: 'twinergy-tenant'; readonly version: 1; readonly tenantId: string }
  | { readonly channels: readonly StoredChannel[] }
  | { readonly table: TableName; readonly records: readonly StorageRecord[] }
  | { readonly readings: readonly Reading[] };

/**
 * Checkpoints come first: they may then lag behind what else is exported while others write, which a consumer makes good by
 * reading its input again; a checkpoint ahead of the rest would be a loss.
 */
const exportOrder: readonly TableName[] = ['checkpoints', ...tableNames.filter((table) => table !== 'checkpoints')];

/** Everything of a tenant as lines of JSON. Roll-ups are left out: they are made anew. */
export async function* exportTenant(tenant: TenantStorage, signal: AbortSignal | undefined): AsyncIterable<string> {
  const line = (value: Line) => JSON.stringify(value);
  yield line({ format: 'twinergy-tenant', version: 1, tenantId: tenant.tenantId });
  yield line({ channels: await tenant.channels() });
  for (const table of exportOrder) {
    let after: string | undefined;
    do {
      const page = await tenant.list(table, { limit: 1_000, after, signal });
      if (page.rows.length > 0) yield line({ table, records: page.rows });
      after = page.next;
    } while (after !== undefined);
  }
  for (const assetId of await tenant.telemetryAssets()) {
    let after: string | undefined;
    do {
      const page = await tenant.readings({ assetId, limit: 1_000, after, signal });
      if (page.rows.length > 0) yield line({ readings: page.rows });
      after = page.next;
    } while (after !== undefined);
  }
}

/** Reads what `exportTenant` wrote. Each line is one transaction; reading the same lines again changes nothing. */
export async function importTenant(
  tenant: TenantStorage,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    const value = parsed(text, number);
    if (number === 1) {
      if (!('format' in value) || value.format !== 'twinergy-tenant' || value.version !== 1) {
        throw new TwinergyError('STORAGE_BAD_IMPORT', 'The first line is not the header of an exported tenant.', {
          path: 'line 1',
        });
      }
    } else if ('channels' in value) await tenant.registerChannels(value.channels);
    else if ('table' in value) await tenant.put(value.table, value.records as StorageRecord<typeof value.table>[]);
    else if ('readings' in value) await tenant.write(value.readings);
    else
      throw new TwinergyError('STORAGE_BAD_IMPORT', `Line ${number} is of no known kind.`, { path: `line ${number}` });
  }
}

/** What `copyStorage` is told. */
export interface CopyOptions extends WorkOptions {
  /** Default: all tenants that have anything. */
  readonly tenants?: readonly string[] | undefined;
}

/**
 * Copies tenants from one store into another, whichever adapters they are. The copy is idempotent: after an interruption, or
 * to catch up with what was written meanwhile, run it again. Returns the tenants that were copied.
 */
export async function copyStorage(from: Storage, to: Storage, options: CopyOptions = {}): Promise<readonly string[]> {
  const { signal, onProgress } = options;
  const tenants = options.tenants ?? (await from.tenants());
  for (const [i, id] of tenants.entries()) {
    throwIfAborted(signal);
    onProgress?.({ phase: `copying tenant ${id}`, done: i, total: tenants.length });
    await to.tenant(id).import(from.tenant(id).export(signal === undefined ? {} : { signal }));
  }
  onProgress?.({ phase: 'copied', done: tenants.length, total: tenants.length });
  return tenants;
}

function parsed(text: string, number: number): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Line;
  } catch (cause) {
    throw new TwinergyError('STORAGE_BAD_IMPORT', `Line ${number} is not JSON.`, { path: `line ${number}`, cause });
  }
  throw new TwinergyError('STORAGE_BAD_IMPORT', `Line ${number} is ${quote(text)}.`, { path: `line ${number}` });
}
