import { createReadStream, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type CsvReport,
  Frame,
  type Monitor,
  type PlantDescription,
  type TenantStorage,
  TwinergyError,
} from 'twinergy';
import { readPlant } from 'twinergy/twin';
import { z } from 'zod';
import { check } from '../http/problem.js';

const source = z.strictObject({
  time: z
    .strictObject({
      column: z.string().exactOptional(),
      format: z.string().exactOptional(),
      zone: z.string().exactOptional(),
    })
    .optional(),
  columns: z.record(
    z.string(),
    z.union([
      z.string(),
      z.strictObject({ column: z.string(), unit: z.string().exactOptional(), as: z.string().exactOptional() }),
    ]),
  ),
});

/** What the columns of CSV files mean, and which plant they are from. */
const mapSchema = source.extend({
  plant: z.unknown(),
  /** More files of the same plant, such as weather. */
  also: z.array(source.extend({ file: z.string() })).optional(),
});

/** A checked map. */
export interface CsvMap {
  readonly plant: PlantDescription;
  readonly sources: readonly ({ readonly file: string } & z.output<typeof source>)[];
}

/** Reads a map file. @throws TwinergyError `API_BAD_JSON`, `API_BAD_REQUEST` */
export function readMap(file: string, csv: string): CsvMap {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TwinergyError('API_BAD_JSON', `${file} is not JSON.`, { cause });
  }
  const { plant, also = [], ...first } = check(mapSchema, json);
  return {
    plant: plantOf(plant),
    sources: [{ ...first, file: csv }, ...also.map((one) => ({ ...one, file: resolve(dirname(file), one.file) }))],
  };
}

/** A plant's description from outside, checked. @throws TwinergyError `TWIN_BAD_DESCRIPTION` */
function plantOf(input: unknown): PlantDescription {
  const isPlant = (value: unknown): value is PlantDescription => readPlant(value as PlantDescription) !== undefined;
  if (!isPlant(input)) throw new TwinergyError('API_BAD_REQUEST', 'The map describes no plant.', { path: 'plant' });
  return input;
}

/** How a replay runs. */
export interface CsvFeedOptions {
  readonly map: CsvMap;
  readonly monitor: Monitor;
  readonly storage: TenantStorage;
  /** Seconds of telemetry a second. */
  readonly speed: number;
  readonly say: (text: string) => void;
}

/** Real telemetry, replayed in order at a chosen speed; a second start goes on after the last reading that is stored. */
export class CsvFeed {
  readonly #options: CsvFeedOptions;
  #stopped = false;
  #wake: (() => void) | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(options: CsvFeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { map, monitor, storage, say } = this.#options;
    await monitor.open();
    let frame: Frame | undefined;
    for (const { file, time, columns } of map.sources) {
      const onReport = ({ rows, quarantined, duplicates }: CsvReport) => {
        say(`${file}: ${rows} rows, ${quarantined.length} set aside, ${duplicates} repeated.`);
        for (const { line, reason } of quarantined.slice(0, 3)) say(`  line ${line}: ${reason}`);
      };
      const part = await Frame.fromCsv(createReadStream(file, 'utf8') as AsyncIterable<string>, {
        columns,
        ...(time && { time }),
        invalid: 'quarantine',
        size: statSync(file).size,
        onReport,
      });
      frame = frame === undefined ? part : frame.join(part, { how: 'left', conflict: 'left' });
    }
    if (frame === undefined) return;
    const [last] = await storage.latest([map.plant.id]);
    const rest = last === undefined ? frame : frame.slice(last.time + 1);
    say(
      rest.length === 0
        ? 'The replay had come to its end.'
        : `Replaying ${rest.length} readings from ${new Date(rest.time[0] as number).toISOString()}.`,
    );
    this.#done = this.#replay(rest);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#done;
  }

  async #replay(frame: Frame): Promise<void> {
    const { map, monitor, speed, say } = this.#options;
    const assetId = map.plant.id;
    const began = Date.now();
    const first = frame.time[0] ?? 0;
    let row = 0;
    while (row < frame.length && !this.#stopped) {
      const due = first + (Date.now() - began) * speed;
      const batch = [];
      while (row < frame.length && batch.length < 200 && (frame.time[row] as number) <= due) {
        const values: Record<string, number> = {};
        for (const name of frame.names) {
          const value = frame.column(name)[row] as number;
          if (!Number.isNaN(value)) values[name] = value;
        }
        if (Object.keys(values).length > 0) batch.push({ assetId, time: frame.time[row] as number, values });
        row++;
      }
      if (batch.length > 0) {
        const { rejected } = await monitor.ingest(batch);
        for (const { reason } of rejected.slice(0, 1)) say(`Set aside: ${reason}`);
      } else await this.#sleep(Math.min(1000, Math.max(5, ((frame.time[row] as number) - due) / speed)));
    }
    if (!this.#stopped) say('The replay has come to its end.');
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
