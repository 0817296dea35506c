import { expect, it } from 'vitest';
import { ManualClock } from '../core/index.js';
import { memoryStorage } from '../storage/index.js';
import { examplePlant, type PlantDescription } from '../twin/index.js';
import { type JobHandler, localJobs, Monitor, monitorJobs, trainKinds } from './index.js';
import { ModelRegistry } from './registry/index.js';

const models = { soundDays: 3, fleet: 0 };
const clock = new ManualClock(Date.UTC(2026, 5, 1));
const other = examplePlant('home', 'c');
const assets = [
  examplePlant('home', 'a'),
  examplePlant('home', 'b'),
  { ...other, site: { ...other.site, latitude: 43.21 } },
];

/** A queue that counts the jobs of each id. */
function counted(train: JobHandler = monitorJobs.train) {
  const descriptions: unknown[] = [];
  const jobs = localJobs({
    handlers: {
      train: (payload, context) => {
        descriptions.push((payload as { description: unknown }).description);
        return train(payload, context);
      },
    },
    concurrency: 2,
  });
  return { jobs, descriptions };
}

it('trains each kind of asset once, as monitors share models, and nothing twice', async () => {
  const storage = await memoryStorage();
  const { jobs, descriptions } = counted();
  const progress: string[] = [];
  const options = { jobs, assets, models, clock } as const;
  const first = await trainKinds(storage, {
    ...options,
    onProgress: ({ phase, done, total }) => progress.push(`${done}/${total} ${phase}`),
  });
  expect(first.map(({ assetIds, outcome, version }) => ({ assetIds: [...assetIds], outcome, version }))).toEqual(
    expect.arrayContaining([
      { assetIds: ['a', 'b'], outcome: 'current', version: 1 },
      { assetIds: ['c'], outcome: 'current', version: 1 },
    ]),
  );
  expect(descriptions.length).toBe(2);
  expect(progress.at(-1)).toMatch(/^2\/2 prior:.*: current$/);
  const registry = new ModelRegistry(storage);
  const { name } = first[0] as (typeof first)[0];
  const card = await registry.card(name);
  expect(card.data?.rows).toBeGreaterThan(100);
  expect(Object.keys(card.metrics)).toEqual(['falseShare', 'found']);
  // The same again; and monitors find them.
  expect((await trainKinds(storage, options)).map(({ outcome }) => outcome)).toEqual(['known', 'known']);
  const monitor = new Monitor({ assets, storage, clock, models: { soundDays: 99 }, jobs });
  await monitor.train();
  expect(monitor.trained).toBe(true);
  expect(descriptions.length).toBe(2);
  // Another round runs beside; plants may come from storage.
  const second = await trainKinds(storage, { jobs, models, run: 'second', clock });
  expect(second.map(({ outcome, version }) => ({ outcome, version }))).toEqual([
    { outcome: 'shadow', version: 2 },
    { outcome: 'shadow', version: 2 },
  ]);
  expect(await registry.line(name)).toMatchObject({ current: 1, shadow: 2 });
  const third = await trainKinds(storage, { jobs, assets: assets.slice(0, 1), models, run: '3', place: 'current' });
  expect(third).toMatchObject([{ outcome: 'current', version: 3 }]);
}, 60_000);

it('goes on with the others where a kind fails, and ends when it is cancelled', async () => {
  const storage = await memoryStorage();
  const { jobs } = counted((payload, context) => {
    if ((payload as { description: PlantDescription }).description.site.latitude === 43.21) throw new Error('no');
    return monitorJobs.train(payload, context);
  });
  const trained = await trainKinds(storage, { jobs, assets, models, clock });
  expect(trained.map(({ outcome }) => outcome).sort()).toEqual(['current', 'failed']);
  expect(trained.find(({ outcome }) => outcome === 'failed')).toMatchObject({
    assetIds: ['c'],
    version: null,
    error: new Error('no'),
  });
  const controller = new AbortController();
  const cancelled = trainKinds(storage, {
    ...{ jobs, assets, models, clock, run: 'again' },
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'ABORTED' });
  const line = await new ModelRegistry(storage).line(trained.find(({ outcome }) => outcome === 'current')?.name ?? '');
  expect(line?.versions.length).toBe(1);
}, 60_000);
