import type { Figures, RunInput } from '../../bench/harness.js';
import { Random } from '../../src/core/index.js';
import { progression } from '../../src/twin/faults/progression.js';

const DAY = 86_400_000;
/** Severity at which an asset fails: that of batteries; inverters fail earlier, arrays later. */
const LIMIT = 0.45;
const LAWS = ['gamma', 'wiener'] as const;
/** Lives that are known, and lives that are asked of. */
const KNOWN = 1000;
const ASKED = 200;
/** Known moments that an answer is taken from. */
const NEAREST = 60;

/** Severity by day up to the failure, and the day of the onset. */
interface Life {
  readonly severity: readonly number[];
  readonly onset: number;
}

/**
 * How exactly remaining life could be told at half life at best where wear grows by chance, as it does in a quarter of the twin's
 * fleets: the law, the onset and the severity itself are known without noise, and the answer is the median of thousands of lives
 * that stood the same. Figures are the median absolute error over the true remaining life; no method can be much better.
 */
export function evaluateFloor({ options, say }: RunInput): Figures {
  const random = new Random(Number(options.seed ?? 1));
  const figures: Record<string, number> = {};
  for (const law of LAWS) {
    figures[`floor_${law}`] = floorOf(law, LIMIT, random.split(law));
    say(`${law}: ${figures[`floor_${law}`]}`);
  }
  return figures;
}

function floorOf(kind: (typeof LAWS)[number], limit: number, random: Random): number {
  let drawn = 0;
  const draw = (): Life => {
    for (;;) {
      const life = lifeOf(kind, limit, random.split(drawn++));
      if (life !== undefined) return life;
    }
  };
  const moments = Array.from({ length: KNOWN }, draw).flatMap((life) => {
    const days = life.severity.length;
    return Array.from({ length: Math.floor((days - life.onset) / 7) }, (_, i) =>
      momentOf(life, life.onset + 3 + 7 * i),
    );
  });
  const errors = Array.from({ length: ASKED }, () => {
    const life = draw();
    const { way, elapsed, left } = momentOf(life, life.severity.length >> 1);
    const near = moments
      .map((moment) => ({
        far: ((moment.way - way) / 0.06) ** 2 + ((moment.elapsed - elapsed) / 0.1) ** 2,
        left: moment.left,
      }))
      .sort((a, b) => a.far - b.far)
      .slice(0, NEAREST)
      .map((moment) => moment.left)
      .sort((a, b) => a - b);
    return Math.abs((near[NEAREST >> 1] as number) - left) / left;
  }).sort((a, b) => a - b);
  return errors[ASKED >> 1] as number;

  function momentOf({ severity, onset }: Life, day: number) {
    return {
      way: (severity[day] as number) / limit,
      elapsed: Math.log(Math.max(1, day - onset)),
      left: severity.length - day,
    };
  }
}

/** A life as `runToFailure` draws it; undefined where it does not fail within twice its span. */
function lifeOf(kind: (typeof LAWS)[number], limit: number, random: Random): Life | undefined {
  const onset = Math.round(random.uniform(5, 60));
  const days = random.uniform(120, 500);
  const path = progression({ kind, from: onset * DAY, days, severity: random.uniform(0.85, 1), random });
  const severity: number[] = [];
  let week = 0;
  for (let day = 0; day < onset + 2 * days; day++) {
    severity.push(path(day * DAY));
    week += (severity[day] as number) - (severity[day - 7] ?? 0);
    if (week / 7 >= limit) return { severity, onset };
  }
  return undefined;
}
