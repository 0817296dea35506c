import { TwinergyError } from '../errors.js';
import { runSync, throwIfAborted, type Work } from '../work.js';
import type { CsvOptions } from './options.js';
import { type CsvColumns, CsvReader } from './reader.js';

/** Pieces of CSV text, or of UTF-8 bytes: a fetch body, a file stream, an array of strings. */
export type CsvStream =
  | AsyncIterable<string | Uint8Array>
  | Iterable<string | Uint8Array>
  | ReadableStream<Uint8Array | string>;

/** Long text is parsed in pieces of this many characters, so that progress is told and an abort is heard. */
const PIECE = 1 << 18;

function* readText(text: string, options: CsvOptions): Work<CsvColumns> {
  const reader = new CsvReader(options);
  for (let start = 0; start < text.length; start += PIECE) {
    reader.push(text.slice(start, start + PIECE));
    yield { phase: 'reading CSV', done: Math.min(start + PIECE, text.length), total: text.length };
  }
  return reader.finish();
}

/** Reads a CSV that is in memory. */
export function readCsvText(text: string, options: CsvOptions): CsvColumns {
  return runSync(readText(text, options), options);
}

/** Reads a CSV that comes in pieces. */
export async function readCsvStream(stream: CsvStream, options: CsvOptions): Promise<CsvColumns> {
  const reader = new CsvReader(options);
  const decoder = new TextDecoder();
  let done = 0;
  throwIfAborted(options.signal);
  for await (const piece of pieces(stream)) {
    reader.push(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
    done += piece.length;
    options.onProgress?.({ phase: 'reading CSV', done, total: Math.max(done, options.size ?? done) });
    throwIfAborted(options.signal);
  }
  reader.push(decoder.decode());
  return reader.finish();
}

/** Browsers do not all iterate a `ReadableStream`. */
async function* pieces(stream: CsvStream): AsyncIterable<string | Uint8Array> {
  if (Symbol.asyncIterator in stream || Symbol.iterator in stream) {
    yield* stream as AsyncIterable<string | Uint8Array>;
    return;
  }
  if (!('getReader' in stream))
    throw new TwinergyError('CSV_BAD_SOURCE', 'A CSV is read from text, a stream or an iterable of pieces.');
  const reader = (stream as ReadableStream<Uint8Array | string>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
