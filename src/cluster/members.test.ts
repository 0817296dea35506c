import type { KvWatchEntry } from '@nats-io/kv';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { memberFormat } from './bucket.js';
import { Members } from './members.js';
import { claimed, emptyTable } from './table.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

let revision = 0;
function renewal(id: string): KvWatchEntry {
  const record = { format: memberFormat, id, draining: false, partitions: [] };
  return { key: `member.${id}`, revision: ++revision, operation: 'PUT', json: <T>() => record as T } as KvWatchEntry;
}

it('takes nobody for dead while it does not even hear itself, and gives all their time again afterwards', () => {
  const members = new Members('me', 4_000);
  const table = claimed(emptyTable(2), 'other', [0, 1]);
  const ownerOf0 = () => members.view(table, true).table.partitions[0]?.owner;
  for (const id of ['me', 'other']) members.hear(renewal(id));
  vi.advanceTimersByTime(3_000);
  expect([members.sees, ownerOf0()]).toEqual([false, 'other']);
  // The servers were away for long; the own lease is heard before that of the other.
  vi.advanceTimersByTime(10_000);
  expect(members.sees).toBe(false);
  members.hear(renewal('me'));
  expect([members.sees, ownerOf0()]).toEqual([true, 'other']);
  // It does not come back: now it is seen.
  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(1_000);
    members.hear(renewal('me'));
  }
  expect([members.sees, ownerOf0()]).toEqual([true, null]);
});
