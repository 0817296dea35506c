import { type TrainedKind, type TrainKindsOptions, trainKinds } from '../monitor/index.js';
import type { TenantStorage } from '../storage/index.js';
import type { ClusterLink } from './link.js';
import { announceModels, putModel } from './models.js';

/**
 * Trains the models of a fleet, one job for each kind of asset, side by side in whatever processes serve the queue, and spreads
 * them: workers take into use what a kind had none of, and let the rest run as shadows (see `trainKinds`, which this does and
 * then tells the workers once). Called again after a crash, it goes on where it was.
 *
 * ```ts
 * const jobs = await brokerJobs({ broker: await jetstreamBroker(link), results: storageResults(storage), kinds: ['train'] });
 * const kinds = await trainFleet(link, storage, { jobs, models: { soundDays: 60 } });
 * ```
 * @throws AbortedError when `signal` is aborted; TwinergyError `TWIN_BAD_DESCRIPTION`
 */
export async function trainFleet(
  link: ClusterLink,
  storage: TenantStorage,
  options: TrainKindsOptions,
): Promise<TrainedKind[]> {
  const kinds = await trainKinds(storage, options);
  for (const { name, version } of kinds) if (version !== null) await putModel(link, storage, name, version);
  await announceModels(link, storage.tenantId);
  return kinds;
}
