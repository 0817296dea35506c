/** A thing that happened: a reading, an alert's change, … */
export interface LiveEvent {
  readonly id: number;
  readonly type:
    | 'reading'
    | 'alert'
    | 'anomaly'
    | 'health'
    | 'forecast'
    | 'rul'
    | 'maintenance'
    | 'asset'
    | 'training'
    | 'import';
  readonly asset_id: string | null;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What to listen to, and how. */
export interface LiveOptions {
  /** Address of the server, such as `https://plants.example.org`. Default: that of the page. */
  readonly baseUrl?: string;
  /** A ticket for each connection, where no cookie signs in (see `createTicket`). */
  readonly ticket?: () => Promise<string>;
  readonly assets?: readonly string[];
  readonly events?: readonly LiveEvent['type'][];
  readonly channels?: readonly string[];
  /** The tenant, for who looks after all. */
  readonly tenantId?: string;
  readonly onEvent: (event: LiveEvent) => void;
  /** Told when the connection is up or lost. */
  readonly onState?: (state: 'connecting' | 'open' | 'lost') => void;
  /** Some events are no longer kept by the server: what is shown must be asked for anew. */
  readonly onGap?: () => void;
  /** Default: the runtime's. */
  readonly webSocket?: new (
    url: string,
  ) => WebSocket;
}

/** Waits between attempts: 0.5 s, doubling up to 15 s, half of it by chance. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** The server is asked for a sign of life this often. */
const PING = 25_000;

/** A live connection that comes back by itself, and goes on after the last event that it had. */
export class LiveStream {
  readonly #options: LiveOptions;
  #socket: WebSocket | undefined;
  #last: number | undefined;
  #wait = FIRST_WAIT;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pinger: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  #closed = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    void this.#connect();
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const {
      baseUrl = globalThis.location?.origin ?? '',
      ticket,
      tenantId,
      onState,
      webSocket = WebSocket,
    } = this.#options;
    onState?.('connecting');
    let socket: WebSocket;
    try {
      const url = new URL('/api/v1/live', baseUrl.replace(/^http/, 'ws'));
      if (ticket !== undefined) url.searchParams.set('ticket', await ticket());
      if (tenantId !== undefined) url.searchParams.set('tenant_id', tenantId);
      if (this.#closed) return;
      socket = new webSocket(url.toString());
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.#heard = Date.now();
      const { assets, events, channels } = this.#options;
      socket.send(
        JSON.stringify({
          type: 'subscribe',
          ...(assets && { assets }),
          ...(events && { events }),
          ...(channels && { channels }),
          ...(this.#last !== undefined && { since: this.#last }),
        }),
      );
      onState?.('open');
      this.#pinger = setInterval(() => {
        if (Date.now() - this.#heard > 2 * PING) socket.close();
        else socket.send('{"type":"ping"}');
      }, PING);
    };
    socket.onmessage = ({ data }) => {
      this.#heard = Date.now();
      this.#hear(JSON.parse(String(data)) as Message);
    };
    socket.onclose = () => this.#lost();
    socket.onerror = () => socket.close();
  }

  #hear(message: Message): void {
    if (message.type === 'event') {
      this.#last = message.event.id;
      this.#options.onEvent(message.event);
    } else if (message.type === 'subscribed') {
      this.#last ??= message.last_event_id;
      if (message.gap) this.#options.onGap?.();
    }
  }

  #lost(): void {
    clearInterval(this.#pinger);
    this.#socket = undefined;
    if (this.#closed) return;
    this.#options.onState?.('lost');
    const wait = this.#wait * (0.5 + Math.random() / 2);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }
}

type Message =
  | { readonly type: 'event'; readonly event: LiveEvent }
  | { readonly type: 'subscribed'; readonly last_event_id: number; readonly gap: boolean }
  | { readonly type: 'hello' | 'pong' | 'unsubscribed' | 'lagging' | 'error' };
