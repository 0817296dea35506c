import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { TwinergyError } from '../src/core/errors.js';
import { Frame } from '../src/core/frame.js';

const channel = z.object({ column: z.string(), unit: z.string() });

/** `plant.json`: what is known of a plant and where its telemetry is. Further keys are kept as they are. */
const plantSchema = z.looseObject({
  name: z.string(),
  site: z.looseObject({ latitude: z.number(), longitude: z.number(), altitude: z.number().default(0) }),
  arrays: z.array(z.looseObject({ tilt: z.number().optional(), azimuth: z.number().optional() })).min(1),
  inverter: z.looseObject({ acRating: z.number().positive() }),
  time: z.object({ column: z.string(), zone: z.string().default('UTC'), stepMinutes: z.number().positive() }),
  knownHealthyUntil: z.string().optional(),
  file: z.union([z.string(), z.array(z.string()).min(1)]),
  channels: z.record(z.string(), channel),
});

/** The description of a plant in an evaluation folder. */
export type PlantDescription = z.infer<typeof plantSchema>;

/** A plant folder, read. */
export interface PlantFolder {
  readonly plant: PlantDescription;
  /** The telemetry: one column for each channel, in the library's spelling of the unit that `plant.json` declares. */
  readonly frame: Frame;
}

/**
 * Reads a plant folder: `plant.json` and the CSV file (or files, also gzipped) that it names, relative to the folder or
 * else to `root`. A channel is taken from the first file that has its column.
 * @throws TwinergyError `PLANT_NO_DESCRIPTION`, `PLANT_NO_FILE`, `PLANT_NO_COLUMN`, and those of `Frame.fromCsv`
 */
export function readPlantFolder(folder: string, root = '../shared/data'): PlantFolder {
  const description = folder.endsWith('.json') ? folder : join(folder, 'plant.json');
  if (!existsSync(description)) {
    throw new TwinergyError('PLANT_NO_DESCRIPTION', `There is no ${description}.`, { path: description });
  }
  const plant = plantSchema.parse(JSON.parse(readFileSync(description, 'utf8')));
  const files = (typeof plant.file === 'string' ? [plant.file] : plant.file).map((file) => {
    const path = [join(dirname(description), file), join(root, file)].find(existsSync);
    if (path === undefined) {
      throw new TwinergyError(
        'PLANT_NO_FILE',
        `${description} names ${file}, which is neither beside it nor below ${root}.`,
        {
          path: file,
          hint: 'Say with --root where the data are.',
        },
      );
    }
    const bytes = readFileSync(path);
    return path.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  });
  const wanted = new Map(Object.entries(plant.channels));
  let frame: Frame | undefined;
  for (const text of files) {
    const header = text.slice(0, text.search(/\r?\n|$/)).split(/[,;\t|]/);
    const columns = [...wanted].filter(([, { column }]) => header.includes(column));
    if (columns.length === 0) continue;
    for (const [name] of columns) wanted.delete(name);
    const part = Frame.fromCsv(text, {
      time: { column: plant.time.column, zone: plant.time.zone },
      columns: Object.fromEntries(columns),
    });
    frame = frame === undefined ? part : frame.join(part, { how: 'outer' });
  }
  const absent = [...wanted.values()].map(({ column }) => column);
  if (frame === undefined || absent.length > 0) {
    throw new TwinergyError('PLANT_NO_COLUMN', `No file of ${plant.name} has the columns ${absent.join(', ')}.`, {
      path: 'channels',
    });
  }
  return { plant, frame };
}
