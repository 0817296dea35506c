import { quote, TwinergyError } from '../../core/errors.js';

/** One part of a health score: which value it looks at, how much it counts, and what a value is worth. */
export interface HealthComponent {
  /** Name in the result, and for people: `power`. */
  readonly name: string;
  /** The value it looks at, by its name in the input. */
  readonly input: string;
  /** Its share; weights are relative, they need not add up to 1. Greater than 0. */
  readonly weight: number;
  /**
   * What a value is worth: points `[value, score 0…100]` with increasing values, joined by straight lines and level
   * beyond the ends. A rising or falling curve makes the score monotone in that value.
   */
  readonly curve: readonly (readonly [value: number, score: number])[];
}

/**
 * The original design's four components for a solar asset. The corners of the curves lie at the alert thresholds of the
 * same value, so that a component falls below 85, 75 and 60 (see `healthBands`) where the MEDIUM, HIGH and CRITICAL
 * alerts begin.
 */
export const solarHealthComponents: readonly HealthComponent[] = [
  {
    name: 'power',
    input: 'powerRatio',
    weight: 0.3,
    curve: [
      [0, 0],
      [0.5, 60],
      [0.7, 75],
      [0.85, 85],
      [0.98, 100],
    ],
  },
  {
    name: 'temperature',
    input: 'temperature',
    weight: 0.25,
    curve: [
      [35, 100],
      [45, 85],
      [60, 75],
      [70, 60],
      [100, 0],
    ],
  },
  {
    name: 'battery',
    input: 'batteryLevel',
    weight: 0.25,
    curve: [
      [0, 0],
      [15, 60],
      [25, 75],
      [40, 85],
      [60, 100],
    ],
  },
  {
    name: 'inverter',
    input: 'inverterEfficiency',
    weight: 0.2,
    curve: [
      [0, 0],
      [75, 60],
      [85, 75],
      [90, 85],
      [95, 100],
    ],
  },
];

/** Refuses a component that could not give a bounded, continuous score. */
export function checkComponent(component: HealthComponent, path: string): void {
  const { weight, curve } = component;
  if (!(weight > 0) || !Number.isFinite(weight)) {
    throw new TwinergyError(
      'HEALTH_BAD_WEIGHT',
      `The weight of ${quote(component.name)} must be greater than 0, got ${weight}.`,
      {
        path: `${path}.weight`,
        value: weight,
      },
    );
  }
  if (curve.length === 0) {
    throw new TwinergyError('HEALTH_BAD_CURVE', `The curve of ${quote(component.name)} has no points.`, {
      path: `${path}.curve`,
    });
  }
  let previous = Number.NEGATIVE_INFINITY;
  curve.forEach(([value, score], i) => {
    if (!Number.isFinite(value) || value <= previous || !(score >= 0 && score <= 100)) {
      throw new TwinergyError(
        'HEALTH_BAD_CURVE',
        `Point ${i} of the curve of ${quote(component.name)} is [${value}, ${score}]; values must increase and scores lie in 0…100.`,
        { path: `${path}.curve[${i}]`, value: [value, score] },
      );
    }
    previous = value;
  });
}

/** The score 0…100 that `curve` gives to `value`. */
export function scoreOnCurve(curve: HealthComponent['curve'], value: number): number {
  let lower = curve[0] as readonly [number, number];
  if (value <= lower[0]) return lower[1];
  for (let i = 1; i < curve.length; i++) {
    const upper = curve[i] as readonly [number, number];
    if (value <= upper[0]) return lower[1] + ((upper[1] - lower[1]) * (value - lower[0])) / (upper[0] - lower[0]);
    lower = upper;
  }
  return lower[1];
}
