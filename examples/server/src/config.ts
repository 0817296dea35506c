import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TwinergyError } from 'twinergy';

/** How the server was called. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Path of the SQLite file. */
  readonly database: string;
  /** Real telemetry instead of twin-fed plants. */
  readonly csv: { readonly file: string; readonly map: string } | undefined;
  /** How many seconds of telemetry pass in one, on a replay. */
  readonly speed: number;
  /** Seconds between readings of the twin-fed plants; 0 feeds nothing. */
  readonly interval: number;
  /** Days of history that twin-fed plants begin with. */
  readonly history: number;
  /** Whether models are made. */
  readonly models: boolean;
}

const usage = `Usage: npm start -- [options]
  --port N        port, default 8080
  --host H        address, default 127.0.0.1
  --db FILE       SQLite file, default twinergy.db
  --csv FILE      real telemetry, with
  --map FILE      what its columns mean (see examples/server/README.md)
  --speed N       replay so many times as fast, default 3600
  --interval S    seconds between readings of the twin-fed plants, default 5; 0 feeds nothing
  --history D     days of history that they begin with, default 14
  --no-models     do without models (no anomalies, no remaining life)`;

/** Reads the command line. @throws TwinergyError `CONFIG_BAD_OPTION` */
export function readConfig(args: readonly string[]): Config {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        db: { type: 'string' },
        csv: { type: 'string' },
        map: { type: 'string' },
        speed: { type: 'string' },
        interval: { type: 'string' },
        history: { type: 'string' },
        'no-models': { type: 'boolean' },
      },
    }));
  } catch (cause) {
    throw new TwinergyError('CONFIG_BAD_OPTION', cause instanceof Error ? cause.message : String(cause), {
      hint: usage,
    });
  }
  const number = (name: string, fallback: number, least: number, most: number) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!(value >= least && value <= most)) {
      throw new TwinergyError(
        'CONFIG_BAD_OPTION',
        `--${name} must lie in ${least}…${most}, got ${String(values[name])}.`,
        { path: name, value: values[name] },
      );
    }
    return value;
  };
  const text = (name: string, fallback: string) => (typeof values[name] === 'string' ? values[name] : fallback);
  if ((values.csv === undefined) !== (values.map === undefined)) {
    throw new TwinergyError('CONFIG_BAD_OPTION', '--csv and --map belong together.', { hint: usage });
  }
  for (const name of ['csv', 'map']) {
    const file = values[name];
    if (typeof file === 'string' && !existsSync(file))
      throw new TwinergyError('CONFIG_NO_FILE', `There is no file ${file}.`, { path: name, value: file });
  }
  return {
    port: number('port', Number(process.env.PORT ?? 8080), 0, 65_535),
    host: text('host', '127.0.0.1'),
    database: text('db', 'twinergy.db'),
    csv: values.csv === undefined ? undefined : { file: text('csv', ''), map: text('map', '') },
    speed: number('speed', 3600, 0.001, 1e9),
    interval: number('interval', 5, 0, 86_400),
    history: number('history', 14, 0, 365),
    models: values['no-models'] !== true,
  };
}
