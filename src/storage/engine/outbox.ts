import { systemClock } from '../../core/clock.js';
import { cellOf, checkCount, checkId, checkTime, recordOf } from '../contract/check.js';
import type { Holder, Settlement, StorageEngine } from '../contract/engine.js';
import type { Outbox, OutboxClaim, OutboxMessage, OutboxRetry } from '../contract/outbox.js';

const maxClaim = 10_000;
const maxLease = 86_400_000;

/** One tenant's outbox, its arguments checked, on an engine. */
export class TenantOutbox implements Outbox {
  readonly #engine: StorageEngine;
  readonly #tenantId: string;

  constructor(engine: StorageEngine, tenantId: string) {
    this.#engine = engine;
    this.#tenantId = tenantId;
  }

  async claim(claim: OutboxClaim): Promise<OutboxMessage[]> {
    const now = checkTime(claim.now ?? systemClock.now(), 'now');
    const rows = await this.#engine.claim(this.#tenantId, {
      owner: checkId(claim.owner, 'owner'),
      topic: (cellOf('text?', claim.topic, 'topic') as string | null) ?? undefined,
      limit: checkCount(claim.limit ?? 100, 'limit', 1, maxClaim),
      now,
      until: now + checkCount(claim.lease ?? 60_000, 'lease', 1, maxLease),
    });
    return rows.map((row) => recordOf('outbox', row));
  }

  async ack(owner: string, ids: readonly string[]): Promise<number> {
    return this.#settle({ owner: checkId(owner, 'owner') }, ids, 'remove');
  }

  async retry(owner: string, ids: readonly string[], { at, error }: OutboxRetry): Promise<number> {
    const dueAt = checkTime(at, 'at');
    return this.#settle({ owner: checkId(owner, 'owner') }, ids, { state: null, dueAt, error: errorText(error) });
  }

  async bury(owner: string, ids: readonly string[], error?: string): Promise<number> {
    return this.#settle({ owner: checkId(owner, 'owner') }, ids, {
      state: 'dead',
      dueAt: null,
      error: errorText(error),
    });
  }

  async revive(ids: readonly string[]): Promise<number> {
    return this.#settle('dead', ids, { state: null, dueAt: null, error: null, attempts: 0 });
  }

  async #settle(holder: Holder, ids: readonly string[], settlement: Settlement): Promise<number> {
    const checked = ids.map((id, i) => checkId(id, `ids[${i}]`));
    let settled = 0;
    for (let i = 0; i < checked.length; i += maxClaim)
      settled += await this.#engine.settle(this.#tenantId, holder, checked.slice(i, i + maxClaim), settlement);
    return settled;
  }
}

function errorText(error: string | undefined): string | null {
  return cellOf('text?', error, 'error') as string | null;
}
