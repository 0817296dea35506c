import { TwinergyError } from 'twinergy';
import type { z } from 'zod';

/** What went wrong at the API, with the status that says so (RFC 9457). */
export class Problem extends TwinergyError {
  readonly status: number;
  /** Seconds after which another attempt may help. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    { path, value, retryAfter }: { path?: string; value?: unknown; retryAfter?: number } = {},
  ) {
    super(code, message, { ...(path !== undefined && { path }), ...(value !== undefined && { value }) });
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Codes of the library that are the client's doing, and the status that says so. The first that fits counts. */
const STATUS: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/UNKNOWN_ASSET|ALERT_UNKNOWN$|NOT_FOUND/, 404],
  [/DUPLICATE_ASSET|FORBIDDEN_TRANSITION|NOT_TRAINED|NOT_SIMULATED|NOT_FITTED/, 409],
  [/^STORAGE_(CLOSED|UNAVAILABLE|BUSY|FULL|IO|FENCED)/, 503],
  [/^MONITOR_(OVERLOADED|CLOSED)/, 503],
  [/^(API|FRAME|CSV|TWIN|RULE|EXPRESSION|ALERT|STORAGE_(BAD|UNKNOWN|TOO|CHANNEL)|BAD_|ZONE|UNIT|RESAMPLE)/, 400],
];

/** An error that the store is away, by what drivers say. */
const AWAY =
  /ECONNREFUSED|ECONNRESET|EPIPE|terminating connection|Connection terminated|SQLITE_(BUSY|FULL|IOERR)|database is locked|disk (is )?full|the database system is/i;

/** Status, code and words for any error; what is not the client's doing says nothing of the inside. */
export function describe(error: unknown): {
  status: number;
  code: string;
  detail: string;
  path?: string;
  retryAfter?: number;
} {
  if (error instanceof Problem) {
    return {
      status: error.status,
      code: error.code,
      detail: error.message,
      ...(error.path !== undefined && { path: error.path }),
      ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
    };
  }
  if (error instanceof TwinergyError) {
    const status = STATUS.find(([pattern]) => pattern.test(error.code))?.[1];
    if (status !== undefined) {
      return {
        status,
        code: error.code,
        detail: error.message,
        ...(error.path !== undefined && { path: error.path }),
        ...(status === 503 && { retryAfter: 2 }),
      };
    }
  }
  if (error instanceof Error && AWAY.test(`${error.message} ${String((error as { code?: unknown }).code)}`))
    return { status: 503, code: 'STORE_AWAY', detail: 'The store does not answer; try again.', retryAfter: 2 };
  return { status: 500, code: 'INTERNAL', detail: 'Something went wrong in the server; its log says what.' };
}

/** An error as problem details. */
export function problemResponse(error: unknown, requestId: string): Response {
  const { status, code, detail, path, retryAfter } = describe(error);
  return new Response(
    JSON.stringify({
      type: `/docs/problems#${code.toLowerCase()}`,
      title: code,
      status,
      detail,
      code,
      path,
      request_id: requestId,
    }),
    {
      status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
        ...(status === 401 && { 'www-authenticate': 'Bearer realm="twinergy"' }),
      },
    },
  );
}

/** Checks input from outside. @throws Problem `API_BAD_REQUEST` with the path of the fault */
export function check<Schema extends z.ZodType>(schema: Schema, input: unknown, where = ''): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [where, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  throw new Problem(
    400,
    'API_BAD_REQUEST',
    `${path === '' ? 'The request' : path}: ${issue?.message ?? 'is not valid'}.`,
    {
      path,
    },
  );
}

/** @throws Problem 404 */
export function notFound(what: string): never {
  throw new Problem(404, 'API_NOT_FOUND', `There is no ${what}.`);
}
