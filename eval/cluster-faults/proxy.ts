import { connect, createServer, type Server, type Socket } from 'node:net';

/** A link that can be cut, held up or slowed, between a client and the first of several servers that answers. */
export class Link {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [near: Socket, far: Socket]>();
  #targets: readonly number[];
  #first = 0;
  #cut = false;
  #delay = 0;
  #held: (() => void)[] | undefined;

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** A link to the servers at these ports of this machine. */
  static async open(targets: readonly number[]): Promise<Link> {
    const link = new Link(targets);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Breaks all connections and takes no new ones. */
  cut(): void {
    this.#cut = true;
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Connections stay and nothing comes through: what was sent waits. */
  hold(): void {
    this.#held ??= [];
  }

  /** Everything takes so long from now on, ms. */
  slow(delay: number): void {
    this.#delay = delay;
  }

  /** All is well again; what waited goes on its way. */
  mend(): void {
    this.#cut = false;
    this.#delay = 0;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.#cut) {
      near.destroy();
      return;
    }
    near.pause();
    this.#dial(near, 0);
  }

  #dial(near: Socket, attempt: number): void {
    if (attempt >= this.#targets.length) {
      near.destroy();
      return;
    }
    const port = this.#targets[(this.#first + attempt) % this.#targets.length] as number;
    const far = connect({ host: '127.0.0.1', port });
    far.once('error', () => {
      if (far.connecting || far.bytesRead === 0) this.#dial(near, attempt + 1);
    });
    far.once('connect', () => {
      this.#first = (this.#first + attempt) % this.#targets.length;
      this.#join(near, far);
    });
  }

  #join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    // It was cut while this connection was being made.
    if (this.#cut || near.destroyed) {
      near.destroy();
      far.destroy();
      return;
    }
    this.#pairs.add(pair);
    far.on('error', () => undefined);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.once('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
      from.on('data', (data) => {
        const send = () => {
          if (!to.destroyed) to.write(data);
        };
        if (this.#held !== undefined) this.#held.push(send);
        else if (this.#delay > 0) setTimeout(send, this.#delay);
        else send();
      });
    }
    near.resume();
  }
}
