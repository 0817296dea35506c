// Another time than now, for pictures that look alike whenever they are made: `Date` runs on from there. Loaded into a server by
// `--import`, and into pages as a script.

/** Lets `Date` tell a time that is `offset` ms from the true one. Plain enough to be handed to a page as text. */
export function shiftClock(offset) {
  const True = Date;
  const now = () => True.now() + offset;
  class Shifted extends True {
    constructor(...given) {
      if (given.length === 0) super(now());
      else super(...given);
    }
    static now() {
      return now();
    }
  }
  globalThis.Date = Shifted;
}

const asked = Number(globalThis.process?.env.CLOCK_OFFSET ?? Number.NaN);
if (Number.isFinite(asked)) shiftClock(asked);
