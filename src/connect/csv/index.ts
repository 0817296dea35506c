import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type CsvOptions, Frame, quote, TwinergyError } from '../../core/index.js';

/**
 * A frame from a CSV file, read as a stream: the file need not fit into memory, only the frame. Options and errors as
 * `Frame.fromCsv`; progress counts bytes.
 * @param path the file's path (Node, Deno, Bun)
 * @throws TwinergyError `CSV_NO_FILE` where the file cannot be opened, and what `Frame.fromCsv` throws
 */
export async function readCsvFile(path: string | URL, options: CsvOptions = {}): Promise<Frame> {
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (cause) {
    throw new TwinergyError('CSV_NO_FILE', `The file ${quote(String(path))} cannot be read.`, {
      path: 'path',
      value: String(path),
      cause,
    });
  }
  return Frame.fromCsv(createReadStream(path, { highWaterMark: 1 << 18 }), { size, ...options });
}
