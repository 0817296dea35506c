import { quote, TwinergyError } from '../../core/errors.js';
import { commandLine } from '../../storage/command/command-line.js';
import { withStore } from '../../storage/command/store.js';
import { brokerJobs, jetstreamBroker, storageResults } from '../jobs/index.js';
import { type ClusterLink, linkCluster } from '../link.js';
import { type ShadowStatus, settleShadows } from '../shadows.js';
import { type ClusterStatus, clusterStatus, drainWorker, rebalanceCluster, replayPartition } from '../status.js';
import { trainFleet } from '../train-fleet.js';

/** Where the command writes. */
export interface ClusterCommandStreams {
  /** What the command was asked for: goes to standard output. */
  readonly write: (piece: string) => void | Promise<void>;
  /** What it says about its work: goes to standard error. */
  readonly say: (line: string) => void;
}

/** How the command is used. */
export const clusterUsage = `twinergy cluster COMMAND …
  status [--json]                    workers, partitions, what waits, how shadows do
  drain WORKER                       the worker hands its partitions over and leaves
  rebalance                          even out small differences of load as well
  replay PARTITION --from SEQUENCE   take a partition's messages in again; what is stored does not change by it
  train --store STORE [--tenant ID] [--run NAME]
                                     train the models of the plants that the store knows, by those who serve the queue of jobs
  settle --store STORE               promote and drop shadows as the fleet's verdicts say
STORE is postgres://user@host/database[?schema=NAME]
Options: --nats URL (default nats://127.0.0.1:4222, or NATS_URL), --name NAME (default twinergy), --partitions N (default 64)`;

/**
 * Runs `twinergy cluster …`; `args` is what follows these words.
 * @throws TwinergyError `CLUSTER_USAGE` if it is called otherwise than `clusterUsage` says, and what `linkCluster` throws
 */
export async function clusterCommand(args: readonly string[], { write, say }: ClusterCommandStreams): Promise<void> {
  const { command, operands, values } = commandLine(args, {
    options: {
      nats: { type: 'string' },
      name: { type: 'string' },
      partitions: { type: 'string' },
      from: { type: 'string' },
      json: { type: 'boolean' },
      store: { type: 'string' },
      tenant: { type: 'string' },
      run: { type: 'string' },
    },
    operands: { status: 0, drain: 1, rebalance: 0, replay: 1, train: 0, settle: 0 },
    usage,
  });
  const operand = operands[0];
  const whole = (text: string | undefined, what: string): number => {
    if (text === undefined || !/^\d+$/.test(text)) throw usage(`${what} is ${quote(text)}, not a whole number.`);
    return Number(text);
  };
  const partitions = whole(values.partitions ?? '64', '--partitions');
  const { store } = values;
  if (store === undefined && (command === 'train' || command === 'settle')) throw usage(`${command} needs --store.`);
  await withLink(
    { nats: values.nats ?? process.env.NATS_URL ?? 'nats://127.0.0.1:4222', name: values.name, partitions },
    async (link) => {
      if (command === 'status') {
        const status = await clusterStatus(link);
        await write(values.json === true ? `${JSON.stringify(status)}\n` : tableOf(status));
      } else if (command === 'drain') {
        await drainWorker(link, operand as string);
        say(`${operand} was asked to hand its partitions over and to leave`);
      } else if (command === 'rebalance') {
        await rebalanceCluster(link);
        say('the workers were asked to even out their load');
      } else if (command === 'train') {
        await train(link, { store, tenant: values.tenant, run: values.run }, { write, say });
      } else if (command === 'settle') {
        const settled = await withStore(store, (storage) => settleShadows(link, storage));
        for (const status of settled) await write(shadowLine(status));
        say(`${settled.length} shadows were settled`);
      } else {
        const partition = whole(operand, 'PARTITION');
        const from = whole(values.from, '--from');
        if (partition >= link.partitions) throw usage(`PARTITION is ${partition}; there are ${link.partitions}.`);
        await replayPartition(link, partition, from);
        say(`the owner of partition ${partition} was asked to take its messages in again from ${from} on`);
      }
    },
  );
}

/** @throws TwinergyError `CLUSTER_TRAINING_FAILED` where a kind failed */
function train(
  link: ClusterLink,
  { store, tenant, run }: Readonly<Record<'store' | 'tenant' | 'run', string | undefined>>,
  { write, say }: ClusterCommandStreams,
): Promise<void> {
  return withStore(store, async (storage) => {
    const results = storageResults(storage);
    const jobs = await brokerJobs({ broker: await jetstreamBroker(link), results, kinds: ['train'] });
    try {
      say('jobs are handed in; they are done by those who serve the queue');
      const kinds = await trainFleet(link, storage.tenant(tenant ?? storage.tenantId), {
        jobs,
        run,
        onProgress: ({ phase, done, total }) => say(`${done}/${total} ${phase}`),
      });
      for (const { name, assetIds, outcome, version, error } of kinds) {
        const what = error === undefined ? `version ${version}` : String(error);
        await write(`${name}: ${outcome}, ${what}, ${assetIds.length} assets\n`);
      }
      const failed = kinds.filter(({ outcome }) => outcome === 'failed').length;
      if (failed > 0) throw new TwinergyError('CLUSTER_TRAINING_FAILED', `${failed} of ${kinds.length} kinds failed.`);
    } finally {
      await jobs.close();
    }
  });
}

/** A shadow as text for people. */
function shadowLine({ tenantId, name, current, version, assets, report }: ShadowStatus): string {
  const { verdict, cases, difference, halfWidth } = report;
  const costs = `costs ${difference.toFixed(3)} ± ${halfWidth.toFixed(3)} more`;
  return `shadow ${name} of ${tenantId}: version ${version} beside ${current}: ${verdict}; ${costs}, ${cases} cases of ${assets} assets\n`;
}

/** A status as text for people. */
function tableOf({ name, workers, partitions, shadows, stream }: ClusterStatus): string {
  const orphans = partitions.filter(({ owner }) => owner === null).length;
  const lines = [
    `cluster ${name}: ${workers.length} workers, ${partitions.length} partitions, ${orphans} without an owner; the stream holds ${stream.messages} messages`,
    ...workers.map(({ id, partitions: own, draining, leaseAge, p99 }) => {
      const lag = own.reduce((sum, report) => sum + report.lag, 0);
      const rate = own.reduce((sum, report) => sum + report.rate, 0);
      const wait = p99 === null ? '–' : `${Math.round(p99)} ms`;
      return `${id.padEnd(24)} ${String(own.length).padStart(4)} partitions  lag ${lag}  ${rate.toFixed(1)} readings/s  p99 ${wait}  lease ${Math.round(leaseAge)} ms old${draining ? '  draining' : ''}`;
    }),
  ];
  return `${lines.join('\n')}\n${shadows.map(shadowLine).join('')}`;
}

async function withLink(
  options: Parameters<typeof linkCluster>[0],
  work: (link: ClusterLink) => Promise<void>,
): Promise<void> {
  const link = await linkCluster(options);
  try {
    await work(link);
  } finally {
    await link.close();
  }
}

function usage(message: string): TwinergyError {
  return new TwinergyError('CLUSTER_USAGE', message, { hint: `Usage:\n${clusterUsage}` });
}
