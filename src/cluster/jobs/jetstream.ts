import type { Consumer, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { ClusterLink } from '../link.js';
import { type BrokerJob, type JobBroker, type JobEvent, priorities, type Verdict } from './broker.js';

/** How long a delivery may go without a sign of life until the job goes to another worker, ns. */
const ACK_WAIT = 20e9;
/** Signs of life, ms. */
const ALIVE = 5_000;
/** The server's code for a stream that is not there. */
const NO_STREAM = 10059;
/** How often is looked for jobs that nobody told of, ms. */
const LOOK = 500;

/** Jobs in a work queue of JetStream, one consumer for each priority; dead letters in a stream of their own. */
export async function jetstreamBroker(link: ClusterLink): Promise<JobBroker> {
  const { connection, js, manager, names, replicas, stored, name } = link;
  const events = `${name}.job-events`;
  const deadSubject = `${name}.dead-jobs`;
  const settings = { storage: stored, num_replicas: replicas } as const;
  await ensureStream(manager, {
    ...settings,
    name: names.jobs,
    subjects: priorities.map((priority) => names.job(priority)),
    retention: 'workqueue',
  });
  await ensureStream(manager, { ...settings, name: names.deadJobs, subjects: [deadSubject], max_age: 30 * 86_400e9 });
  const consumers: Consumer[] = [];
  for (const priority of priorities) {
    await manager.consumers.add(names.jobs, {
      durable_name: priority,
      filter_subject: names.job(priority),
      ack_policy: 'explicit',
      ack_wait: ACK_WAIT,
      max_deliver: -1,
    });
    consumers.push(await js.consumers.get(names.jobs, priority));
  }
  const tell = (event: JobEvent | { readonly type: 'sent'; readonly id: string }) => {
    if (!connection.isClosed()) connection.publish(events, JSON.stringify(event));
  };

  /** The next job, the most urgent first; undefined where there is none. */
  const take = async (): Promise<JsMsg | undefined> => {
    const infos = await Promise.all(consumers.map((consumer) => consumer.info()));
    // What was delivered before may be due again and is not counted as pending: it is asked for when nothing new is there.
    for (const count of ['num_pending', 'num_ack_pending'] as const) {
      for (const [i, consumer] of consumers.entries()) {
        if ((infos[i]?.[count] ?? 0) === 0) continue;
        const message = await consumer.next({ expires: 1_000 });
        if (message !== null) return message;
      }
    }
    return undefined;
  };

  return {
    async send(job) {
      await js.publish(names.job(job.priority), JSON.stringify(job), { msgID: `${job.id}:${Date.now()}` });
      tell({ type: 'sent', id: job.id });
    },
    async serve(handle, concurrency) {
      let stopped = false;
      const wakes = new Set<() => void>();
      const wakeAll = () => {
        for (const wake of wakes) wake();
      };
      const subscription = connection.subscribe(events, { callback: wakeAll });
      const slot = async (): Promise<void> => {
        while (!stopped) {
          const message = await take().catch(() => undefined);
          if (message === undefined) {
            await new Promise<void>((resolve) => {
              const wake = () => {
                clearTimeout(timer);
                wakes.delete(wake);
                resolve();
              };
              const timer = setTimeout(wake, LOOK);
              wakes.add(wake);
            });
            continue;
          }
          const alive = setInterval(() => message.working(), ALIVE);
          try {
            await settle(message, await handle(message.json<BrokerJob>(), message.info.deliveryCount));
          } catch {
            // The store was away: the job comes again.
            message.nak(LOOK);
          } finally {
            clearInterval(alive);
          }
        }
      };
      const settle = async (message: JsMsg, verdict: Verdict): Promise<void> => {
        if ('retry' in verdict) message.nak(verdict.delay);
        else {
          if ('dead' in verdict) {
            const { reason } = verdict;
            await js.publish(deadSubject, JSON.stringify({ job: message.json<BrokerJob>(), reason }));
          }
          // A job whose end did not reach the server would be delivered again, and found done.
          await message.ackAck().catch(() => false);
        }
      };
      const slots = Array.from({ length: concurrency }, slot);
      return async () => {
        stopped = true;
        wakeAll();
        await Promise.all(slots);
        subscription.unsubscribe();
      };
    },
    tell,
    async listen(onEvent) {
      const subscription = connection.subscribe(events, {
        callback: (error, { data }) => {
          if (error === null) onEvent(JSON.parse(new TextDecoder().decode(data)) as JobEvent);
        },
      });
      await connection.flush();
      return async () => subscription.unsubscribe();
    },
    async dead(limit) {
      const { state } = await manager.streams.info(names.deadJobs);
      const letters: { job: BrokerJob; reason: string }[] = [];
      for (let seq = state.first_seq; seq > 0 && seq <= state.last_seq && letters.length < limit; seq++) {
        const message = await manager.streams.getMessage(names.deadJobs, { seq });
        if (message !== null) letters.push(message.json());
      }
      return letters;
    },
    close: async () => undefined,
  };
}

/** Makes a stream where it is not there: one that another made, with copies of its own, is right as it is. */
async function ensureStream(
  { streams }: JetStreamManager,
  config: Parameters<JetStreamManager['streams']['add']>[0],
): Promise<void> {
  try {
    await streams.info(config.name);
  } catch (error) {
    if ((error as { code?: unknown }).code !== NO_STREAM) throw error;
    await streams.add(config);
  }
}
