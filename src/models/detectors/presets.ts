import type { AnomalyDetectorOptions } from './options.js';

/**
 * Options for the raw telemetry of a machine with several channels, sampled evenly: means and deviations over the last
 * `window` rows, channels that drift through the training rows by their changes only, and principal components, which
 * know how the channels go together. (Residuals of a twin need none of this: there the default engine will do.)
 */
export function plantTelemetry(window = 30): AnomalyDetectorOptions {
  return {
    engine: 'pca',
    features: {
      values: false,
      rolling: [
        { window, statistic: 'mean' },
        { window, statistic: 'deviation' },
      ],
      drifting: 'changes',
    },
  };
}
