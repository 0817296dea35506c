import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { examplePlant } from '../../twin/index.js';
import { Monitor } from '../monitor.js';
import { localJobs, monitorJobs, workerHandler } from './index.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1, 10);

/** A thread that does the monitor's jobs, from the sources. */
const thread = () =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', async (call) => {
      const { register } = await import('tsx/esm/api');
      register();
      const { answerCall, monitorJobs } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      await answerCall(call, monitorJobs, (answer) => parentPort.postMessage(answer));
    });`,
    { eval: true },
  );

it('trains in a worker thread while readings go on being taken in, with the same models as in this one', async () => {
  const models = { soundDays: 4, fleet: 0 };
  const options = { assets: [plant], models, clock: new ManualClock(START + 3_600_000) };
  const jobs = localJobs({ handlers: { ...monitorJobs, train: workerHandler('train', thread) } });
  const [away, here] = [new Monitor({ ...options, jobs }), new Monitor(options)];
  const training = away.train();
  await expect(away.ingest({ assetId: plant.id, time: START, values: { temperature: 20 } })).resolves.toMatchObject({
    accepted: 1,
  });
  expect(away.trained).toBe(false);
  await Promise.all([training, here.train()]);
  expect(jobs.counts).toMatchObject({ done: 1, failed: 0 });
  const reading = {
    assetId: plant.id,
    time: START + 60_000,
    values: { acPower: 1000, dcPower: 1100, poaGlobal: 700, airTemperature: 20, windSpeed: 2 },
  };
  expect(away.judge(reading).anomaly).toEqual(here.judge(reading).anomaly);
  expect(away.judge(reading).anomaly).toBeDefined();
  await jobs.close();
}, 60_000);
