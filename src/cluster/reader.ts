import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { ClusterLink } from './link.js';

/** A message of the stream as it came. */
export interface StreamMessage {
  readonly sequence: number;
  /** When the server took it, ms since the epoch. */
  readonly time: number;
  /** Messages of the partition that are still to come. */
  readonly pending: number;
  readonly data: Uint8Array;
}

/** Options of `readPartition`. */
export interface ReaderOptions {
  /** First sequence that is wanted. */
  readonly from: number;
  /** Takes a message; the next one waits until this resolves. */
  readonly accept: (message: StreamMessage) => Promise<void> | void;
  /** How long nothing may come before the reader looks whether something is there, ms. Default 4000. */
  readonly silence?: number | undefined;
}

/** A reader that runs. */
export interface PartitionReader {
  /** Resolves when nothing is handed over any more, within a second. */
  stop(): Promise<void>;
}

/** Messages that are asked for ahead. */
const AHEAD = 32;

/**
 * Reads a partition's messages in their order, each once, from a sequence on, until it is stopped. What reads on the server
 * (an ordered consumer) lives in memory and may vanish with its node: the reader makes another one and goes on behind the last
 * message that it handed over. Silence is not believed: it asks the stream for its last message now and then.
 */
export function readPartition(link: ClusterLink, partition: number, options: ReaderOptions): PartitionReader {
  const subject = link.names.readings(partition);
  const silence = options.silence ?? 4_000;
  let next = options.from;
  let heard = performance.now();
  let stopped = false;
  let messages: ConsumerMessages | undefined;
  const wakes = new Set<() => void>();

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      wakes.add(wake);
    });

  const hand = async (message: JsMsg): Promise<void> => {
    heard = performance.now();
    if (message.seq < next) return;
    next = message.seq + 1;
    const { pending, timestampNanos } = message.info;
    await options.accept({ sequence: message.seq, time: timestampNanos / 1e6, pending, data: message.data });
    heard = performance.now();
  };

  const read = async (): Promise<void> => {
    while (!stopped) {
      try {
        const consumer = await link.js.consumers.get(link.names.stream, {
          filter_subjects: subject,
          deliver_policy: 'by_start_sequence',
          opt_start_seq: Math.max(1, next),
          inactive_threshold: 30e9,
        });
        heard = performance.now();
        messages = await consumer.consume({ max_messages: AHEAD, expires: 10_000, idle_heartbeat: 2_000 });
        if (stopped) break;
        for await (const message of messages) {
          if (stopped) break;
          await hand(message);
        }
      } catch {
        // The server is away or has no leader: tried again below.
      } finally {
        messages?.stop();
        messages = undefined;
      }
      if (!stopped) await pause(250);
    }
  };

  const watch = async (): Promise<void> => {
    while (!stopped) {
      await pause(silence / 2);
      if (stopped || messages === undefined || performance.now() - heard < silence) continue;
      const last = await link.manager.streams
        .getMessage(link.names.stream, { last_by_subj: subject })
        .catch(() => undefined);
      const missed = last != null && last.seq >= next && performance.now() - heard >= silence;
      if (missed) messages?.stop();
      else heard = performance.now();
    }
  };

  const running = Promise.all([read(), watch()]);
  return {
    async stop() {
      stopped = true;
      for (const wake of wakes) wake();
      messages?.stop();
      // An iterator of the client may hang on a server that went away; nothing of it is handed over any more.
      await Promise.race([running, pause(1_000)]);
    },
  };
}
