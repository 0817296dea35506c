import { type Clock, quote, systemClock, TwinergyError } from '../../core/index.js';
import type { StorageRecord, TenantStorage } from '../../storage/index.js';
import { type CalendarEntry, iCalendar } from './icalendar.js';
import type { Crew, MaintenancePlan, PlannedJob } from './plan.js';
import type { TaskPriority } from './waiting.js';

/** The states of a task. */
export type TaskStatus = 'proposed' | 'approved' | 'in progress' | 'done' | 'cancelled';

/** What may follow what; done and cancelled are ends. */
const FOLLOWING: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  proposed: ['approved', 'in progress', 'done', 'cancelled'],
  approved: ['proposed', 'in progress', 'done', 'cancelled'],
  'in progress': ['approved', 'done', 'cancelled'],
  done: [],
  cancelled: [],
};

/** A task of the schedule, as it is stored: `time` is the planned start, `duration` is in hours. */
export type MaintenanceTask = StorageRecord<'maintenanceSchedule'>;

/** What `details` of a task of the planner's holds. */
export interface TaskDetails {
  /** Job of the planner that it came from. */
  readonly job?: string;
  readonly crew?: string;
  readonly why?: string;
  readonly costNow?: number;
  readonly costLater?: number;
  readonly risk?: number;
  readonly with?: readonly string[];
  /** Who said what when. */
  readonly history?: readonly TaskChange[];
  /** What was found and done, where it is done. */
  readonly outcome?: TaskOutcome;
  readonly [key: string]: unknown;
}

/** A change of state. */
export interface TaskChange {
  /** ms since the epoch. */
  readonly time: number;
  readonly status: TaskStatus;
  readonly by?: string | undefined;
  readonly comment?: string | undefined;
}

/** What came of a task: what models learn from. */
export interface TaskOutcome {
  /** What was found: a fault's id, or `none` for a part that was well. */
  readonly found?: string | undefined;
  /** Whether the part had failed before it was worked on. */
  readonly failed?: boolean | undefined;
  /** Whether the part is as new now. Default true. */
  readonly renewed?: boolean | undefined;
  readonly cost?: number | undefined;
  readonly note?: string | undefined;
}

/** Two tasks that one crew cannot do at once, or a crew that is away. */
export interface ScheduleConflict {
  readonly crew: string;
  readonly tasks: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

/** What else is said with a change of state. */
export interface ChangeOptions {
  readonly by?: string | undefined;
  readonly comment?: string | undefined;
  readonly outcome?: TaskOutcome | undefined;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Who may be told to move: tasks that nobody has agreed to yet. */
const isOpen = ({ status }: MaintenanceTask) => status !== 'done' && status !== 'cancelled';

/**
 * The maintenance schedule in storage: takes a plan's proposals in, keeps to what people have decided, and tells what
 * stands in whose way.
 */
export class MaintenanceSchedule {
  readonly #storage: TenantStorage;
  readonly #clock: Clock;

  constructor(storage: TenantStorage, { clock = systemClock }: { readonly clock?: Clock | undefined } = {}) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** All tasks by planned start; of one asset or all, with or without those that are over. */
  async list({
    assetId,
    open = false,
  }: {
    assetId?: string | undefined;
    open?: boolean;
  } = {}): Promise<MaintenanceTask[]> {
    const rows: MaintenanceTask[] = [];
    let after: string | undefined;
    do {
      const page = await this.#storage.list('maintenanceSchedule', { assetId, after, limit: 10_000 });
      rows.push(...page.rows);
      after = page.next;
    } while (after !== undefined);
    return open ? rows.filter(isOpen) : rows;
  }

  /**
   * Takes a plan in: a job that has no open task becomes a proposal; a proposal that nobody has decided on follows the new
   * plan, and goes where its job is no longer in it; what people approved, began or cancelled stays as it is. A job
   * cancelled within `quietDays` is not proposed again.
   */
  async take(
    plan: MaintenancePlan,
    { quietDays = 30 }: { readonly quietDays?: number } = {},
  ): Promise<MaintenanceTask[]> {
    const tasks = await this.list();
    const put: MaintenanceTask[] = [];
    const wanted = new Set<string>();
    const now = this.#clock.now();
    for (const planned of plan.planned) {
      const jobId = planned.job.id;
      wanted.add(jobId);
      const mine = tasks.filter((task) => jobOf(task) === jobId);
      const open = mine.find(isOpen);
      if (open !== undefined && open.status !== 'proposed') continue;
      const refused = mine.some(
        (task) => task.status === 'cancelled' && now - (lastChange(task)?.time ?? task.time) < quietDays * DAY,
      );
      if (open === undefined && refused) continue;
      put.push(taskOf(planned, open, now));
    }
    const gone = tasks.filter((task) => {
      const job = jobOf(task);
      return task.status === 'proposed' && job !== undefined && !wanted.has(job);
    });
    await this.#storage.commit({
      put: { maintenanceSchedule: put },
      remove: { maintenanceSchedule: gone.map(({ id }) => id) },
    });
    return put;
  }

  /** Puts a task of a person's own in, approved. */
  async add(task: Omit<MaintenanceTask, 'status'> & { readonly status?: TaskStatus }): Promise<MaintenanceTask> {
    const added = { ...task, status: task.status ?? 'approved' };
    await this.#storage.put('maintenanceSchedule', [added]);
    return added;
  }

  /**
   * Moves a task to another state. Done tasks get their time and outcome.
   * @throws TwinergyError `SCHEDULE_UNKNOWN_TASK`, `SCHEDULE_BAD_CHANGE`
   */
  async change(id: string, status: TaskStatus, { by, comment, outcome }: ChangeOptions = {}): Promise<MaintenanceTask> {
    const task = await this.#get(id);
    const from = task.status as TaskStatus;
    if (from === status) return task;
    if (!FOLLOWING[from]?.includes(status)) {
      throw new TwinergyError('SCHEDULE_BAD_CHANGE', `A task that is ${from} cannot become ${status}.`, {
        path: 'status',
        value: status,
        hint: `It can become: ${FOLLOWING[from]?.join(', ') || 'nothing any more'}.`,
      });
    }
    const details = detailsOf(task);
    const at = this.#clock.now();
    const changed: MaintenanceTask = {
      ...task,
      status,
      ...(status === 'done' && { completedAt: at, cost: outcome?.cost ?? task.cost }),
      details: {
        ...details,
        history: [...(details.history ?? []), { time: at, status, by, comment }],
        ...(outcome !== undefined && { outcome }),
      },
    };
    await this.#storage.put('maintenanceSchedule', [changed]);
    return changed;
  }

  /** Gives a task another start, and another crew where one is named. @throws as `change` */
  async move(id: string, start: number, crew?: string): Promise<MaintenanceTask> {
    const task = await this.#get(id);
    if (!isOpen(task)) {
      throw new TwinergyError('SCHEDULE_BAD_CHANGE', `A task that is ${task.status} cannot be moved.`, { value: id });
    }
    const moved = { ...task, time: start, details: { ...detailsOf(task), ...(crew !== undefined && { crew }) } };
    await this.#storage.put('maintenanceSchedule', [moved]);
    return moved;
  }

  /** Where open tasks stand in each other's way: one crew at two places, or a crew that is away. */
  async conflicts(crews: readonly Crew[] = []): Promise<ScheduleConflict[]> {
    return scheduleConflicts(await this.list({ open: true }), crews);
  }

  /** The open tasks as an iCalendar file; proposals are tentative. */
  async toICalendar(options: { readonly name?: string; readonly assetId?: string } = {}): Promise<string> {
    const tasks = await this.list({ assetId: options.assetId, open: true });
    return iCalendar(tasks.map(calendarEntry), { name: options.name ?? 'Maintenance', stamp: this.#clock.now() });
  }

  async #get(id: string): Promise<MaintenanceTask> {
    const task = await this.#storage.get('maintenanceSchedule', id);
    if (task !== undefined) return task;
    throw new TwinergyError('SCHEDULE_UNKNOWN_TASK', `There is no task ${quote(id)}.`, { value: id });
  }
}

/** Where tasks stand in each other's way. */
export function scheduleConflicts(tasks: readonly MaintenanceTask[], crews: readonly Crew[] = []): ScheduleConflict[] {
  const conflicts: ScheduleConflict[] = [];
  const byCrew = new Map<string, MaintenanceTask[]>();
  for (const task of tasks) {
    const { crew } = detailsOf(task);
    if (crew === undefined || !isOpen(task)) continue;
    byCrew.set(crew, [...(byCrew.get(crew) ?? []), task]);
  }
  for (const [crew, list] of byCrew) {
    list.sort((a, b) => a.time - b.time);
    const away = crews.find(({ id }) => id === crew)?.away ?? [];
    list.forEach((task, i) => {
      const end = endOf(task);
      for (const other of list.slice(i + 1)) {
        if (other.time >= end) break;
        const to = Math.min(end, endOf(other));
        const why = `${crew} cannot do "${task.task}" and "${other.task}" at once.`;
        conflicts.push({ crew, tasks: [task.id, other.id], from: other.time, to, why });
      }
      for (const span of away) {
        if (span.from >= end || span.to <= task.time) continue;
        const why = `${crew} is away for "${task.task}".`;
        conflicts.push({
          crew,
          tasks: [task.id],
          from: Math.max(span.from, task.time),
          to: Math.min(span.to, end),
          why,
        });
      }
    });
  }
  return conflicts;
}

function endOf({ time, duration = 2 }: MaintenanceTask): number {
  return time + duration * HOUR;
}

/** A task's details, which storage keeps as JSON. */
export function detailsOf({ details }: MaintenanceTask): TaskDetails {
  return typeof details === 'object' && details !== null ? (details as TaskDetails) : {};
}

function jobOf(task: MaintenanceTask): string | undefined {
  return detailsOf(task).job;
}

function lastChange(task: MaintenanceTask): TaskChange | undefined {
  return detailsOf(task).history?.at(-1);
}

/** What waiting would cost decides how urgent it is, where nobody has said so. */
function priorityOf({ cost, costLater, risk, job }: PlannedJob): TaskPriority {
  if (job.priority !== undefined) return job.priority;
  const extra = (costLater - cost) / Math.max(1, job.plannedCost);
  if (risk > 0.5 || extra > 2) return 'CRITICAL';
  if (risk > 0.2 || extra > 0.5) return 'HIGH';
  return extra > 0.1 ? 'MEDIUM' : 'LOW';
}

function taskOf(planned: PlannedJob, before: MaintenanceTask | undefined, now: number): MaintenanceTask {
  const { job, start, end, crew, cost, costNow, costLater, risk } = planned;
  const details: TaskDetails = {
    ...(before === undefined ? {} : detailsOf(before)),
    job: job.id,
    crew,
    costNow,
    costLater,
    risk,
    with: planned.with,
    ...(job.why !== undefined && { why: job.why }),
  };
  return {
    id: before?.id ?? `plan:${job.id}:${now}`,
    time: start,
    assetId: job.assetId,
    task: job.task,
    status: 'proposed',
    priority: priorityOf(planned),
    component: job.component,
    duration: (end - start) / HOUR,
    cost,
    details,
  };
}

const PRIORITY: Readonly<Record<string, number>> = { CRITICAL: 1, HIGH: 3, MEDIUM: 5, LOW: 8 };

/** A task as an entry of a calendar. */
export function calendarEntry(task: MaintenanceTask): CalendarEntry {
  const { why, crew, history = [] } = detailsOf(task);
  return {
    uid: `${task.id}@twinergy`,
    start: task.time,
    end: endOf(task),
    summary: task.assetId === undefined ? task.task : `${task.assetId}: ${task.task}`,
    description: [why, crew === undefined ? undefined : `Crew: ${crew}`].filter(Boolean).join('\n') || undefined,
    categories: task.priority === undefined ? [] : [task.priority],
    status: task.status === 'proposed' ? 'TENTATIVE' : task.status === 'cancelled' ? 'CANCELLED' : 'CONFIRMED',
    priority: PRIORITY[task.priority ?? ''],
    sequence: history.length,
  };
}
