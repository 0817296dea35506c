import type { Random } from '../../core/index.js';
import { cos, exp, log, pow, sin } from '../../core/math/index.js';

const EARTH_RADIUS_KM = 6371;

/** A point on the globe as three coordinates in km. */
export type Position = readonly [x: number, y: number, z: number];

/** Latitude and longitude in degrees to a point in km, so that distances need no map projection. */
export function positionOf(latitude: number, longitude: number): Position {
  const lat = (latitude * Math.PI) / 180;
  const lon = (longitude * Math.PI) / 180;
  return [EARTH_RADIUS_KM * cos(lat) * cos(lon), EARTH_RADIUS_KM * cos(lat) * sin(lon), EARTH_RADIUS_KM * sin(lat)];
}

/**
 * One plane wave of a random field with covariance exp(−distance / length), seen at one place. Two places that draw it
 * from the same stream get standard normal numbers that correlate by just that law, each without knowing of the other:
 * random Fourier features (Rahimi & Recht 2007), one new wave vector per draw, whose spectral density for the
 * exponential covariance is a Cauchy distribution.
 */
export class SpatialNoise {
  readonly #position: Position;
  readonly #length: number;
  #cosine = 1;
  #sine = 0;

  /** @param length correlation length, km */
  constructor(position: Position, length: number) {
    this.#position = position;
    this.#length = length;
  }

  /** Draws a new wave vector. */
  turn(random: Random): void {
    const spread = 1 / (Math.abs(random.normal()) * this.#length + 1e-12);
    const [x, y, z] = this.#position;
    const phase = spread * (random.normal() * x + random.normal() * y + random.normal() * z);
    // Whole turns are taken off first: the phase can be large, and the cosine of a large number is not the same
    // everywhere.
    const turns = phase / (2 * Math.PI);
    const angle = 2 * Math.PI * (turns - Math.floor(turns));
    this.#cosine = cos(angle);
    this.#sine = sin(angle);
  }

  /** A standard normal number on the present wave. */
  draw(random: Random): number {
    const a = random.normal();
    return a * this.#cosine + random.normal() * this.#sine;
  }
}

/**
 * A Gaussian process with one node a day, unit variance and lag-one correlation `persistence`: an autoregression written
 * as a moving average of the last days' noise, each day's from its own stream, so that any day can be asked for without
 * those before it. The nodes are at noon, so that within a day it keeps to its own node.
 */
export class DailyProcess {
  readonly #random: Random;
  readonly #noise: SpatialNoise;
  readonly #persistence: number;
  readonly #taps: number;
  readonly #scale: number;
  readonly #nodes = new Map<number, number>();

  /** @param length correlation length in space, km */
  constructor(random: Random, position: Position, length: number, persistence: number) {
    this.#random = random;
    this.#noise = new SpatialNoise(position, length);
    this.#persistence = persistence;
    this.#taps = persistence <= 0.001 ? 1 : Math.min(60, Math.ceil(log(0.003) / log(persistence)));
    let sum = 0;
    for (let i = 0; i < this.#taps; i++) sum += pow(persistence, 2 * i);
    this.#scale = 1 / Math.sqrt(sum);
  }

  #node(day: number): number {
    const known = this.#nodes.get(day);
    if (known !== undefined) return known;
    let value = 0;
    for (let i = this.#taps - 1; i >= 0; i--) {
      const stream = this.#random.split(day - i);
      this.#noise.turn(stream);
      value = value * this.#persistence + this.#noise.draw(stream);
    }
    value *= this.#scale;
    if (this.#nodes.size > 16) this.#nodes.clear();
    this.#nodes.set(day, value);
    return value;
  }

  /** The value at a fractional day; between the nodes it is interpolated with the variance kept at 1. */
  at(day: number): number {
    const index = Math.floor(day - 0.5);
    const x = day - 0.5 - index;
    const variance = 1 - 2 * x * (1 - x) * (1 - this.#persistence);
    return (this.#node(index) * (1 - x) + this.#node(index + 1) * x) / Math.sqrt(variance);
  }
}

/**
 * Correlation of a `DailyProcess` with itself a day later, as the mean over the hours of daylight: more than its
 * `persistence`, as neighbouring days share a node in the morning and evening.
 */
export function daylightCorrelation(persistence: number): number {
  const parts = 10;
  let sum = 0;
  for (let i = 0; i < parts; i++) {
    // Distance from noon, up to six hours.
    const x = (0.25 * (i + 0.5)) / parts;
    const both = x * (1 - x);
    sum += (persistence * (1 - 2 * both) + both * (1 + persistence * persistence)) / (1 - 2 * both * (1 - persistence));
  }
  return sum / parts;
}

/**
 * The persistence of a `DailyProcess` whose daily means correlate by `measured` from day to day: a mean takes in an eighth
 * of either neighbouring node.
 */
export function persistenceOfMeans(measured: number): number {
  const weights = [0.125, 0.75, 0.125];
  const lag = (persistence: number, days: number) => {
    let sum = 0;
    weights.forEach((a, i) => {
      weights.forEach((b, j) => {
        sum += a * b * pow(persistence, Math.abs(days + i - j));
      });
    });
    return sum;
  };
  let low = 0;
  let high = 0.95;
  for (let i = 0; i < 40; i++) {
    const middle = 0.5 * (low + high);
    if (lag(middle, 1) / lag(middle, 0) < measured) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * A Gaussian process within a day: an Ornstein–Uhlenbeck process with time constant `tau` on `count` + 1 nodes, begun
 * anew each day from its stationary law.
 */
export class IntradayProcess {
  readonly #random: Random;
  readonly #noise: SpatialNoise;
  readonly #phi: number;
  readonly #innovation: number;
  readonly #values: Float64Array;
  readonly #waveNodes: number;
  #day = Number.NaN;

  /**
   * @param count nodes a day
   * @param tau time constant, minutes
   * @param waveNodes nodes that share a wave vector: fewer waves are cheaper
   */
  constructor(random: Random, position: Position, length: number, count: number, tau: number, waveNodes: number) {
    this.#random = random;
    this.#noise = new SpatialNoise(position, length);
    this.#phi = exp(-1440 / count / tau);
    this.#innovation = Math.sqrt(1 - this.#phi * this.#phi);
    this.#values = new Float64Array(count + 1);
    this.#waveNodes = waveNodes;
  }

  #fill(day: number): void {
    const stream = this.#random.split(day);
    const values = this.#values;
    const noise = this.#noise;
    noise.turn(stream);
    let value = noise.draw(stream);
    values[0] = value;
    for (let i = 1; i < values.length; i++) {
      if (i % this.#waveNodes === 0) noise.turn(stream);
      value = this.#phi * value + this.#innovation * noise.draw(stream);
      values[i] = value;
    }
    this.#day = day;
  }

  /** The value at fraction `x` (0…1) of `day`, interpolated between the nodes. */
  at(day: number, x: number): number {
    if (day !== this.#day) this.#fill(day);
    const place = x * (this.#values.length - 1);
    const index = Math.min(this.#values.length - 2, Math.floor(place));
    const low = this.#values[index] as number;
    return low + (place - index) * ((this.#values[index + 1] as number) - low);
  }
}
