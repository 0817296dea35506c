import { durationMs } from '../../core/duration.js';
import { exp, log } from '../../core/math/index.js';
import type {
  BaselineCondition,
  DeviationCondition,
  FailureCondition,
  IntervalCondition,
  RateCondition,
  ThresholdCondition,
  TrendCondition,
} from '../rules/rule.js';
import type { CompileContext, CompiledCondition, Memory, Probe } from './compiled.js';
import { graded, limitOf } from './graded.js';

const HOUR = 3_600_000;

/** A channel against limits. */
export function threshold(
  condition: ThresholdCondition,
  { channels }: CompileContext,
  path: string,
): CompiledCondition {
  const slot = channels.slot(condition.channel);
  const { unit, title } = channels.definition(condition.channel);
  const { missing } = condition;
  const of =
    missing === undefined
      ? (probe: Probe) => probe.slots[slot] as number
      : (probe: Probe) => {
          const value = probe.slots[slot] as number;
          return Number.isNaN(value) ? missing : value;
        };
  const plain = missing === undefined;
  return graded(condition, { slots: [slot], unit, title, channel: condition.channel, of, plain }, path);
}

/** A channel against a reference. A ratio to a reference that is not positive cannot be told. */
export function deviation(
  condition: DeviationCondition,
  { channels }: CompileContext,
  path: string,
): CompiledCondition {
  const { channel, from, measure } = condition;
  const slot = channels.slot(channel);
  const { unit, title } = channels.definition(channel);
  const other = typeof from === 'string' ? channels.slot(from) : -1;
  const reference = (probe: Probe): number =>
    typeof from === 'string' ? (probe.slots[other] as number) : limitOf(from, probe);
  const of = (probe: Probe): number => {
    const value = probe.slots[slot] as number;
    const expected = reference(probe);
    if (measure === 'ratio') return expected > 0 ? value / expected : Number.NaN;
    return measure === 'difference' ? value - expected : Math.abs(value - expected);
  };
  const against = typeof from === 'string' ? channels.definition(from).title.toLowerCase() : 'its nominal value';
  const name =
    measure === 'ratio' ? `${title} divided by ${against}` : `Deviation of ${title.toLowerCase()} from ${against}`;
  return graded(
    condition,
    { slots: other < 0 ? [slot] : [slot, other], unit: measure === 'ratio' ? '1' : unit, title: name, channel, of },
    path,
  );
}

/** How far a channel lies outside an interval, in widths of it; negative inside. */
export function interval(condition: IntervalCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const [slot, low, high] = [condition.channel, condition.low, condition.high].map((name) => channels.slot(name)) as [
    number,
    number,
    number,
  ];
  const of = ({ slots }: Probe): number => {
    const [value, bottom, top] = [slots[slot] as number, slots[low] as number, slots[high] as number];
    const width = top - bottom;
    return width > 0 ? Math.max(bottom - value, value - top) / width : Number.NaN;
  };
  const title = `${channels.definition(condition.channel).title} outside its interval, in widths of it,`;
  return graded(condition, { slots: [slot, low, high], unit: '1', title, channel: condition.channel, of }, path);
}

/**
 * A queue of (time, value) pairs in `memory.list` that reaches back `span` ms, thinned to at most 256 pairs, so that a year
 * of 5-second data fits as well as ten minutes of it. Returns whether the pair was kept.
 */
function remember(memory: Memory, time: number, value: number, span: number): void {
  const { list } = memory;
  const last = list.length - 2;
  if (last >= memory.head && time - (list[last] as number) < span / 256) return;
  list.push(time, value);
  // The first pair stays until the second is old enough too: the window is then never shorter than asked for.
  while (memory.head + 2 < list.length && (list[memory.head + 2] as number) <= time - span) memory.head += 2;
  if (memory.head > 128) {
    list.splice(0, memory.head);
    memory.head = 0;
  }
}

/** Change per time over a window. */
export function rate(condition: RateCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const slot = channels.slot(condition.channel);
  const { unit, title } = channels.definition(condition.channel);
  const over = durationMs(condition.over, `${path}.over`);
  const per = durationMs(condition.per, `${path}.per`);
  const of = (probe: Probe, memory: Memory): number => {
    const value = probe.slots[slot] as number;
    if (Number.isNaN(value)) return value;
    remember(memory, probe.time, value, over);
    const span = probe.time - (memory.list[memory.head] as number);
    return span < over / 2 ? Number.NaN : ((value - (memory.list[memory.head + 1] as number)) / span) * per;
  };
  const name = `Rate of ${title.toLowerCase()} per ${condition.per}`;
  return graded(condition, { slots: [slot], unit, title: name, channel: condition.channel, of }, path);
}

/** Least-squares slope over a window. */
export function trend(condition: TrendCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const slot = channels.slot(condition.channel);
  const { unit, title } = channels.definition(condition.channel);
  const over = durationMs(condition.over, `${path}.over`);
  const per = durationMs(condition.per, `${path}.per`);
  const of = (probe: Probe, memory: Memory): number => {
    const value = probe.slots[slot] as number;
    if (Number.isNaN(value)) return value;
    const before = memory.list.length + memory.head;
    remember(memory, probe.time, value, over);
    // The line is fitted again only where a pair was added: 256 times a window at most.
    if (memory.list.length + memory.head === before && memory.mark !== -1) return memory.value ?? Number.NaN;
    const { list, head } = memory;
    const start = list[head] as number;
    if (probe.time - start < over / 2) return Number.NaN;
    memory.mark = probe.time;
    let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
    for (let i = head; i < list.length; i += 2) {
      const x = ((list[i] as number) - start) / per;
      const y = list[i + 1] as number;
      n++;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const spread = n * sxx - sx * sx;
    const slope = spread > 0 ? (n * sxy - sx * sy) / spread : Number.NaN;
    memory.value = Number.isFinite(slope) ? slope : null;
    return slope;
  };
  const name = `Trend of ${title.toLowerCase()} per ${condition.per}`;
  return graded(condition, { slots: [slot], unit, title: name, channel: condition.channel, of }, path);
}

/** Distribution function of the standard normal (Abramowitz and Stegun 1964, 26.2.17; error below 7.5e-8). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * exp((-z * z) / 2) * poly;
  return z >= 0 ? 1 - tail : tail;
}

/** The z with `normalCdf(z) = p`, by bisection: done once per rule. */
function normalQuantile(p: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

/** Probability of a failure within some days, the remaining life taken as log-normal. */
export function failure(condition: FailureCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const channel = condition.median ?? 'rulDays';
  const median = channels.slot(channel);
  const low = channels.slot(condition.low ?? 'rulLow');
  const high = channels.slot(condition.high ?? 'rulHigh');
  const z = 2 * normalQuantile(0.5 + (condition.coverage ?? 0.8) / 2);
  const of = ({ slots }: Probe): number => {
    const days = slots[median] as number;
    if (Number.isNaN(days)) return days;
    if (days <= 0) return 1;
    const sigma = log((slots[high] as number) / Math.max(slots[low] as number, 1e-3)) / z;
    const distance = log(condition.within / days);
    if (Number.isNaN(sigma) || sigma < 0) return Number.NaN;
    return sigma === 0 ? Number(distance >= 0) : normalCdf(distance / sigma);
  };
  const title = `Probability of a failure within ${condition.within} days`;
  return graded(condition, { slots: [median, low, high], unit: '1', title, channel, of }, path);
}

/** Distance from what is usual at the hour, in standard deviations; exponentially weighted mean and variance per hour. */
export function baseline(condition: BaselineCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const slot = channels.slot(condition.channel);
  const { title } = channels.definition(condition.channel);
  const learn = condition.learn ?? 0.02;
  const warmUp = condition.warmUp ?? 30;
  const hours = condition.season === 'hour-of-day' ? 24 : 168;
  const of = (probe: Probe, memory: Memory): number => {
    const value = probe.slots[slot] as number;
    if (Number.isNaN(value)) return value;
    if (memory.list.length === 0) memory.list = new Array<number>(hours * 3).fill(0);
    const { list } = memory;
    const at = (Math.floor((probe.time + probe.zone.offsetAt(probe.time)) / HOUR) % hours) * 3;
    const [count, mean, variance] = [list[at] as number, list[at + 1] as number, list[at + 2] as number];
    const deviation = Math.max(Math.sqrt(variance), condition.minDeviation);
    const score = (value - mean) / deviation;
    // Averages first, then forgets; an outlier moves the baseline by no more than three deviations.
    const weight = Math.max(learn, 1 / (count + 1));
    const step = count < warmUp ? value - mean : Math.max(-3, Math.min(3, score)) * deviation;
    list[at] = count + 1;
    list[at + 1] = mean + weight * step;
    list[at + 2] = (1 - weight) * (variance + weight * step * step);
    if (count < warmUp) return Number.NaN;
    return condition.side === 'signed' ? score : Math.abs(score);
  };
  const name = `${title}, in standard deviations from what is usual at this hour,`;
  return graded(condition, { slots: [slot], unit: '1', title: name, channel: condition.channel, of }, path);
}
