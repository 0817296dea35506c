import { quote, TwinergyError } from '../../core/errors.js';
import type { Alert } from '../alert.js';

/** Label matchers as Alertmanager writes them: `severity=CRITICAL`, `asset!=a1`, `rule=~"battery-.*"`, `site!~"test.*"`. */
export type Matchers = readonly string[];

const FORM = /^\s*([A-Za-z_][\w.-]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/;

/** What matchers and grouping see of an alert: its labels, and `tenant`, `asset`, `rule`, `severity`. */
export function labelOf(alert: Alert, name: string): string {
  switch (name) {
    case 'tenant':
      return alert.tenantId;
    case 'asset':
      return alert.assetId;
    case 'rule':
      return alert.rule;
    case 'severity':
      return alert.severity;
    default:
      return Object.hasOwn(alert.labels, name) ? (alert.labels[name] ?? '') : '';
  }
}

/** A function that tells whether all matchers match. @throws TwinergyError `ALERT_BAD_MATCHER` */
export function compileMatchers(matchers: Matchers, path: string): (alert: Alert) => boolean {
  const tests = matchers.map((text, k) => {
    const [, name, op, raw] = FORM.exec(text) ?? [];
    const bad = (cause?: unknown) =>
      new TwinergyError('ALERT_BAD_MATCHER', `${quote(text)} is no matcher.`, {
        path: `${path}[${k}]`,
        value: text,
        hint: 'Write name=value, !=, =~ or !~.',
        cause,
      });
    if (name === undefined || raw === undefined) throw bad();
    const value = raw.replace(/^"(.*)"$/, '$1');
    if (op === '=') return (alert: Alert) => labelOf(alert, name) === value;
    if (op === '!=') return (alert: Alert) => labelOf(alert, name) !== value;
    try {
      const pattern = new RegExp(`^(?:${value})$`);
      return op === '=~'
        ? (alert: Alert) => pattern.test(labelOf(alert, name))
        : (alert: Alert) => !pattern.test(labelOf(alert, name));
    } catch (cause) {
      throw bad(cause);
    }
  });
  return (alert) => tests.every((test) => test(alert));
}
