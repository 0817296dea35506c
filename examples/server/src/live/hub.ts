/** A thing that happened, as live clients are told. */
export interface LiveEvent {
  /** Grows with time; a client that reconnects tells the last one it has. */
  readonly id: number;
  readonly type: LiveType;
  readonly assetId: string | null;
  /** ms since the epoch. */
  readonly time: number;
  /** JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}

export const liveTypes = [
  'reading',
  'alert',
  'anomaly',
  'health',
  'forecast',
  'rul',
  'maintenance',
  'asset',
  'training',
  'import',
] as const;
export type LiveType = (typeof liveTypes)[number];

/** An event as it is published. What it tells may be given as a function, which is called if anybody is told. */
export type PublishedEvent = Omit<LiveEvent, 'id' | 'data'> & {
  readonly data: LiveEvent['data'] | (() => LiveEvent['data']);
};

/** An event of this server. */
class OwnEvent implements LiveEvent {
  readonly id: number;
  readonly type: LiveType;
  readonly assetId: string | null;
  readonly time: number;
  #data: PublishedEvent['data'];

  constructor(id: number, { type, assetId, time, data }: PublishedEvent) {
    this.id = id;
    this.type = type;
    this.assetId = assetId;
    this.time = time;
    this.#data = data;
  }

  get data(): LiveEvent['data'] {
    if (typeof this.#data === 'function') this.#data = this.#data();
    return this.#data;
  }

  toJSON(): LiveEvent {
    const { id, type, assetId, time, data } = this;
    return { id, type, assetId, time, data };
  }
}

/** What a subscriber wants; absent means all. */
export interface LiveFilter {
  readonly types?: ReadonlySet<string> | undefined;
  readonly assets?: ReadonlySet<string> | undefined;
  /** Of readings only these channels, by their API name. */
  readonly channels?: readonly string[] | undefined;
}

/** Events kept for those who come back. */
const KEPT = 2000;

interface Topic {
  readonly ring: LiveEvent[];
  readonly listeners: Set<(event: LiveEvent) => void>;
}

/** Tells live clients what happens, tenant by tenant, and keeps the last events for those who reconnect. */
export class Hub {
  readonly #topics = new Map<string, Topic>();
  #last = 0;
  /** Told of each event that begins here: carries it to other servers. */
  onPublish: ((tenantId: string, event: LiveEvent) => void) | undefined;

  #topic(tenantId: string): Topic {
    let topic = this.#topics.get(tenantId);
    if (topic === undefined) {
      topic = { ring: [], listeners: new Set() };
      this.#topics.set(tenantId, topic);
    }
    return topic;
  }

  /** An event of this server. Its id is made from the clock, so that it goes on growing over restarts and servers. */
  publish(tenantId: string, event: PublishedEvent): void {
    this.#last = Math.max(this.#last + 1, Date.now() * 1000);
    const whole = new OwnEvent(this.#last, event);
    this.deliver(tenantId, whole);
    this.onPublish?.(tenantId, whole);
  }

  /** An event, of this server or another. */
  deliver(tenantId: string, event: LiveEvent): void {
    // The ids go on growing when another server's tenant is taken over.
    this.#last = Math.max(this.#last, event.id);
    const { ring, listeners } = this.#topic(tenantId);
    ring.push(event);
    if (ring.length > KEPT * 2) ring.splice(0, ring.length - KEPT);
    for (const listener of listeners) listener(event);
  }

  /** Id of the newest event. */
  lastId(tenantId: string): number {
    return this.#topic(tenantId).ring.at(-1)?.id ?? 0;
  }

  /** What came after `id`; `gap` where some of it is no longer kept. */
  since(tenantId: string, id: number): { readonly events: readonly LiveEvent[]; readonly gap: boolean } {
    const { ring } = this.#topic(tenantId);
    const from = ring.findIndex((event) => event.id > id);
    return {
      events: from < 0 ? [] : ring.slice(from),
      gap: ring.length > 0 ? (ring[0] as LiveEvent).id > id && !ring.some((event) => event.id === id) : id > 0,
    };
  }

  listen(tenantId: string, listener: (event: LiveEvent) => void): () => void {
    const { listeners } = this.#topic(tenantId);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Live listeners, all tenants. */
  get listeners(): number {
    let sum = 0;
    for (const { listeners } of this.#topics.values()) sum += listeners.size;
    return sum;
  }
}

/** Whether a filter wants an event. */
export function wants({ types, assets }: LiveFilter, event: LiveEvent): boolean {
  return (
    (types === undefined || types.has(event.type)) &&
    (assets === undefined || event.assetId === null || assets.has(event.assetId))
  );
}

/** A filter of lists of names, as clients give them. */
export function filterOf(lists: {
  readonly types?: readonly string[] | undefined;
  readonly assets?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
}): LiveFilter {
  const set = (names: readonly string[] | undefined) => (names === undefined ? undefined : new Set(names));
  return { types: set(lists.types), assets: set(lists.assets), channels: lists.channels };
}

/** What an event was made into, by the channels that were chosen of it. */
class Made<Form> {
  readonly #forms = new WeakMap<LiveEvent, Map<string, Form>>();
  readonly #make: (event: LiveEvent, channels: readonly string[] | undefined) => Form;

  constructor(make: (event: LiveEvent, channels: readonly string[] | undefined) => Form) {
    this.#make = make;
  }

  of(event: LiveEvent, channels: readonly string[] | undefined): Form {
    const chosen = event.type === 'reading' ? channels : undefined;
    let forms = this.#forms.get(event);
    if (forms === undefined) {
      forms = new Map();
      this.#forms.set(event, forms);
    }
    const key = chosen?.join() ?? '*';
    let form = forms.get(key);
    if (form === undefined) {
      form = this.#make(event, chosen);
      // Clients that each want something else are served without keeping it for all of them.
      if (forms.size < 16) forms.set(key, form);
    }
    return form;
  }
}

const texts = new Made((event, channels) => {
  if (channels === undefined) return JSON.stringify(restEvent(event));
  const values = event.data.values as Record<string, number>;
  const chosen = Object.fromEntries(Object.entries(values).filter(([name]) => channels.includes(name)));
  const { id, type, assetId, time, data } = event;
  return JSON.stringify(restEvent({ id, type, assetId, time, data: { ...data, values: chosen } }));
});
const messages = new Made((event, channels) => Buffer.from(`{"type":"event","event":${texts.of(event, channels)}}`));

/** An event as clients get it, made once for all who want the same of it. */
export function eventText(event: LiveEvent, channels?: readonly string[]): string {
  return texts.of(event, channels);
}

/** The message of an event on a WebSocket, made once for all who want the same of it. */
export function eventMessage(event: LiveEvent, channels?: readonly string[]): Buffer {
  return messages.of(event, channels);
}

function restEvent({ id, type, assetId, time, data }: LiveEvent) {
  return { id, type, asset_id: assetId, time: new Date(time).toISOString(), data };
}
