import { parentPort } from 'node:worker_threads';
import { runCase } from './case.js';
import { catalogueVocabulary, madeCase } from './made.js';
import type { Job } from './pool.js';
import { referenceCase, referenceVocabulary } from './reference.js';

parentPort?.on('message', (job: Job | null) => {
  if (job === null) {
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(
    'made' in job
      ? runCase(madeCase(job.made), catalogueVocabulary)
      : runCase(referenceCase(job.folder), referenceVocabulary),
  );
});
