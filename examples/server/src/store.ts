import { memoryStorage, type Storage } from 'twinergy';
import { postgresStorage } from 'twinergy/storage/postgres';
import { sqliteStorage } from 'twinergy/storage/sqlite';

/** Opens the store that a setting names: a file of SQLite, `memory:`, or a PostgreSQL database. */
export async function openStore(where: string): Promise<Storage> {
  if (where === 'memory:') return memoryStorage();
  if (/^postgres(ql)?:\/\//.test(where)) {
    const url = new URL(where);
    const schema = url.searchParams.get('schema') ?? undefined;
    url.searchParams.delete('schema');
    return postgresStorage({ connectionString: url.toString(), ...(schema !== undefined && { schema }) });
  }
  return sqliteStorage(where.replace(/^sqlite:(\/\/)?/, ''));
}

/** What of a setting may be shown: no password. */
export function shownStore(where: string): string {
  return where.replace(/:\/\/([^:@/]+):[^@/]*@/, '://$1:…@');
}
