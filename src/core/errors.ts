/** What every error of Twinergy carries beside its message. */
export interface TwinergyErrorDetails {
  /** Where in the input the fault lies, as a path: `arrays[1].tilt`, `row 12, column power`. */
  readonly path?: string;
  /** The value that was refused; the message quotes it. */
  readonly value?: unknown;
  /** What to do about it, in one sentence. It is appended to the message. */
  readonly hint?: string;
  /** The error that led here. */
  readonly cause?: unknown;
}

/**
 * The one error class of the library. `code` is stable across releases (`UPPER_SNAKE_CASE`, room first:
 * `FRAME_UNKNOWN_COLUMN`), so that a program can act on it; `message` is for people.
 */
export class TwinergyError extends Error {
  override readonly name: string = 'TwinergyError';
  /** Stable identifier of what went wrong. */
  readonly code: string;
  /** Where in the input the fault lies. */
  readonly path?: string;
  /** The refused value. */
  readonly value?: unknown;
  /** What to do about it. */
  readonly hint?: string;

  constructor(code: string, message: string, details: TwinergyErrorDetails = {}) {
    super(details.hint === undefined ? message : `${message} ${details.hint}`, { cause: details.cause });
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.value !== undefined) this.value = details.value;
    if (details.hint !== undefined) this.hint = details.hint;
  }
}

/** A model was asked before it was fitted. Code `NOT_FITTED`. */
export class NotFittedError extends TwinergyError {
  override readonly name = 'NotFittedError';

  constructor(model: string) {
    super('NOT_FITTED', `This ${model} has not been fitted yet.`, {
      hint: 'Call fit() first, or load one with fromJSON().',
    });
  }
}

/** Work was cancelled through an `AbortSignal`. Code `ABORTED`; `cause` is the signal's reason. */
export class AbortedError extends TwinergyError {
  override readonly name = 'AbortedError';

  constructor(reason?: unknown) {
    super('ABORTED', 'The work was aborted.', { cause: reason });
  }
}

/** An optional peer package is not installed. Code `PEER_MISSING`; the message says what to install. */
export class MissingPeerError extends TwinergyError {
  override readonly name = 'MissingPeerError';

  constructor(packageName: string, neededFor: string, cause?: unknown) {
    super('PEER_MISSING', `${neededFor} needs the optional package "${packageName}".`, {
      hint: `Install it with: npm install ${packageName}`,
      cause,
    });
  }
}

/** Quotes any value for an error message, short and on one line. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    // Control characters would break the line; quotation marks inside do no harm.
    const line = value.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
    return line.length > 60 ? `"${line.slice(0, 57)}…"` : `"${line}"`;
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  if (text === undefined) return typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
