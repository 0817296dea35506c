import { parentPort } from 'node:worker_threads';
import type { Column } from '../../src/core/index.js';
import type { RunToFailure } from '../../src/twin/index.js';
import { type FleetDraw, plantFleet } from './fleets.js';

/** A history without its methods, as threads hand it on. */
export interface PlainHistory extends Omit<RunToFailure, 'frame'> {
  readonly time: Float64Array;
  readonly columns: ReadonlyMap<string, Column>;
}

/** Which plant's fleet a worker is to run to failure. */
export interface FleetJob {
  readonly draw: FleetDraw;
  readonly place: number;
}

parentPort?.on('message', (job: FleetJob | null) => {
  if (job === null) {
    parentPort?.close();
    return;
  }
  const histories = plantFleet(job.draw, job.place).map(
    ({ frame, ...rest }): PlainHistory => ({ ...rest, time: frame.time, columns: new Map(frame.columns()) }),
  );
  parentPort?.postMessage(histories);
});
