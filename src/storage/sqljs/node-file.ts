import { TwinergyError } from '../../core/errors.js';
import type { SqlJsFile } from './files.js';

/**
 * Keeps the database in a file of Node, Bun or Deno. It is written beside, flushed to the disk and renamed, so the file is
 * always whole.
 */
export function nodeFile(path: string): SqlJsFile {
  return {
    async load() {
      const { readFile } = fileSystem();
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async save(data) {
      const { open, rename } = fileSystem();
      const handle = await open(`${path}.new`, 'w');
      try {
        await handle.writeFile(data);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${path}.new`, path);
      // The new name must be on the disk too. Windows has no handles of folders, and needs none.
      const folder = await open(path.replace(/[^/\\]*$/, '') || '.', 'r').catch(() => undefined);
      await folder?.sync().catch(() => undefined);
      await folder?.close();
    },
  };
}

/** What is used of `node:fs/promises`. */
interface FileSystem {
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  open(
    path: string,
    flags: 'r' | 'w',
  ): Promise<{ writeFile(data: Uint8Array): Promise<void>; sync(): Promise<void>; close(): Promise<void> }>;
}

/** `node:fs/promises`, by a call that bundlers for a browser do not follow. */
function fileSystem(): FileSystem {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises') as FileSystem | undefined;
  if (fs === undefined) {
    throw new TwinergyError('STORAGE_BAD_OPTION', 'nodeFile() needs a runtime with a file system.', {
      path: 'file',
      hint: 'In a page use indexedDbFile() or opfsFile().',
    });
  }
  return fs;
}
