import { examplePlant, ManualClock, Monitor, memoryStorage } from 'twinergy';
import { describe, expect, it } from 'vitest';
import { describe as problemOf } from '../http/problem.js';
import { fencedStorage } from './fenced.js';

const plant = examplePlant('home');
const start = Date.UTC(2026, 5, 1, 10);
const reading = (minute: number) => ({
  assetId: plant.id,
  time: start + minute * 60_000,
  values: { temperature: 20 + minute },
});

describe('a tenant that was taken over', () => {
  it('is written by its new keeper alone, whatever the old one still does', async () => {
    const storage = await memoryStorage();
    const keep = async () =>
      new Monitor({
        assets: [plant],
        storage: await fencedStorage(storage, 'ours'),
        tenantId: 'ours',
        models: false,
        clock: new ManualClock(start + 86_400_000),
      });
    const old = await keep();
    expect((await old.ingest(reading(1))).accepted).toBe(1);
    const successor = await keep();
    expect((await successor.ingest(reading(2))).accepted).toBe(1);
    const late = await old.ingest(reading(3)).catch((error: unknown) => error);
    expect(problemOf(late)).toMatchObject({ status: 503, code: 'STORAGE_FENCED' });
    expect((await successor.ingest(reading(4))).accepted).toBe(1);
    const { time } = await storage.tenant('ours').read({ assetId: plant.id });
    expect([...time]).toEqual([1, 2, 4].map((minute) => reading(minute).time));
    // Another tenant is another matter.
    await storage.tenant('theirs').commit({ put: { documents: [{ id: 'a', time: start, kind: 'note' }] } });
  });
});
