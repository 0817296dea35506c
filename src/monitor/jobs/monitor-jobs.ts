import type { WorkOptions } from '../../core/index.js';
import { DigitalTwin, type DigitalTwinState, type PrognosisOptions } from '../../twin/index.js';
import { type LearnPayload, learn } from '../learning/learn.js';
import type { PlanInput } from '../planner/index.js';
import { type DiagnosePayload, diagnoseTwin } from './diagnose.js';
import type { JobHandler } from './queue.js';
import { type TrainPayload, trainKind } from './train.js';

/** What a job of kind `prognose` is given: a twin as `toJSON` writes it, and the question. */
export interface PrognosePayload {
  readonly twin: DigitalTwinState;
  readonly options: Omit<PrognosisOptions, keyof WorkOptions>;
}

/**
 * The heavy work of a monitor, by kind: `train` (first models of a kind of plant), `learn` (an asset's own), `prognose` (a
 * twin's future), `diagnose` (what is wrong with a plant), `plan` (maintenance). The same handlers serve in this process, in a
 * worker (`answerCall`), or behind a broker.
 * Payloads are plain data, but for what a plan or a prognosis is told by functions: such jobs are for this process.
 */
export const monitorJobs: Readonly<Record<'train' | 'learn' | 'prognose' | 'diagnose' | 'plan', JobHandler>> = {
  train: (payload, work) => trainKind(payload as TrainPayload, work),
  learn: (payload, work) => learn(payload as LearnPayload, work),
  prognose: async (payload, work) => {
    const { twin, options } = payload as PrognosePayload;
    return (await DigitalTwin.load(twin)).prognose({ ...options, ...work });
  },
  diagnose: (payload, work) => diagnoseTwin(payload as DiagnosePayload, work),
  plan: async (payload) => (await import('../planner/index.js')).planMaintenance(payload as PlanInput),
};
