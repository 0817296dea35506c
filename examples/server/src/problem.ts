import type { Context } from 'hono';
import { TwinergyError } from 'twinergy';
import type { z } from 'zod';

/** Codes that are the client's doing, and the status that says so. */
const STATUS: readonly [pattern: RegExp, status: 400 | 404 | 409][] = [
  [/UNKNOWN_ASSET|ALERT_UNKNOWN|NOT_FOUND/, 404],
  [/NOT_TRAINED|NOT_SIMULATED/, 409],
  [/^(API|FRAME|CSV|TWIN|STORAGE_(BAD|UNKNOWN|TOO)|BAD_|ZONE|UNIT)/, 400],
];

/** An error as RFC 9457 problem details, with the library's stable code. */
export function problem(context: Context, error: unknown): Response {
  if (error instanceof TwinergyError) {
    const status = STATUS.find(([pattern]) => pattern.test(error.code))?.[1] ?? 500;
    return context.json(
      { type: 'about:blank', title: error.code, status, detail: error.message, code: error.code, path: error.path },
      status,
      { 'content-type': 'application/problem+json' },
    );
  }
  console.error(error);
  return context.json(
    {
      type: 'about:blank',
      title: 'INTERNAL',
      status: 500,
      code: 'INTERNAL',
      detail: 'Something went wrong in the server; its log says what.',
    },
    500,
    {
      'content-type': 'application/problem+json',
    },
  );
}

/** Checks input from outside. @throws TwinergyError `API_BAD_REQUEST` with the path of the fault */
export function check<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new TwinergyError(
    'API_BAD_REQUEST',
    `${path === '' ? 'The request' : path}: ${issue?.message ?? 'is not valid'}.`,
    { path },
  );
}

/** The JSON body of a request. @throws TwinergyError `API_BAD_JSON`, `API_BAD_REQUEST` */
export async function body<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await context.req.text());
  } catch (cause) {
    throw new TwinergyError('API_BAD_JSON', 'The body is not JSON.', { cause });
  }
  return check(schema, parsed);
}
