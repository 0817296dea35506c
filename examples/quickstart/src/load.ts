import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CsvReport, DigitalTwin, Frame, TwinergyError } from 'twinergy';
import { plant } from './plant.js';

const POWER_FILE = 'serf_east_15min_ac_power.csv';
const WEATHER_FILE = 'serf_east_psm3_data.csv';

/** Telemetry: `acPower` (W), `ghi` (W/m²), `airTemperature` (°C), a row every 15 minutes; and where it came from. */
export interface Telemetry {
  readonly frame: Frame;
  readonly source: string;
  /** Made by the twin, because there was no folder with measurements. */
  readonly made: boolean;
  /** Rows that reading set aside, merged or put in order. */
  readonly repaired: number;
}

/**
 * Reads power and satellite weather from `folder`. Where a folder was not asked for and the usual one is not there, the
 * twin makes telemetry up.
 * @throws TwinergyError `QUICKSTART_NO_DATA` where a folder was asked for that lacks the files; those of `Frame.fromCsv`
 */
export function load(folder: string, asked: boolean): Telemetry {
  const missing = [POWER_FILE, WEATHER_FILE].filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) {
    if (!asked) return makeTelemetry();
    throw new TwinergyError('QUICKSTART_NO_DATA', `There is no ${missing.join(' and no ')} in ${folder}.`, {
      path: '--data',
      value: folder,
      hint: 'Name the folder that holds them, or leave --data out to run on telemetry that the twin makes up.',
    });
  }
  let repaired = 0;
  const onReport = ({ disordered, duplicates, quarantined }: CsvReport) => {
    repaired += disordered + duplicates + quarantined.length;
  };
  const power = Frame.fromCsv(readFileSync(join(folder, POWER_FILE), 'utf8'), {
    columns: { acPower: { column: 'ac_power', unit: 'W' } },
    onReport,
  });
  const weather = Frame.fromCsv(readFileSync(join(folder, WEATHER_FILE), 'utf8'), {
    columns: { ghi: { column: 'ghi', unit: 'W/m²' }, airTemperature: { column: 'temp_air', unit: '°C' } },
    onReport,
  });
  const frame = power.join(weather, { how: 'left' });
  return { frame, source: 'Measured AC power and satellite weather', made: false, repaired };
}

/** 104 days of a plant like it, one of whose three strings opens after 80 days. */
export function makeTelemetry(): Telemetry {
  const { telemetry } = new DigitalTwin(plant).simulate({
    from: '2025-07-01T07:00:00Z',
    days: 104,
    step: '15m',
    seed: 7,
    faults: [{ id: 'string-open', severity: 1, from: '2025-09-19T16:00:00Z' }],
  });
  const frame = telemetry.select('acPower', 'ghi', 'airTemperature');
  return { frame, source: 'Telemetry that the twin made up, with a string that opens', made: true, repaired: 0 };
}
