import { ChebyshevFit } from './polynomial.js';
import type { SolarSite } from './position.js';
import {
  DEFAULT_DELTA_T,
  geocentricSun,
  type ObserverTerms,
  observerTerms,
  smoothSiderealTime,
  topocentricDirection,
} from './spa.js';

/** What does not turn with the earth is known at the nodes of blocks of eight days. */
const BLOCK = 8 * 86_400_000;
const DEGREE = 8;
const FIT = new ChebyshevFit(DEGREE);
const NODES = DEGREE + 1;

/** The direction at the site is known at the nodes of segments of four hours, six to a UTC day. */
export const SEGMENT = 4 * 3_600_000;

/** Value of a polynomial of degree 8 at t; the three even powers are given, so that three of them share the work. */
export function degree8(c: Float64Array, t: number, t2: number, t4: number): number {
  return (
    (c[0] as number) +
    (c[1] as number) * t +
    t2 * ((c[2] as number) + (c[3] as number) * t) +
    t4 * ((c[4] as number) + (c[5] as number) * t + t2 * ((c[6] as number) + (c[7] as number) * t)) +
    t4 * t4 * (c[8] as number)
  );
}

/** An angle near `reference`, whole turns put in or out. */
const unwrapped = (angle: number, reference: number): number => angle - 360 * Math.round((angle - reference) / 360);

/**
 * The sun's direction at a site over long times, many times cheaper than the algorithm at each instant: polynomials in
 * time stand for the algorithm, and no sine is left in the inner loop.
 *
 * How exact: declination, right ascension and distance move with the year, and by arc seconds with the moon (periods of
 * 5.5 days and more). With h = 4 days, a term of amplitude A and period P leaves at most A (2πh/P)^9 / (2^8 · 9!): for the
 * moon's 6.4" in 29.5 days 1e-11°, for nutation's 0.2" in 13.7 days 1e-10°, for 0.03" in 9.1 days 1e-9°, all together
 * below 5e-9°. The direction turns once a day, so that on four hours (h = 0.5236 rad) degree 8 leaves less than
 * 0.5236^9 / (2^8 · 9!) = 3.2e-11 rad, that is 2e-9°. Together the direction is within 1e-8° of the algorithm.
 */
export class SunTrack {
  /** Coefficients of the present segment, lowest power first: east, north, up. */
  readonly east = new Float64Array(NODES);
  readonly north = new Float64Array(NODES);
  readonly up = new Float64Array(NODES);
  /** Highest `up` at the nodes of the present segment. */
  highest = 0;
  private readonly observer: ObserverTerms;
  private readonly longitude: number;
  private readonly deltaT: number;
  private block = Number.NaN;
  private readonly ascension = new Float64Array(NODES);
  private readonly declination = new Float64Array(NODES);
  private readonly distance = new Float64Array(NODES);
  private readonly values = [new Float64Array(NODES), new Float64Array(NODES), new Float64Array(NODES)] as const;
  private readonly direction = { east: 0, north: 0, up: 0 };

  constructor(site: SolarSite) {
    this.observer = observerTerms(site.latitude, site.altitude ?? 0);
    this.longitude = site.longitude;
    this.deltaT = site.deltaT ?? DEFAULT_DELTA_T;
  }

  /** Prepares the segment that begins at `start` (ms, a multiple of `SEGMENT`). */
  load(start: number): void {
    const [east, north, up] = this.values;
    this.highest = -1;
    for (let j = 0; j < NODES; j++) {
      const time = start + (1 + (FIT.nodes[j] as number)) * (SEGMENT / 2);
      this.at(time);
      east[j] = this.direction.east;
      north[j] = this.direction.north;
      up[j] = this.direction.up;
      this.highest = Math.max(this.highest, this.direction.up);
    }
    FIT.fit(east, this.east);
    FIT.fit(north, this.north);
    FIT.fit(up, this.up);
  }

  /** Direction at one instant, from the slow quantities of its block. */
  private at(time: number): void {
    const block = Math.floor(time / BLOCK);
    if (block !== this.block) this.loadBlock(block);
    const t = (2 * (time - block * BLOCK)) / BLOCK - 1;
    const t2 = t * t;
    const t4 = t2 * t2;
    const ascension = degree8(this.ascension, t, t2, t4);
    const declination = degree8(this.declination, t, t2, t4);
    const distance = degree8(this.distance, t, t2, t4);
    const hourAngle = smoothSiderealTime(time) + this.longitude - ascension;
    topocentricDirection(hourAngle, declination, distance, this.observer, this.direction);
  }

  private loadBlock(block: number): void {
    this.block = block;
    const [ascension, declination, distance] = [
      new Float64Array(NODES),
      new Float64Array(NODES),
      new Float64Array(NODES),
    ];
    for (let j = 0; j < NODES; j++) {
      const sun = geocentricSun(block * BLOCK + (1 + (FIT.nodes[j] as number)) * (BLOCK / 2), this.deltaT);
      const apparent = sun.rightAscension - sun.equationOfEquinoxes;
      ascension[j] = j === 0 ? apparent : unwrapped(apparent, ascension[0] as number);
      declination[j] = sun.declination;
      distance[j] = sun.distance;
    }
    FIT.fit(ascension, this.ascension);
    FIT.fit(declination, this.declination);
    FIT.fit(distance, this.distance);
  }
}
