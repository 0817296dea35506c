import { type Clock, systemClock } from '../../core/clock.js';
import { type Duration, durationMs } from '../../core/duration.js';
import { quote, TwinergyError } from '../../core/errors.js';
import { TypedEvents } from '../../core/events.js';
import { type Alert, type AlertChange, type AlertChangeKind, textHash } from '../alert.js';
import { compileMatchers, type Matchers } from '../notify/matcher.js';
import type { Diagnosis } from '../root-cause/fold.js';
import type { Severity } from '../severity.js';
import type { ActionHandler, ActionOutcome } from './handlers.js';

/** An action that alerts trigger: data, so that it can be stored and shown. */
export interface ActionRule {
  readonly id: string;
  readonly title: string;
  /** Which alerts, as in routes. Default: all. */
  readonly matchers?: Matchers | undefined;
  /** On what happens to them. Default: `['raise']`. */
  readonly on?: readonly AlertChangeKind[] | undefined;
  /** Not on alerts but on what the twin finds: of this title (default: any), and at least so likely (default 0.8). */
  readonly diagnosis?:
    | { readonly title?: string | undefined; readonly minProbability?: number | undefined }
    | undefined;
  /** Name of the handler that does it. */
  readonly handler: string;
  /** What the handler is told beside the alert: the channel and value of a set-point, the task of an order. */
  readonly input?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Nothing is done, but what would be done is written down. Default true: an action begins by showing what it would do. */
  readonly dryRun?: boolean | undefined;
  /** A person has to agree. Default true. */
  readonly approval?: boolean | undefined;
  /** What nobody has agreed to for so long lapses. Default `24h`. */
  readonly expiresAfter?: Duration | undefined;
  /** At most so many within an hour, over all assets. Default 10. */
  readonly maxPerHour?: number | undefined;
  /** Not again on the same asset for so long. Default `1h`. */
  readonly cooldown?: Duration | undefined;
}

/** Where a request for an action stands. */
export type ActionState =
  | 'waiting'
  | 'approved'
  | 'running'
  | 'done'
  | 'failed'
  | 'rejected'
  | 'lapsed'
  | 'limited'
  | 'dry-run'
  | 'interrupted';

/** One action on one occasion. */
export interface ActionRequest {
  /** The same for the same action and occasion: a handler drops what it has done already. */
  readonly key: string;
  readonly action: string;
  readonly title: string;
  readonly handler: string;
  readonly input: Readonly<Record<string, string | number | boolean>>;
  readonly assetId: string;
  readonly severity: Severity;
  /** Why: the sentence of the alert, or the evidence of the diagnosis. */
  readonly why: string;
  /** What to do, from the alert or the diagnosis. */
  readonly playbook: string | null;
  /** What triggered it: one of the two. */
  readonly alert: Alert | null;
  readonly diagnosis: Diagnosis | null;
  readonly requestedAt: number;
  readonly state: ActionState;
  /** Who agreed or refused; null where nobody had to. */
  readonly decidedBy: string | null;
  readonly updatedAt: number;
  /** What came of it, or what would. */
  readonly result: string | null;
}

/** An entry of the audit trail: who brought a request into which state. */
export interface ActionEvent {
  readonly time: number;
  /** `engine` where no person did. */
  readonly by: string;
  readonly from: ActionState | null;
  readonly request: ActionRequest;
}

/** Options of `AlertActions`. */
export interface ActionsOptions {
  readonly actions: readonly ActionRule[];
  readonly handlers: Readonly<Record<string, ActionHandler>>;
  readonly clock?: Clock | undefined;
  /** Requests that are over and are kept in memory. Default 1,000. */
  readonly keep?: number | undefined;
}

/** State of `AlertActions`; JSON data. */
export interface ActionsState {
  readonly kind: 'AlertActions';
  readonly formatVersion: 1;
  readonly sequence: number;
  readonly requests: readonly ActionRequest[];
  readonly started: readonly (readonly [action: string, asset: string, time: number])[];
}

interface ReadyAction {
  readonly rule: ActionRule;
  readonly matches: (alert: Alert) => boolean;
  readonly kinds: ReadonlySet<AlertChangeKind>;
  readonly expiresAfter: number;
  readonly cooldown: number;
  readonly maxPerHour: number;
}

const HOUR = 3_600_000;

/**
 * Lets alerts trigger work: a maintenance order, a set-point, a webhook. Every action begins as a dry run that needs a
 * person's agreement; limits hold over all assets and for each; every step is told by `on('action')`, for the audit trail.
 * A request is made once for an action and an alert's occurrence, also after restarts.
 */
export class AlertActions extends TypedEvents<{ action: ActionEvent }> {
  readonly #actions: ReadonlyMap<string, ReadyAction>;
  readonly #handlers: Readonly<Record<string, ActionHandler>>;
  readonly #clock: Clock;
  readonly #keep: number;
  readonly #requests = new Map<string, ActionRequest>();
  /** What was begun, for the limits: action, asset, when. */
  #started: (readonly [action: string, asset: string, time: number])[] = [];
  #sequence = 0;

  /** @throws TwinergyError `ACTION_UNKNOWN_HANDLER`, `ACTION_DUPLICATE_ID`, `ALERT_BAD_MATCHER`, `BAD_DURATION` */
  constructor(options: ActionsOptions) {
    super();
    this.#handlers = options.handlers;
    this.#clock = options.clock ?? systemClock;
    this.#keep = options.keep ?? 1000;
    const ready = new Map<string, ReadyAction>();
    for (const rule of options.actions) {
      const { id, handler } = rule;
      if (ready.has(id))
        throw new TwinergyError('ACTION_DUPLICATE_ID', `Two actions have the id ${quote(id)}.`, { path: id });
      if (!Object.hasOwn(options.handlers, handler))
        throw new TwinergyError('ACTION_UNKNOWN_HANDLER', `There is no handler ${quote(handler)}.`, {
          path: `${id}.handler`,
          value: handler,
        });
      ready.set(id, {
        rule,
        matches: compileMatchers(rule.matchers ?? [], `${id}.matchers`),
        kinds: new Set(rule.on ?? ['raise']),
        expiresAfter: durationMs(rule.expiresAfter ?? '24h', `${id}.expiresAfter`),
        cooldown: durationMs(rule.cooldown ?? '1h', `${id}.cooldown`),
        maxPerHour: rule.maxPerHour ?? 10,
      });
    }
    this.#actions = ready;
  }

  /** The requests, the newest first. */
  requests(state?: ActionState): ActionRequest[] {
    return [...this.#requests.values()].filter((request) => state === undefined || request.state === state).reverse();
  }

  /** Takes a change of an alert in, in the order of the sequence; what comes twice changes nothing. */
  accept({ sequence, kind, alert }: AlertChange): void {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    // What is not to be heard triggers nothing either.
    if (alert.shelved || alert.suppressed || alert.outOfService) return;
    const { assetId, severity, why, playbook } = alert;
    for (const { rule, matches, kinds } of this.#actions.values()) {
      if (rule.diagnosis !== undefined || !kinds.has(kind) || !matches(alert)) continue;
      const key = textHash(JSON.stringify([rule.id, alert.id, kind]));
      if (this.#requests.has(key)) continue;
      this.#request(rule, { key, assetId, severity, why, playbook, alert, diagnosis: null });
    }
  }

  /**
   * Takes in what the twin has found. The same finding on the same asset asks for an action again only when the last request
   * is over, and its cooldown too.
   */
  acceptDiagnosis(diagnosis: Diagnosis): void {
    const { assetId, title, probability, evidence = [], action = null } = diagnosis;
    const now = this.#clock.now();
    for (const { rule, cooldown } of this.#actions.values()) {
      const { diagnosis: wanted } = rule;
      if (wanted === undefined || (wanted.title ?? title) !== title || probability < (wanted.minProbability ?? 0.8))
        continue;
      const last = this.requests().find(
        (request) => request.action === rule.id && request.assetId === assetId && request.diagnosis?.title === title,
      );
      if (last !== undefined && (OPEN.has(last.state) || now - last.updatedAt < cooldown)) continue;
      const why = [`${title} (${Math.round(probability * 100)} %)`, ...evidence].join('; ');
      const key = textHash(JSON.stringify([rule.id, assetId, title, now]));
      this.#request(rule, { key, assetId, severity: 'HIGH', why, playbook: action, alert: null, diagnosis });
    }
  }

  /** A person agrees. @throws TwinergyError `ACTION_UNKNOWN`, `ACTION_FORBIDDEN` */
  approve(key: string, by: string): ActionRequest {
    return this.#decide(key, by, 'approved', null);
  }

  /** A person refuses. @throws TwinergyError `ACTION_UNKNOWN`, `ACTION_FORBIDDEN` */
  reject(key: string, by: string, comment?: string): ActionRequest {
    return this.#decide(key, by, 'rejected', comment ?? null);
  }

  /**
   * Does what is agreed and within its limits, one after another; lets lapse what nobody agreed to. Resolves when all of it
   * is over. `onRunning` is awaited before each handler is called: store the state there, so that a crash in the middle is
   * seen after the restart.
   */
  async run(onRunning?: (request: ActionRequest) => Promise<void> | void): Promise<ActionRequest[]> {
    const done: ActionRequest[] = [];
    for (const request of [...this.#requests.values()]) {
      const now = this.#clock.now();
      const action = this.#actions.get(request.action);
      if (request.state === 'waiting' && (action === undefined || now - request.requestedAt >= action.expiresAfter)) {
        this.#move(request, 'engine', 'lapsed', 'Nobody agreed to it in time.');
      } else if (request.state === 'approved') {
        done.push(await this.#do(request, action, now, onRunning));
      }
    }
    return done;
  }

  toJSON(): ActionsState {
    return {
      kind: 'AlertActions',
      formatVersion: 1,
      sequence: this.#sequence,
      requests: [...this.#requests.values()],
      started: this.#started,
    };
  }

  /**
   * Goes on where `state` was taken. What was running then may have been done or not: where its handler says that it may
   * be done again under the same key it is, else it is `interrupted` and for a person to look at.
   * @throws TwinergyError `ALERT_BAD_STATE`
   */
  restore(state: ActionsState): void {
    if (state?.kind !== 'AlertActions' || state.formatVersion !== 1)
      throw new TwinergyError('ALERT_BAD_STATE', `${quote(state)} is not the state of actions of format 1.`);
    this.#sequence = state.sequence;
    this.#started = [...state.started];
    this.#requests.clear();
    for (const request of state.requests) this.#requests.set(request.key, request);
    for (const request of this.requests('running')) {
      if (this.#handlers[request.handler]?.repeatable === true) this.#move(request, 'engine', 'approved', null);
      else this.#move(request, 'engine', 'interrupted', 'The process ended while it ran.');
    }
  }

  async #do(
    request: ActionRequest,
    action: ReadyAction | undefined,
    now: number,
    onRunning: ((request: ActionRequest) => Promise<void> | void) | undefined,
  ): Promise<ActionRequest> {
    const handler = Object.hasOwn(this.#handlers, request.handler) ? this.#handlers[request.handler] : undefined;
    if (action === undefined || handler === undefined)
      return this.#move(request, 'engine', 'failed', `There is no action ${request.action} any more.`);
    const { dryRun = true } = action.rule;
    if (dryRun) {
      const preview = await outcome(async () => ({ ok: true, result: await handler.preview(request) }));
      return this.#move(request, 'engine', 'dry-run', preview.result);
    }
    const limit = this.#limit(action, request.assetId, now);
    if (limit !== undefined) return this.#move(request, 'engine', 'limited', limit);
    this.#started.push([request.action, request.assetId, now]);
    const running = this.#move(request, 'engine', 'running', null);
    await onRunning?.(running);
    const { ok, result } = await outcome(() => handler.run(running));
    return this.#move(running, 'engine', ok ? 'done' : 'failed', result);
  }

  #request(
    rule: ActionRule,
    cause: Pick<ActionRequest, 'key' | 'assetId' | 'severity' | 'why' | 'playbook' | 'alert' | 'diagnosis'>,
  ): void {
    const now = this.#clock.now();
    this.#put(null, 'engine', {
      ...cause,
      action: rule.id,
      title: rule.title,
      handler: rule.handler,
      input: rule.input ?? {},
      requestedAt: now,
      state: (rule.approval ?? true) && rule.dryRun === false ? 'waiting' : 'approved',
      decidedBy: null,
      updatedAt: now,
      result: null,
    });
  }

  #limit({ rule, cooldown, maxPerHour }: ReadyAction, asset: string, now: number): string | undefined {
    const longest = Math.max(HOUR, ...[...this.#actions.values()].map((action) => action.cooldown));
    this.#started = this.#started.filter(([, , time]) => time > now - longest);
    const own = this.#started.filter(([action]) => action === rule.id);
    if (own.some(([, on, time]) => on === asset && time > now - cooldown))
      return `It was done on ${asset} less than its cooldown ago.`;
    if (own.filter(([, , time]) => time > now - HOUR).length >= maxPerHour)
      return `It was done ${maxPerHour} times within an hour.`;
    return undefined;
  }

  #decide(key: string, by: string, state: 'approved' | 'rejected', comment: string | null): ActionRequest {
    const request = this.#requests.get(key);
    if (request === undefined)
      throw new TwinergyError('ACTION_UNKNOWN', `There is no request ${quote(key)}.`, { value: key });
    if (request.state !== 'waiting')
      throw new TwinergyError('ACTION_FORBIDDEN', `A request that is ${request.state} cannot be ${state}.`, {
        value: key,
      });
    return this.#put(request.state, by, {
      ...request,
      state,
      decidedBy: by,
      result: comment,
      updatedAt: this.#clock.now(),
    });
  }

  #move(request: ActionRequest, by: string, state: ActionState, result: string | null): ActionRequest {
    return this.#put(request.state, by, { ...request, state, result, updatedAt: this.#clock.now() });
  }

  #put(from: ActionState | null, by: string, request: ActionRequest): ActionRequest {
    this.#requests.set(request.key, request);
    this.emit('action', { time: request.updatedAt, by, from, request });
    if (this.#requests.size > this.#keep * 2) {
      const over = [...this.#requests.values()].filter(({ state }) => !OPEN.has(state));
      for (const { key } of over.slice(0, -this.#keep || undefined)) this.#requests.delete(key);
    }
    return request;
  }
}

const OPEN: ReadonlySet<ActionState> = new Set<ActionState>(['waiting', 'approved', 'running']);

async function outcome(work: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
  try {
    return await work();
  } catch (error) {
    return { ok: false, result: String(error) };
  }
}
