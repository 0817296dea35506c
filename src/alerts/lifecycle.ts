import { TwinergyError } from '../core/errors.js';

/** The facts about an alarm; each is independent of the others. */
export interface AlarmFacts {
  /** The condition holds now. */
  readonly active: boolean;
  /** Somebody has seen it. */
  readonly acknowledged: boolean;
  /** It has returned and still waits for a person: to acknowledge it, or to reset it. */
  readonly standing: boolean;
  /** An operator put it aside for a time. */
  readonly shelved: boolean;
  /** The design says that it is not to be heard now (parent down, storm, inhibition). */
  readonly suppressed: boolean;
  /** Taken out of service, for maintenance. */
  readonly outOfService: boolean;
}

/** The process part of the state: what the condition and the acknowledgement make of it. */
export type ProcessState =
  | 'normal'
  | 'active-unacknowledged'
  | 'active-acknowledged'
  | 'returned-unacknowledged'
  | 'latched';

/** Named states of ISA-18.2-2016 / IEC 62682:2022 (figure "alarm state transition diagram"). */
export type AlarmState = ProcessState | 'shelved' | 'suppressed-by-design' | 'out-of-service';

/** What can happen to an alarm and change its state. */
export type LifecycleEvent =
  | 'raise'
  | 'return'
  | 'acknowledge'
  | 'reset'
  | 'shelve'
  | 'unshelve'
  | 'suppress'
  | 'unsuppress'
  | 'remove-from-service'
  | 'return-to-service';

/** What a rule may ask of people: acknowledge after the return as well, or reset a latch. */
export interface LifecyclePolicy {
  /** It stands until somebody resets it. Default false. */
  readonly latch?: boolean | undefined;
  /** It stands after its return until somebody acknowledges it. Default false. */
  readonly mustAcknowledge?: boolean | undefined;
}

/** One row of the table: in state `from`, on `event` (where the rule is as `policy` says), the state becomes `to`. */
export interface Transition {
  readonly event: LifecycleEvent;
  readonly from: ProcessState;
  readonly to: ProcessState;
  readonly policy?: 'plain' | 'must-acknowledge' | 'latch';
  readonly means: string;
}

/**
 * The process part of the life of an alarm, whole: what is not in it is forbidden. The pictures and the table in
 * `docs/alerts.md` are drawn from it. Source: ISA-18.2-2016 / IEC 62682:2022, alarm state transition diagram.
 */
export const transitions: readonly Transition[] = [
  { event: 'raise', from: 'normal', to: 'active-unacknowledged', means: 'the condition holds' },
  { event: 'raise', from: 'returned-unacknowledged', to: 'active-unacknowledged', means: 'it is back' },
  { event: 'raise', from: 'latched', to: 'active-unacknowledged', means: 'it is back' },
  { event: 'acknowledge', from: 'active-unacknowledged', to: 'active-acknowledged', means: 'somebody has seen it' },
  { event: 'return', from: 'active-unacknowledged', to: 'normal', policy: 'plain', means: 'over before it was seen' },
  {
    event: 'return',
    from: 'active-unacknowledged',
    to: 'returned-unacknowledged',
    policy: 'must-acknowledge',
    means: 'over, nobody has seen it',
  },
  {
    event: 'return',
    from: 'active-unacknowledged',
    to: 'returned-unacknowledged',
    policy: 'latch',
    means: 'over, nobody has seen it',
  },
  { event: 'return', from: 'active-acknowledged', to: 'normal', policy: 'plain', means: 'over' },
  { event: 'return', from: 'active-acknowledged', to: 'normal', policy: 'must-acknowledge', means: 'over' },
  { event: 'return', from: 'active-acknowledged', to: 'latched', policy: 'latch', means: 'over, waits for its reset' },
  {
    event: 'acknowledge',
    from: 'returned-unacknowledged',
    to: 'normal',
    policy: 'must-acknowledge',
    means: 'seen after its end',
  },
  {
    event: 'acknowledge',
    from: 'returned-unacknowledged',
    to: 'latched',
    policy: 'latch',
    means: 'seen, waits for its reset',
  },
  { event: 'reset', from: 'latched', to: 'normal', policy: 'latch', means: 'somebody has looked at the cause' },
];

/** A state that lies over the process state, and hides it, until its second event; the process goes on below it. */
export interface Overlay {
  readonly state: 'shelved' | 'suppressed-by-design' | 'out-of-service';
  readonly fact: 'shelved' | 'suppressed' | 'outOfService';
  readonly enter: LifecycleEvent;
  readonly leave: LifecycleEvent;
  readonly means: string;
}

/** The three overlays, the strongest first: it gives the named state where several hold. */
export const overlays: readonly Overlay[] = [
  {
    state: 'out-of-service',
    fact: 'outOfService',
    enter: 'remove-from-service',
    leave: 'return-to-service',
    means: 'taken out of service for maintenance',
  },
  {
    state: 'suppressed-by-design',
    fact: 'suppressed',
    enter: 'suppress',
    leave: 'unsuppress',
    means: 'known to follow from something else',
  },
  {
    state: 'shelved',
    fact: 'shelved',
    enter: 'shelve',
    leave: 'unshelve',
    means: 'put aside by an operator, for a time',
  },
];

/** The facts of an alarm that has not been raised. */
export const normalFacts: AlarmFacts = {
  active: false,
  acknowledged: false,
  standing: false,
  shelved: false,
  suppressed: false,
  outOfService: false,
};

const PROCESS: Readonly<Record<ProcessState, Pick<AlarmFacts, 'active' | 'acknowledged' | 'standing'>>> = {
  normal: { active: false, acknowledged: false, standing: false },
  'active-unacknowledged': { active: true, acknowledged: false, standing: false },
  'active-acknowledged': { active: true, acknowledged: true, standing: false },
  'returned-unacknowledged': { active: false, acknowledged: false, standing: true },
  latched: { active: false, acknowledged: true, standing: true },
};

/** The process state that the facts amount to. */
export function processState({ active, acknowledged, standing }: AlarmFacts): ProcessState {
  if (active) return acknowledged ? 'active-acknowledged' : 'active-unacknowledged';
  if (!standing) return 'normal';
  return acknowledged ? 'latched' : 'returned-unacknowledged';
}

/** The named state of ISA-18.2 / IEC 62682 that the facts amount to: the strongest overlay, else the process state. */
export function alarmState(facts: AlarmFacts): AlarmState {
  return overlays.find(({ fact }) => facts[fact])?.state ?? processState(facts);
}

function policyName({ latch, mustAcknowledge }: LifecyclePolicy): NonNullable<Transition['policy']> {
  if (latch === true) return 'latch';
  return mustAcknowledge === true ? 'must-acknowledge' : 'plain';
}

/** The facts after `event`, or undefined where the table has no such transition. */
export function nextFacts(
  facts: AlarmFacts,
  event: LifecycleEvent,
  policy: LifecyclePolicy = {},
): AlarmFacts | undefined {
  for (const { enter, leave, fact } of overlays) {
    if (event === enter) return facts[fact] ? undefined : { ...facts, [fact]: true };
    if (event === leave) return facts[fact] ? { ...facts, [fact]: false } : undefined;
  }
  const from = processState(facts);
  const name = policyName(policy);
  const row = transitions.find(
    (t) => t.event === event && t.from === from && (t.policy === undefined || t.policy === name),
  );
  return row === undefined ? undefined : { ...facts, ...PROCESS[row.to] };
}

/** The facts after `event`. @throws TwinergyError `ALERT_FORBIDDEN_TRANSITION` where the table has no such transition */
export function applyEvent(facts: AlarmFacts, event: LifecycleEvent, policy: LifecyclePolicy = {}): AlarmFacts {
  const next = nextFacts(facts, event, policy);
  if (next === undefined) {
    throw new TwinergyError('ALERT_FORBIDDEN_TRANSITION', `An alert that is ${alarmState(facts)} cannot ${event}.`, {
      value: event,
    });
  }
  return next;
}

/** The state machine as a Mermaid diagram, drawn from the table. */
export function lifecycleDiagram(): string {
  const name = (state: string) => state.replaceAll('-', '_');
  const lines = transitions.map(
    ({ event, from, to, policy }) =>
      `  ${name(from)} --> ${name(to)}: ${event}${policy === undefined ? '' : ` (${policy})`}`,
  );
  const over = overlays.flatMap(({ state, enter, leave }) => [
    `  any_state --> ${name(state)}: ${enter}`,
    `  ${name(state)} --> any_state: ${leave}`,
  ]);
  return ['stateDiagram-v2', '  [*] --> normal', ...lines, ...over].join('\n');
}
