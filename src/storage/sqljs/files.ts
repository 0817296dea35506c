/** Where sql.js keeps its database between runs: the whole file is loaded at once and saved at once. */
export interface SqlJsFile {
  /** The bytes saved last, or undefined. */
  load(): Promise<Uint8Array | undefined>;
  /** Saves all bytes; either all of them are there afterwards, or those from before. */
  save(data: Uint8Array): Promise<void>;
}

/** Keeps the database in IndexedDB of a browser, under `name`. */
export function indexedDbFile(name: string): SqlJsFile {
  const open = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(`twinergy:${name}`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('file');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  return {
    async load() {
      const database = await open();
      try {
        return await new Promise((resolve, reject) => {
          const request = database.transaction('file').objectStore('file').get('data');
          request.onsuccess = () => resolve(request.result as Uint8Array | undefined);
          request.onerror = () => reject(request.error);
        });
      } finally {
        database.close();
      }
    },
    async save(data) {
      const database = await open();
      try {
        await new Promise<void>((resolve, reject) => {
          const transaction = database.transaction('file', 'readwrite', { durability: 'strict' });
          transaction.objectStore('file').put(data, 'data');
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(transaction.error);
        });
      } finally {
        database.close();
      }
    },
  };
}

/** Keeps the database in the origin-private file system of a browser, under `name`. */
export function opfsFile(name: string): SqlJsFile {
  return {
    async load() {
      const root = await navigator.storage.getDirectory();
      try {
        const file = await (await root.getFileHandle(name)).getFile();
        return file.size === 0 ? undefined : new Uint8Array(await file.arrayBuffer());
      } catch (error) {
        if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
        throw error;
      }
    },
    async save(data) {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle(name, { create: true });
      // What is written becomes the file only at close().
      const writable = await handle.createWritable();
      await writable.write(data.slice());
      await writable.close();
    },
  };
}
