export { lruCache, type RedisClient, redisCache, type StorageCache } from './cached/cache.js';
export { type CachedOptions, cached } from './cached/cached.js';
export type * from './contract/engine.js';
export type * from './contract/outbox.js';
export {
  type ColumnKind,
  columnsOf,
  type StorageRecord,
  type TableName,
  tableNames,
  tables,
} from './contract/tables.js';
export type * from './contract.js';
export { createStorage, defaultTenant, type StorageOptions } from './engine/storage.js';
export { type CopyOptions, copyStorage } from './engine/transfer.js';
export { memoryStorage } from './memory/index.js';
