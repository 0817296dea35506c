import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readPlantFolder } from '../plant-folder.js';
import { plantTwin } from '../plant-twin.js';
import type { FaultCase, Vocabulary } from './case.js';

const truthSchema = z.looseObject({
  kind: z.string(),
  layer: z.enum(['plant', 'measurement', 'none']),
  severity: z.number().nullish(),
  since: z.string().nullish(),
  expectedEnergyKwh: z.number().default(0),
  lostEnergyKwh: z.number().default(0),
});

/**
 * The kinds of the reference set name a channel and what is wrong with it in one word; ours are the catalogue's with the
 * channel as target.
 */
export const referenceVocabulary: Vocabulary = (kind, target) => {
  if (target === undefined) return kind;
  const slow = ['gain', 'bias', 'drift', 'irradiance-sensor-soiling', 'irradiance-sensor-misaligned'].includes(kind);
  if (/poaGlobal|irradiance|ghi/i.test(target))
    return slow ? 'irradiance-drift' : kind === 'stuck' ? 'irradiance-stuck' : kind;
  if (/moduleTemperature/.test(target) && slow) return 'temperature-bias';
  if (/dcCurrent/.test(target) && slow) return 'current-gain';
  return kind;
};

/** The folders of plants with a truth below `data`. */
export function referencePlants(data: string): string[] {
  if (!existsSync(data)) throw new Error(`There is no folder ${data}; name one with --data.`);
  if (existsSync(join(data, 'truth.json'))) return [data];
  return readdirSync(data)
    .map((name) => join(data, name))
    .filter((folder) => existsSync(join(folder, 'plant.json')) && existsSync(join(folder, 'truth.json')))
    .sort();
}

/** Reads one plant of the reference set. */
export function referenceCase(folder: string): FaultCase {
  const read = readPlantFolder(folder);
  const { description, telemetry } = plantTwin(read);
  const truth = truthSchema.parse(JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')));
  const until = read.plant.knownHealthyUntil;
  if (until === undefined) throw new Error(`${folder}/plant.json does not say knownHealthyUntil.`);
  return {
    name: read.plant.name,
    description,
    telemetry,
    healthyUntil: Date.parse(until),
    truth: {
      kind: truth.kind,
      layer: truth.layer,
      severity: truth.severity ?? null,
      since: truth.since == null ? null : Date.parse(truth.since),
      expectedEnergyKwh: truth.expectedEnergyKwh,
      lostEnergyKwh: truth.lostEnergyKwh,
    },
  };
}
