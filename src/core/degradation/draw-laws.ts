import { exp, expm1, log } from '../math/index.js';
import type { Random } from '../random.js';
import { GammaSteps } from './gamma-steps.js';
import { type DegradationLaw, historyLikelihood, type PresentWear, type WearHistory } from './law.js';

/** Laws that wear may follow: `linear` and `exponential` smoothly, `gamma` and `wiener` by chance about a straight line. */
export type LawKind = 'linear' | 'exponential' | 'gamma' | 'wiener';

/** One law that a history speaks for, with the present it implies. */
export interface LawDraw {
  readonly kind: LawKind;
  readonly law: DegradationLaw;
  readonly present: PresentWear;
}

/** What is known of a wear before its history is looked at. */
export interface WearPrior {
  /** Wear at full severity. */
  readonly full: number;
  /** Standard deviation of what there may be in a sound asset. */
  readonly first: number;
  /** The law that this kind of wear is known for: thought twice as likely as all others together. */
  readonly usual?: LawKind | undefined;
  /** How many independent values one of the history is worth for a smooth law: more than 1 where errors cancel. Default 1. */
  readonly worth?: number | undefined;
}

const KINDS: readonly LawKind[] = ['linear', 'exponential', 'gamma', 'wiener'];
/** Particles of each kind of law. */
const PARTICLES = 160;
/** Moves of each particle at each temperature. */
const MOVES = 3;
/** Share of the particles that still count when the temperature is next lowered. */
const KEPT = 0.5;
/** The usual law is thought twice as likely as all others together. */
const USUAL = log(6);

/** Logarithms of the days from the onset to full severity: mostly months to years, but an asset may hardly wear at all. */
const SPAN = { low: log(30), high: log(3e5), usual: log(300), sd: 0.7, share: 0.8 };
/** Logarithms of the age, d. */
const AGE = { low: log(2), high: log(5000) };
/** Times that exponential wear grows e-fold on its way to full severity. */
const FOLDS = { mean: log(4), sd: 0.06 };
/** Size of a chance step over full wear, the variance of a day over its growth. */
const SIZE = { gamma: log(0.04), wiener: log(0.09), sd: 0.6 };
/** Factor of the history's standard deviations. */
const SCATTER = { mean: log(1.2), sd: 0.4 };

/** Places in a point. */
const LN_SPAN = 0;
const LN_AGE = 1;
const LN_SCATTER = 2;
const LN_EXTRA = 3;
const DIMENSIONS = 4;

/** Logarithm of a normal density, but for what all kinds share. */
const bell = (x: number, mean: number, sd: number) => (-0.5 * (x - mean) ** 2) / (sd * sd);

/** Chance of an e-folding count or of a step's size: what the last number of a point means. */
function extra(kind: LawKind): { readonly mean: number; readonly sd: number } {
  if (kind === 'gamma') return { mean: SIZE.gamma, sd: SIZE.sd };
  if (kind === 'wiener') return { mean: SIZE.wiener, sd: SIZE.sd };
  return FOLDS;
}

function lawOf(point: Float64Array, kind: LawKind, full: number): DegradationLaw {
  const span = exp(point[LN_SPAN] as number);
  const age = exp(point[LN_AGE] as number);
  const last = exp(point[LN_EXTRA] as number);
  if (kind === 'exponential') {
    const growth = last / span;
    // The slope is not let past that at full severity.
    const slope = (full * growth * exp(Math.min(last, growth * age))) / expm1(last);
    return { slope, growth, age, noise: 0, monotone: false };
  }
  const slope = full / span;
  const noise = kind === 'linear' ? 0 : Math.sqrt(last * full * slope);
  return { slope, growth: 0, age, noise, monotone: kind === 'gamma' };
}

/** Logarithm of the density of the logarithm of the days to full severity before the history. */
function beforeSpan(span: number): number {
  const core = (SPAN.share * exp(bell(span, SPAN.usual, SPAN.sd))) / (SPAN.sd * Math.sqrt(2 * Math.PI));
  return log(core + (1 - SPAN.share) / (SPAN.high - SPAN.low));
}

/** Logarithm of the density of a point before the history, but for a constant. */
function before(point: Float64Array, kind: LawKind, watched: number): number {
  const span = point[LN_SPAN] as number;
  const age = point[LN_AGE] as number;
  if (span < SPAN.low || span > SPAN.high || age < AGE.low || age > AGE.high) return Number.NEGATIVE_INFINITY;
  const { mean, sd } = extra(kind);
  return (
    beforeSpan(span) +
    // Any day that was watched may be that of the onset; of those before the far ones are less likely.
    Math.min(age, watched) +
    bell(point[LN_EXTRA] as number, mean, sd) +
    bell(point[LN_SCATTER] as number, SCATTER.mean, SCATTER.sd)
  );
}

/** A point as it may be before the history. */
function drawBefore(point: Float64Array, kind: LawKind, watched: number, random: Random): void {
  do {
    point[LN_SPAN] =
      random.next() < SPAN.share ? SPAN.usual + SPAN.sd * random.normal() : random.uniform(SPAN.low, SPAN.high);
  } while ((point[LN_SPAN] as number) < SPAN.low);
  // Days within the time watched are alike; beyond, logarithms are.
  const beyond = AGE.high - watched;
  const within = 1 - exp(AGE.low - watched);
  point[LN_AGE] =
    random.next() * (within + beyond) < within
      ? log(exp(AGE.low) + random.next() * (exp(watched) - exp(AGE.low)))
      : random.uniform(watched, AGE.high);
  const { mean, sd } = extra(kind);
  point[LN_EXTRA] = mean + sd * random.normal();
  point[LN_SCATTER] = SCATTER.mean + SCATTER.sd * random.normal();
}

/**
 * Draws laws from what a history leaves possible (Bayes), over all kinds of law by their evidence. Before the history, full
 * severity is thought to be reached in months to years, by the shapes that the fault catalogue knows: a straight line, an
 * exponential of some four e-folds, a Gamma or a Wiener process of ordinary chance. For each kind particles go from there
 * to what the history leaves, tempered: the likelihood counts a little more each time, the particles that it speaks against
 * give way, and all move by Metropolis steps as wide as the cloud. Source: P. Del Moral, A. Doucet, A. Jasra: Sequential
 * Monte Carlo samplers, Journal of the Royal Statistical Society B 68, 2006.
 */
export function drawLaws(history: WearHistory, count: number, prior: WearPrior, random: Random): LawDraw[] {
  const { days } = history;
  const watched = log(Math.max(10, (days[days.length - 1] as number) - (days[0] as number)));
  const clouds = KINDS.map((kind) => cloudOf(history, kind, prior, watched, random.split(kind)));
  const weights = clouds.map(({ kind, evidence }) => evidence + (kind === prior.usual ? USUAL : 0));
  const most = Math.max(...weights);
  const shares = weights.map((weight) => exp(weight - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const draws: LawDraw[] = [];
  // Evenly through the kinds, so that the shares are kept as well as the count allows.
  let sum = 0;
  let left = random.next();
  clouds.forEach(({ draws: own }, c) => {
    sum += (count * (shares[c] as number)) / total;
    for (; left < sum && draws.length < count; left++) draws.push(own[random.int(own.length)] as LawDraw);
  });
  while (draws.length < count) draws.push(draws[random.int(draws.length)] as LawDraw);
  // The order carries no meaning: whoever takes them by turns must not take them by kind.
  for (let i = draws.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [draws[i], draws[j]] = [draws[j] as LawDraw, draws[i] as LawDraw];
  }
  return draws;
}

/** What a history leaves of one kind of law, and the logarithm of its evidence for it. */
function cloudOf(
  history: WearHistory,
  kind: LawKind,
  { full, first, worth = 1 }: WearPrior,
  watched: number,
  random: Random,
): { kind: LawKind; evidence: number; draws: LawDraw[] } {
  const present: PresentWear = { mean: 0, variance: 0 };
  const likelihood = (point: Float64Array) =>
    historyLikelihood(lawOf(point, kind, full), history, first, exp(point[LN_SCATTER] as number), present);
  let cloud = Array.from({ length: PARTICLES }, () => {
    const point = new Float64Array(DIMENSIONS);
    drawBefore(point, kind, watched, random);
    return { point, density: before(point, kind, watched), fit: likelihood(point), present: { ...present } };
  });
  let evidence = 0;
  let heat = 0;
  // The evidence is told by the likelihood as it is.
  const last = kind === 'linear' || kind === 'exponential' ? worth : 1;
  let width = 0.8;
  const trial = new Float64Array(DIMENSIONS);
  while (heat < last) {
    const fits = Float64Array.from(cloud, ({ fit }) => fit);
    const until = heat < 1 ? 1 : last;
    const begun = heat;
    const step = nextStep(fits, until - heat);
    heat = step >= until - heat ? until : heat + step;
    const best = fits.reduce((most, fit) => Math.max(most, fit), Number.NEGATIVE_INFINITY);
    const weight = fits.map((fit) => exp(step * (fit - best)));
    const sum = weight.reduce((total, value) => total + value, 0);
    if (begun < 1) evidence += step * best + log(sum / PARTICLES);
    // Systematic resampling.
    const next: typeof cloud = [];
    let [reached, index] = [weight[0] as number, 0];
    const offset = random.next();
    for (let k = 0; k < PARTICLES; k++) {
      const goal = ((k + offset) * sum) / PARTICLES;
      while (reached < goal && index < PARTICLES - 1) reached += weight[++index] as number;
      const own = cloud[index] as (typeof cloud)[number];
      next.push({ ...own, point: own.point.slice() });
    }
    cloud = next;
    const root = spreadRoot(cloud.map(({ point }) => point));
    for (let move = 0; move < MOVES; move++) {
      let taken = 0;
      for (const particle of cloud) {
        const z = [random.normal(), random.normal(), random.normal(), random.normal()];
        for (let i = 0; i < DIMENSIONS; i++) {
          let shift = 0;
          for (let j = 0; j <= i; j++) shift += (root[i * DIMENSIONS + j] as number) * (z[j] as number);
          trial[i] = (particle.point[i] as number) + width * shift;
        }
        const density = before(trial, kind, watched);
        if (density === Number.NEGATIVE_INFINITY) continue;
        const fit = likelihood(trial);
        if (log(1 - random.next()) >= density - particle.density + heat * (fit - particle.fit)) continue;
        particle.point.set(trial);
        particle.density = density;
        particle.fit = fit;
        particle.present = { ...present };
        taken++;
      }
      width = Math.min(2, Math.max(0.1, width * (taken > 0.3 * PARTICLES ? 1.2 : 0.8)));
    }
  }
  if (kind === 'gamma') stepwise(cloud, history, full, random.split('steps'));
  return { kind, evidence, draws: cloud.map((p) => ({ kind, law: lawOf(p.point, kind, full), present: p.present })) };
}

/** Gives the points of Gamma processes the speed and the steps that their few steps show, which normal noise misjudges. */
function stepwise(
  cloud: readonly { readonly point: Float64Array }[],
  history: WearHistory,
  full: number,
  random: Random,
): void {
  const density = (lnSpan: number, lnSize: number) => beforeSpan(lnSpan) + bell(lnSize, SIZE.gamma, SIZE.sd);
  const steps = new GammaSteps(history, { full, size: SIZE.gamma, density });
  for (const { point } of cloud) {
    const { lnSpan, lnSize } = steps.draw(exp(point[LN_AGE] as number), random);
    point[LN_SPAN] = lnSpan;
    point[LN_EXTRA] = lnSize;
  }
}

/** How much more the likelihood may count so that enough of the particles still do; at most `most`. */
function nextStep(fits: Float64Array, most: number): number {
  const best = fits.reduce((top, fit) => Math.max(top, fit), Number.NEGATIVE_INFINITY);
  const enough = (step: number) => {
    let [sum, squares] = [0, 0];
    for (const fit of fits) {
      const weight = exp(step * (fit - best));
      sum += weight;
      squares += weight * weight;
    }
    return sum * sum >= KEPT * fits.length * squares;
  };
  if (enough(most)) return most;
  let [low, high] = [0, most];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (enough(middle)) low = middle;
    else high = middle;
  }
  return Math.max(low, 1e-9);
}

/** Root (Cholesky) of the covariance of points. */
function spreadRoot(points: readonly Float64Array[]): Float64Array {
  const n = points.length;
  const root = new Float64Array(DIMENSIONS * DIMENSIONS);
  const mean = new Float64Array(DIMENSIONS);
  for (const point of points)
    for (let i = 0; i < DIMENSIONS; i++) mean[i] = (mean[i] as number) + (point[i] as number) / n;
  for (let i = 0; i < DIMENSIONS; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1e-10 : 0;
      for (const point of points) {
        sum += (((point[i] as number) - (mean[i] as number)) * ((point[j] as number) - (mean[j] as number))) / n;
      }
      for (let k = 0; k < j; k++) sum -= (root[i * DIMENSIONS + k] as number) * (root[j * DIMENSIONS + k] as number);
      root[i * DIMENSIONS + j] = i === j ? Math.sqrt(Math.max(1e-12, sum)) : sum / (root[j * DIMENSIONS + j] as number);
    }
  }
  return root;
}
