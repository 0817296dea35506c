import type { AnomalyDetector, Forecaster, RULPredictor } from '../models/index.js';
import type { PriorModels } from './prior-models.js';
import { type SavedTrial, ShadowTrial, type ShadowTrials } from './shadow-trial.js';

/** The trained models of one asset: those of its kind, its own, and the version that runs beside them. */
export class AssetModels {
  #prior: PriorModels | undefined;
  /** Only where a version runs beside the models in use, or is remembered to. */
  #trial: ShadowTrial | undefined;
  /** The forecaster in use. */
  forecaster: Forecaster | undefined;

  /** Takes trained models into use. What was said of remaining life stands until the next day says more. */
  usePrior(prior: PriorModels): void {
    this.#prior = prior;
    this.#trial = prior.shadow === undefined ? undefined : new ShadowTrial(prior.shadow, this.#trial?.save());
  }

  /** Takes a detector of the asset's own into use. */
  useDetector(detector: AnomalyDetector): void {
    this.#prior = { predictor: this.#prior?.predictor, detector };
    this.#trial = undefined;
  }

  /** Takes those of the same asset under another description into use; `detects`: it has the same stages. */
  succeed(old: AssetModels, detects: boolean): void {
    if (detects) this.#prior = old.#prior;
    this.forecaster = old.forecaster;
  }

  /** Whether there are any. */
  get trained(): boolean {
    return this.#prior !== undefined;
  }

  /** The detector in use. */
  get detector(): AnomalyDetector | undefined {
    return this.#prior?.detector;
  }

  /** What foretells remaining life. */
  get predictor(): RULPredictor | undefined {
    return this.#prior?.predictor;
  }

  /** What sets the version beside the models in use against them. */
  get trial(): ShadowTrial | undefined {
    return this.#trial;
  }

  /** How that version does; undefined where none runs, and before its first case. */
  get shadow(): ShadowTrials | undefined {
    return this.#trial?.trials;
  }

  /** Goes on with a comparison where it was stored. */
  restoreTrial(stored: SavedTrial | undefined): void {
    const model = this.#prior?.shadow;
    this.#trial = model === undefined && stored === undefined ? undefined : new ShadowTrial(model, stored);
  }
}
