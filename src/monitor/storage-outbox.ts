import type { DeadLetter, Outbox, OutboxEntry } from '../alerts/index.js';
import { outboxEntry } from '../alerts/index.js';
import type { StorageRecord, TenantStorage } from '../storage/index.js';

const WAITING = 'alert';
const DEAD = 'alert-dead';
const PAGE = 1000;

type Row = StorageRecord<'outbox'>;

/** The record of an entry; its `time` is when it is due. */
export function outboxRecord({ notification, attempts, notBefore, error }: OutboxEntry): Row {
  return {
    id: notification.key,
    time: Math.ceil(notBefore),
    topic: WAITING,
    attempts,
    payload: { notification, error },
  };
}

function entryOf({ time, attempts, payload }: Row): OutboxEntry {
  const { notification, error } = payload as Pick<OutboxEntry, 'notification' | 'error'>;
  return { notification, attempts: attempts ?? 0, notBefore: time, error };
}

function letterOf({ time, attempts, payload }: Row): DeadLetter {
  const { notification, reason } = payload as Pick<DeadLetter, 'notification' | 'reason'>;
  return { notification, attempts: attempts ?? 0, time, reason };
}

/**
 * The outbox in a store's table `outbox`: what waits (topic `alert`), and the dead letters (topic `alert-dead`) with their
 * reason. Both outlive a restart.
 */
export function storageOutbox(storage: TenantStorage): Outbox {
  return {
    put: (entry) => storage.put('outbox', [outboxRecord(entry)]),
    async due(now, limit, except) {
      const out: OutboxEntry[] = [];
      let after: string | undefined;
      do {
        const page = await storage.list('outbox', {
          where: { topic: WAITING },
          to: Math.floor(now) + 1,
          limit: PAGE,
          ...(after !== undefined && { after }),
        });
        for (const entry of page.rows.map(entryOf)) if (!except.has(entry.notification.receiver)) out.push(entry);
        after = page.next;
      } while (after !== undefined && out.length < limit);
      return out.slice(0, limit);
    },
    remove: (key) => storage.remove('outbox', [key]),
    bury: ({ notification, attempts, time, reason }) =>
      storage.put('outbox', [{ id: notification.key, time, topic: DEAD, attempts, payload: { notification, reason } }]),
    async letters(limit) {
      return (await storage.list('outbox', { where: { topic: DEAD }, limit })).rows.map(letterOf);
    },
    async revive(key) {
      const row = await storage.get('outbox', key);
      if (row?.topic !== DEAD) return false;
      await storage.put('outbox', [outboxRecord(outboxEntry(letterOf(row).notification))]);
      return true;
    },
  };
}
