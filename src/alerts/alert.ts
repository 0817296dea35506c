/** How urgent an alert is, from the most to the least. */
export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;

/** `CRITICAL`: act at once. `HIGH`: urgent. `MEDIUM`: watch closely. `LOW`: for information. */
export type Severity = (typeof severities)[number];

/** −1, 0 or 1 as `a` is more, as, or less urgent than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return Math.sign(severities.indexOf(a) - severities.indexOf(b));
}

/** Where an alert stands. Whether it is still true and whether somebody knows are independent facts. */
export interface Alert {
  /** Fingerprint and number of the occurrence: unique for ever. */
  readonly id: string;
  /** The same for the same tenant, asset, rule and labels: what makes two alerts one. */
  readonly fingerprint: string;
  readonly tenantId: string;
  readonly assetId: string;
  readonly rule: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: Severity;
  readonly title: string;
  /** Why, in a sentence with figures. */
  readonly why: string;
  /** The channel that was looked at, its value and the limit that it passed, in `unit`. */
  readonly channel: string;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  /** Whether the condition still holds. */
  readonly active: boolean;
  /** When it was raised, ms since the epoch. */
  readonly since: number;
  /** When it last changed. */
  readonly updatedAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: number | null;
  /** Who resolved it; null where the condition went away by itself. */
  readonly resolvedBy: string | null;
}

/** What happened to an alert. */
export type AlertChangeKind = 'raised' | 'escalated' | 'de-escalated' | 'acknowledged' | 'resolved';

/** A transition of an alert. */
export interface AlertChange {
  readonly kind: AlertChangeKind;
  readonly alert: Alert;
}

/** FNV-1a over the parts, 52 bits in base 36. */
export function fingerprintOf(
  tenantId: string,
  assetId: string,
  rule: string,
  labels: Readonly<Record<string, string>>,
): string {
  const text = JSON.stringify([tenantId, assetId, rule, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x85ebca6b) ^ low;
  }
  return ((high >>> 12) * 2 ** 32 + (low >>> 0)).toString(36);
}
