import { gunzipSync } from 'node:zlib';
import type { Context } from 'hono';
import { Problem } from './problem.js';

const tooLarge = (limit: number) =>
  new Problem(413, 'API_TOO_LARGE', `The body is larger than ${Math.round(limit / 1024)} KiB.`);

/** The bytes of a body, unpacked where it says that it is gzip. @throws Problem 413, 400, 415 */
export async function readBytes(context: Context, limit: number, unpackedLimit = limit * 8): Promise<Uint8Array> {
  const { req } = context;
  if (Number(req.header('content-length') ?? 0) > limit) throw tooLarge(limit);
  const parts: Uint8Array[] = [];
  let size = 0;
  if (req.header('content-length') !== undefined) {
    const all = new Uint8Array(await req.arrayBuffer());
    parts.push(all);
    size = all.length;
  } else if (req.raw.body !== null) {
    for await (const part of req.raw.body as unknown as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > limit) throw tooLarge(limit);
      parts.push(part);
    }
  }
  if (size > limit) throw tooLarge(limit);
  const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size);
  const encoding = req.header('content-encoding') ?? 'identity';
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip')
    throw new Problem(415, 'API_BAD_ENCODING', `The content encoding ${encoding} is not known; gzip is.`);
  try {
    return gunzipSync(bytes, { maxOutputLength: unpackedLimit });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(unpackedLimit);
    throw new Problem(400, 'API_BAD_ENCODING', 'The body is not gzip.');
  }
}

/** The text of a body. */
export async function readText(context: Context, limit: number): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(context, limit));
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(400, 'API_BAD_ENCODING', 'The body is not UTF-8.');
    throw error;
  }
}

/** The JSON of a body; an empty body is undefined. @throws Problem `API_BAD_JSON` */
export async function readJson(context: Context, limit: number): Promise<unknown> {
  const text = await readText(context, limit);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'API_BAD_JSON', 'The body is not JSON.');
  }
}
