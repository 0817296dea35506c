// The entry of a worker: TypeScript is read by tsx, as in the thread that starts it.
import { register } from 'tsx/esm/api';

register();
await import('./fleet-job.ts');
