import { runNamed } from './harness.js';

await runNamed('bench', new URL('./', import.meta.url), process.argv.slice(2));
