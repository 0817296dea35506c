import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/index.js';
import { memoryStorage } from '../storage/index.js';
import { examplePlant } from '../twin/index.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1, 10);
const reading = (minute: number, temperature = 20) => ({
  assetId: plant.id,
  time: START + minute * 60_000,
  values: { temperature },
});

async function counted() {
  const storage = await memoryStorage();
  let commits = 0;
  let fail = false;
  let began: () => void = () => undefined;
  const commit = storage.commit.bind(storage);
  storage.commit = async (batch) => {
    commits++;
    began();
    if (fail) throw new Error('disk full');
    return commit(batch);
  };
  const monitor = new Monitor({
    assets: [plant],
    storage,
    models: false,
    clock: new ManualClock(START + 86_400_000),
  });
  await monitor.open();
  return {
    monitor,
    storage,
    commits: () => commits,
    /** When the next commit begins. */
    storing: () =>
      new Promise<void>((resolve) => {
        began = resolve;
      }),
    setFail: (value: boolean) => {
      fail = value;
    },
  };
}

describe('calls of ingest that come together', () => {
  it('go into one transaction, and each is told its own result', async () => {
    const { monitor, storage, commits, storing } = await counted();
    const before = commits();
    const first = monitor.ingest(reading(5));
    await storing();
    const bad = { ...reading(6), values: { temperature: 1e6 } };
    const others = [
      monitor.ingest([reading(7), reading(6)]),
      monitor.ingest([reading(7), bad]),
      monitor.ingest(reading(1)),
      monitor.ingest([]),
    ];
    expect(await first).toEqual({ accepted: 1, late: 0, duplicates: 0, rejected: [] });
    const [sorted, again, late, nothing] = await Promise.all(others);
    expect(sorted).toEqual({ accepted: 2, late: 0, duplicates: 0, rejected: [] });
    expect(again).toMatchObject({ accepted: 0, duplicates: 1, rejected: [{ reading: bad, code: 'OUT_OF_RANGE' }] });
    expect(late).toEqual({ accepted: 1, late: 1, duplicates: 0, rejected: [] });
    expect(nothing).toEqual({ accepted: 0, late: 0, duplicates: 0, rejected: [] });
    expect(commits() - before).toBe(2);
    expect((await storage.read({ assetId: plant.id })).length).toBe(4);
  });

  it('all fail where they cannot be stored, and can be sent again', async () => {
    const { monitor, storage, setFail } = await counted();
    setFail(true);
    const calls = [1, 2, 3].map((minute) => monitor.ingest(reading(minute)));
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    setFail(false);
    const again = await Promise.all([1, 2, 3].map((minute) => monitor.ingest(reading(minute))));
    expect(again.map(({ accepted }) => accepted)).toEqual([1, 1, 1]);
    expect((await storage.read({ assetId: plant.id })).length).toBe(3);
  });

  it('are refused after the monitor was closed', async () => {
    const { monitor, storing } = await counted();
    const under = monitor.ingest(reading(1));
    await storing();
    await monitor.close();
    expect((await under).accepted).toBe(1);
    await expect(monitor.ingest(reading(2))).rejects.toThrow('closed');
  });
});
