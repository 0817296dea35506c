import { TwinergyError } from '../../core/errors.js';
import { TimeZone } from '../../core/zone.js';

const DAY = 86_400_000;

/** Who is on call when: receivers take turns. A rotation's name may stand where a receiver's may. */
export interface Rotation {
  /** Receivers, in the order of their turns. */
  readonly receivers: readonly string[];
  /** Local time at which the first turn begins, and of each handover: `2026-06-01T09:00`. */
  readonly from: string;
  /** Days that a turn lasts. Default 7. */
  readonly days?: number | undefined;
  /** IANA zone of `from`. Default UTC. */
  readonly zone?: string | undefined;
  /** Somebody stands in for a time (ms since the epoch); the last that holds wins. */
  readonly overrides?: readonly { readonly from: number; readonly to: number; readonly receiver: string }[] | undefined;
}

/**
 * A function that tells who is on call at a moment (ms since the epoch). Turns are counted on the local clock: the handover
 * stays at its hour when clocks change.
 * @throws TwinergyError `ALERT_BAD_ROTATION`, `ZONE_UNKNOWN`
 */
export function onCall(rotation: Rotation, name: string): (time: number) => string {
  const { receivers, from, days = 7, zone = 'UTC', overrides = [] } = rotation;
  const start = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/.test(from)
    ? Date.parse(`${from.length > 10 ? from : `${from}T00:00`}:00Z`)
    : Number.NaN;
  const path = `rotations.${name}`;
  if (Number.isNaN(start)) {
    throw new TwinergyError('ALERT_BAD_ROTATION', `The rotation ${name} begins at no local time.`, {
      path: `${path}.from`,
      value: from,
      hint: 'Write "2026-06-01T09:00".',
    });
  }
  if (receivers.length === 0 || !(days > 0)) {
    throw new TwinergyError('ALERT_BAD_ROTATION', `The rotation ${name} needs receivers, and turns of some days.`, {
      path,
    });
  }
  const clock = new TimeZone(zone);
  return (time) => {
    const stand = overrides.findLast((override) => time >= override.from && time < override.to);
    if (stand !== undefined) return stand.receiver;
    const turn = Math.floor((time + clock.offsetAt(time) - start) / (days * DAY));
    const n = receivers.length;
    return receivers[((turn % n) + n) % n] as string;
  };
}
