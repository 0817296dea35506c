import { MissingPeerError } from '../../core/index.js';
import { type BrokerJob, type JobBroker, type JobEvent, priorities, type Verdict } from './broker.js';

/** A message as `amqplib` gives it: the members that are used. */
interface Delivery {
  readonly content: Buffer;
  readonly properties: { readonly headers?: Readonly<Record<string, unknown>> | undefined };
}

/** A channel of `amqplib` with confirms: the methods that are called. */
export interface RabbitChannel {
  assertQueue(name: string, options: object): Promise<{ queue: string }>;
  assertExchange(name: string, type: string, options: object): Promise<unknown>;
  bindQueue(queue: string, exchange: string, pattern: string): Promise<unknown>;
  prefetch(count: number): Promise<unknown>;
  consume(
    queue: string,
    onMessage: (message: Delivery | null) => void,
    options?: object,
  ): Promise<{ consumerTag: string }>;
  cancel(consumerTag: string): Promise<unknown>;
  get(queue: string, options: object): Promise<Delivery | false>;
  ack(message: Delivery): void;
  nack(message: Delivery): void;
  publish(exchange: string, key: string, content: Buffer, options?: object): boolean;
  waitForConfirms(): Promise<void>;
  close(): Promise<void>;
  on(event: 'error' | 'close', listener: () => void): unknown;
}

/** A connection of `amqplib`: the methods that are called. */
export interface RabbitConnection {
  createConfirmChannel(): Promise<RabbitChannel>;
  close(): Promise<void>;
  on(event: 'error' | 'close', listener: () => void): unknown;
}

/** Options of `rabbitBroker`. */
export interface RabbitOptions {
  /** Where the broker is: `amqp://user:password@host:5672`; or what makes a connection of `amqplib`. */
  readonly connect: string | (() => Promise<RabbitConnection>);
  /** Queues and exchanges begin so. Default `twinergy`. */
  readonly name?: string | undefined;
}

type Handle = Parameters<JobBroker['serve']>[0];

/**
 * Jobs in RabbitMQ: a durable queue with priorities, a second one in which retries wait for their time, a third one for dead
 * letters, an exchange for what is told. A connection that breaks is made again, and what was not settled comes again.
 * @throws MissingPeerError where `amqplib` is not installed
 */
export async function rabbitBroker({ connect, name = 'twinergy' }: RabbitOptions): Promise<JobBroker> {
  const open = typeof connect === 'string' ? await dialer(connect) : connect;
  const queues = { jobs: `${name}.jobs`, retry: `${name}.jobs.retry`, dead: `${name}.jobs.dead` };
  const exchange = `${name}.jobs.events`;
  const consumers = new Set<(channel: RabbitChannel) => Promise<void>>();
  let closed = false;
  let connection: RabbitConnection | undefined;
  let current: Promise<RabbitChannel> | undefined;

  const establish = async (): Promise<RabbitChannel> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const made = await open();
        const lost = () => {
          if (connection !== made) return;
          connection = undefined;
          current = undefined;
          if (!closed && consumers.size > 0) void channel().catch(() => undefined);
        };
        made.on('error', () => undefined);
        made.on('close', lost);
        const opened = await made.createConfirmChannel();
        opened.on('error', () => undefined);
        await opened.assertQueue(queues.jobs, { durable: true, maxPriority: priorities.length - 1 });
        await opened.assertQueue(queues.retry, {
          durable: true,
          deadLetterExchange: '',
          deadLetterRoutingKey: queues.jobs,
        });
        await opened.assertQueue(queues.dead, { durable: true });
        await opened.assertExchange(exchange, 'fanout', { durable: false });
        connection = made;
        for (const consume of consumers) await consume(opened);
        return opened;
      } catch (error) {
        if (closed || attempt >= 60) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 100 * 2 ** attempt)));
      }
    }
  };
  const channel = (): Promise<RabbitChannel> => {
    current ??= establish();
    current.catch(() => {
      current = undefined;
    });
    return current;
  };
  const put = async (queue: string, job: BrokerJob, options: object): Promise<void> => {
    const to = await channel();
    to.publish('', queue, Buffer.from(JSON.stringify(job)), {
      persistent: true,
      contentType: 'application/json',
      priority: priorities.length - 1 - priorities.indexOf(job.priority),
      ...options,
    });
    await to.waitForConfirms();
  };

  /** Settles on the channel that the delivery came by; where that is gone, RabbitMQ delivers again. */
  const settle = async (job: BrokerJob, attempt: number, verdict: Verdict): Promise<void> => {
    if ('retry' in verdict)
      await put(queues.retry, job, { headers: { attempt: attempt + 1 }, expiration: String(verdict.delay) });
    else if ('dead' in verdict) await put(queues.dead, job, { headers: { reason: verdict.reason } });
  };

  await channel();
  return {
    send: (job) => put(queues.jobs, job, { headers: { attempt: 1 } }),
    async serve(handle: Handle, concurrency) {
      let tag = '';
      const busy = new Set<Promise<void>>();
      const consume = async (on: RabbitChannel): Promise<void> => {
        await on.prefetch(concurrency);
        const work = async (message: Delivery): Promise<void> => {
          try {
            const job = JSON.parse(message.content.toString()) as BrokerJob;
            const attempt = Number(message.properties.headers?.attempt ?? 1);
            await settle(job, attempt, await handle(job, attempt));
            on.ack(message);
          } catch {
            // The store or the broker was away. On a channel that is closed there is nothing to give back.
            await new Promise((resolve) => setTimeout(resolve, 500));
            try {
              on.nack(message);
            } catch {
              return;
            }
          }
        };
        const { consumerTag } = await on.consume(queues.jobs, (message) => {
          if (message === null) return;
          const run: Promise<void> = work(message).finally(() => busy.delete(run));
          busy.add(run);
        });
        tag = consumerTag;
      };
      consumers.add(consume);
      await consume(await channel());
      return async () => {
        consumers.delete(consume);
        await (await channel()).cancel(tag).catch(() => undefined);
        await Promise.all(busy);
      };
    },
    tell(event: JobEvent) {
      void channel().then(
        (on) => on.publish(exchange, '', Buffer.from(JSON.stringify(event))),
        () => undefined,
      );
    },
    async listen(onEvent) {
      let tag = '';
      const consume = async (on: RabbitChannel): Promise<void> => {
        const { queue } = await on.assertQueue('', { exclusive: true, autoDelete: true });
        await on.bindQueue(queue, exchange, '');
        const { consumerTag } = await on.consume(
          queue,
          (message) => {
            if (message !== null) onEvent(JSON.parse(message.content.toString()) as JobEvent);
          },
          { noAck: true },
        );
        tag = consumerTag;
      };
      consumers.add(consume);
      await consume(await channel());
      return async () => {
        consumers.delete(consume);
        if (!closed) await (await channel()).cancel(tag).catch(() => undefined);
      };
    },
    async dead(limit) {
      const on = await channel();
      const taken: Delivery[] = [];
      while (taken.length < limit) {
        const message = await on.get(queues.dead, {});
        if (message === false) break;
        taken.push(message);
      }
      // Looked at, not taken: they go back where they were.
      for (const message of taken) on.nack(message);
      return taken.map(({ content, properties }) => ({
        job: JSON.parse(content.toString()) as BrokerJob,
        reason: String(properties.headers?.reason ?? ''),
      }));
    },
    async close() {
      closed = true;
      const open = connection;
      connection = undefined;
      await open?.close();
    },
  };
}

async function dialer(url: string): Promise<() => Promise<RabbitConnection>> {
  try {
    const { connect } = await import('amqplib');
    return async () => (await connect(url)) as unknown as RabbitConnection;
  } catch (cause) {
    throw new MissingPeerError('amqplib', 'rabbitBroker', cause);
  }
}
