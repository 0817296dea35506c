import type { LifeHistory } from '../../models/index.js';
import { detailsOf, type MaintenanceTask } from './schedule.js';

/** From when on a part counts as new: what models of life and health begin afresh from. */
export interface Reset {
  readonly assetId: string;
  readonly component: string | undefined;
  /** ms since the epoch. */
  readonly time: number;
  readonly task: string;
}

/** What was found by people: truth for detectors and diagnosis. */
export interface FoundLabel {
  readonly assetId: string;
  readonly component: string | undefined;
  /** A fault's id, or `none`: an alarm that led here was a false one. */
  readonly fault: string;
  readonly time: number;
}

/** A stretch of a part's life for a predictor of remaining life. */
export interface LifeSpan {
  readonly assetId: string;
  readonly component: string | undefined;
  readonly from: number;
  readonly to: number;
  /** Whether it ended in a failure; false: it was renewed while it ran, or still runs (censored). */
  readonly failed: boolean;
}

/** What done work teaches. */
export interface MaintenanceFeedback {
  readonly resets: readonly Reset[];
  readonly labels: readonly FoundLabel[];
}

/** Resets and labels of the tasks that are done, in the order of time. */
export function maintenanceFeedback(tasks: readonly MaintenanceTask[]): MaintenanceFeedback {
  const done = tasks
    .filter(({ status, assetId }) => status === 'done' && assetId !== undefined)
    .map((task) => ({ task, time: task.completedAt ?? task.time, outcome: detailsOf(task).outcome }))
    .sort((a, b) => a.time - b.time);
  return {
    resets: done.flatMap(({ task, time, outcome }) =>
      (outcome?.renewed ?? true)
        ? [{ assetId: task.assetId as string, component: task.component, time, task: task.task }]
        : [],
    ),
    labels: done.flatMap(({ task, time, outcome }) =>
      outcome?.found === undefined
        ? []
        : [{ assetId: task.assetId as string, component: task.component, fault: outcome.found, time }],
    ),
  };
}

/**
 * The lives of one part between its renewals: those that ended in a failure, and those that were cut short by planned
 * work or still go on, which count as censored. The first begins at `from`.
 */
export function lifeSpans(
  tasks: readonly MaintenanceTask[],
  part: {
    readonly assetId: string;
    readonly component?: string | undefined;
    readonly from: number;
    readonly to: number;
  },
): LifeSpan[] {
  const { assetId, component } = part;
  const renewals = tasks
    .filter(
      (task) =>
        task.status === 'done' &&
        task.assetId === assetId &&
        (component === undefined || task.component === component) &&
        (detailsOf(task).outcome?.renewed ?? true),
    )
    .map((task) => ({ time: task.completedAt ?? task.time, failed: detailsOf(task).outcome?.failed === true }))
    .filter(({ time }) => time > part.from && time <= part.to)
    .sort((a, b) => a.time - b.time);
  const spans: LifeSpan[] = [];
  let from = part.from;
  for (const { time, failed } of renewals) {
    spans.push({ assetId, component, from, to: time, failed });
    from = time;
  }
  if (from < part.to) spans.push({ assetId, component, from, to: part.to, failed: false });
  return spans;
}

/** A history with the done work on its part put in, as `RULPredictor.fit` takes it: lives begin afresh at each renewal. */
export function withMaintenance(
  history: LifeHistory,
  tasks: readonly MaintenanceTask[],
  component?: string,
): LifeHistory {
  const { resets: known = [], assetId } = history;
  const found = new Map(
    maintenanceFeedback(tasks).labels.map(({ time, fault }) => [time, fault === 'none' ? undefined : fault]),
  );
  const spans = lifeSpans(tasks, {
    assetId,
    component,
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
  });
  const resets = spans.slice(0, -1).map(({ to, failed }) => {
    const fault = failed ? found.get(to) : undefined;
    return { time: to, failed, ...(fault !== undefined && { fault }) };
  });
  return { ...history, resets: [...known, ...resets].sort((a, b) => a.time - b.time) };
}
