/** Channels that a column can be, with the units that a visitor may choose. */
export const CHANNELS = [
  {
    name: 'acPower',
    title: 'AC power',
    units: ['W', 'kW', 'MW'],
    pattern: /power|leistung|p_?ac|\bpac\b|watt|production/i,
  },
  {
    name: 'poaGlobal',
    title: 'Irradiance on the modules',
    units: ['W/m²'],
    pattern: /poa|plane|gti|irradiance|einstrahlung/i,
  },
  { name: 'ghi', title: 'Irradiance, horizontal', units: ['W/m²'], pattern: /ghi|global.?horiz|\bg_?h/i },
  {
    name: 'moduleTemperature',
    title: 'Module temperature',
    units: ['°C', '°F', 'K'],
    pattern: /mod.*temp|temp.*mod|t_?mod|cell/i,
  },
  { name: 'airTemperature', title: 'Air temperature', units: ['°C', '°F', 'K'], pattern: /temp|ambient|t_?amb|air/i },
  { name: 'windSpeed', title: 'Wind', units: ['m/s', 'km/h'], pattern: /wind/i },
] as const;

/** Which column is which channel, in which unit. */
export type Mapping = Readonly<Record<string, { readonly column: string; readonly unit: string }>>;

/** A table as its first lines show it. */
export interface Preview {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const DELIMITERS = [',', ';', '\t', '|'];

/** The header and the first rows of a CSV file, for choosing columns. */
export function previewOf(text: string): Preview {
  const lines = text.slice(0, 20_000).split(/\r?\n/).filter(Boolean).slice(0, 5);
  const [header = ''] = lines;
  const delimiter = DELIMITERS.reduce((best, one) =>
    header.split(one).length > header.split(best).length ? one : best,
  );
  const cells = (line: string) => line.split(delimiter).map((cell) => cell.replace(/^"|"$/g, '').trim());
  return { columns: cells(header), rows: lines.slice(1).map(cells) };
}

/** What the names of the columns say; each column is taken once. */
export function guessMapping({ columns }: Preview): { time: string; mapping: Mapping } {
  const time = columns.find((column) => /time|date|measured_on|\bts\b|zeit/i.test(column)) ?? columns[0] ?? '';
  const left = new Set(columns.filter((column) => column !== time));
  const mapping: Record<string, { column: string; unit: string }> = {};
  for (const { name, units, pattern } of CHANNELS) {
    const column = [...left].find((candidate) => pattern.test(candidate));
    if (column === undefined) continue;
    left.delete(column);
    const unit = units.find((one) => new RegExp(`[\\[(_ ]${one}[\\])]?$`, 'i').test(column)) ?? units[0];
    mapping[name] = { column, unit };
  }
  return { time, mapping };
}
