import { quote, type Random, TwinergyError } from '../../core/index.js';
import { type FaultDefinition, faultDefinition, type ProgressionKind } from './catalogue.js';
import { type Progression, progression } from './progression.js';

/** A fault as the user asks for it. */
export interface FaultRequest {
  /** Identifier in the catalogue. */
  readonly id: string;
  /** Severity at the end of the progression, 0…1; what 1 means is told in the catalogue. Default 0.5. */
  readonly severity?: number | undefined;
  /** Onset: ISO text or ms since the epoch. Default: the start of the simulation. */
  readonly from?: string | number | undefined;
  /** End: repaired or over. Default: never. */
  readonly to?: string | number | undefined;
  /** How the severity evolves. Default: the catalogue's way. */
  readonly progression?: ProgressionKind | undefined;
  /** Days from the onset to full severity. Default: the catalogue's. */
  readonly days?: number | undefined;
  /**
   * What it acts on: an array, string or inverter by its id, or the channel of a sensor fault. Default: all arrays or
   * inverters, the first string, the main sensor.
   */
  readonly target?: string | undefined;
  /** Second channel of `swapped-channels`. */
  readonly other?: string | undefined;
}

/** A fault in a simulation: its definition, its target and its severity now. */
export interface ActiveFault {
  readonly definition: FaultDefinition;
  readonly request: FaultRequest;
  /** Onset, ms since the epoch. */
  readonly from: number;
  /** End, ms since the epoch. */
  readonly to: number;
  /** Its own stream of random numbers. */
  readonly random: Random;
  /** Severity as a function of time, without the end. */
  readonly progress: Progression;
  /** Severity now; set by `setSeverities` before each step. */
  severity: number;
}

/**
 * A time given as ISO text or as ms since the epoch.
 * @throws TwinergyError `TWIN_BAD_TIME`
 */
export function readTime(value: string | number, path: string): number {
  // A date without a time is midnight UTC, as ISO 8601 and `Date.parse` have it; with a time but no zone it would be
  // the host's zone, which must not change a result: it is taken as UTC.
  const zoned =
    typeof value === 'string' && /T\d/.test(value) && !/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? `${value}Z` : value;
  const time = typeof zoned === 'number' ? zoned : Date.parse(zoned);
  if (!Number.isFinite(time)) {
    throw new TwinergyError('TWIN_BAD_TIME', `${path} is no time, got ${quote(value)}.`, {
      path,
      value,
      hint: 'Give ms since the epoch or ISO 8601 text such as "2026-06-01".',
    });
  }
  return time;
}

/**
 * Checks requests against the catalogue of the asset and gives each fault its stream.
 * @param start default onset, ms since the epoch
 * @throws TwinergyError `TWIN_UNKNOWN_FAULT`, `TWIN_BAD_FAULT`, `TWIN_BAD_TIME`
 */
export function activateFaults(
  requests: readonly FaultRequest[],
  definitions: readonly FaultDefinition[],
  start: number,
  random: Random,
): ActiveFault[] {
  return requests.map((request, i) => {
    const definition = faultDefinition(definitions, request.id);
    const severity = request.severity ?? 0.5;
    const days = request.days ?? definition.days;
    for (const [name, value, high] of [
      ['severity', severity, 1],
      ['days', days, Number.MAX_VALUE],
    ] as const) {
      if (!(value >= 0 && value <= high)) {
        throw new TwinergyError(
          'TWIN_BAD_FAULT',
          `faults[${i}].${name} must be ${high === 1 ? 'between 0 and 1' : 'at least 0'}, got ${quote(value)}.`,
          { path: `faults[${i}].${name}`, value },
        );
      }
    }
    const from = request.from === undefined ? start : readTime(request.from, `faults[${i}].from`);
    const to = request.to === undefined ? Number.POSITIVE_INFINITY : readTime(request.to, `faults[${i}].to`);
    const stream = random.split(`fault ${i} ${definition.id}`);
    return {
      definition,
      request,
      from,
      to,
      random: stream,
      progress: progression({
        kind: request.progression ?? definition.progression,
        from,
        days,
        severity,
        random: stream.split('progression'),
      }),
      severity: 0,
    };
  });
}

/** Sets each fault's severity to that of `time`. */
export function setSeverities(faults: readonly ActiveFault[], time: number): void {
  for (const fault of faults) fault.severity = time < fault.to ? fault.progress(time) : 0;
}
