import { TwinergyError } from '../../core/errors.js';
import { exp } from '../../core/math/index.js';
import { BOLTZMANN_EV, type DeSotoModule, ZERO_CELSIUS } from './single-diode-parameters.js';

/** What a module's data sheet says at 1000 W/m² and 25 °C. */
export interface ModuleDatasheet {
  /** Short-circuit current, A. */
  readonly iSc: number;
  /** Open-circuit voltage, V. */
  readonly vOc: number;
  /** Current at maximum power, A. */
  readonly iMp: number;
  /** Voltage at maximum power, V. */
  readonly vMp: number;
  /** Change of the short-circuit current, A/K. */
  readonly alphaSc: number;
  /** Change of the open-circuit voltage, V/K; negative. */
  readonly betaVoc: number;
  readonly cellsInSeries: number;
  /** eV; default 1.121 (silicon). */
  readonly bandGapRef?: number;
  /** 1/K; default −0.0002677 (silicon). */
  readonly bandGapSlope?: number;
}

const REFERENCE = 25 + ZERO_CELSIUS;
/** The fifth condition looks at open circuit this many K away from the reference. */
const OFFSET = 2;
const TOLERANCE = 1e-10;

function refuse(message: string, sheet: ModuleDatasheet, path?: string): TwinergyError {
  return new TwinergyError('DATASHEET_NO_SOLUTION', message, {
    value: sheet,
    ...(path === undefined ? {} : { path }),
    hint: 'Check the values and their units: A, V, A/K, V/K.',
  });
}

function check(sheet: ModuleDatasheet): void {
  const { iSc, vOc, iMp, vMp, betaVoc, cellsInSeries } = sheet;
  for (const key of ['iSc', 'vOc', 'iMp', 'vMp', 'cellsInSeries'] as const)
    if (!(sheet[key] > 0)) throw refuse(`${key} must be above 0, and is ${sheet[key]}.`, sheet, key);
  if (!(iMp < iSc)) throw refuse(`iMp (${iMp} A) must be below iSc (${iSc} A).`, sheet, 'iMp');
  if (!(vMp < vOc)) throw refuse(`vMp (${vMp} V) must be below vOc (${vOc} V).`, sheet, 'vMp');
  if (!(betaVoc < 0)) throw refuse(`betaVoc must be below 0, and is ${betaVoc} V/K.`, sheet, 'betaVoc');
  const fill = (iMp * vMp) / (iSc * vOc);
  if (!(fill > 0.25 && fill < 0.92))
    throw refuse(`A fill factor of ${fill.toFixed(3)} is beyond any single-diode curve (0.25 to 0.92).`, sheet);
  const perCell = vOc / cellsInSeries;
  if (!(perCell > 0.2 && perCell < 2.5))
    throw refuse(`${perCell.toFixed(2)} V a cell at open circuit is not a cell.`, sheet, 'cellsInSeries');
}

/**
 * For given a and Rs the other three follow in closed form from short circuit, open circuit and the point of maximum
 * power, of which IL, I0 and 1/Rsh are linear.
 */
function linearPart(sheet: ModuleDatasheet, a: number, rs: number) {
  const { iSc, vOc, iMp, vMp } = sheet;
  // Exponentials are taken relative to open circuit, so that none overflows.
  const atVoltage = (junction: number): number => exp((junction - vOc) / a);
  const zero = exp(-vOc / a);
  const short = atVoltage(iSc * rs) - zero;
  const power = atVoltage(vMp + iMp * rs) - zero;
  const open = 1 - zero;
  // iSc = IL − J·short − G·iSc·rs; 0 = IL − J·open − G·vOc; iMp = IL − J·power − G·(vMp + iMp·rs), J = I0·exp(vOc/a).
  const [j1, g1, r1] = [open - short, vOc - iSc * rs, iSc];
  const [j2, g2, r2] = [open - power, vOc - vMp - iMp * rs, iMp];
  const determinant = j1 * g2 - j2 * g1;
  const scaled = (r1 * g2 - r2 * g1) / determinant;
  const conductance = (j1 * r2 - j2 * r1) / determinant;
  return { scaled, conductance, photocurrent: scaled * open + conductance * vOc, zero };
}

/** What is left of the two conditions that a and Rs must meet: dP/dV = 0, and betaVoc. */
function residuals(sheet: ModuleDatasheet, a: number, rs: number): [number, number] {
  const { vOc, iMp, vMp, alphaSc, betaVoc, bandGapRef = 1.121, bandGapSlope = -0.0002677 } = sheet;
  const { scaled, conductance, photocurrent } = linearPart(sheet, a, rs);
  const slope = (scaled / a) * exp((vMp + iMp * rs - vOc) / a) + conductance;
  const power = (iMp - (vMp * slope) / (1 + rs * slope)) / iMp;
  const kelvin = REFERENCE + OFFSET;
  const warmth = kelvin / REFERENCE;
  const gap = bandGapRef * (1 + bandGapSlope * OFFSET);
  const growth = warmth * warmth * warmth * exp((bandGapRef / REFERENCE - gap / kelvin) / BOLTZMANN_EV);
  const open = vOc + betaVoc * OFFSET;
  const warm =
    photocurrent +
    alphaSc * OFFSET -
    scaled * growth * (exp(open / (a * warmth) - vOc / a) - exp(-vOc / a)) -
    conductance * open;
  return [power, warm / sheet.iSc];
}

/**
 * The five parameters of De Soto's model from a data sheet: short circuit, open circuit, the point of maximum power, its
 * flat top, and the temperature coefficient of the open-circuit voltage. All five conditions are met to 1e-10.
 * Source: W. De Soto, S. A. Klein, W. A. Beckman, Solar Energy 80, 78–88, 2006, section 3.
 *
 * @throws TwinergyError `DATASHEET_NO_SOLUTION` where no single-diode curve with a shunt and a series resistance of at
 * least 0 meets the five conditions; the message says which of the values are at odds
 */
export function fitDatasheet(sheet: ModuleDatasheet): DeSotoModule {
  check(sheet);
  const { vOc, vMp, iMp, cellsInSeries, alphaSc, bandGapRef = 1.121, bandGapSlope = -0.0002677 } = sheet;
  const thermal = cellsInSeries * BOLTZMANN_EV * REFERENCE;
  const widest = (vOc - vMp) / iMp;
  let best: { a: number; rs: number; error: number } | undefined;
  // Newton in two variables from a fan of starts: some sheets have a narrow basin.
  for (const ideality of [1.1, 0.9, 1.3, 1.5, 1.8, 0.7])
    for (const share of [0.3, 0.1, 0.5, 0.02, 0.7]) {
      const found = newton(sheet, ideality * thermal, share * widest, widest);
      if (found !== undefined && found.error < (best?.error ?? Number.POSITIVE_INFINITY)) best = found;
      if (best !== undefined && best.error < TOLERANCE) break;
    }
  if (best === undefined || !(best.error < TOLERANCE))
    throw refuse('No single-diode curve passes through these points with this temperature coefficient.', sheet);
  const { a, rs } = best;
  const { scaled, conductance, photocurrent } = linearPart(sheet, a, rs);
  const saturation = scaled * exp(-vOc / a);
  if (rs < 0 || conductance < 0 || !(saturation > 0))
    throw refuse(
      rs < 0
        ? 'The points ask for a series resistance below 0: the knee is too sharp for the temperature coefficient.'
        : 'The points ask for a shunt resistance below 0: iMp is too near iSc for the temperature coefficient.',
      sheet,
    );
  return {
    alphaSc,
    aRef: a,
    photocurrentRef: photocurrent,
    saturationCurrentRef: saturation,
    seriesResistance: rs,
    shuntResistanceRef: conductance === 0 ? Number.POSITIVE_INFINITY : 1 / conductance,
    bandGapRef,
    bandGapSlope,
  };
}

function newton(sheet: ModuleDatasheet, aStart: number, rsStart: number, widest: number) {
  let [a, rs] = [aStart, rsStart];
  let [f, g] = residuals(sheet, a, rs);
  for (let count = 0; count < 60; count++) {
    const error = Math.max(Math.abs(f), Math.abs(g));
    if (!Number.isFinite(error)) return undefined;
    if (error < 1e-14) break;
    const da = a * 1e-6;
    const dr = widest * 1e-6;
    const [fa, ga] = residuals(sheet, a + da, rs);
    const [fr, gr] = residuals(sheet, a, rs + dr);
    const [j11, j12, j21, j22] = [(fa - f) / da, (fr - f) / dr, (ga - g) / da, (gr - g) / dr];
    const determinant = j11 * j22 - j12 * j21;
    const stepA = -(f * j22 - g * j12) / determinant;
    const stepR = -(j11 * g - j21 * f) / determinant;
    // Halved until it makes things better: far from the root a full step may leave the plausible region.
    let part = 1;
    for (; part > 1e-4; part /= 2) {
      const [nextA, nextR] = [a + part * stepA, rs + part * stepR];
      if (!(nextA > 0) || Math.abs(nextR) > 2 * widest) continue;
      const [nf, ng] = residuals(sheet, nextA, nextR);
      if (Math.max(Math.abs(nf), Math.abs(ng)) < error) {
        [a, rs, f, g] = [nextA, nextR, nf, ng];
        break;
      }
    }
    if (part <= 1e-4) break;
  }
  return { a, rs, error: Math.max(Math.abs(f), Math.abs(g)) };
}
