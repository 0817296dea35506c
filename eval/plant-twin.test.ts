import { describe, expect, it } from 'vitest';
import { Frame } from '../src/core/index.js';
import { DigitalTwin, inverters } from '../src/twin/index.js';
import { typicalArray, typicalInverter } from '../src/twin/library/typical.js';
import { inverterPvwatts, inverterSandia } from '../src/twin/solar/index.js';
import type { PlantDescription } from './plant-folder.js';
import { plantTwin } from './plant-twin.js';

const time = Float64Array.from({ length: 96 }, (_, i) => Date.UTC(2024, 5, 1) + i * 900_000);
const sun = Float64Array.from(time, (_, i) => Math.max(0, Math.sin(((i - 20) / 56) * Math.PI)));
const column = (scale: number, unit: string) => ({ data: sun.map((value) => value * scale), unit });

function plantOf(part: Partial<PlantDescription>): PlantDescription {
  return {
    name: 'Some plant no. 3',
    site: { latitude: 45, longitude: 9, altitude: 100 },
    arrays: [],
    inverter: { acRating: undefined, nominalEfficiency: undefined },
    time: { column: 'time', zone: 'UTC', stepMinutes: 15 },
    file: 'x.csv',
    channels: {},
    ...part,
  };
}

describe('plantTwin', () => {
  it('makes a twin of a plant of which only the power is known', () => {
    const frame = new Frame(time, { acPower: column(4.2, 'kW') });
    const plant: PlantDescription = { ...plantOf({}), site: undefined };
    const { description, telemetry, known } = plantTwin({ plant, frame });
    expect(known).toEqual({ site: false, orientation: [false], module: false, peak: false, rating: false });
    expect(new DigitalTwin(description).plant?.id).toBe('Some-plant-no-3');
    expect(telemetry.unit('acPower')).toBe('W');
    expect(Math.max(...telemetry.column('acPower'))).toBeCloseTo(4200);
    expect(description.inverters).toHaveLength(1);
  });

  it('gives strings to inverters and counts them from the channels', () => {
    const channels = Object.fromEntries(
      ['inverter1.acPower', 'inverter2.acPower', ...[1, 2, 3, 4, 5].map((n) => `string${n}.dcCurrent`)].map((name) => [
        name,
        { column: name, unit: name.endsWith('Current') ? 'A' : 'W' },
      ]),
    );
    const frame = new Frame(time, { acPower: column(10_000, 'W'), 'string5.dcCurrent': column(9, 'A') });
    const { description } = plantTwin({ plant: plantOf({ channels }), frame });
    const twin = new DigitalTwin(description);
    expect(twin.plant?.strings).toHaveLength(5);
    expect(twin.plant?.inverters.map(({ arrays }) => arrays.length)).toEqual([1, 1]);
  });

  it('takes energy of each row, power without a unit and DC current with voltage for what they are', () => {
    const frame = new Frame(time, {
      acPower: column(1, 'kWh'),
      meterPower: column(4.2, ''),
      dcVoltage: column(400, 'V'),
      dcCurrent: column(10, 'A'),
    });
    const plant = plantOf({ inverter: { acRating: 5000, nominalEfficiency: 0.97 } });
    const { telemetry } = plantTwin({ plant, frame });
    expect(Math.max(...telemetry.column('acPower'))).toBeCloseTo(4000);
    expect(Math.max(...telemetry.column('meterPower'))).toBeCloseTo(4200);
    expect(Math.max(...telemetry.column('dcPower'))).toBeCloseTo(4000);
    expect(telemetry.has('inverter1.dcVoltage')).toBe(true);
  });
});

describe('typical parts', () => {
  it('an inverter of a rating and an efficiency has the curve of PVWatts', () => {
    const inverter = typicalInverter(5000, 0.965);
    expect(Object.keys(inverter).sort()).toEqual(Object.keys(inverters['SMA SB7000US']).sort());
    const sandia = {
      pAc0: inverter.acRating,
      pDc0: inverter.dcRating,
      vDc0: inverter.dcVoltage,
      pS0: inverter.startPower,
      c0: inverter.c0,
      c1: 0,
      c2: 0,
      c3: 0,
      pNight: 0,
    };
    for (const power of [60, 300, 1000, 3000, 5100, 6000]) {
      expect(inverterSandia(sandia, 500, power)).toBeCloseTo(inverterPvwatts(inverter.dcRating, power, 0.965), 6);
    }
  });

  it('an array of a peak power gives that power at standard test conditions', () => {
    for (const peak of [300, 6000, 21_000_000]) {
      const description = {
        id: 'x',
        site: { latitude: 40, longitude: 0 },
        arrays: [{ ...typicalArray(peak), tilt: 30, azimuth: 180 }],
        inverters: [{ model: typicalInverter(2 * peak) }],
      };
      const twin = new DigitalTwin(description);
      const { dcPower } = twin.expected({
        assetId: 'x',
        time: 0,
        values: { poaGlobal: 1000, moduleTemperature: 25, windSpeed: 1 },
      });
      // The module of the list is rated 0.05 % off its own diode.
      expect((dcPower as number) / peak).toBeCloseTo(1, 2);
    }
  });
});
