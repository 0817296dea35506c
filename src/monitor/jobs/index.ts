export { type PlainFrame, plainFrame } from '../learning/plain-frame.js';
export type { DiagnosePayload, DiagnoseResult } from './diagnose.js';
export { type LocalJobsOptions, localJobs } from './local.js';
export { monitorJobs, type PrognosePayload } from './monitor-jobs.js';
export type { JobContext, JobCounts, JobHandle, JobHandler, JobPriority, JobQueue, JobRequest } from './queue.js';
export { answerCall, type JobWorker, type WorkerCall, workerHandler } from './worker.js';
