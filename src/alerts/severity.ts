/** How urgent an alert is. CRITICAL: act at once; HIGH: urgent attention; MEDIUM: watch closely; LOW: for information. */
export type Severity = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';

/** The severities from the least to the most urgent; the index + 1 is the level that conditions compute with. */
export const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const satisfies readonly Severity[];

/** 1 (LOW) … 4 (CRITICAL). */
export function severityLevel(severity: Severity): number {
  return severities.indexOf(severity) + 1;
}

/** The severity of level 1 … 4; below is LOW, above is CRITICAL. */
export function severityOfLevel(level: number): Severity {
  return severities[Math.min(4, Math.max(1, level)) - 1] as Severity;
}

/** Below 0, 0 or above 0 as `a` is more, as, or less urgent than `b`: sorts the most urgent first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severityLevel(b) - severityLevel(a);
}
