import { describe, it } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { pgliteStorage } from './index.js';

// Starting PostgreSQL inside WebAssembly takes up to a minute on a slow machine.
if (process.env.TWINERGY_SLOW_TESTS === undefined) {
  describe.skip('pglite: set TWINERGY_SLOW_TESTS=1 to run its suite', () => undefined);
} else storageConformance({ describe, it }, { name: 'pglite', open: () => pgliteStorage() });
