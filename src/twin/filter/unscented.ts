/** What a state predicts: from a state and standard-normal disturbances of the inputs to what would be measured. */
export type Predictor = (state: Float64Array, disturbance: Float64Array, predicted: Float64Array) => void;

/** How a state goes on by itself: written in place. */
export type Transition = (state: Float64Array) => void;

/** Normalised innovations beyond this are taken as an outlier and pull no harder. */
const GATE = 4;

/**
 * Cholesky factor of a symmetric matrix, lower, in place of the row-major `matrix` (its upper part is left alone). Pivots
 * that rounding has made negative are lifted to nearly nothing.
 */
function factorise(matrix: Float64Array, n: number, factor: Float64Array): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] as number;
      for (let k = 0; k < column; k++) {
        sum -= (factor[row * n + k] as number) * (factor[column * n + k] as number);
      }
      if (row === column) factor[row * n + row] = Math.sqrt(Math.max(sum, 1e-24));
      else factor[row * n + column] = sum / (factor[column * n + column] as number);
    }
  }
}

/**
 * An unscented Kalman filter of a small state with additive noise in the state and in the measurements, and disturbances
 * of the inputs that enter as dimensions of their own (noise of the irradiance sensor acts on all currents at once). The
 * points are those of the cubature rule: ±√N standard deviations along each axis, equally weighted. Mean and covariance are
 * the caller's memory, so that one filter serves many assets; a measurement that is NaN, or that is predicted as NaN, is
 * left out.
 * Sources: S. Julier, J. Uhlmann: Unscented filtering and nonlinear estimation, Proc. IEEE 92, 2004; I. Arasaratnam,
 * S. Haykin: Cubature Kalman filters, IEEE Trans. Automatic Control 54, 2009.
 */
export class UnscentedFilter {
  readonly size: number;
  readonly measurements: number;
  /** Of the last update: what was predicted, and the variance of that without the measurement's own noise. */
  readonly predicted: Float64Array;
  readonly spread: Float64Array;
  readonly #disturbances: number;
  readonly #factor: Float64Array;
  readonly #point: Float64Array;
  readonly #disturbance: Float64Array;
  readonly #points: Float64Array;
  readonly #images: Float64Array;
  readonly #cross: Float64Array;
  readonly #joint: Float64Array;
  readonly #jointFactor: Float64Array;
  readonly #used: Int32Array;
  readonly #innovation: Float64Array;
  readonly #weights: Float64Array;

  /**
   * @param size length of the state
   * @param disturbances how many disturbances of inputs there are
   * @param measurements the most that are measured at once
   */
  constructor(size: number, disturbances: number, measurements: number) {
    const points = 2 * (size + disturbances);
    this.size = size;
    this.measurements = measurements;
    this.predicted = new Float64Array(measurements);
    this.spread = new Float64Array(measurements);
    this.#disturbances = disturbances;
    this.#factor = new Float64Array(size * size);
    this.#point = new Float64Array(size);
    this.#disturbance = new Float64Array(disturbances);
    this.#points = new Float64Array(points * size);
    this.#images = new Float64Array(points * measurements);
    this.#cross = new Float64Array(size * measurements);
    this.#joint = new Float64Array(measurements * measurements);
    this.#jointFactor = new Float64Array(measurements * measurements);
    this.#used = new Int32Array(measurements);
    this.#innovation = new Float64Array(measurements);
    this.#weights = new Float64Array(size * measurements);
  }

  /** Lets the state go on by `transition`, which bends the covariance with it. */
  propagate(mean: Float64Array, covariance: Float64Array, transition: Transition): void {
    const n = this.size;
    factorise(covariance, n, this.#factor);
    const reach = Math.sqrt(n);
    const points = this.#points;
    for (let k = 0; k < 2 * n; k++) {
      this.#place(mean, k >> 1, k & 1 ? -reach : reach);
      transition(this.#point);
      points.set(this.#point, k * n);
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < 2 * n; k++) sum += points[k * n + i] as number;
      mean[i] = sum / (2 * n);
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < 2 * n; k++) {
          sum +=
            ((points[k * n + i] as number) - (mean[i] as number)) *
            ((points[k * n + j] as number) - (mean[j] as number));
        }
        covariance[i * n + j] = covariance[j * n + i] = sum / (2 * n);
      }
    }
  }

  /** The mean with `reach` standard deviations along the `axis`-th column of the factor. */
  #place(mean: Float64Array, axis: number, reach: number): void {
    const n = this.size;
    for (let i = 0; i < n; i++) {
      this.#point[i] = (mean[i] as number) + (i >= axis ? reach * (this.#factor[i * n + axis] as number) : 0);
    }
  }

  /** Predicts what will be measured, into `predicted` and `spread`. `update` goes on from there. */
  predict(mean: Float64Array, covariance: Float64Array, predictor: Predictor): void {
    const n = this.size;
    const m = this.measurements;
    const all = n + this.#disturbances;
    const reach = Math.sqrt(all);
    const { predicted, spread } = this;
    const points = this.#points;
    const images = this.#images;
    factorise(covariance, n, this.#factor);
    this.#disturbance.fill(0);
    for (let k = 0; k < 2 * all; k++) {
      const axis = k >> 1;
      const distance = k & 1 ? -reach : reach;
      if (axis < n) this.#place(mean, axis, distance);
      else {
        this.#point.set(mean);
        this.#disturbance[axis - n] = distance;
      }
      predictor(this.#point, this.#disturbance, predicted);
      if (axis >= n) this.#disturbance[axis - n] = 0;
      points.set(this.#point, k * n);
      images.set(predicted, k * m);
    }
    for (let i = 0; i < m; i++) {
      let sum = 0;
      for (let k = 0; k < 2 * all; k++) sum += images[k * m + i] as number;
      predicted[i] = sum / (2 * all);
    }
    for (let i = 0; i < m; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < 2 * all; k++) {
          sum +=
            ((images[k * m + i] as number) - (predicted[i] as number)) *
            ((images[k * m + j] as number) - (predicted[j] as number));
        }
        this.#joint[i * m + j] = this.#joint[j * m + i] = sum / (2 * all);
      }
      spread[i] = this.#joint[i * m + i] as number;
      for (let s = 0; s < n; s++) {
        let sum = 0;
        for (let k = 0; k < 2 * n; k++) {
          sum += ((points[k * n + s] as number) - (mean[s] as number)) * (images[k * m + i] as number);
        }
        this.#cross[s * m + i] = sum / (2 * all);
      }
    }
  }

  /**
   * Takes in what was measured after `predict`. One beyond four standard deviations pulls as if it lay there.
   * @param variance of each measurement's own noise
   * @returns how many measurements counted
   */
  update(mean: Float64Array, covariance: Float64Array, measured: Float64Array, variance: Float64Array): number {
    const n = this.size;
    const m = this.measurements;
    const used = this.#used;
    const innovation = this.#innovation;
    let count = 0;
    for (let i = 0; i < m; i++) {
      const difference = (measured[i] as number) - (this.predicted[i] as number);
      if (Number.isNaN(difference)) continue;
      used[count] = i;
      innovation[count++] = difference;
    }
    if (count === 0) return 0;
    const factor = this.#jointFactor;
    const weights = this.#weights;
    // The joint covariance of those that count, and its factor.
    for (let a = 0; a < count; a++) {
      const i = used[a] as number;
      const own = variance[i] as number;
      const total = (this.spread[i] as number) + own;
      const excess = ((innovation[a] as number) * (innovation[a] as number)) / (GATE * GATE * total);
      const lifted = excess > 1 ? own + total * (excess - 1) : own;
      for (let b = 0; b <= a; b++) {
        let sum = this.#joint[i * m + (used[b] as number)] as number;
        if (a === b) sum += lifted;
        for (let k = 0; k < b; k++) sum -= (factor[a * m + k] as number) * (factor[b * m + k] as number);
        if (a === b) factor[a * m + a] = Math.sqrt(Math.max(sum, 1e-24));
        else factor[a * m + b] = sum / (factor[b * m + b] as number);
      }
    }
    // With S = C Cᵀ, each row of W = Pxz C⁻ᵀ and y = C⁻¹ ν: mean += W y, covariance −= W Wᵀ.
    for (let a = 0; a < count; a++) {
      let sum = innovation[a] as number;
      for (let k = 0; k < a; k++) sum -= (factor[a * m + k] as number) * (innovation[k] as number);
      innovation[a] = sum / (factor[a * m + a] as number);
    }
    for (let s = 0; s < n; s++) {
      for (let a = 0; a < count; a++) {
        let sum = this.#cross[s * m + (used[a] as number)] as number;
        for (let k = 0; k < a; k++) sum -= (factor[a * m + k] as number) * (weights[s * m + k] as number);
        weights[s * m + a] = sum / (factor[a * m + a] as number);
      }
    }
    for (let s = 0; s < n; s++) {
      let move = 0;
      for (let a = 0; a < count; a++) move += (weights[s * m + a] as number) * (innovation[a] as number);
      mean[s] = (mean[s] as number) + move;
      for (let t = 0; t <= s; t++) {
        let less = 0;
        for (let a = 0; a < count; a++) less += (weights[s * m + a] as number) * (weights[t * m + a] as number);
        covariance[s * n + t] = covariance[t * n + s] = (covariance[s * n + t] as number) - less;
      }
    }
    return count;
  }
}

/** Keeps the variance of a state at or below `most` and above nothing, with its correlations. */
export function limitVariance(covariance: Float64Array, n: number, index: number, most: number): void {
  const now = covariance[index * n + index] as number;
  if (!(now > most)) return;
  const factor = Math.sqrt(most / now);
  for (let k = 0; k < n; k++) {
    covariance[index * n + k] = (covariance[index * n + k] as number) * factor;
    covariance[k * n + index] = (covariance[k * n + index] as number) * factor;
  }
}
