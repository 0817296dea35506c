import type { Frame, Unsubscribe } from '../core/index.js';
import type { MonitorEvents } from '../monitor/index.js';
import type { MonitorSource } from './source.js';

/** The newest word of a monitor on one asset. */
export interface AssetView {
  readonly assetId: string;
  /** The newest reading with all that followed from it; absent before the first. */
  readonly outcome?: MonitorEvents['reading'];
  readonly forecast?: Frame;
  readonly life?: MonitorEvents['life']['life'];
  /** How far the making of its models is. */
  readonly training?: MonitorEvents['training']['progress'];
}

/** All assets that were heard of, and the alerts that are open. */
export interface LiveState {
  readonly assets: ReadonlyMap<string, AssetView>;
  /** By id. */
  readonly alerts: ReadonlyMap<string, MonitorEvents['alert']>;
}

/** Calls `work` once before the next picture is drawn, however often it is asked for; where nothing is drawn, soon. */
export function oncePerFrame(work: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    const run = () => {
      waiting = false;
      work();
    };
    // A page that is hidden draws nothing, but its listeners are to be told.
    if (typeof requestAnimationFrame === 'function' && document.visibilityState === 'visible')
      requestAnimationFrame(run);
    else setTimeout(run, 16);
  };
}

/**
 * What a source has told since somebody listened, as immutable snapshots for `useSyncExternalStore`. However many events
 * come, listeners are told at most once per picture.
 */
class LiveStore {
  readonly #source: MonitorSource;
  readonly #listeners = new Set<() => void>();
  #stop: Unsubscribe[] = [];
  #state: LiveState = { assets: new Map(), alerts: new Map() };
  #assets = new Map<string, AssetView>();
  #alerts = new Map<string, MonitorEvents['alert']>();

  constructor(source: MonitorSource) {
    this.#source = source;
  }

  readonly snapshot = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): Unsubscribe => {
    if (this.#listeners.size === 0) this.#listen();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      for (const stop of this.#stop) stop();
      this.#stop = [];
    };
  };

  readonly #publish = () => {
    this.#state = { assets: new Map(this.#assets), alerts: new Map(this.#alerts) };
    for (const listener of this.#listeners) listener();
  };

  #listen(): void {
    const source = this.#source;
    // What stood before counts as known: alerts that ended while nobody listened are gone.
    this.#alerts = new Map(source.openAlerts?.().map((alert) => [alert.id, alert]));
    const changed = oncePerFrame(this.#publish);
    const see = (assetId: string, news: Partial<AssetView>) => {
      this.#assets.set(assetId, { ...this.#assets.get(assetId), ...news, assetId });
      changed();
    };
    this.#stop = [
      source.on('reading', (outcome) => {
        const { assetId, time } = outcome.reading;
        // A reading that comes late is history: what was newer stays the newest.
        if (time >= (this.#assets.get(assetId)?.outcome?.reading.time ?? Number.NEGATIVE_INFINITY))
          see(assetId, { outcome });
      }),
      source.on('forecast', ({ assetId, forecast }) => see(assetId, { forecast })),
      source.on('life', ({ assetId, life }) => see(assetId, { life })),
      source.on('training', ({ assetId, progress }) => see(assetId, { training: progress })),
      source.on('alertChange', ({ alert, to }) => {
        if (to === 'normal') this.#alerts.delete(alert.id);
        else this.#alerts.set(alert.id, alert);
        changed();
      }),
    ];
    if (this.#alerts.size > 0) changed();
  }
}

const stores = new WeakMap<MonitorSource, LiveStore>();

/** The store of a source: all hooks of a page share one. */
export function liveStore(source: MonitorSource): LiveStore {
  let store = stores.get(source);
  if (store === undefined) {
    store = new LiveStore(source);
    stores.set(source, store);
  }
  return store;
}

/** What is known where nothing has been heard: on a server too. */
const NOTHING: LiveState = { assets: new Map(), alerts: new Map() };

/** The snapshot while a page is rendered on a server. */
export const nothing = (): LiveState => NOTHING;
