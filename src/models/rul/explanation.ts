import { Frame } from '../../core/frame.js';
import { type RulFeature, rulFeatureList } from './features.js';
import type { Learned, Member } from './learn.js';
import type { ResolvedRul } from './options.js';

/** How much a part of an asset's course shortens or lengthens the answer. */
export interface LifeContribution extends Omit<RulFeature, 'kind'> {
  /** `level`, `slope`, `change` against the asset's first rows, `spread`, `age`; `course`: all of the channel's together. */
  readonly kind: RulFeature['kind'] | 'course';
  /** In `unit`: negative shortens the remaining life. */
  readonly contribution: number;
}

/** Why the answer is what it is. `String(explanation)` is a sentence. */
export interface LifeExplanation {
  /** The answer without any knowledge of the asset, before calibration; plus all contributions it is the engine's answer. */
  readonly base: number;
  readonly answer: number;
  /** By channel, kind and stretch of time, greatest first. */
  readonly contributions: readonly LifeContribution[];
  /** The same by channel; the wear's part is shared out among the channels that it is made of. */
  readonly byChannel: readonly { readonly channel: string; readonly contribution: number }[];
  /** The same by how far back is looked, nearest first; 0 rows: the whole history. */
  readonly byRows: readonly { readonly rows: number; readonly contribution: number }[];
  toString(): string;
}

/**
 * What of an asset's course makes the answer: TreeSHAP (Lundberg, Erion & Lee 2018) for engines of trees; for others, how the
 * answer changes when a channel is not seen.
 */
export function explainLife(learned: Learned, options: ResolvedRul, frame: Frame): LifeExplanation {
  const { preparation, members } = learned;
  const course = preparation.course(frame);
  const row = frame.length - 1;
  const list = rulFeatureList(preparation.channels, options);
  const found = new Map<string, LifeContribution>();
  const add = (feature: Omit<LifeContribution, 'contribution'>, contribution: number) => {
    const key = `${feature.channel} ${feature.kind} ${feature.rows}`;
    found.set(key, { ...feature, contribution: contribution + (found.get(key)?.contribution ?? 0) });
  };
  let answer = 0;
  for (const member of members) {
    answer += member.weight * (member.fitted.outlook(course, [row]).center[0] as number);
    const shap = member.fitted.explain?.(course, row);
    if (shap !== undefined)
      list.forEach((feature, i) => {
        add(feature, member.weight * (shap[i] as number));
      });
    else withoutEach(learned, member, frame, (channel, change) => add({ channel, kind: 'course', rows: 0 }, change));
  }
  const contributions = [...found.values()].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const sums = course.sums;
  const parts = preparation.channels.map((_, c) => {
    const level = sums[c]?.mean(Math.max(0, row + 1 - options.window), row + 1) ?? 0;
    return Math.abs((preparation.state.wear[c] ?? 0) * (Number.isFinite(level) ? level : 0));
  });
  const whole = parts.reduce((sum, part) => sum + part, 0);
  const channels = new Map<string, number>();
  const rows = new Map<number, number>();
  for (const { channel, rows: back, contribution } of contributions) {
    rows.set(back, (rows.get(back) ?? 0) + contribution);
    if (channel === 'wear' && whole > 0)
      preparation.channels.forEach((name, c) => {
        channels.set(name, (channels.get(name) ?? 0) + (contribution * (parts[c] as number)) / whole);
      });
    else channels.set(channel, (channels.get(channel) ?? 0) + contribution);
  }
  const byChannel = [...channels]
    .map(([channel, contribution]) => ({ channel, contribution }))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const base = answer - contributions.reduce((sum, { contribution }) => sum + contribution, 0);
  const unit = options.unit === DAY ? 'days' : 'units';
  return {
    base,
    answer,
    contributions,
    byChannel,
    byRows: [...rows].map(([back, contribution]) => ({ rows: back, contribution })).sort((a, b) => a.rows - b.rows),
    toString: () => sentence(answer, base, byChannel, contributions, unit),
  };
}

const DAY = 86_400_000;

/** How the answer of an engine changes with each channel that it sees. */
function withoutEach(
  { preparation }: Learned,
  { fitted, weight }: Member,
  frame: Frame,
  tell: (channel: string, change: number) => void,
): void {
  const row = [frame.length - 1];
  const whole = fitted.outlook(preparation.course(frame), row).center[0] as number;
  for (const channel of preparation.channels) {
    const unseen = new Float64Array(frame.length).fill(Number.NaN);
    const columns = new Map(
      [...frame.columns()].map(([name, column]) => [name, name === channel ? { ...column, data: unseen } : column]),
    );
    const without = fitted.outlook(preparation.course(new Frame(frame.time, columns)), row).center[0] as number;
    tell(channel, weight * (whole - without));
  }
}

function sentence(
  answer: number,
  base: number,
  byChannel: LifeExplanation['byChannel'],
  contributions: readonly LifeContribution[],
  unit: string,
): string {
  const number = (value: number) => String(Number(Math.abs(value).toPrecision(2)));
  const parts = byChannel.slice(0, 3).flatMap(({ channel, contribution }) => {
    if (Math.abs(contribution) < 0.02 * Math.max(1e-9, base)) return [];
    const main = contributions.find((each) => each.channel === channel && each.contribution * contribution > 0);
    return [
      `${channel} ${contribution < 0 ? 'takes' : 'adds'} ${number(contribution)}${main ? ` (${how(main)})` : ''}`,
    ];
  });
  const start = `About ${number(answer)} ${unit} left, against ${number(base)} for an asset of which nothing is known`;
  return `${start}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`;
}

function how({ kind, rows }: LifeContribution): string {
  if (kind === 'age') return 'time since the first row';
  if (kind === 'course') return 'its whole course';
  const what = {
    level: 'its level',
    slope: 'its slope',
    change: 'its change since the beginning',
    spread: 'its scatter',
  };
  return `${what[kind]} over the last ${rows} rows`;
}
