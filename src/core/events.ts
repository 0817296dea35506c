import { EventEmitter } from 'eventemitter3';

/** A map from event name to the payload of the event. */
export type EventMap = object;

/** Removes a listener that `on` added. */
export type Unsubscribe = () => void;

/**
 * Typed events with one payload each, on eventemitter3. A listener that throws does not stop the others, nor the work
 * that raised the event: its error goes to `onListenerError`.
 */
export class TypedEvents<Events extends EventMap> {
  readonly #emitter = new EventEmitter();
  /** The listener that stands behind a wrapper which `once` made. */
  readonly #originals = new WeakMap<object, object>();

  /** What happens to an error that a listener throws. Default: it is reported as an uncaught error of the host. */
  onListenerError: (error: unknown, event: string) => void = (error) => {
    queueMicrotask(() => {
      throw error;
    });
  };

  /** Calls `listener` on every `event`; the returned function takes it off again. */
  on<Name extends keyof Events & string>(event: Name, listener: (payload: Events[Name]) => void): Unsubscribe {
    this.#emitter.on(event, listener);
    return () => {
      this.#emitter.off(event, listener);
    };
  }

  /** Calls `listener` on the next `event` only. */
  once<Name extends keyof Events & string>(event: Name, listener: (payload: Events[Name]) => void): Unsubscribe {
    // Not the emitter's own `once`: `emit` calls the listeners itself, so that one that throws stops no other.
    const wrapper = (payload: Events[Name]) => {
      this.#emitter.off(event, wrapper);
      listener(payload);
    };
    this.#originals.set(wrapper, listener);
    return this.on(event, wrapper);
  }

  /** Takes `listener` off `event`, whether `on` or `once` put it there. */
  off<Name extends keyof Events & string>(event: Name, listener: (payload: Events[Name]) => void): void {
    for (const known of this.#emitter.listeners(event)) {
      if (known === listener || this.#originals.get(known) === listener) this.#emitter.off(event, known);
    }
  }

  /** How many listeners `event` has: lets a producer skip work nobody asked for. */
  listenerCount(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event);
  }

  /** Tells every listener of `event`. */
  emit<Name extends keyof Events & string>(event: Name, payload: Events[Name]): void {
    if (this.#emitter.listenerCount(event) === 0) return;
    for (const listener of this.#emitter.listeners(event)) {
      try {
        listener(payload);
      } catch (error) {
        this.onListenerError(error, event);
      }
    }
  }

  /** Takes every listener off. */
  removeAllListeners(): void {
    this.#emitter.removeAllListeners();
  }
}
