import { useEffect, useState } from 'react';
import { useReducedMotion } from './use-reduced-motion.js';

/** The day passes in this time, ms. */
const LASTS = 30_000;
/** Without motion the clock jumps: so far, ms, and so often, ms. */
const JUMP = 1_800_000;
const REST = 800;

/** The time that is looked at: that of the plant as it comes in (`undefined`), or one of the day that is replayed. */
export function useClock(from: number, to: number, latest: number) {
  const [chosen, setChosen] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const still = useReducedMotion();
  const time = chosen === undefined || chosen < from || chosen > to ? Math.min(Math.max(latest, from), to) : chosen;

  // biome-ignore lint/correctness/useExhaustiveDependencies: it plays on from the time at which it was started.
  useEffect(() => {
    if (!playing) return undefined;
    let at = time >= to - 60_000 ? from : time;
    let frame = 0;
    let last = performance.now();
    const go = (next: number) => {
      at = Math.min(to, next);
      setChosen(at);
      if (at >= to) setPlaying(false);
    };
    if (still) {
      const timer = setInterval(() => go(at + JUMP), REST);
      return () => clearInterval(timer);
    }
    const step = (now: number) => {
      go(at + ((now - last) / LASTS) * (to - from));
      last = now;
      if (at < to) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [playing, from, to, still]);

  return { time, playing, setPlaying, setTime: setChosen };
}
