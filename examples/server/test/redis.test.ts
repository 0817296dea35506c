import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MemoryAnswers } from '../src/http/answers.js';
import type { Peers } from '../src/peers/peers.js';
import { answersOver, overRedis, RedisLink } from '../src/peers/redis.js';

const there = spawnSync('which', ['redis-server']).status === 0;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A database's way to tell, which remembers what it was given. */
function byDatabase(): Peers & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    claim: async () => true,
    release: async () => undefined,
    tell: (message) => void told.push(message()),
    onMessage: undefined,
    onLost: undefined,
    others: true,
    shared: true,
    close: async () => undefined,
  };
}

describe('answers that are kept', () => {
  it('are over after their time, and the oldest give way', async () => {
    const answers = new MemoryAnswers(2);
    answers.set('a', '1', 60);
    answers.set('b', '2', -1);
    expect([await answers.get('a'), await answers.get('b')]).toEqual(['1', undefined]);
    for (const key of ['c', 'd']) answers.set(key, key, 60);
    expect([await answers.get('a'), await answers.get('d')]).toEqual([undefined, 'd']);
  });
});

describe.skipIf(!there && process.env.CI !== 'true')('servers that share a Redis', () => {
  let port: number;
  let redis: ReturnType<typeof start>;
  const start = () =>
    spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], { stdio: 'ignore' });
  const said: string[] = [];
  const join = async (space: string) => {
    const database = byDatabase();
    const link = await RedisLink.open({
      url: `redis://127.0.0.1:${port}`,
      space,
      say: (text) => void said.push(text),
    });
    await vi.waitFor(() => expect(link.ready).toBe(true), { timeout: 10_000 });
    const heard: string[] = [];
    const peers = overRedis(database, link);
    peers.onMessage = (message) => void heard.push(message);
    return { link, peers, database, heard, answers: answersOver(link, new MemoryAnswers()) };
  };
  let servers: Awaited<ReturnType<typeof join>>[];

  beforeAll(async () => {
    port = await freePort();
    redis = start();
    servers = await Promise.all([join('ours'), join('ours'), join('of another store')]);
    // Whoever is ready may still be about to subscribe.
    await vi.waitFor(async () => {
      servers[0]?.peers.tell(() => 'hello');
      await wait(20);
      expect(servers[1]?.heard.length).toBeGreaterThan(0);
    });
  }, 30_000);
  afterAll(async () => {
    for (const { peers } of servers) await peers.close();
    redis.kill('SIGKILL');
  });

  it('tell each other, not themselves, and nobody of another store', async () => {
    const [one, two, foreign] = servers;
    one?.peers.tell(() => 'something happened');
    await expect.poll(() => two?.heard).toContain('something happened');
    expect(one?.heard).toEqual([]);
    expect(foreign?.heard).toEqual([]);
    expect(one?.database.told).toEqual([]);
  });

  it('keep answers for each other', async () => {
    const [one, two, foreign] = servers;
    one?.answers.set('default /forecast', '{"a":1}', 60);
    await expect.poll(() => two?.answers.get('default /forecast')).toBe('{"a":1}');
    expect(await foreign?.answers.get('default /forecast')).toBeUndefined();
  });

  it('go by the database while Redis is away, and over Redis again when it is back', async () => {
    const [one, two] = servers;
    redis.kill('SIGKILL');
    await expect.poll(() => one?.link.ready, { timeout: 10_000 }).toBe(false);
    one?.peers.tell(() => 'by the database');
    expect(one?.database.told).toEqual(['by the database']);
    two?.database.onMessage?.('by the database');
    expect(two?.heard).toContain('by the database');
    one?.answers.set('key', 'own', 60);
    expect(await one?.answers.get('key')).toBe('own');
    redis = start();
    await expect.poll(() => one?.link.ready && two?.link.ready, { timeout: 15_000 }).toBe(true);
    await expect
      .poll(
        async () => {
          one?.peers.tell(() => 'again');
          await wait(20);
          return two?.heard;
        },
        { timeout: 10_000 },
      )
      .toContain('again');
    expect(said.some((text) => text.includes('answers again'))).toBe(true);
  }, 40_000);
});
