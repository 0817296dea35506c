import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../free-ports.js';
import { answers } from './nats.js';

/** A Redis server of one's own. */
export interface OwnRedis {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a Redis that keeps nothing on disk. Rejects where `redis-server` is not installed. */
export async function ownRedis(): Promise<OwnRedis> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const made = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      {
        stdio: 'ignore',
        cwd: '/tmp',
      },
    );
    await new Promise<void>((resolve, reject) => made.once('spawn', () => resolve()).once('error', reject));
    child = made;
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    async kill() {
      const old = child;
      child = undefined;
      if (old === undefined) return;
      const ended = new Promise((resolve) => old.once('close', resolve));
      old.kill('SIGKILL');
      await ended;
    },
  };
}
