import { TwinergyError } from '../../../core/errors.js';
import type { Alert } from '../../alert.js';
import { compareSeverity } from '../../severity.js';
import type { Notification } from '../outbox.js';

/** What a message says: its first line, and the rest as plain text. */
export interface Message {
  readonly subject: string;
  readonly body: string;
}

/** How a message is written: by a function, or as texts with places for figures (see `messageTemplate`). */
export type MessageFormat = (notification: Notification) => Message;

/** The most urgent of the alerts that stand. */
function worst({ firing }: Notification): Alert | undefined {
  return [...firing].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
}

/** The usual message: the worst alert in the subject, and a line for each with what to do. */
export const plainMessage: MessageFormat = (notification) => {
  const { firing, resolved } = notification;
  const first = worst(notification);
  const line = (alert: Alert) =>
    `${alert.severity} ${alert.assetId}: ${alert.title}. ${alert.why}${alert.playbook === null ? '' : `\n  What to do: ${alert.playbook}`}`;
  const more = firing.length > 1 ? ` and ${firing.length - 1} more` : '';
  return {
    subject:
      first === undefined
        ? `Resolved: ${resolved.map(({ title, assetId }) => `${title} (${assetId})`).join(', ')}`
        : `${first.severity}: ${first.title} (${first.assetId})${more}`,
    body: [...firing.map(line), ...resolved.map((alert) => `RESOLVED ${alert.assetId}: ${alert.title}.`)].join('\n'),
  };
};

type Scope = Readonly<Record<string, unknown>>;
type Part = (scope: Scope) => string;

function lookUp(scope: Scope, path: string): unknown {
  let value: unknown = scope;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Scope)[name];
  }
  return value;
}

function shown(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  // Moments are told in UTC, so that the same text means the same everywhere.
  if (typeof value === 'number' && /(At|since|time)$/.test(name)) return new Date(value).toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function parts(text: string, path: string): Part {
  const token = /\{\{\s*([#/]?)\s*([A-Za-z_][\w.]*)\s*\}\}/g;
  const whole: Part[] = [];
  const stack: { readonly name: string; readonly list: Part[] }[] = [{ name: '', list: whole }];
  const add = (part: Part) => stack.at(-1)?.list.push(part);
  let at = 0;
  for (const match of text.matchAll(token)) {
    const literal = text.slice(at, match.index);
    add(() => literal);
    at = match.index + match[0].length;
    const [, kind, name = ''] = match;
    if (kind === '#') stack.push({ name, list: [] });
    else if (kind === '/') {
      const section = stack.pop();
      if (section?.name !== name || stack.length === 0) throw unbalanced(path, name);
      add((scope) => {
        const value = lookUp(scope, name);
        const rows = Array.isArray(value) ? value : value ? [value] : [];
        return rows.map((row) => joined(section.list, { ...scope, ...(row as Scope) })).join('');
      });
    } else add((scope) => shown(lookUp(scope, name), name));
  }
  const rest = text.slice(at);
  add(() => rest);
  if (stack.length > 1) throw unbalanced(path, stack.at(-1)?.name ?? '');
  return (scope) => joined(whole, scope);
}

function joined(list: readonly Part[], scope: Scope): string {
  return list.map((part) => part(scope)).join('');
}

function unbalanced(path: string, name: string): TwinergyError {
  return new TwinergyError('ALERT_BAD_TEMPLATE', `The section ${name} is not opened and closed.`, {
    path,
    value: name,
    hint: `Write {{#${name}}} … {{/${name}}}.`,
  });
}

/**
 * A message from texts with places: `{{name}}` is a value of the notification (`receiver`, `reason`, `group.asset`), of its
 * most urgent alert (`worst.title`), or inside `{{#firing}} … {{/firing}}` and `{{#resolved}} … {{/resolved}}` of each alert
 * (`severity`, `title`, `why`, `assetId`, `since`, `playbook`). Times are ISO 8601; what is not there is empty.
 * @throws TwinergyError `ALERT_BAD_TEMPLATE`
 */
export function messageTemplate(texts: { readonly subject: string; readonly body: string }): MessageFormat {
  const [subject, body] = [parts(texts.subject, 'subject'), parts(texts.body, 'body')];
  return (notification) => {
    const scope = { ...notification, worst: worst(notification) ?? notification.resolved[0] };
    // A subject is one line: a line break in a title would begin a header of its own.
    return { subject: subject(scope).replace(/[\r\n]+/g, ' '), body: body(scope) };
  };
}
