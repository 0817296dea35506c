import type { TenantStorage } from '../contract.js';
import { equal, rejects } from './assert.js';
import { type ConformanceCase, hostileTexts, start } from './cases.js';

const put = (tenant: TenantStorage, count: number, extra: Readonly<Record<string, unknown>> = {}) =>
  tenant.put(
    'outbox',
    Array.from({ length: count }, (_, i) => ({ id: `m${i}`, time: start + i, topic: 't', payload: { i }, ...extra })),
  );
const ids = (messages: readonly { readonly id: string }[]) => messages.map(({ id }) => id);

/** Cases of the outbox: claim, acknowledge, retry, dead letters. */
export const outboxCases: readonly ConformanceCase[] = [
  {
    name: 'outbox: claimed oldest first with its payload, acknowledged once, then gone',
    run: async ({ tenant }) => {
      await put(tenant, 3);
      const first = await tenant.outbox.claim({ owner: 'w', limit: 2, now: start + 10, lease: 1_000 });
      equal(
        first.map(({ id, payload, attempts, claimedBy, claimedUntil }) => [
          id,
          payload,
          attempts,
          claimedBy,
          claimedUntil,
        ]),
        [
          ['m0', { i: 0 }, 1, 'w', start + 1_010],
          ['m1', { i: 1 }, 1, 'w', start + 1_010],
        ],
      );
      equal(ids(await tenant.outbox.claim({ owner: 'v', now: start + 11 })), ['m2']);
      equal(await tenant.outbox.ack('w', ['m0', 'm1', 'm0', 'm2', 'none']), 2);
      equal(await tenant.outbox.ack('w', ['m0', 'm1']), 0);
      equal(ids((await tenant.list('outbox')).rows), ['m2']);
    },
  },
  {
    name: 'outbox: a claim that ran out goes to another worker, and the first can no longer settle it',
    run: async ({ tenant }) => {
      await put(tenant, 1);
      await tenant.outbox.claim({ owner: 'dead', now: start, lease: 100 });
      equal(await tenant.outbox.claim({ owner: 'w', now: start + 99 }), []);
      equal((await tenant.outbox.claim({ owner: 'w', now: start + 100 }))[0]?.attempts, 2);
      equal(await tenant.outbox.ack('dead', ['m0']), 0);
      equal(await tenant.outbox.retry('dead', ['m0'], { at: start }), 0);
      equal(await tenant.outbox.bury('dead', ['m0']), 0);
      equal(await tenant.outbox.ack('w', ['m0']), 1);
    },
  },
  {
    name: 'outbox: a retry waits until it is due, a dead letter until it is revived',
    run: async ({ tenant }) => {
      const claim = (now: number) => tenant.outbox.claim({ owner: 'w', now });
      await put(tenant, 1, { dueAt: start + 5 });
      equal(await claim(start + 4), []);
      equal(ids(await claim(start + 5)), ['m0']);
      equal(await tenant.outbox.retry('w', ['m0'], { at: start + 50, error: 'no answer' }), 1);
      equal(await claim(start + 49), []);
      const [again] = await claim(start + 50);
      equal([again?.attempts, again?.error], [2, 'no answer']);
      equal(await tenant.outbox.bury('w', ['m0'], 'refused'), 1);
      equal(await claim(start + 1e9), []);
      const dead = (await tenant.list('outbox', { where: { state: 'dead' } })).rows;
      equal(
        dead.map(({ id, error, claimedBy, attempts }) => [id, error, claimedBy, attempts]),
        [['m0', 'refused', undefined, 2]],
      );
      equal(await tenant.outbox.revive(['m0', 'none']), 1);
      equal(await tenant.outbox.revive(['m0']), 0);
      equal((await claim(start + 1e9))[0]?.attempts, 1);
    },
  },
  {
    name: 'outbox: topics are claimed apart',
    run: async ({ tenant }) => {
      await tenant.put(
        'outbox',
        hostileTexts.map((topic, i) => ({ id: topic, time: start + i, topic })),
      );
      for (const topic of hostileTexts) {
        equal(ids(await tenant.outbox.claim({ owner: topic, topic, now: start + 100 })), [topic]);
        equal(await tenant.outbox.retry(topic, [topic], { at: start + 200, error: topic }), 1);
      }
      equal(ids(await tenant.outbox.claim({ owner: 'w', now: start + 200 })), hostileTexts);
    },
  },
  {
    name: 'outbox: workers at once never hold the same message',
    run: async ({ tenant }) => {
      await put(tenant, 200);
      const taken: string[] = [];
      const work = async (owner: string) => {
        for (;;) {
          const messages = await tenant.outbox.claim({ owner, limit: 7, now: start + 1_000 });
          if (messages.length === 0) return;
          taken.push(...ids(messages));
          equal(await tenant.outbox.ack(owner, ids(messages)), messages.length);
        }
      };
      await Promise.all(['a', 'b', 'c', 'd'].map(work));
      equal([taken.length, new Set(taken).size, (await tenant.list('outbox')).rows.length], [200, 200, 0]);
    },
  },
  {
    name: 'outbox: a batch that is refused leaves no message',
    run: async ({ tenant }) => {
      await tenant.commit({ checkpoint: { id: 'c', time: start, fence: 2 } });
      const message = { id: 'm', time: start, topic: 't' };
      await rejects(
        () => tenant.commit({ put: { outbox: [message] }, checkpoint: { id: 'c', time: start, fence: 1 } }),
        'STORAGE_FENCED',
      );
      equal(await tenant.outbox.claim({ owner: 'w' }), []);
    },
  },
  {
    name: 'outbox: another tenant can neither take nor settle; bad arguments are refused',
    run: async ({ storage, tenant }) => {
      await put(tenant, 1);
      const { outbox } = storage.tenant(`${tenant.tenantId} other`);
      equal(await outbox.claim({ owner: 'w', now: start + 10 }), []);
      await tenant.outbox.claim({ owner: 'w', now: start + 10 });
      equal(
        [await outbox.ack('w', ['m0']), await outbox.retry('w', ['m0'], { at: 0 }), await outbox.bury('w', ['m0'])],
        [0, 0, 0],
      );
      equal(await tenant.outbox.bury('w', ['m0']), 1);
      equal([await outbox.revive(['m0']), (await tenant.list('outbox')).rows.length], [0, 1]);
      await rejects(() => outbox.claim({ owner: '' }), 'STORAGE_BAD_ID');
      await rejects(() => outbox.claim({ owner: 'w', limit: 0 }), 'STORAGE_BAD_LIMIT');
      await rejects(() => outbox.claim({ owner: 'w', lease: Number.NaN }), 'STORAGE_BAD_LIMIT');
      await rejects(() => outbox.retry('w', ['m0'], { at: Number.NaN }), 'STORAGE_BAD_TIME');
    },
  },
];
