import { DigitalTwin, Frame, TwinergyError } from 'twinergy';
import { clearSkyAt } from 'twinergy/twin';
import { plant, RATED_POWER, site } from './plant.js';

const STEP = 900_000;

/** The twin's view of the telemetry. */
export interface Model {
  readonly rows: Frame;
  /** Measured over modelled power in clear sky, which makes up for what is not known of the plant. */
  readonly factor: number;
  /** Rows that the factor was taken from. */
  readonly factorRows: number;
  /** End of the stretch that everything is learned from, ms since the epoch. */
  readonly learnedUntil: number;
  /** Expected output under a clear sky at any time of the period and the days around it, W. */
  readonly clearSky: (time: number) => number;
}

/**
 * Expected power of the plant under the weather it had. One factor is learned from the clear rows of the first 60 %: their
 * median, so that faults and clouds that the satellite missed count little.
 * @returns rows with `acPower`, `expected`, `clear` (W), `poaGlobal` (W/m²), `clearness` (1)
 */
export function model(telemetry: Frame): Model {
  const twin = new DigitalTwin(plant);
  const sound = twin.expected(telemetry.select('ghi', 'airTemperature'));
  const raw = sound.column('acPower');
  const measured = telemetry.column('acPower');
  const ghi = telemetry.column('ghi');
  const sky = clearSkyAt(telemetry.time, site).ghi;
  const clearness = ghi.map((value, i) => ((sky[i] as number) > 50 ? value / (sky[i] as number) : Number.NaN));
  const learned = Math.floor(0.6 * telemetry.length);
  const ratios: number[] = [];
  for (let i = 0; i < learned; i++) {
    const ratio = (measured[i] as number) / (raw[i] as number);
    if ((raw[i] as number) > 0.3 * RATED_POWER && (clearness[i] as number) > 0.9 && Number.isFinite(ratio))
      ratios.push(ratio);
  }
  const factor = ratios.sort((a, b) => a - b)[ratios.length >> 1];
  if (factor === undefined || !(factor > 0)) {
    throw new TwinergyError('QUICKSTART_NO_SUN', 'There is no sunny row with power to fit the plant model on.', {});
  }
  const clear = clearSkyPower(twin, telemetry, factor);
  const rows = telemetry
    .select('acPower')
    .withColumn(
      'expected',
      raw.map((value) => Math.max(0, factor * value)),
      'W',
    )
    .withColumn('clear', Float64Array.from(telemetry.time, clear), 'W')
    .withColumn('poaGlobal', sound.column('poaGlobal'), 'W/m²')
    .withColumn('clearness', clearness, '1');
  return {
    rows,
    factor,
    factorRows: ratios.length,
    learnedUntil: telemetry.time[learned] as number,
    clearSky: clear,
  };
}

/** Expected power under a clear sky, worked out once over the period and a day on each side. */
function clearSkyPower(twin: DigitalTwin, { time }: Frame, factor: number): (time: number) => number {
  const first = Math.floor((time[0] as number) / STEP) * STEP - 96 * STEP;
  const count = Math.ceil(((time.at(-1) as number) - first) / STEP) + 96;
  const times = Float64Array.from({ length: count }, (_, i) => first + i * STEP);
  const ghi = clearSkyAt(times, site).ghi;
  const curve = twin
    .expected(
      new Frame(times, {
        ghi: { data: ghi, unit: 'W/m²' },
        airTemperature: { data: new Float64Array(count).fill(20), unit: '°C' },
      }),
    )
    .column('acPower');
  return (at) => Math.max(0, factor * (curve[Math.round((at - first) / STEP)] ?? 0)) || 0;
}
