/**
 * Does its worst to a cluster of its own under load, and compares what is left with a run to which nothing was done: workers are
 * killed, stopped beyond their lease and woken; a node of three of NATS, PostgreSQL and Redis are killed; links are cut, held up
 * and slowed; readings come twice, too late and out of order. `--faults N` (default 105), `--seed N` (default 1), `--workers N`
 * (default 3), `--partitions N` (default 12), `--assets N` (default 24), `--pace MS` between beats of the fleet
 * (default 200), `--only KIND,KIND` for some kinds of faults, `--troubles` to see what workers had to try again.
 */
import type { Figures, RunInput } from '../../bench/harness.js';
import { runCampaign } from '../cluster-faults/campaign.js';

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const number = (name: string, usual: number) => Number(options[name] ?? usual);
  const result = await runCampaign({
    faults: number('faults', 105),
    seed: number('seed', 1),
    workers: number('workers', 3),
    partitions: number('partitions', 12),
    assets: number('assets', 24),
    pace: number('pace', 200),
    say,
    only: options.only === undefined ? undefined : String(options.only).split(','),
    onTrouble: options.troubles === true ? (line) => say(JSON.stringify(line)) : undefined,
  });
  if (result === undefined) {
    say('no PostgreSQL programs on this machine: nothing was run');
    return { faults: 0 };
  }
  const { byKind, readings, lost, duplicatedEffects, notes, fenced, takeovers } = result;
  const counts = Object.fromEntries(Object.entries(byKind).map(([kind, count]) => [kind.replaceAll('-', '_'), count]));
  return {
    ...counts,
    faults: Object.values(byKind).reduce((sum, count) => sum + count, 0),
    readings,
    batches: notes.batches,
    lost,
    duplicated_effects: duplicatedEffects,
    wrong_owner_writes: notes.wrongOwner,
    fenced_writes: fenced,
    takeovers: takeovers.length,
    max_takeover_s: Math.max(0, ...takeovers) / 1000,
    outputs_equal: lost === 0 && duplicatedEffects === 0 ? 1 : 0,
  };
}
