import {
  type FailureForecast,
  type FaultRequest,
  type JobCounts,
  type JobPriority,
  type JobQueue,
  localJobs,
} from 'twinergy';
import type { DiagnosePayload, DiagnoseResult } from 'twinergy/monitor';
import type { Fleet } from '../fleet/fleet.js';
import type { Tenant } from '../fleet/tenant.js';
import { Problem } from '../http/problem.js';
import { type Finding, findingsOf } from './findings.js';
import { inThread } from './thread.js';

interface OfAsset {
  readonly tenantId: string;
  readonly assetId: string;
}

/** Each kind of heavy work: what it is given, and what comes of it. */
interface Kinds {
  /** The models that a tenant's plants begin with, or one of them. */
  train: { payload: { readonly tenantId: string; readonly assetId?: string }; result: undefined };
  /** How a plant would go on with faults that grow. */
  lookAhead: {
    payload: OfAsset & {
      readonly options: {
        readonly days: number;
        readonly scenario?: string | undefined;
        readonly faults?: readonly FaultRequest[];
        /** ms since the epoch */
        readonly from?: number;
      };
    };
    result: FailureForecast;
  };
  diagnose: { payload: OfAsset & { readonly span: { readonly from: number; readonly to: number } }; result: Finding[] };
}

/** How urgent each kind is: somebody waits for an answer of the API. */
const PRIORITY: Readonly<Record<keyof Kinds, JobPriority>> = {
  train: 'background',
  lookAhead: 'interactive',
  diagnose: 'interactive',
};

/** A copy of the twin that plays a plant, or of the one that watches it: what happens to it happens nowhere else. */
export function branch(tenant: Tenant, assetId: string) {
  tenant.known(assetId);
  return (tenant.feed.has(assetId) ? tenant.feed.twin(assetId) : tenant.monitor.twin(assetId)).fork();
}

/**
 * Work that takes seconds, from one queue: what people wait for goes first, tenants in turn, and so little at once that
 * readings and alerts keep their pace. One line is for training, so that it never stands before an answer.
 */
export class HeavyWork {
  readonly #answers: JobQueue;
  readonly #training: JobQueue;

  constructor(fleet: Fleet) {
    const tenantOf = async (tenantId: string): Promise<Tenant> => {
      const tenant = await fleet.find(tenantId);
      if (tenant === undefined)
        throw new Problem(503, 'API_NO_OWNER', 'Another server took this tenant over.', { retryAfter: 2 });
      return tenant;
    };
    this.#training = localJobs({
      handlers: {
        train: async (payload, { signal }) => {
          const { tenantId, assetId } = payload as Kinds['train']['payload'];
          await (await tenantOf(tenantId)).train(signal, assetId);
        },
      },
    });
    const diagnosis = inThread('diagnose');
    this.#answers = localJobs({
      handlers: {
        lookAhead: async (payload, work) => {
          const { tenantId, assetId, options } = payload as Kinds['lookAhead']['payload'];
          const twin = branch(await tenantOf(tenantId), assetId);
          return twin.simulateFailureProgressionAsync({ ...options, ...work });
        },
        diagnose: async (payload, work) => {
          const { tenantId, assetId, span } = payload as Kinds['diagnose']['payload'];
          const judge = async (asked: DiagnosePayload) => (await diagnosis(asked, work)) as DiagnoseResult;
          return findingsOf(await tenantOf(tenantId), assetId, span, judge);
        },
      },
    });
  }

  /** Does it when its turn comes. `signal` cancels it, also while it runs. */
  do<Kind extends keyof Kinds>(
    kind: Kind,
    payload: Kinds[Kind]['payload'],
    signal?: AbortSignal,
  ): Promise<Kinds[Kind]['result']> {
    const queue = kind === 'train' ? this.#training : this.#answers;
    return queue.submit<Kinds[Kind]['result']>({
      kind,
      payload,
      priority: PRIORITY[kind],
      tenantId: payload.tenantId,
      ...(signal !== undefined && { signal }),
    }).result;
  }

  /** How much waits and runs, by queue. */
  get counts(): Readonly<Record<'answers' | 'training', JobCounts>> {
    return { answers: this.#answers.counts, training: this.#training.counts };
  }

  /** Takes no more, and waits for what runs. */
  async close(): Promise<void> {
    await Promise.all([this.#answers.close(), this.#training.close()]);
  }
}
