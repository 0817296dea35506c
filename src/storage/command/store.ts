import type { Storage } from '../contract.js';

/** The address of a PostgreSQL server and the schema in it; undefined where `store` is a file. */
export function postgresOf(store: string): { connectionString: string; schema: string | undefined } | undefined {
  if (!/^postgres(ql)?:\/\//.test(store)) return undefined;
  const url = new URL(store);
  const schema = url.searchParams.get('schema') ?? undefined;
  url.searchParams.delete('schema');
  return { connectionString: url.href, schema };
}

/** Opens a store by its name on a command line, and closes it after the work. */
export async function withStore<T>(store: string | undefined, work: (storage: Storage) => Promise<T>): Promise<T> {
  const server = postgresOf(String(store));
  const storage =
    server === undefined
      ? await (await import('../sqlite/index.js')).sqliteStorage(String(store))
      : await (await import('../postgres/index.js')).postgresStorage(server);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}
