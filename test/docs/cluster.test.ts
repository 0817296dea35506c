import { afterAll, describe, expect, it } from 'vitest';
import { linkCluster } from '../../src/cluster/index.js';
import { administer, missing, services } from '../cluster/services.js';
import { runPage } from './run-page.js';

const away = await missing('postgres', 'nats');
if (away.length > 0) {
  describe.skip(`docs/cluster.md: no ${away.join(', ')} at 127.0.0.1`, () => undefined);
} else {
  const clear = async () => {
    const link = await linkCluster({ nats: services.nats, name: 'park', partitions: 8 });
    for (const stream of [link.names.stream, `KV_${link.names.bucket}`, `OBJ_${link.names.models}`])
      await link.manager.streams.delete(stream).catch(() => undefined);
    await link.close();
    await administer('drop schema if exists park cascade');
  };
  afterAll(clear);

  it('the walk-through of docs/cluster.md runs as written', async () => {
    await clear();
    const printed = runPage('cluster.md');
    expect(printed).toMatch(/^(\d+) readings are stored$/m);
    expect(printed).toContain('2 workers, 0 partitions without one');
    expect(printed).toContain('south has 8 partitions');
  }, 120_000);
}
