import type { Clock } from '../../core/clock.js';
import { systemClock } from '../../core/clock.js';
import type { Storage } from '../contract.js';
import { createStorage, type StorageOptions } from '../engine/storage.js';
import type { SqlDialect } from './dialect.js';
import type { SqlDriver } from './driver.js';
import { SqlEngine } from './engine.js';
import type { PlannedMigration } from './migrations.js';

/** Options of every SQL adapter. */
export interface SqlStorageOptions extends StorageOptions {
  /** Where the date of a migration comes from. */
  readonly clock?: Clock | undefined;
}

/** Migrates and opens; closes the driver again if that fails. */
export async function openSqlStorage(
  driver: SqlDriver,
  dialect: SqlDialect,
  options: SqlStorageOptions,
): Promise<Storage> {
  const engine = new SqlEngine(driver, dialect);
  try {
    await engine.migrate((options.clock ?? systemClock).now);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return createStorage(engine, options);
}

/** The migrations that opening would run, none of them run; closes the driver. */
export async function planSqlMigrations(driver: SqlDriver, dialect: SqlDialect): Promise<readonly PlannedMigration[]> {
  try {
    return await new SqlEngine(driver, dialect).plannedMigrations();
  } finally {
    await driver.close();
  }
}
