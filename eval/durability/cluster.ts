import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../free-ports.js';

/** A PostgreSQL server of the evaluation's own, which it may stop, crash and start without disturbing anybody. */
export interface Cluster {
  readonly url: string;
  /** Where it lives; the user that the server runs as may write here. */
  readonly folder: string;
  start(): void;
  /** `fast` ends all sessions; `immediate` is a crash: the next start recovers from the log. */
  stop(mode: 'fast' | 'immediate'): void;
  /** Stops it like a crash, and starts it again, without holding up this process. */
  crash(): Promise<void>;
  recover(): Promise<void>;
  /** Makes a database whose tables are in the folder `place`. */
  database(name: string, place: string): Promise<{ readonly url: string; drop(): Promise<void> }>;
  /** Dumps the cluster's own database with pg_dump while it is in use, and restores it into a new one; the address of that. */
  dumpInto(name: string): Promise<string>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Makes a cluster in a folder of its own and starts it; undefined where PostgreSQL's programs are not there. */
export async function makeCluster(): Promise<Cluster | undefined> {
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-postgres-'));
  const owner = serverUser();
  await chown(folder, ...owner);
  const commandOf = (program: string, args: readonly string[]): [name: string, rest: string[]] => {
    const [uid, gid] = owner;
    const as = uid === process.getuid?.() ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const [name, ...rest] = [...as, join(programs, program), ...args];
    return [name as string, rest];
  };
  const runBeside = (program: string, ...args: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(...commandOf(program, args), { stdio: 'ignore' });
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}.`))));
    });
  const run = (program: string, ...args: string[]) => {
    const [name, rest] = commandOf(program, args);
    const { status, stdout, stderr } = spawnSync(name, rest, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0) throw new Error(`${program} failed: ${stdout}${stderr}`);
  };
  const data = join(folder, 'data');
  const port = await freePort();
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync');
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=60`;
  const cluster: Cluster = {
    folder,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: () => run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start'),
    stop: (mode) => run('pg_ctl', '-D', data, '-w', '-m', mode, 'stop'),
    crash: () => runBeside('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop'),
    recover: () => runBeside('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start'),
    async database(name, place) {
      await chown(place, ...owner);
      await administer(
        cluster.url,
        `create tablespace ${name} location '${place}'`,
        `create database ${name} tablespace ${name}`,
      );
      return {
        url: `postgres://postgres@127.0.0.1:${port}/${name}`,
        drop: () => administer(cluster.url, `drop database ${name} with (force)`, `drop tablespace ${name}`),
      };
    },
    async dumpInto(name) {
      await administer(cluster.url, `create database ${name}`);
      const url = `postgres://postgres@127.0.0.1:${port}/${name}`;
      const dump = join(folder, `${name}.sql`);
      const program = (file: string, ...args: string[]) => promisify(execFile)(join(programs, file), args);
      await program('pg_dump', '--dbname', cluster.url, '--file', dump);
      await program('psql', '--dbname', url, '--file', dump, '--quiet', '--set', 'ON_ERROR_STOP=1');
      return url;
    },
    async remove() {
      if (existsSync(join(data, 'postmaster.pid'))) cluster.stop('immediate');
      await rm(folder, { recursive: true });
    },
  };
  cluster.start();
  return cluster;
}

function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const places = [
    ...(existsSync(root)
      ? readdirSync(root)
          .sort()
          .reverse()
          .map((version) => join(root, version, 'bin'))
      : []),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return places.find((place) => existsSync(join(place, 'initdb')));
}

/** Who the server runs as: this user, or where that is root, which PostgreSQL refuses, the user `postgres`. */
function serverUser(): [uid: number, gid: number] {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (uid !== 0) return [uid, gid];
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return [idOf('-u'), idOf('-g')];
}

async function administer(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
