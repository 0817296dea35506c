import type { PlantDescription } from 'twinergy';
import type { Accounts } from '../auth/accounts.js';
import { notFound } from '../http/problem.js';
import { Tenant, type TenantOptions } from './tenant.js';

/** The tenants of this server, opened when they are first asked for. */
export class Fleet {
  readonly #accounts: Accounts;
  readonly #options: Omit<TenantOptions, 'id'>;
  readonly #tenants = new Map<string, Promise<Tenant>>();

  constructor(accounts: Accounts, options: Omit<TenantOptions, 'id'>) {
    this.#accounts = accounts;
    this.#options = options;
  }

  /** Opens a tenant; `first` are the plants of one that has none. @throws Problem 404 */
  async tenant(id: string, first?: readonly PlantDescription[]): Promise<Tenant> {
    let tenant = this.#tenants.get(id);
    if (tenant === undefined) {
      if ((await this.#accounts.tenant(id)) === undefined) notFound(`tenant "${id}"`);
      tenant = this.#tenants.get(id) ?? Tenant.open({ ...this.#options, id }, first);
      this.#tenants.set(id, tenant);
      tenant.catch(() => this.#tenants.delete(id));
    }
    return tenant;
  }

  /** The tenants that are open. */
  async open(): Promise<Tenant[]> {
    return Promise.all(this.#tenants.values());
  }

  async remove(id: string): Promise<void> {
    const tenant = this.#tenants.get(id);
    this.#tenants.delete(id);
    await (await tenant)?.close();
  }

  /** Simulated plants play no more. */
  async stopFeeds(): Promise<void> {
    const tenants = await Promise.allSettled(this.#tenants.values());
    for (const result of tenants) if (result.status === 'fulfilled') await result.value.feed.stop();
  }

  async close(): Promise<void> {
    const tenants = await Promise.allSettled(this.#tenants.values());
    for (const result of tenants) if (result.status === 'fulfilled') await result.value.close();
  }
}
