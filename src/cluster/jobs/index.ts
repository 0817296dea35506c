export {
  type BrokerJob,
  type JobBroker,
  type JobEvent,
  type JobOutcome,
  type JobResults,
  storageResults,
  type Verdict,
} from './broker.js';
export { jetstreamBroker } from './jetstream.js';
export { type BrokerJobsOptions, brokerJobs } from './queue.js';
export { type RabbitChannel, type RabbitConnection, type RabbitOptions, rabbitBroker } from './rabbit.js';
export { type ServeJobsOptions, serveJobs } from './serve.js';
