import type { KV, KvWatchEntry } from '@nats-io/kv';

/** A watch that runs. */
export interface BucketWatch {
  /** Ends this subscription and makes a new one, which begins with all that is there. */
  restart(): void;
  stop(): void;
}

/** Hands over every key of a bucket as it is and as it changes, until it is stopped; a watch that ends is begun again. */
export function watchBucket(bucket: KV, onEntry: (entry: KvWatchEntry) => void): BucketWatch {
  let stopped = false;
  let current: { stop(): void } | undefined;
  void (async () => {
    while (!stopped) {
      try {
        const entries = await bucket.watch();
        current = entries;
        for await (const entry of entries) {
          if (stopped) break;
          onEntry(entry);
        }
      } catch {
        // The server is away; tried again below.
      }
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  return {
    restart: () => current?.stop(),
    stop() {
      stopped = true;
      current?.stop();
    },
  };
}
