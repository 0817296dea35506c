import type { Storage } from '../contract.js';
import { createStorage, type StorageOptions } from '../engine/storage.js';
import { MemoryEngine } from './engine.js';

/** A store in the memory of this process. Nothing outlives it. */
export async function memoryStorage(options?: StorageOptions): Promise<Storage> {
  return createStorage(new MemoryEngine(), options);
}
