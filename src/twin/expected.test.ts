import { describe, expect, it } from 'vitest';
import { Frame } from '../core/index.js';
import { DigitalTwin, examplePlant, examplePump, type PlantDescription, PumpModel } from './index.js';

/** The same physics, and so the same value as a share of full scale. */
const SAME = 1e-7;
/**
 * The battery's voltage is that of a step and its level that of the step's end: close where the voltage is flat, and within
 * some per cent where it is steep, close to full.
 */
const FLAT = 2e-3;
const STEEP = 0.025;
const NEARLY_FULL = 90;

/** After five hours the heat sinks have forgotten what they began with. */
const SETTLED_ROWS = 30;

const days = { from: '2026-06-20', days: 2, step: '10m', seed: 4 } as const;

/** A plant whose array is too strong for its inverter, with an export limit on top. */
function clipped(): PlantDescription {
  const plant = examplePlant('home');
  const array = plant.arrays[0];
  if (array === undefined) throw new Error('no array');
  return { ...plant, arrays: [{ ...array, strings: 4 }], battery: undefined, loads: [], grid: { exportLimit: 9500 } };
}

/** A plant whose strings are too short for the window of its inverter. */
function shortStrings(): PlantDescription {
  const plant = examplePlant('home');
  const array = plant.arrays[0];
  if (array === undefined) throw new Error('no array');
  return { ...plant, arrays: [{ ...array, modulesPerString: 7 }] };
}

const plants: Record<string, PlantDescription> = {
  home: examplePlant('home'),
  roof: examplePlant('roof'),
  field: examplePlant('field'),
  clipped: clipped(),
  'short strings': shortStrings(),
};

describe.each(Object.entries(plants))('expected values of %s', (_, plant) => {
  it('are what the simulation has, where its inputs are known exactly', () => {
    const twin = new DigitalTwin(plant);
    const { truth } = twin.simulate(days);
    const expected = twin.expected(truth.frame);
    for (const stage of twin.model.stages) {
      const [told, real] = [expected.column(stage), truth.frame.column(stage)];
      const scale = twin.model.channels.find(({ name }) => name === stage)?.fullScale ?? 1;
      const level = truth.frame.has('batteryLevel') ? truth.frame.column('batteryLevel') : undefined;
      const limitAt = (row: number) => {
        if (stage !== 'battery.voltage') return SAME;
        return (level?.[row] ?? 0) < NEARLY_FULL ? FLAT : STEEP;
      };
      let compared = 0;
      for (let row = SETTLED_ROWS; row < told.length; row++) {
        const value = told[row] as number;
        if (Number.isNaN(value)) continue;
        compared++;
        expect(Math.abs(value - (real[row] as number)) / scale, `${stage} ${row}`).toBeLessThan(limitAt(row));
      }
      expect(compared, stage).toBeGreaterThan(8);
    }
  });

  it('are the same to the bit for a frame of one row and for a reading', () => {
    const twin = new DigitalTwin(plant);
    const { telemetry } = twin.simulate(days);
    let compared = 0;
    for (let row = 0; row < telemetry.length; row += 17) {
      const alone = telemetry.sliceRows(row, row + 1);
      const frame = twin.expected(alone);
      const [first] = alone.rows();
      if (first === undefined) throw new Error('no row');
      const reading = twin.expected({ assetId: plant.id, ...first });
      for (const [name, { data }] of frame.columns()) {
        expect(reading[name] ?? Number.NaN).toBe(data[0]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});

it('takes the light from the horizontal sensor where the one in the plane is out', () => {
  const twin = new DigitalTwin(examplePlant());
  const { truth } = twin.simulate({ ...days, from: '2026-06-20T10:00Z', days: 0.1 });
  const whole = twin.expected(truth.frame).column('acPower');
  const nothing = new Float64Array(truth.frame.length).fill(Number.NaN);
  const blind = truth.frame.withColumn('poaGlobal', nothing, 'W/m²').withColumn('irradiance', nothing, 'W/m²');
  twin
    .expected(blind)
    .column('acPower')
    .forEach((value, row) => {
      expect(value / (whole[row] as number)).toBeCloseTo(1, 6);
    });
});

it('says what is missing', () => {
  const twin = new DigitalTwin(examplePlant());
  const empty = new Frame(Float64Array.of(0), { acPower: { data: Float64Array.of(1), unit: 'W' } });
  expect(() => twin.expected(empty)).toThrow(/no light in these data/);
  expect(() => twin.expected({ assetId: 'a', time: 0, values: { ghi: 3 } })).toThrow(/no temperature in these data/);
  const pump = new DigitalTwin(new PumpModel(examplePump));
  expect(() => pump.expected(empty)).toThrow(/no channel flow/);
});
