import { exp, log } from '../../core/math/index.js';
import type { CellCondition } from './geometry.js';
import { GAINS, type Hypotheses, nameOf, OFFSETS, ofQuantity } from './hypothesis.js';
import { lightChannel } from './layout.js';
import { SECTORS } from './quantities.js';
import type { ArraySignals } from './string-hypotheses.js';

/** Logarithmic losses in a shaded sector. */
const SHADES = [0.03, 0.06, 0.12, 0.22, 0.4, 0.7, 1.2];
/** Angles at which a tracker may stand, degrees. */
const STALLS = [-60, -45, -30, -15, 0, 15, 30, 45, 60];

/** Sectors of the day that lie in one shadow, and what the light's level leaves of the loss. */
interface Shadow {
  readonly covers: (sector: number) => boolean;
  readonly atLevel: readonly [low: number, middle: number, high: number];
  readonly prior: number;
  readonly caution: number;
}

/** Of an obstacle: one to three sectors on end. */
const OBSTACLES: readonly Shadow[] = Array.from({ length: SECTORS }, (_, from) =>
  [1, 2, 3].flatMap((span): Shadow[] =>
    from + span > SECTORS
      ? []
      : [
          {
            covers: (sector) => sector >= from && sector < from + span,
            atLevel: [0.4, 1, 1],
            prior: -log(SECTORS) - 1,
            caution: 2.5,
          },
        ],
  ),
).flat();

/**
 * Of the row in front, or a ridge along the horizon: while the sun is low, in winter all day long. It takes the direct
 * light; what a grey sky sends, which is most of a low level, it leaves.
 */
const LOW_SUN: readonly Shadow[] = [0, 1, 2, 3].map((middle) => ({
  covers: (sector) => sector < SECTORS / 2 - middle || sector >= SECTORS / 2 + middle,
  atLevel: [0.15, 0.8, 1],
  prior: -log(4) - 1,
  caution: 2,
}));

/** Shade on array `a`: the same sectors of the day, on all strings or on one. */
export function addShade(on: Hypotheses, { a, strings, lump, measured }: ArraySignals): void {
  const shadeOn = (part: string | undefined, relative: number, shadows: readonly Shadow[]) => {
    const touched = strings.filter((k) => part === undefined || on.layout.signals[k]?.part === part);
    for (const what of ['current', 'voltage'] as const) {
      const own = [
        ...touched.filter((k) => on.quantity(k) === what),
        ...(part === undefined && what === 'current' ? lump : []),
      ];
      if (own.length === 0) continue;
      for (const { covers, atLevel, prior, caution } of shadows) {
        on.add({
          kind: 'shading',
          layer: 'plant',
          target: part ?? nameOf(on.plant.arrays, a),
          severities: SHADES,
          touches: own,
          prior: relative + prior,
          caution: part === undefined ? caution : 1.2,
          loss: part === undefined ? 'common' : 'apart',
          tolerance: 0.5,
          shift: (_k, at, s) => (covers(at.sector) ? -(SHADES[s] ?? 0) * (atLevel[at.level] ?? 1) : 0),
        });
      }
    }
  };
  shadeOn(undefined, 0, [...OBSTACLES, ...LOW_SUN]);
  if (measured.length > 1) for (const id of measured) shadeOn(id, -log(measured.length), OBSTACLES);
}

/** A tracker of array `a` that stands still. */
export function addStall(on: Hypotheses, { a, strings, lump, share }: ArraySignals): void {
  const tracker = on.plant.arrays[a]?.tracker;
  if (tracker === undefined) return;
  for (const angle of STALLS) {
    if (Math.abs(angle) > tracker.maxAngle + 10) continue;
    on.add({
      kind: 'tracker-stall',
      layer: 'plant',
      target: nameOf(on.plant.arrays, a),
      severities: [Math.min(1, Math.max(0.05, Math.abs(angle) / tracker.maxAngle))],
      touches: [
        ...strings.filter((k) => on.quantity(k) === 'current'),
        ...on.find((signal) => signal.quantity === 'moduleHeat' && signal.array === a),
        ...lump,
      ],
      prior: -1,
      loss: 'common',
      tolerance: 0.35,
      shift: (k, at) => {
        const loss = on.geometry.stalled(a, angle, at);
        return on.quantity(k) === 'moduleHeat' ? exp(loss) - 1 : loss * (lump.includes(k) ? share(k) : 1);
      },
    });
  }
}

/** The light sensor that array `a` is told from: wrong by a share or an offset, turned, or late. */
export function addLightSensor(on: Hypotheses, a: number): void {
  const { plant, layout, geometry, has } = on;
  const light = lightChannel(plant, a, has);
  if (light === undefined || (a > 0 && light !== `${plant.arrays[a]?.id}.poaGlobal`)) return;
  const seen = on.find(
    (signal) =>
      (ofQuantity('current', 'dcPower', 'acPower', 'moduleHeat')(signal) &&
        (signal.array === a || !has(`${plant.arrays[signal.array]?.id}.poaGlobal`))) ||
      (a === 0 && ofQuantity('skyLight', 'lightPair')(signal)),
  );
  // What the sensor reads is (1 + x) of the truth: everything that is told from it moves the other way.
  const read = (k: number, x: number) => {
    const what = on.quantity(k);
    return what === 'skyLight' || what === 'lightPair'
      ? log(1 + x)
      : what === 'moduleHeat'
        ? 1 / (1 + x) - 1
        : -log(1 + x);
  };
  on.addSensor('gain', light, GAINS, seen, 0, (k, _at, x) => read(k, x));
  on.addSensor('bias', light, OFFSETS, seen, -1, (k, at, x) => {
    const truth = Math.max(20, at.light - 1000 * x);
    return read(k, at.light / truth - 1);
  });
  const told = seen.filter(
    (k) =>
      layout.signals[k]?.array === a && ['current', 'dcPower', 'acPower', 'lightPair'].includes(on.quantity(k) ?? ''),
  );
  const shaped = (
    kind: string,
    errors: readonly number[],
    whole: number,
    shift: (at: CellCondition, error: number) => number,
  ) =>
    on.addTwoSided(errors, whole, (side, severities) => ({
      kind,
      layer: 'measurement',
      target: light,
      severities,
      touches: told,
      prior: -1,
      loss: 'none',
      caution: 2,
      tolerance: 0.4,
      shift: (k, at, s) => (on.quantity(k) === 'lightPair' ? -1 : 1) * shift(at, side[s] ?? 0),
    }));
  shaped('irradiance-sensor-misaligned', [-30, -20, -10, 10, 20, 30], 30, (at, turn) => geometry.misread(a, turn, at));
  shaped('clock-shift', [-2, -1, 0.5, 1, 2, 3], 3, (at, hours) => -geometry.late(a, hours, at));
}

/** The sensor of the horizontal light, where another one is there to contradict it. */
export function addHorizontalSensor(on: Hypotheses): void {
  const pair = on.find(ofQuantity('lightPair'));
  on.addSensor('gain', 'ghi', GAINS, pair, -1, (_k, _at, x) => -log(1 + x));
}
