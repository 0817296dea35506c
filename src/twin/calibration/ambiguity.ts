import { cholesky, choleskyInverse } from './linear.js';
import type { Parameter } from './parameters.js';

/** A pair of parameters that the data can hardly tell apart. */
export interface Ambiguity {
  readonly parameters: readonly [string, string];
  /** Correlation of their errors, as far as the data alone say. */
  readonly correlation: number;
  /** In words. */
  readonly text: string;
}

/** From this correlation on two parameters are reported. */
const STRONG = 0.9;

/**
 * Pairs that trade off against each other, from the information of the data without the priors. Parameters that the data
 * do not know at all are left out: they are told by `told`.
 */
export function ambiguities(parameters: readonly Parameter[], information: Float64Array): Ambiguity[] {
  const size = parameters.length;
  const seen = parameters.map((_, i) => (information[i * size + i] as number) > 0);
  // Scaled to a diagonal of ones, with a trace of a ridge, so that even a singular matrix shows what runs together.
  const scaled = information.map((value, at) => {
    const i = Math.floor(at / size);
    const j = at % size;
    if (!seen[i] || !seen[j]) return i === j ? 1 : 0;
    const scale = Math.sqrt((information[i * size + i] as number) * (information[j * size + j] as number));
    return value / scale + (i === j ? 1e-7 : 0);
  });
  const factor = cholesky(scaled, size);
  if (factor === undefined) return [];
  const covariance = choleskyInverse(factor, size);
  const found: Ambiguity[] = [];
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      if (!seen[i] || !seen[j]) continue;
      const correlation =
        (covariance[i * size + j] as number) /
        Math.sqrt((covariance[i * size + i] as number) * (covariance[j * size + j] as number));
      if (Math.abs(correlation) < STRONG) continue;
      const [a, b] = [parameters[i] as Parameter, parameters[j] as Parameter];
      found.push({
        parameters: [a.name, b.name],
        correlation,
        text: `${a.title} and ${b.title.toLowerCase()} can hardly be told apart by these data (correlation ${correlation.toFixed(3)}); what is known of them beforehand decides.`,
      });
    }
  }
  return found.sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
}
