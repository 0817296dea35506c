import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { TwinergyError } from '../src/core/errors.js';
import { Frame } from '../src/core/frame.js';

const channel = z.object({ column: z.string(), unit: z.string().default('') });
const known = (schema: z.ZodNumber) => schema.nullish().transform((value) => value ?? undefined);

/** The place of a plant. */
const siteSchema = z.looseObject({
  latitude: z.number(),
  longitude: z.number(),
  altitude: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
});

/** The diode parameters of a module at standard test conditions, in the names of the De Soto model. */
const moduleSchema = z.looseObject({
  alpha_sc: z.number(),
  a_ref: z.number().positive(),
  I_L_ref: z.number().positive(),
  I_o_ref: z.number().positive(),
  R_s: z.number().nonnegative(),
  R_sh_ref: z.number().positive(),
  EgRef: known(z.number()),
  dEgdT: known(z.number()),
});

const arraySchema = z.looseObject({
  tilt: known(z.number()),
  azimuth: known(z.number()),
  tracker: z
    .looseObject({
      axisTilt: known(z.number()),
      axisAzimuth: known(z.number()),
      maxAngle: known(z.number()),
      gcr: known(z.number()),
      backtrack: z.boolean().optional(),
    })
    .optional(),
  strings: known(z.number().int().positive()),
  modulesPerString: known(z.number().int().positive()),
  mppTrackers: z.string().optional(),
  module: z.unknown().optional(),
  /** W at standard test conditions. */
  peakPower: known(z.number().positive()),
});

/** `plant.json`: what is known of a plant and where its telemetry is. Further keys are kept as they are. */
const plantSchema = z.looseObject({
  name: z.string(),
  site: z
    .unknown()
    .optional()
    .transform((site) => siteSchema.safeParse(site).data),
  arrays: z.array(arraySchema).default([]),
  inverter: z
    .looseObject({ acRating: known(z.number().positive()), nominalEfficiency: known(z.number().positive().max(1)) })
    .nullish()
    .transform((inverter) => ({
      acRating: inverter?.acRating,
      nominalEfficiency: inverter?.nominalEfficiency,
    })),
  time: z.object({
    column: z.string(),
    zone: z.string().default('UTC'),
    stepMinutes: known(z.number().positive()),
    format: z.string().optional(),
  }),
  knownHealthyUntil: z.string().optional(),
  file: z.union([z.string(), z.array(z.string()).min(1)]),
  /** Only the rows of the files in which these columns have these values. */
  where: z.record(z.string(), z.string()).optional(),
  channels: z.record(z.string(), channel),
});

/** An array of `plant.json`. */
export type ArrayDescription = z.infer<typeof arraySchema>;

/** The diode parameters that an array of `plant.json` names; undefined where it names none. */
export const moduleOf = (array: { module?: unknown }) => moduleSchema.safeParse(array.module).data;

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
  for (const whole of files) {
    const text = plant.where === undefined ? whole : rowsWhere(whole, plant.where);
    const header = text.slice(0, text.search(/\r?\n|$/)).split(/[,;\t|]/);
    const columns = [...wanted].filter(([, { column }]) => header.includes(column));
    if (columns.length === 0) continue;
    for (const [name] of columns) wanted.delete(name);
    const part = readAnyFormat(text, plant.time, Object.fromEntries(columns));
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

const FORMATS = [
  'iso',
  'M/D/YYYY H:mm',
  'DD.MM.YYYY HH:mm',
  'M/D/YYYY H:mm:ss',
  'DD/MM/YYYY HH:mm',
  'epoch-s',
  'epoch-ms',
];

/** The text as a frame, in the time format that `plant.json` names, else in the first one that fits. */
function readAnyFormat(
  text: string,
  { column, zone, format }: PlantDescription['time'],
  columns: Record<string, { column: string; unit: string }>,
): Frame {
  let refusal: unknown;
  for (const candidate of format === undefined ? FORMATS : [format]) {
    try {
      return Frame.fromCsv(text, { time: { column, zone, format: candidate }, columns });
    } catch (error) {
      if (!(error instanceof TwinergyError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** The rows of a CSV text in which columns have given values; a file without such a column is taken whole. */
function rowsWhere(text: string, where: Readonly<Record<string, string>>): string {
  const [header = '', ...rows] = text.split(/\r?\n/);
  const delimiter = header.match(/[,;\t|]/)?.[0] ?? ',';
  const names = header.split(delimiter);
  const wanted = Object.entries(where).flatMap(([name, value]) => {
    const place = names.indexOf(name);
    return place < 0 ? [] : [{ place, value }];
  });
  const kept = rows.filter((row) => {
    const cells = row.split(delimiter);
    return wanted.every(({ place, value }) => cells[place] === value);
  });
  return [header, ...kept].join('\n');
}
