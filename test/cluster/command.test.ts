import { describe, expect, it } from 'vitest';
import { clusterCommand } from '../../src/cluster/command/index.js';
import { ClusterWorker, linkCluster } from '../../src/cluster/index.js';
import { memoryStorage } from '../../src/storage/index.js';
import { examplePlant } from '../../src/twin/index.js';
import { missing, services } from './services.js';

/** Runs the command: what it wrote, and what it said. */
async function run(...args: string[]): Promise<{ readonly out: string; readonly said: string[] }> {
  const written: string[] = [];
  const said: string[] = [];
  const write = (piece: string) => void written.push(piece);
  await clusterCommand(args, { write, say: (line) => void said.push(line) });
  return { out: written.join(''), said };
}

it.each([
  [[]],
  [['fly']],
  [['drain']],
  [['status', 'all']],
  [['status', '--loud']],
  [['status', '--partitions', 'many']],
  [['train']],
  [['settle']],
])('refuses %j with how it is used', async (args) => {
  await expect(run(...args)).rejects.toMatchObject({ code: 'CLUSTER_USAGE', hint: expect.stringContaining('replay') });
});

const away = await missing('nats');
if (away.length > 0) {
  describe.skip('cluster command: no NATS at 127.0.0.1', () => undefined);
} else {
  it('shows a cluster, and lets a worker leave', async () => {
    const name = `command-${process.pid}`;
    const options = { nats: services.nats, name, partitions: 2, stored: 'memory' } as const;
    const link = await linkCluster(options);
    const own = await linkCluster(options);
    const at = ['--nats', services.nats, '--name', name, '--partitions', '2'];
    try {
      const worker = await ClusterWorker.start(own, {
        id: 'north',
        storage: await memoryStorage(),
        assets: [examplePlant('home', 'roof')],
        monitor: { models: false },
        beat: 100,
      });
      await until(() => worker.partitions.length === 2);
      const status = JSON.parse((await run('status', '--json', ...at)).out) as {
        readonly partitions: readonly { readonly owner: string }[];
      };
      expect(status.partitions.map(({ owner }) => owner)).toEqual(['north', 'north']);
      expect((await run('status', ...at)).out).toMatch(/1 workers, 2 partitions, 0 without an owner/);
      await expect(run('replay', '2', '--from', '1', ...at)).rejects.toMatchObject({ code: 'CLUSTER_USAGE' });
      expect((await run('drain', 'north', ...at)).said).toEqual([expect.stringContaining('north')]);
      await until(() => worker.partitions.length === 0);
      await until(async () => /^cluster \S+: 0 workers/.test((await run('status', ...at)).out));
    } finally {
      await link.manager.streams.delete(link.names.stream);
      await link.manager.streams.delete(`KV_${link.names.bucket}`);
      await Promise.all([link.close(), own.close()]);
    }
  }, 30_000);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    if (i > 400) throw new Error('It did not come to be.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
