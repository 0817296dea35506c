import { setTimeout as wait } from 'node:timers/promises';
import { ClusterPublisher } from '../../src/cluster/index.js';
import { onFilledStream } from './bench-place.js';
import { type Place, readingOf } from './place.js';

/** How long the load runs before it is measured, s. */
const WARM = 5;

/** Waits at a steady load. */
export interface Latency {
  /** Readings a second that were sent. */
  readonly sent: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** The same of its two parts: until the stream has a reading, and from there until all is stored. */
  readonly sending: { readonly p50: number; readonly p99: number };
  readonly storing: { readonly p50: number; readonly p99: number };
}

/** End-to-end waits at a steady load: from the call of `publish` until everything that follows is stored. */
export function latency(place: Place, rate: number, seconds: number): Promise<Latency> {
  return onFilledStream(place, 2, async (link, fleet) => {
    await fleet.start({ ...place, id: 'worker-0' });
    while ((await fleet.sample('worker-0')).readings < 2 * place.assets * 0.99) await wait(200);
    const publisher = await ClusterPublisher.open(link, { linger: 10 });
    const sends: number[] = [];
    const began = performance.now();
    let sent = 0;
    const pending: Promise<void>[] = [];
    const phase = async (length: number) => {
      const end = performance.now() + length * 1_000;
      while (performance.now() < end) {
        const due = Math.floor(((performance.now() - began) / 1_000) * rate);
        const readings = [];
        for (; sent < due; sent++)
          readings.push(readingOf(sent % place.assets, 2 + Math.floor(sent / place.assets), place.step));
        const asked = performance.now();
        if (readings.length > 0)
          pending.push(publisher.publish(readings).then(() => void sends.push(performance.now() - asked)));
        await wait(20);
      }
    };
    // A process that has just begun still compiles its code.
    await phase(WARM);
    await fleet.sample('worker-0');
    sends.length = 0;
    await phase(seconds);
    await Promise.all(pending);
    const sentRate = sent / ((performance.now() - began) / 1_000);
    await wait(500);
    const { waits } = await fleet.sample('worker-0');
    await publisher.close();
    // The two parts are measured by different processes: their quantiles are added, which is not less than that of the sum.
    const of = (list: readonly number[]) => ({ p50: quantile(list, 0.5), p99: quantile(list, 0.99) });
    const [sending, storing] = [of(sends), of(waits)];
    return {
      sent: sentRate,
      p50: storing.p50 + sending.p50,
      p99: storing.p99 + sending.p99,
      sending,
      storing,
    };
  });
}

function quantile(list: readonly number[], q: number): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length * q)] ?? Number.NaN;
}
