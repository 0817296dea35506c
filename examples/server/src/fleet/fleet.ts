import type { PlantDescription } from 'twinergy';
import type { Accounts } from '../auth/accounts.js';
import { notFound, Problem } from '../http/problem.js';
import type { Peers } from '../peers/peers.js';
import { fencedStorage } from './fenced.js';
import { Tenant, type TenantOptions } from './tenant.js';

/** ms after which a tenant that another server keeps is claimed again. */
const AGAIN = 2000;

/** ms that what was under way for a lost tenant has to end, before the tenant is opened anew. */
const ENDING = 10_000;

/**
 * The tenants that this server keeps, opened when they are first asked for. Of several servers on one store each tenant is
 * kept by one, for its Monitor holds state that only one may write; another takes it over when that one is gone.
 */
export class Fleet {
  readonly #accounts: Accounts;
  readonly #options: Omit<TenantOptions, 'id'>;
  readonly #peers: Peers;
  readonly #tenants = new Map<string, Tenant>();
  readonly #opening = new Map<string, Promise<Tenant | undefined>>();
  /** Lost tenants for which something is still under way. */
  readonly #ending = new Map<string, Promise<void>>();
  /** When a tenant that is kept elsewhere is claimed again. */
  readonly #again = new Map<string, number>();
  /** Counts how often everything was lost. */
  #losses = 0;
  #url: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Called with each tenant that is opened from now on. */
  onOpen: ((tenant: Tenant) => Promise<void>) | undefined;

  constructor(accounts: Accounts, peers: Peers, options: Omit<TenantOptions, 'id'>) {
    this.#accounts = accounts;
    this.#options = options;
    this.#peers = peers;
    peers.onLost = () => this.#lose();
  }

  /** Opens a tenant; undefined where another server keeps it. `first` are the plants of one that has none. @throws Problem 404 */
  async find(id: string, first?: readonly PlantDescription[]): Promise<Tenant | undefined> {
    const open = this.#tenants.get(id);
    if (open !== undefined) return open;
    if ((this.#again.get(id) ?? 0) > Date.now()) return undefined;
    if ((await this.#accounts.tenant(id)) === undefined) notFound(`tenant "${id}"`);
    const opened = this.#tenants.get(id);
    if (opened !== undefined) return opened;
    let opening = this.#opening.get(id);
    if (opening === undefined) {
      opening = this.#open(id, first).finally(() => this.#opening.delete(id));
      this.#opening.set(id, opening);
    }
    return opening;
  }

  async #open(id: string, first: readonly PlantDescription[] | undefined): Promise<Tenant | undefined> {
    if (!(await this.#peers.claim(id))) {
      this.#again.set(id, Date.now() + AGAIN);
      return undefined;
    }
    const losses = this.#losses;
    // What this server itself has under way is not shut out: where nobody else came between, it may still be stored.
    await this.#ending.get(id);
    let tenant: Tenant;
    try {
      const { storage } = this.#options;
      const own = this.#peers.shared ? await fencedStorage(storage, id) : storage;
      tenant = await Tenant.open({ ...this.#options, storage: own, id }, first);
      if (this.#url !== undefined) await this.#accounts.setOwner(id, this.#url);
    } catch (error) {
      await this.#peers.release(id).catch(() => undefined);
      throw error;
    }
    if (losses !== this.#losses) {
      await tenant.close({ keep: false });
      throw new Problem(503, 'API_NO_OWNER', 'The tenant was lost while it was opened.', { retryAfter: 2 });
    }
    this.#tenants.set(id, tenant);
    void this.onOpen?.(tenant).catch((error: unknown) => this.#options.say(`Tenant ${id}: ${String(error)}`));
    return tenant;
  }

  /** Where the server is that keeps a tenant. */
  owner(id: string): Promise<string | undefined> {
    return this.#accounts.owner(id);
  }

  /** Tells where this server is, and from now on takes over what others leave. */
  async announce(url: string): Promise<void> {
    this.#url = url;
    if (!this.#peers.shared) return;
    for (const id of this.#tenants.keys()) await this.#accounts.setOwner(id, url);
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), AGAIN);
  }

  /** Takes what nobody has, and closes what somebody removed. */
  async #look(): Promise<void> {
    const ids = (await this.#accounts.tenants()).map(({ id }) => id);
    for (const id of this.#tenants.keys()) if (!ids.includes(id)) await this.remove(id);
    for (const id of ids) if (!this.#tenants.has(id)) await this.find(id);
  }

  #lose(): void {
    this.#losses++;
    const lost = [...this.#tenants.values()];
    this.#tenants.clear();
    // Somebody else may go on with them already: nothing of theirs is written any more.
    for (const tenant of lost) {
      const { id } = tenant;
      const closed = tenant
        .close({ keep: false })
        .catch((error: unknown) => this.#options.say(`Tenant ${id}: ${String(error)}`));
      const late = new Promise<void>((resolve) => setTimeout(resolve, ENDING).unref());
      const ending = Promise.race([closed, late]).then(() => {
        if (this.#ending.get(id) === ending) this.#ending.delete(id);
      });
      this.#ending.set(id, ending);
    }
  }

  /** The tenants that this server keeps. */
  open(): Tenant[] {
    return [...this.#tenants.values()];
  }

  async remove(id: string): Promise<void> {
    const tenant = this.#tenants.get(id);
    this.#tenants.delete(id);
    if (tenant === undefined) return;
    await tenant.close();
    await this.#peers.release(id);
  }

  /** Simulated plants play no more, and nothing is taken over. */
  async stopFeeds(): Promise<void> {
    clearInterval(this.#timer);
    this.onOpen = undefined;
    await Promise.allSettled(this.open().map((tenant) => tenant.feed.stop()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#opening.values());
    await Promise.allSettled(this.open().map((tenant) => tenant.close()));
    await this.#peers.close();
  }
}
