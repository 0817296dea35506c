import { runNamed } from '../bench/harness.js';

await runNamed('eval', new URL('./tasks/', import.meta.url), process.argv.slice(2));
