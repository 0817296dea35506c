import type * as z from 'zod/mini';
import { quote, TwinergyError } from './errors.js';

type Issue = z.core.$ZodIssue;

/** A path as people write it: `arrays[1].tilt`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** Of a union's branches, the issue that lies deepest: the branch the author most likely meant. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  let best: Issue | undefined;
  for (const branch of issue.errors) {
    const first = branch[0];
    if (first === undefined) continue;
    const candidate = deepest({ ...first, path: [...issue.path, ...first.path] });
    if (best === undefined || candidate.path.length > best.path.length) best = candidate;
  }
  return best ?? issue;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function sentence(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? `is missing; it must be a ${issue.expected}` : `must be a ${issue.expected}`;
    case 'too_small':
      if (issue.origin === 'array') return `must have at least ${issue.minimum} entries`;
      return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array') return `must have at most ${issue.maximum} entries`;
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((choice) => quote(choice)).join(', ')}`;
    case 'invalid_format':
      return 'must begin with a letter and hold letters, digits, "-" and "_" only';
    case 'unrecognized_keys':
      return `has no property ${issue.keys.map((key) => quote(key)).join(', ')}`;
    default:
      return 'is not valid';
  }
}

/**
 * Checks `input` against `schema`.
 * @throws TwinergyError with `code`; `path` names the place (`arrays[1].tilt`), the message quotes the refused value
 */
export function validate<Schema extends z.ZodMiniType>(
  schema: Schema,
  input: unknown,
  code: string,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  if (first === undefined) throw new TwinergyError(code, `The ${what} is not valid.`);
  const issue = deepest(first);
  const value = valueAt(input, issue.path);
  const path = pathText(issue.path);
  const shown = value === undefined || issue.code === 'unrecognized_keys' ? '' : `, got ${quote(value)}`;
  throw new TwinergyError(code, `The ${what} ${path === '' ? '' : `at ${path} `}${sentence(issue, value)}${shown}.`, {
    path,
    value,
  });
}
