import { TwinergyError } from '../../core/errors.js';
import { type HttpNotifierOptions, postJson } from '../notify/notifiers/http.js';
import type { ActionRequest } from './actions.js';

/** What came of an action. */
export interface ActionOutcome {
  readonly ok: boolean;
  /** What was done, or why not, for people. */
  readonly result: string;
}

/** A way to do something. */
export interface ActionHandler {
  /** What would be done, for people: of a dry run. It changes nothing. */
  preview(request: ActionRequest): Promise<string> | string;
  run(request: ActionRequest): Promise<ActionOutcome>;
  /** It may be done again with the same `request.key` when nobody knows whether it was done. Default false. */
  readonly repeatable?: boolean | undefined;
}

/** What a maintenance order says. */
export interface MaintenanceOrder {
  /** The request's key: the same order when it comes twice. */
  readonly id: string;
  readonly assetId: string;
  readonly task: string;
  readonly priority: string;
  readonly why: string;
  /** What to do, from the alert. */
  readonly playbook: string | null;
  /** Id of the alert; null where a diagnosis asked for it. */
  readonly alert: string | null;
  /** ms since the epoch. */
  readonly requestedAt: number;
}

/**
 * Makes a maintenance order through `create`, which must take an order of an id that it has for the same order. `input`:
 * `task` (default: the action's title).
 */
export function maintenanceOrderAction(create: (order: MaintenanceOrder) => Promise<unknown> | unknown): ActionHandler {
  const orderOf = (request: ActionRequest): MaintenanceOrder => ({
    id: request.key,
    assetId: request.assetId,
    task: String(request.input.task ?? request.title),
    priority: request.severity,
    why: request.why,
    playbook: request.playbook,
    alert: request.alert?.id ?? null,
    requestedAt: request.requestedAt,
  });
  return {
    repeatable: true,
    preview(request) {
      const { task, assetId, priority, why } = orderOf(request);
      return `Would order "${task}" for ${assetId} (${priority}): ${why}`;
    },
    async run(request) {
      const order = orderOf(request);
      await create(order);
      return { ok: true, result: `Ordered "${order.task}" for ${order.assetId}.` };
    },
  };
}

/** A set-point that may be written, with the range in which it may lie. */
export interface SetPoint {
  readonly channel: string;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/**
 * Writes a set-point through a connector. `input`: `channel` and `value`. Only channels that are listed can be written, and
 * only within their range: what lies outside is refused, never cut to fit.
 * @throws TwinergyError `ACTION_BAD_RANGE` for a range that holds nothing
 */
export function setPointAction(
  setPoints: readonly SetPoint[],
  write: (assetId: string, channel: string, value: number) => Promise<unknown>,
): ActionHandler {
  for (const { channel, min, max } of setPoints)
    if (!(min <= max)) throw new TwinergyError('ACTION_BAD_RANGE', `The range of ${channel} holds nothing.`);
  const check = ({ input }: ActionRequest): { readonly point: SetPoint; readonly value: number } | string => {
    const point = setPoints.find(({ channel }) => channel === input.channel);
    if (point === undefined) return `Channel ${String(input.channel)} may not be written.`;
    const { value } = input;
    if (typeof value !== 'number' || !(value >= point.min && value <= point.max))
      return `${String(value)} is outside of ${point.min} … ${point.max} ${point.unit}.`;
    return { point, value };
  };
  return {
    // Writing the same value again changes nothing.
    repeatable: true,
    preview(request) {
      const checked = check(request);
      if (typeof checked === 'string') return `Would be refused: ${checked}`;
      return `Would set ${checked.point.channel} of ${request.assetId} to ${checked.value} ${checked.point.unit}.`;
    },
    async run(request) {
      const checked = check(request);
      if (typeof checked === 'string') return { ok: false, result: checked };
      const { point, value } = checked;
      await write(request.assetId, point.channel, value);
      return { ok: true, result: `Set ${point.channel} of ${request.assetId} to ${value} ${point.unit}.` };
    },
  };
}

/** Posts the request as JSON, with `Idempotency-Key`. */
export function webhookAction(options: HttpNotifierOptions): ActionHandler {
  return {
    repeatable: true,
    preview: ({ title, assetId }) => `Would post "${title}" for ${assetId} to ${new URL(options.url).host}.`,
    async run(request) {
      const result = await postJson(options, request, () => ({ 'idempotency-key': request.key }));
      return result.ok ? { ok: true, result: 'Posted.' } : { ok: false, result: result.reason };
    },
  };
}
