import { type Frame, TwinergyError } from '../../src/core/index.js';
import { type Calibration, DigitalTwin, type Finding } from '../../src/twin/index.js';

/** The tested time is gone through in this many steps; what was held at the end of each counts. */
const PARTS = 12;

/**
 * What `diagnose` says of the tested time, judged by the calibrated plant and the training's first three quarters as its
 * baseline (the end of a training may be ill already): in words, the most certain first.
 */
export async function namedFindings(fit: Calibration, training: Frame, tested: Frame): Promise<string[]> {
  const twin = new DigitalTwin(fit.description);
  try {
    await twin.learnBaseline(training.sliceRows(0, Math.floor(0.75 * training.length)));
    const best = new Map<string, Finding>();
    for (let part = 0; part < PARTS; part++) {
      const from = Math.floor((part * tested.length) / PARTS);
      twin.assimilate(tested.sliceRows(from, Math.floor(((part + 1) * tested.length) / PARTS)));
      for (const finding of twin.diagnose()) {
        const key = `${finding.kind} ${finding.target ?? ''}`;
        if (finding.probability > (best.get(key)?.probability ?? 0)) best.set(key, finding);
      }
    }
    const found = [...best.values()].sort((a, b) => b.probability - a.probability);
    return found.map(({ kind, target, probability, since, lostEnergyKwh }) => {
      const where = target === undefined ? '' : ` at ${target}`;
      const day = new Date(since).toISOString().slice(0, 10);
      return `${kind}${where} since ${day}, ${(100 * probability).toFixed(0)} %, ${lostEnergyKwh.toFixed(0)} kWh`;
    });
  } catch (error) {
    if (!(error instanceof TwinergyError)) throw error;
    return [`not diagnosed: ${error.message}`];
  }
}
