import type { Duration } from '../../core/index.js';

/** How a monitor learns from what is measured. */
export interface LearningOptions {
  /** Good days that an asset must have before its own models are tried. At least 8; default 30. */
  readonly goodDays?: number;
  /** Time between tries. Default `30d`. */
  readonly every?: Duration;
  /** Share of the good days, the newest, that a new model is judged by and has not seen. Default 0.25. */
  readonly holdOut?: number;
}

/** What can be learned of an asset. */
export type LearnedKind = 'twin' | 'detector';

/** A model as JSON data. */
export interface LearnedData {
  /** Name of the description that the user gave: a model of another plant is not taken into use. */
  readonly origin: string;
  /** The plant's description, or the detector. */
  readonly model: unknown;
}

/** What a try brought. */
export interface LearnedModel {
  readonly kind: LearnedKind;
  readonly data: LearnedData;
  /** Whether it did better on the held-out days than the one in use. */
  readonly better: boolean;
  /** Figures on the held-out days, of the new one and (`old…`) of the one in use. */
  readonly metrics: Readonly<Record<string, number>>;
  /** For people: what decided. */
  readonly why: string;
}
