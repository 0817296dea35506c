import { TimeZone, TwinergyError } from '../../core/index.js';
import { costOfWaiting, type Job, type Waiting } from './waiting.js';
import { type TimeSpan, type WorkHours, workWindows } from './windows.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** People who work together. */
export interface Crew {
  readonly id: string;
  /** How many they are. Default 1. */
  readonly people?: number | undefined;
  /** What they can do. Default: everything. */
  readonly skills?: readonly string[] | undefined;
  /** When they are away or taken. */
  readonly away?: readonly TimeSpan[] | undefined;
}

/** What is planned on. */
export interface PlanInput {
  /** Now, ms since the epoch. */
  readonly now: number;
  readonly jobs: readonly Job[];
  /** Default: one crew of two that can do everything. */
  readonly crews?: readonly Crew[] | undefined;
  /** How far is planned, days. Default 90. */
  readonly horizonDays?: number | undefined;
  /** Hours of work, daylight, weather, access; for all assets, or by asset. */
  readonly work?: WorkHours | ((assetId: string) => WorkHours) | undefined;
  /** Cost of going to an asset once, whatever is done there. Default 0. */
  readonly visitCost?: number | undefined;
  /** Days until the next planning: what is best later than that is left to it. Default 7. */
  readonly planEveryDays?: number | undefined;
}

/** A job with its time. */
export interface PlannedJob {
  readonly job: Job;
  /** ms since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly crew: string;
  /** Expected cost at the planned time, and if it were done as soon as possible, without the way there. */
  readonly cost: number;
  readonly costNow: number;
  /** Expected cost if it is put off for 30 days beyond the planned time (or to the end of the horizon). */
  readonly costLater: number;
  /** Probability that it ends by itself (fails, is washed by rain) before the planned time. */
  readonly risk: number;
  /** Jobs that share the way there. */
  readonly with: readonly string[];
}

/** Why a job has no time. */
export interface UnplannedJob {
  readonly job: Job;
  /** `later`: it is best done after the horizon. `no-crew`, `no-window`: nobody can, or not in time. */
  readonly reason: 'later' | 'no-crew' | 'no-window';
  readonly why: string;
}

/** What to do when. */
export interface MaintenancePlan {
  readonly now: number;
  /** By start. */
  readonly planned: readonly PlannedJob[];
  readonly unplanned: readonly UnplannedJob[];
}

interface Candidate {
  readonly job: Job;
  readonly waiting: Waiting;
}

/**
 * What to do when, and what it costs to wait. Each job has its cost over the days (`costOfWaiting`); jobs at one asset
 * share the way there where that is worth more than doing one of them off its best day; each visit then gets the first
 * window and crew that can do it, the most urgent first.
 * @throws TwinergyError `PLAN_BAD_JOB`, `PLAN_BAD_PERIOD`, `PLAN_DUPLICATE_JOB`
 */
export function planMaintenance(input: PlanInput): MaintenancePlan {
  const { now, jobs, horizonDays = 90, visitCost = 0, planEveryDays = 7 } = input;
  const ids = new Set<string>();
  for (const { id } of jobs) {
    if (ids.has(id)) throw new TwinergyError('PLAN_DUPLICATE_JOB', `There are two jobs "${id}".`, { value: id });
    ids.add(id);
  }
  const byAsset = new Map<string, Candidate[]>();
  const unplanned: UnplannedJob[] = [];
  for (const job of jobs) {
    const candidate = { job, waiting: costOfWaiting(job, horizonDays) };
    const list = byAsset.get(job.assetId) ?? [];
    byAsset.set(job.assetId, list);
    list.push(candidate);
  }
  const visits: Visit[] = [];
  for (const candidates of byAsset.values()) {
    const { chosen, left } = groupVisits(candidates, visitCost, planEveryDays, horizonDays);
    visits.push(...chosen);
    for (const { job } of left) {
      unplanned.push({ job, reason: 'later', why: `It is cheapest to wait for longer than ${horizonDays} days.` });
    }
  }
  const planned = placeVisits(visits, input, horizonDays, unplanned);
  return { now, planned: planned.sort((a, b) => a.start - b.start || (a.job.id < b.job.id ? -1 : 1)), unplanned };
}

/** Jobs that are done on one way. */
interface Visit {
  readonly day: number;
  readonly earliest: number;
  readonly candidates: readonly Candidate[];
  /** What a day of delay costs about the planned day. */
  readonly urgency: number;
}

/** Which jobs of an asset to do together, and on which day. */
function groupVisits(
  candidates: readonly Candidate[],
  visitCost: number,
  planEveryDays: number,
  horizonDays: number,
): { chosen: Visit[]; left: Candidate[] } {
  let open = [...candidates];
  const chosen: Visit[] = [];
  const left: Candidate[] = [];
  while (open.length > 0) {
    // Alone, a job bears the way there: its own best day is that of its cost with the way, paid only if it has not ended.
    const alone = open.map((candidate) => bestAlone(candidate, visitCost));
    const first = alone.reduce((a, b, i) => (b.day < (alone[a] as Alone).day ? i : a), 0);
    if ((alone[first] as Alone).day > horizonDays) {
      left.push(...open);
      break;
    }
    const { day, group } = bestGroup(open, alone, first, visitCost, planEveryDays);
    const members = open.filter((_, i) => group.has(i));
    const cost = (d: number) =>
      members.reduce((sum, { waiting }) => sum + (waiting.cost[Math.min(d, waiting.cost.length - 1)] as number), 0);
    chosen.push({
      day,
      earliest: members.reduce((least, { waiting }) => Math.max(least, waiting.earliest), 0),
      candidates: members,
      urgency: cost(Math.min(day + 7, horizonDays)) - cost(day),
    });
    open = open.filter((_, i) => !group.has(i));
  }
  return { chosen, left };
}

interface Alone {
  readonly day: number;
  readonly cost: number;
}

function bestAlone({ waiting }: Candidate, visitCost: number): Alone {
  const cost = (d: number) => (waiting.cost[d] as number) + visitCost * (1 - (waiting.ended[d] as number));
  let day = waiting.earliest;
  for (let d = day; d < waiting.cost.length; d++) if (cost(d) < cost(day)) day = d;
  let least = cost(day);
  for (const later of waiting.beyond) {
    const own = later.cost + visitCost * (1 - later.ended);
    if (own >= least) continue;
    least = own;
    day = waiting.cost.length;
  }
  return { day, cost: least };
}

/** How many jobs share a way later on, at most. */
const SHARED = 2;

/**
 * The day, about the best day of the most urgent job, and the others that join it: those to which sharing the way saves
 * more than their own best day would.
 */
function bestGroup(
  open: readonly Candidate[],
  alone: readonly Alone[],
  first: number,
  visitCost: number,
  planEveryDays: number,
): { day: number; group: Set<number> } {
  const lead = open[first] as Candidate;
  const shared = open.map((candidate) =>
    bestAlone(candidate, visitCost / Math.min(SHARED, Math.max(1, open.length - 1))),
  );
  const own = alone[first] as Alone;
  let best = { day: own.day, group: new Set([first]), gain: 0 };
  const last = Math.min(lead.waiting.cost.length - 1, own.day + 2 * planEveryDays);
  for (let day = lead.waiting.earliest; day <= last; day++) {
    const group = new Set([first]);
    let gain = own.cost - ((lead.waiting.cost[day] as number) + visitCost * (1 - (lead.waiting.ended[day] as number)));
    open.forEach(({ waiting }, i) => {
      if (i === first || day < waiting.earliest) return;
      // Left for later it will hardly go alone either: it is held against a way that it shares.
      const saved = (shared[i] as Alone).cost - (waiting.cost[day] as number);
      if (saved <= 0) return;
      gain += saved;
      group.add(i);
    });
    if (gain > best.gain + 1e-9) best = { day, group, gain };
  }
  return best;
}

/** Gives each visit a window and a crew. */
function placeVisits(
  visits: Visit[],
  { now, crews = [{ id: 'crew', people: 2 }], work = {} }: PlanInput,
  horizonDays: number,
  unplanned: UnplannedJob[],
): PlannedJob[] {
  const planned: PlannedJob[] = [];
  const taken = new Map(crews.map(({ id, away = [] }) => [id, [...away]]));
  const windowsOf = new Map<string, { windows: TimeSpan[]; zone: TimeZone }>();
  const to = now + (horizonDays + 1) * DAY;
  const order = [...visits].sort((a, b) => a.day - b.day || b.urgency - a.urgency);
  for (const visit of order) {
    const assetId = visit.candidates[0]?.job.assetId as string;
    let place = windowsOf.get(assetId);
    if (place === undefined) {
      const hours = typeof work === 'function' ? work(assetId) : work;
      place = { windows: workWindows(now, to, hours), zone: new TimeZone(hours.timeZone ?? 'UTC') };
      windowsOf.set(assetId, place);
    }
    const group = visit.candidates.map(({ job }) => job.id);
    // What one crew cannot do in one go is done after the other, each job in one piece.
    for (const candidate of [...visit.candidates].sort((a, b) => (b.job.hours ?? 2) - (a.job.hours ?? 2))) {
      const { job, waiting } = candidate;
      const able = crews.filter(
        ({ people = 1, skills }) =>
          people >= (job.people ?? 1) &&
          (job.skill === undefined || skills === undefined || skills.includes(job.skill)),
      );
      if (able.length === 0) {
        unplanned.push({
          job,
          reason: 'no-crew',
          why: `No crew has ${job.people ?? 1} people who can do it${job.skill ? ` (${job.skill})` : ''}.`,
        });
        continue;
      }
      const slot = firstSlot(
        place.windows,
        able,
        taken,
        (job.hours ?? 2) * HOUR,
        now,
        Math.max(visit.day, waiting.earliest),
        waiting.earliest,
      );
      if (slot === undefined) {
        unplanned.push({
          job,
          reason: 'no-window',
          why: 'No window of work within the horizon is long enough and free.',
        });
        continue;
      }
      taken.get(slot.crew)?.push({ from: slot.start, to: slot.end });
      const day = Math.min(waiting.cost.length - 1, Math.max(0, Math.floor((slot.start - now) / DAY)));
      planned.push({
        job,
        ...slot,
        cost: waiting.cost[day] as number,
        costNow: waiting.costNow,
        costLater: waiting.cost[Math.min(waiting.cost.length - 1, day + 30)] as number,
        risk: waiting.ended[day] as number,
        with: group.filter((id) => id !== job.id),
      });
    }
  }
  return planned;
}

/** The first slot from the wanted day on; where there is none, the last one before it that the parts are there for. */
function firstSlot(
  windows: readonly TimeSpan[],
  crews: readonly Crew[],
  taken: ReadonlyMap<string, readonly TimeSpan[]>,
  length: number,
  now: number,
  wantedDay: number,
  earliestDay: number,
): { start: number; end: number; crew: string } | undefined {
  const search = (from: number, until: number, list: readonly TimeSpan[]) => {
    for (const window of list) {
      if (window.to <= from || window.from >= until) continue;
      for (const { id } of crews) {
        let start = Math.max(window.from, from);
        const busy = [...(taken.get(id) ?? [])].sort((a, b) => a.from - b.from);
        for (const span of busy) if (span.from < start + length && span.to > start) start = span.to;
        if (start + length <= window.to && start < until) return { start, end: start + length, crew: id };
      }
    }
    return undefined;
  };
  const wanted = now + wantedDay * DAY;
  return (
    search(wanted, Number.POSITIVE_INFINITY, windows) ?? search(now + earliestDay * DAY, wanted, [...windows].reverse())
  );
}
