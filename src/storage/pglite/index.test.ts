import { describe, it } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { pgliteStorage } from './index.js';

// The suite takes PostgreSQL in WebAssembly up to a minute. Under CI it always runs; in Chromium too (test/browser).
if (process.env.TWINERGY_SLOW_TESTS === undefined && process.env.CI === undefined) {
  describe.skip('pglite: set TWINERGY_SLOW_TESTS=1 to run its suite', () => undefined);
} else storageConformance({ describe, it }, { name: 'pglite', open: () => pgliteStorage() });
