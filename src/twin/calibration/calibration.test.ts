import { describe, expect, it, vi } from 'vitest';
import { AbortedError, Frame } from '../../core/index.js';
import { DigitalTwin } from '../digital-twin.js';
import type { CalibrateOptions, PlantDescription } from '../index.js';
import { typicalArray, typicalInverter } from '../library/typical.js';
import { Calibration } from './calibration.js';

const truth: PlantDescription = {
  id: 'truth',
  site: { latitude: 47.2, longitude: 8.5, altitude: 450 },
  arrays: [{ ...typicalArray(9200), tilt: 27, azimuth: 205 }],
  inverters: [{ model: typicalInverter(9000, 0.96, 600) }],
};
/** What the owner believes: an installer's word. */
const belief: PlantDescription = {
  ...truth,
  id: 'belief',
  arrays: [{ ...typicalArray(10_000), tilt: 35, azimuth: 180 }],
};
const unknown: CalibrateOptions = { trust: { tilt: Number.POSITIVE_INFINITY, azimuth: Number.POSITIVE_INFINITY } };

function simulate(plant: PlantDescription, days: number, step = '15m', from = '2025-03-01') {
  return new DigitalTwin(plant).simulate({ from, days, step, seed: 3 }).telemetry;
}
const history = simulate(truth, 120, '20m');
const weather = history.select('acPower', 'ghi', 'airTemperature', 'windSpeed');
/** As many days with fewer rows, for what does not need them all. */
const sparse = simulate(truth, 120, '1h').select('acPower', 'ghi', 'airTemperature', 'windSpeed');

const shifted = (frame: Frame, name: string, minutes: number) =>
  frame.select(...frame.names.filter((other) => other !== name)).join(
    new Frame(
      frame.time.map((t) => t + minutes * 60_000),
      { [name]: { data: frame.column(name), unit: frame.unit(name) } },
    ),
    { how: 'inner' },
  );

vi.setConfig({ testTimeout: 120_000 });

describe('calibrate', () => {
  it('finds orientation and peak power from global irradiance, and the twin of its description agrees', async () => {
    const fit = await new DigitalTwin(belief).calibrate(sparse, unknown);
    expect(Math.abs((fit.value('array1.tilt') as number) - 27)).toBeLessThan(1.5);
    expect(Math.abs((fit.value('array1.azimuth') as number) - 205)).toBeLessThan(2.5);
    expect(Math.abs(fit.peakPower.value / 9200 - 1)).toBeLessThan(0.02);
    expect(Math.abs(fit.value('timeShift') as number)).toBeLessThan(3);
    for (const { name, value, sd } of fit.parameters) {
      const right = { 'array1.tilt': 27, 'array1.azimuth': 205, peakFactor: 0.92 }[name];
      if (right !== undefined) expect(Math.abs(value - right)).toBeLessThan(Math.max(4 * sd, 0.02 * right));
    }
    const expected = fit.predict(sparse, { correction: false }).column('acPower.expected');
    const twins = new DigitalTwin(fit.description).expected(sparse).column('acPower');
    const most = Math.max(...expected);
    expected.forEach((value, row) => {
      if (value > 0.05 * most) expect(Math.abs(value - (twins[row] as number))).toBeLessThan(0.03 * most);
    });
  });

  it('says what the data can and cannot tell', async () => {
    const fit = await new DigitalTwin(belief).calibrate(
      history.select('acPower', 'poaGlobal', 'airTemperature', 'windSpeed'),
    );
    expect(fit.value('array1.tilt')).toBeUndefined();
    expect(Math.abs(fit.peakPower.value / 9200 - 1)).toBeLessThan(0.01);
    expect(fit.diagnostics.explained).toBeGreaterThan(0.999);
    expect(fit.diagnostics.byHour.length).toBeGreaterThan(8);
    expect(fit.parameters.every(({ told }) => told >= 0 && told <= 1)).toBe(true);
  });

  it('takes strings, module temperature and DC side: series resistance and efficiency', async () => {
    const aged = new DigitalTwin(truth).simulate({
      from: '2025-05-01',
      days: 40,
      step: '15m',
      seed: 5,
      faults: [{ id: 'series-resistance', from: '2025-04-01', severity: 0.25, progression: 'step' }],
    }).telemetry;
    const fit = await new DigitalTwin({ ...truth, inverters: [{ model: typicalInverter(9000, 0.93, 600) }] }).calibrate(
      aged,
    );
    expect(fit.value('seriesResistance')).toBeCloseTo(2, 0);
    expect(Math.abs((fit.value('seriesResistance') as number) - 2)).toBeLessThan(0.15);
    const model = fit.description.inverters[0]?.model;
    const efficiency = typeof model === 'object' ? model.acRating / model.dcRating : Number.NaN;
    expect(Math.abs(efficiency - 0.96)).toBeLessThan(0.01);
    const mounting = fit.description.arrays[0]?.mounting;
    expect(typeof mounting === 'object' && Math.abs(mounting.u0 + 2 * mounting.u1 - (25 + 2 * 6.84))).toBeLessThan(1.5);
  });

  it('finds where the inverter clips', async () => {
    const clipped: PlantDescription = { ...truth, inverters: [{ model: typicalInverter(6500, 0.96, 600) }] };
    const telemetry = simulate(clipped, 80, '30m').select('acPower', 'ghi', 'airTemperature', 'windSpeed');
    const fit = await new DigitalTwin(truth).calibrate(telemetry);
    expect(fit.limit.seen).toBe(true);
    expect(Math.abs(fit.limit.value / 6500 - 1)).toBeLessThan(0.01);
    expect(Math.abs(fit.peakPower.value / 9200 - 1)).toBeLessThan(0.02);
  });

  it('finds clocks that are minutes or hours off', async () => {
    const months = weather.sliceRows(0, weather.length >> 1);
    const late = await new DigitalTwin(truth).calibrate(shifted(months, 'ghi', 40));
    expect(Math.abs((late.value('lightShift') as number) - 40)).toBeLessThan(3);

    // From 30 March on the logger of the power goes by summer time, that of the weather does not.
    const summer = Date.UTC(2025, 2, 30, 1);
    const power = weather.column('acPower');
    const labels = weather.time.map((t) => (t >= summer ? t + 3_600_000 : t));
    const moved = new Frame(labels, { acPower: { data: power, unit: 'W' } });
    const changing = weather.select('ghi', 'airTemperature', 'windSpeed').join(moved, { how: 'inner' });
    const seasonal = await new DigitalTwin(truth).calibrate(changing);
    expect(seasonal.notes.join(' ')).toContain('changes with the seasons');
    expect(Math.abs(seasonal.value('timeShift') as number)).toBeLessThan(3);
    expect(Math.abs((seasonal.value('array1.azimuth') as number) - 205)).toBeLessThan(2);

    const zone = await new DigitalTwin(truth).calibrate(shifted(months, 'acPower', 120));
    expect(Math.abs((zone.value('timeShift') as number) + 120)).toBeLessThan(5);
    expect(zone.notes.join(' ')).toContain('clock');
  });

  it('is not misled by outages, snow, shade and stuck values', async () => {
    const spoilt = new DigitalTwin(truth)
      .simulate({
        from: '2025-01-10',
        days: 150,
        step: '30m',
        seed: 8,
        faults: [
          { id: 'planned-outage', from: '2025-02-01', to: '2025-02-16' },
          { id: 'snow', from: '2025-01-12', to: '2025-01-25', severity: 1 },
          { id: 'curtailment', from: '2025-05-01', to: '2025-05-08', severity: 0.6 },
        ],
      })
      .telemetry.select('acPower', 'ghi', 'airTemperature', 'windSpeed');
    const power = Float64Array.from(spoilt.column('acPower'));
    power.fill(4321, 1750, 1800);
    const fit = await new DigitalTwin(belief).calibrate(spoilt.withColumn('acPower', power, 'W'), unknown);
    expect(Math.abs((fit.value('array1.tilt') as number) - 27)).toBeLessThan(2);
    expect(Math.abs((fit.value('array1.azimuth') as number) - 205)).toBeLessThan(3);
    expect(Math.abs(fit.peakPower.value / 9200 - 1)).toBeLessThan(0.02);
    expect(fit.outages.length).toBeGreaterThanOrEqual(1);
  });

  it('learns the clear-sky envelope from power alone, and refuses without a place', async () => {
    const alone = history.select('acPower');
    const fit = await new DigitalTwin(belief).calibrate(alone, unknown);
    expect(fit.lightSource).toBe('clear-sky');
    expect(Math.abs((fit.value('array1.tilt') as number) - 27)).toBeLessThan(5);
    expect(Math.abs((fit.value('array1.azimuth') as number) - 205)).toBeLessThan(6);
    expect(Math.abs(fit.peakPower.value / 9200 - 1)).toBeLessThan(0.03);
    const pair = fit.ambiguities.find(
      ({ parameters }) => parameters.includes('peakFactor') && parameters.includes('seriesResistance'),
    );
    expect(pair?.correlation).toBeGreaterThan(0.9);
    expect(fit.parameters.find(({ name }) => name === 'seriesResistance')?.told).toBeLessThan(0.7);
    expect(String(fit)).toContain('hardly be told apart');
    await expect(new DigitalTwin(belief).calibrate(alone, { knowsSite: false })).rejects.toMatchObject({
      code: 'CALIBRATION_NEEDS_SITE',
    });
  });

  it('goes through JSON to the bit, tells its progress, can be aborted, and names what is missing', async () => {
    const short = sparse.sliceRows(0, 1200);
    const phases = new Set<string>();
    const fit = await new DigitalTwin(belief).calibrate(short, { onProgress: ({ phase }) => phases.add(phase) });
    expect(phases.size).toBeGreaterThan(3);
    const again = Calibration.fromJSON(JSON.parse(JSON.stringify(fit)));
    expect(again.predict(short).column('acPower.upper')).toEqual(fit.predict(short).column('acPower.upper'));
    expect(again.description).toEqual(fit.description);
    await expect(new DigitalTwin(belief).calibrate(short, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      AbortedError,
    );
    await expect(new DigitalTwin(belief).calibrate(short.select('ghi'))).rejects.toMatchObject({
      code: 'CALIBRATION_NO_POWER',
    });
    await expect(new DigitalTwin(belief).calibrate(short.sliceRows(0, 60))).rejects.toMatchObject({
      code: 'CALIBRATION_TOO_SHORT',
    });
  });

  it('gives intervals that hold what they promise on days it has not seen', async () => {
    const cut = history.time[Math.floor(0.6 * history.length)] as number;
    const fit = await new DigitalTwin(belief).calibrate(weather.slice(0, cut), unknown);
    const rest = weather.slice(cut);
    const out = fit.predict(rest);
    const power = rest.column('acPower');
    const rows = Array.from(power.keys()).filter((row) => (out.column('acPower.expected')[row] as number) > 20);
    const inside = rows.filter(
      (row) =>
        (power[row] as number) >= (out.column('acPower.lower')[row] as number) &&
        (power[row] as number) <= (out.column('acPower.upper')[row] as number),
    );
    expect(inside.length / rows.length).toBeGreaterThan(0.9);
  });
});
