/** A thread's own beginning, in plain JavaScript: lets it read TypeScript, does one of the monitor's jobs, and answers. */
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { answerCall, monitorJobs } = await import('twinergy/monitor');
parentPort?.on('message', (call) => {
  void answerCall(call, monitorJobs, (answer) => parentPort?.postMessage(answer));
});
