import { type Column, Frame, quote, TwinergyError } from '../../core/index.js';

const HOUR = 3_600_000;

/** Weather read from a file, with what its head says of the place. */
export interface WeatherFile {
  readonly site: {
    readonly name: string;
    /** Degrees. */
    readonly latitude: number;
    readonly longitude: number;
    /** m. */
    readonly altitude: number;
  };
  /**
   * Rows at the centre of the interval that they are the mean of, UTC. Columns as far as the file has them: `ghi`, `dni`,
   * `dhi` (W/m²), `airTemperature`, `dewPoint` (°C), `humidity` (%), `windSpeed` (m/s), `pressure` (Pa), `precipitation`
   * (mm/h), `albedo` (1). What the file marks as missing is NaN.
   */
  readonly weather: Frame;
}

/** Options of the readers. */
export interface WeatherReadOptions {
  /**
   * Year to put the rows in. Typical years are pieced together from months of several years, which would be out of
   * order. Default: 2001 for typical years, the rows' own for others.
   */
  readonly year?: number | undefined;
}

interface ColumnRule {
  /** Our name. */
  readonly name: string;
  readonly unit: string;
  /** Position in the file. */
  readonly at: number;
  readonly factor?: number;
  readonly missing: (value: number) => boolean;
}

function fail(message: string, path: string, value?: unknown): never {
  throw new TwinergyError('WEATHER_BAD_FILE', message, { path, value });
}

/** Lines of a file, without empty ones at the end; fields by commas, quotes taken off (these formats nest none). */
function rowsOf(text: string): string[][] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.length > 0 && lines[lines.length - 1]?.trim() === '') lines.pop();
  return lines.map((line) =>
    line.split(',').map((field) =>
      field
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    ),
  );
}

function number(field: string | undefined, row: number, column: string | number): number {
  const value = field === undefined || field === '' ? Number.NaN : Number(field);
  if (Number.isNaN(value) && field !== '' && field?.toLowerCase() !== 'nan') {
    fail(`Row ${row}, column ${column} is no number, got ${quote(field)}.`, `row ${row}, column ${column}`, field);
  }
  return value;
}

function gather(
  rows: readonly (readonly string[])[],
  firstRow: number,
  rules: readonly ColumnRule[],
  timeOf: (row: readonly string[], number: number) => number,
): Frame {
  if (rows.length === 0) fail('The file has no rows.', 'row 1');
  const time = Float64Array.from(rows, (row, i) => timeOf(row, firstRow + i));
  const columns: Record<string, Column> = {};
  for (const { name, unit, at, factor = 1, missing } of rules) {
    columns[name] = {
      unit,
      data: Float64Array.from(rows, (row, i) => {
        const value = number(row[at], firstRow + i, at + 1);
        return missing(value) ? Number.NaN : value * factor;
      }),
    };
  }
  return new Frame(time, columns);
}

/** Which of `wanted` the header has. */
function rulesFor(
  header: readonly string[],
  wanted: readonly (readonly [title: string, rule: Omit<ColumnRule, 'at'>])[],
): ColumnRule[] {
  return wanted.flatMap(([title, rule]) => {
    const at = header.findIndex((name) => name.toLowerCase() === title.toLowerCase());
    return at < 0 ? [] : [{ ...rule, at }];
  });
}

const negative = (value: number) => value < -900;

/**
 * Reads a TMY3 file (NREL, Wilcox & Marion 2008): hours of a typical year, local standard time, each stamped with its end.
 * @throws TwinergyError `WEATHER_BAD_FILE` with row and column
 */
export function readTmy3(text: string, { year = 2001 }: WeatherReadOptions = {}): WeatherFile {
  const [head, header, ...rows] = rowsOf(text);
  if (head === undefined || header === undefined || !header[0]?.startsWith('Date')) {
    fail('This is no TMY3 file: its second line must begin with "Date (MM/DD/YYYY)".', 'row 2', header?.[0]);
  }
  const zone = number(head[3], 1, 4);
  const rules = rulesFor(header, [
    ['GHI (W/m^2)', { name: 'ghi', unit: 'W/m²', missing: negative }],
    ['DNI (W/m^2)', { name: 'dni', unit: 'W/m²', missing: negative }],
    ['DHI (W/m^2)', { name: 'dhi', unit: 'W/m²', missing: negative }],
    ['Dry-bulb (C)', { name: 'airTemperature', unit: '°C', missing: negative }],
    ['Dew-point (C)', { name: 'dewPoint', unit: '°C', missing: negative }],
    ['RHum (%)', { name: 'humidity', unit: '%', missing: negative }],
    ['Pressure (mbar)', { name: 'pressure', unit: 'Pa', factor: 100, missing: negative }],
    ['Wspd (m/s)', { name: 'windSpeed', unit: 'm/s', missing: negative }],
    ['Alb (unitless)', { name: 'albedo', unit: '1', missing: (value) => value < 0 }],
    ['Lprecip depth (mm)', { name: 'precipitation', unit: 'mm/h', missing: (value) => value < 0 }],
  ]);
  const weather = gather(rows, 3, rules, ([date = '', clock = ''], row) => {
    const [month, day] = date.split('/').map(Number);
    const hour = Number(clock.split(':')[0]);
    const time = Date.UTC(year, (month ?? Number.NaN) - 1, day, hour) - zone * HOUR - HOUR / 2;
    return Number.isNaN(time) ? fail(`Row ${row} has no date, got ${quote(`${date} ${clock}`)}.`, `row ${row}`) : time;
  });
  return {
    site: {
      name: head[1] ?? '',
      latitude: number(head[4], 1, 5),
      longitude: number(head[5], 1, 6),
      altitude: number(head[6], 1, 7),
    },
    weather,
  };
}

/**
 * Reads a CSV of the National Solar Radiation Database (PSM3 and later): two lines on the place, then rows stamped with
 * year, month, day, hour and minute of their centre in the file's time zone.
 * @throws TwinergyError `WEATHER_BAD_FILE` with row and column
 */
export function readPsm3(text: string, { year }: WeatherReadOptions = {}): WeatherFile {
  const [titles, head, header, ...rows] = rowsOf(text);
  if (titles === undefined || head === undefined || header === undefined || header[0] !== 'Year') {
    fail('This is no PSM3 file: its third line must begin with "Year".', 'row 3', header?.[0]);
  }
  const place = (title: string) => head[titles.indexOf(title)];
  const zone = number(place('Time Zone'), 2, 'Time Zone');
  const rules = rulesFor(header, [
    ['GHI', { name: 'ghi', unit: 'W/m²', missing: negative }],
    ['DNI', { name: 'dni', unit: 'W/m²', missing: negative }],
    ['DHI', { name: 'dhi', unit: 'W/m²', missing: negative }],
    ['Temperature', { name: 'airTemperature', unit: '°C', missing: negative }],
    ['Dew Point', { name: 'dewPoint', unit: '°C', missing: negative }],
    ['Relative Humidity', { name: 'humidity', unit: '%', missing: negative }],
    ['Pressure', { name: 'pressure', unit: 'Pa', factor: 100, missing: negative }],
    ['Wind Speed', { name: 'windSpeed', unit: 'm/s', missing: negative }],
    ['Surface Albedo', { name: 'albedo', unit: '1', missing: negative }],
  ]);
  const weather = gather(rows, 4, rules, (row, line) => {
    const [own, month, day, hour, minute] = row.slice(0, 5).map((field, i) => number(field, line, i + 1));
    return Date.UTC(year ?? own ?? 0, (month ?? 1) - 1, day, hour, minute) - zone * HOUR;
  });
  return {
    site: {
      name: place('City') ?? place('Location ID') ?? '',
      latitude: number(place('Latitude'), 2, 'Latitude'),
      longitude: number(place('Longitude'), 2, 'Longitude'),
      altitude: number(place('Elevation'), 2, 'Elevation'),
    },
    weather,
  };
}

/**
 * Reads an EnergyPlus weather file (EPW): eight lines of head, then hours in local standard time, each stamped with its
 * end.
 * @throws TwinergyError `WEATHER_BAD_FILE` with row and column
 */
export function readEpw(text: string, { year = 2001 }: WeatherReadOptions = {}): WeatherFile {
  const all = rowsOf(text);
  const head = all[0];
  if (head === undefined || head[0] !== 'LOCATION') {
    fail('This is no EPW file: its first line must begin with "LOCATION".', 'row 1', head?.[0]);
  }
  const zone = number(head[8], 1, 9);
  const above = (limit: number) => (value: number) => value >= limit;
  const rules: ColumnRule[] = [
    { name: 'airTemperature', unit: '°C', at: 6, missing: above(99.9) },
    { name: 'dewPoint', unit: '°C', at: 7, missing: above(99.9) },
    { name: 'humidity', unit: '%', at: 8, missing: above(999) },
    { name: 'pressure', unit: 'Pa', at: 9, missing: above(999_999) },
    { name: 'ghi', unit: 'W/m²', at: 13, missing: above(9999) },
    { name: 'dni', unit: 'W/m²', at: 14, missing: above(9999) },
    { name: 'dhi', unit: 'W/m²', at: 15, missing: above(9999) },
    { name: 'windSpeed', unit: 'm/s', at: 21, missing: above(999) },
  ];
  const body = all.slice(8);
  if ((body[0]?.length ?? 0) > 33) rules.push({ name: 'precipitation', unit: 'mm/h', at: 33, missing: above(999) });
  const weather = gather(body, 9, rules, (row, line) => {
    const [, month, day, hour] = row.slice(0, 4).map((field, i) => number(field, line, i + 1));
    return Date.UTC(year, (month ?? 1) - 1, day, hour) - zone * HOUR - HOUR / 2;
  });
  return {
    site: {
      name: head[1] ?? '',
      latitude: number(head[6], 1, 7),
      longitude: number(head[7], 1, 8),
      altitude: number(head[9], 1, 10),
    },
    weather,
  };
}
