import { fnv1a } from '../core/fnv.js';
import type { AlarmFacts, AlarmState, LifecycleEvent } from './lifecycle.js';
import type { Severity } from './severity.js';

/** Name → value; part of an alert's identity, and what routes, silences and inhibitions match. */
export type Labels = Readonly<Record<string, string>>;

/** One alert: an occurrence of a rule on an asset, from its raise until it is back to normal. */
export interface Alert extends AlarmFacts {
  /** Identity of this occurrence: fingerprint and occurrence number. */
  readonly id: string;
  /** Identity over occurrences: hash of tenant, asset, rule and labels. */
  readonly fingerprint: string;
  /** 1 for the first occurrence of the fingerprint, then counting. */
  readonly occurrence: number;
  readonly tenantId: string;
  readonly assetId: string;
  /** Id of the rule that raised it. */
  readonly rule: string;
  readonly labels: Labels;
  readonly severity: Severity;
  /** What it is, in a few words. */
  readonly title: string;
  /** Why it was raised: a sentence with the figures. */
  readonly why: string;
  /** The value that was judged, in `unit`; null where a condition has no single figure. */
  readonly value: number | null;
  /** The limit it was judged by, in `unit`; null where there is none. */
  readonly threshold: number | null;
  /** Unit of `value` and `threshold`. */
  readonly unit: string;
  /** The channel that was judged, where there is one. */
  readonly channel: string | null;
  /** When the condition became true, ms since the epoch. */
  readonly since: number;
  /** When the alert was raised (`since` plus the rule's `raiseAfter`), ms since the epoch. */
  readonly raisedAt: number;
  /** When anything of it last changed, ms since the epoch. */
  readonly updatedAt: number;
  /** When it came back to normal, ms since the epoch; null while it stands. */
  readonly resolvedAt: number | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  /** Who closed it by hand; null where it ended by itself. */
  readonly resolvedBy: string | null;
  readonly assignedTo: string | null;
  /** Until when it is shelved, ms since the epoch; null: not shelved, or until it returns (one-shot). */
  readonly shelvedUntil: number | null;
  /** Named state of ISA-18.2 / IEC 62682, derived from the facts. */
  readonly state: AlarmState;
  /** What to do next, from the rule. */
  readonly playbook: string | null;
}

/** What happened to an alert. */
export type AlertChangeKind =
  | LifecycleEvent
  | 'update'
  | 'escalate'
  | 'de-escalate'
  | 'comment'
  | 'assign'
  | 'resolve'
  | 'expire'
  | 'useful'
  | 'not-useful';

/** One entry of an alert's history: who did what and when, and the alert as it was after it. */
export interface AlertChange {
  /** Counts all events of an engine, without gaps: a consumer that stored the last number knows what it missed. */
  readonly sequence: number;
  readonly kind: AlertChangeKind;
  /** ms since the epoch. */
  readonly time: number;
  readonly alert: Alert;
  /** The state before. */
  readonly from: AlarmState;
  /** The state after. */
  readonly to: AlarmState;
  /** Who did it; `engine` where no person did. */
  readonly by: string;
  readonly comment: string | null;
}

function hash(text: string, seed?: number): number {
  let h = fnv1a(text, seed);
  // The finaliser of MurmurHash3 (Appleby, public domain), so that similar texts do not get similar hashes.
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 64 bits of hash of a text as 16 hexadecimal digits (two FNV-1a streams). Not for secrets. */
export function textHash(text: string): string {
  const two = (value: number) => value.toString(16).padStart(8, '0');
  return two(hash(text)) + two(hash(text, 0x2c1b3c6d));
}

/** The identity of an alert: a hash of tenant, asset, rule and labels; the order of the labels does not count. */
export function fingerprint(tenantId: string, assetId: string, rule: string, labels: Labels = {}): string {
  return textHash(
    JSON.stringify([tenantId, assetId, rule, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]),
  );
}
