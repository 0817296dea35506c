import { memoryStorage, type Storage } from 'twinergy';
import { postgresStorage } from 'twinergy/storage/postgres';
import { sqliteStorage } from 'twinergy/storage/sqlite';
import { type Answers, MemoryAnswers } from './http/answers.js';
import { alone, type Peers } from './peers/peers.js';

/** Opens the store that a setting names: a file of SQLite, `memory:`, or a PostgreSQL database. */
export async function openStore(where: string): Promise<Storage> {
  if (where === 'memory:') return memoryStorage();
  const postgres = postgresOf(where);
  if (postgres !== undefined) return postgresStorage(postgres);
  return sqliteStorage(where.replace(/^sqlite:(\/\/)?/, ''));
}

/** What the servers of a store share: who keeps what, live events, and answers that are kept; the last two over Redis where there is one. */
export async function openShared(
  { database, redis: url }: { readonly database: string; readonly redis: string | undefined },
  space: string,
  say: (text: string) => void,
): Promise<{ readonly peers: Peers; readonly answers: Answers }> {
  const peers = await openPeers(database, say);
  const answers = new MemoryAnswers();
  if (url === undefined) return { peers, answers };
  const { RedisLink, answersOver, overRedis } = await import('./peers/redis.js');
  const redis = await RedisLink.open({ url, space, say });
  return { peers: overRedis(peers, redis), answers: answersOver(redis, answers) };
}

/** The other servers on a store: there can be some where it is PostgreSQL. */
async function openPeers(where: string, say: (text: string) => void): Promise<Peers> {
  const postgres = postgresOf(where);
  if (postgres === undefined) return alone();
  const { PostgresPeers } = await import('./peers/postgres.js');
  return PostgresPeers.open({ ...postgres, schema: postgres.schema ?? '', say });
}

function postgresOf(where: string): { connectionString: string; schema?: string } | undefined {
  if (!/^postgres(ql)?:\/\//.test(where)) return undefined;
  const url = new URL(where);
  const schema = url.searchParams.get('schema') ?? undefined;
  url.searchParams.delete('schema');
  return { connectionString: url.toString(), ...(schema !== undefined && { schema }) };
}

/** What of a setting may be shown: no password. */
export function shownStore(where: string): string {
  return where.replace(/:\/\/([^:@/]+):[^@/]*@/, '://$1:…@');
}
