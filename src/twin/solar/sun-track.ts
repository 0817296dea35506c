import { ChebyshevFit } from './polynomial.js';
import type { SolarSite } from './position.js';
import {
  DEFAULT_DELTA_T,
  geocentricSun,
  smoothSiderealTime,
  type ObserverTerms,
  observerTerms,
  topocentricDirection,
} from './spa.js';

/** What does not turn with the earth is known at the nodes of blocks of four days. */
const BLOCK = 4 * 86_400_000;
const SLOW = new ChebyshevFit(7);

/** The direction at the site is known at the nodes of segments of four hours, six to a UTC day. */
export const SEGMENT = 4 * 3_600_000;
/** Degree of the polynomials of a segment. */
export const SEGMENT_DEGREE = 9;
const FAST = new ChebyshevFit(SEGMENT_DEGREE);
const NODES = SEGMENT_DEGREE + 1;

/** An angle near `reference`, whole turns put in or out. */
const unwrapped = (angle: number, reference: number): number => angle - 360 * Math.round((angle - reference) / 360);

/**
 * The sun's direction at a site over long times, many times cheaper than the algorithm at each instant: polynomials in
 * time stand for the algorithm, and no sine is left in the inner loop.
 *
 * How exact: declination, right ascension and distance move with the year, and by arc seconds with the moon (periods of
 * 5.5 days and more). On blocks of four days degree 7 leaves less than 1e-9°. The direction turns once a day: its
 * derivative of order n is below (2π/day)^n, so on four hours (h = 0.5236 rad) degree 9 leaves less than
 * 0.5236^10 / (2^9 · 10!) = 8.4e-13 rad, that is 5e-11°. Together the direction is within 2e-9° of the algorithm.
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
  private readonly slow = new Float64Array(3 * 8);
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
      const time = start + (1 + (FAST.nodes[j] as number)) * (SEGMENT / 2);
      this.at(time);
      east[j] = this.direction.east;
      north[j] = this.direction.north;
      up[j] = this.direction.up;
      this.highest = Math.max(this.highest, this.direction.up);
    }
    FAST.fit(east, this.east);
    FAST.fit(north, this.north);
    FAST.fit(up, this.up);
  }

  /** Direction at one instant, from the slow quantities of its block. */
  private at(time: number): void {
    const block = Math.floor(time / BLOCK);
    if (block !== this.block) this.loadBlock(block);
    const t = (2 * (time - block * BLOCK)) / BLOCK - 1;
    const slow = this.slow;
    let [ascension, declination, distance] = [slow[7] as number, slow[15] as number, slow[23] as number];
    for (let i = 6; i >= 0; i--) {
      ascension = ascension * t + (slow[i] as number);
      declination = declination * t + (slow[8 + i] as number);
      distance = distance * t + (slow[16 + i] as number);
    }
    const hourAngle = smoothSiderealTime(time) + this.longitude - ascension;
    topocentricDirection(hourAngle, declination, distance, this.observer, this.direction);
  }

  private loadBlock(block: number): void {
    this.block = block;
    const ascension = new Float64Array(8);
    const declination = new Float64Array(8);
    const distance = new Float64Array(8);
    for (let j = 0; j < 8; j++) {
      const time = block * BLOCK + (1 + (SLOW.nodes[j] as number)) * (BLOCK / 2);
      const sun = geocentricSun(time, this.deltaT);
      const apparent = sun.rightAscension - sun.equationOfEquinoxes;
      ascension[j] = j === 0 ? apparent : unwrapped(apparent, ascension[0] as number);
      declination[j] = sun.declination;
      distance[j] = sun.distance;
    }
    SLOW.fit(ascension, this.slow, 0);
    SLOW.fit(declination, this.slow, 8);
    SLOW.fit(distance, this.slow, 16);
  }
}
