import { quote, TwinergyError } from '../../core/errors.js';
import { checkId } from '../contract/check.js';
import type { StorageEngine } from '../contract/engine.js';
import type { IntegrityReport, Storage, StorageCapabilities, TenantStorage } from '../contract.js';
import { CommitQueue, type QueueOptions } from './queue.js';
import { RecentFrames } from './recent.js';
import { TenantView } from './tenant.js';

/** Options that every adapter takes. */
export interface StorageOptions extends QueueOptions {
  /** The most rows that one `read` gives without a limit of its own (default 5,000,000). */
  readonly maxRows?: number | undefined;
}

/** The tenant that `storage.write(…)` and the like speak of. */
export const defaultTenant = 'default';

/** Makes the whole of `Storage` from what an adapter can do. Arguments are checked here, so that engines need not. */
export function createStorage(engine: StorageEngine, options: StorageOptions = {}): Storage {
  return new EngineStorage(engine, options);
}

class EngineStorage extends TenantView implements Storage {
  readonly #engine: StorageEngine;
  readonly #queue: CommitQueue;
  readonly #recent: RecentFrames;
  readonly #options: StorageOptions;
  readonly #tenants = new Map<string, TenantStorage>();
  readonly #state: { closed: boolean };

  constructor(engine: StorageEngine, options: StorageOptions) {
    const state = { closed: false };
    const guarded = guard(engine, state);
    const queue = new CommitQueue((changes) => guarded.apply(changes), options);
    const recent = new RecentFrames();
    super(defaultTenant, guarded, queue, recent, options);
    this.#recent = recent;
    this.#engine = guarded;
    this.#queue = queue;
    this.#options = options;
    this.#state = state;
  }

  get adapter(): string {
    return this.#engine.adapter;
  }

  get capabilities(): StorageCapabilities {
    return this.#engine.capabilities;
  }

  get pending(): number {
    return this.#queue.pending;
  }

  tenant(id: string): TenantStorage {
    checkId(id, 'tenant');
    if (id === defaultTenant) return this;
    let tenant = this.#tenants.get(id);
    if (tenant === undefined) {
      tenant = new TenantView(id, this.#engine, this.#queue, this.#recent, this.#options);
      this.#tenants.set(id, tenant);
    }
    return tenant;
  }

  tenants(): Promise<string[]> {
    return this.#engine.tenants();
  }

  async backup(path: string): Promise<void> {
    if (this.#engine.backup === undefined) {
      throw new TwinergyError('STORAGE_UNSUPPORTED', `The adapter ${quote(this.adapter)} makes no backup files.`, {
        path: 'backup',
        hint: 'PostgreSQL has pg_dump; export() writes a tenant of any adapter.',
      });
    }
    await this.#engine.backup(path);
  }

  check(): Promise<IntegrityReport> {
    return this.#engine.check();
  }

  vacuum(): Promise<void> {
    return this.#engine.vacuum();
  }

  async close(): Promise<void> {
    if (this.#state.closed) return;
    await this.#queue.idle();
    const closing = this.#engine.close();
    this.#state.closed = true;
    await closing;
  }
}

/** After `close`, every call ends with `STORAGE_CLOSED`. */
function guard(engine: StorageEngine, state: { readonly closed: boolean }): StorageEngine {
  return new Proxy(engine, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (state.closed) {
          return Promise.reject(
            new TwinergyError('STORAGE_CLOSED', `The storage is closed; ${quote(String(key))} came after.`),
          );
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
}
