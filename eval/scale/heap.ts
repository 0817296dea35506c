/** Events in the order of their time. */
export class EventHeap<Event> {
  readonly #times: number[] = [];
  readonly #events: Event[] = [];

  get size(): number {
    return this.#times.length;
  }

  push(time: number, event: Event): void {
    const [times, events] = [this.#times, this.#events];
    let child = times.length;
    times.push(time);
    events.push(event);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if ((times[parent] as number) <= time) break;
      times[child] = times[parent] as number;
      events[child] = events[parent] as Event;
      child = parent;
    }
    times[child] = time;
    events[child] = event;
  }

  /** The earliest event; undefined where there is none. */
  pop(): { readonly time: number; readonly event: Event } | undefined {
    const [times, events] = [this.#times, this.#events];
    if (times.length === 0) return undefined;
    const first = { time: times[0] as number, event: events[0] as Event };
    const time = times.pop() as number;
    const event = events.pop() as Event;
    const length = times.length;
    let parent = 0;
    while (length > 0) {
      let child = 2 * parent + 1;
      if (child >= length) break;
      if (child + 1 < length && (times[child + 1] as number) < (times[child] as number)) child++;
      if ((times[child] as number) >= time) break;
      times[parent] = times[child] as number;
      events[parent] = events[child] as Event;
      parent = child;
    }
    if (length > 0) {
      times[parent] = time;
      events[parent] = event;
    }
    return first;
  }
}
