import { describe, it } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { memoryStorage } from './index.js';

storageConformance({ describe, it }, { name: 'memory', open: () => memoryStorage() });
