import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigitalTwin, type FaultRequest, inverters, modules, type PlantDescription, plantFaults } from './index.js';

const inverterNames = [
  'Fronius IG Plus V 6.0',
  'SMA SB7000US',
  'SunPower SPR-12000m-3',
  'SunPower SPR-20000m-3',
] as const;
const moduleNames = Object.keys(modules) as (keyof typeof modules)[];

/** Plants of all kinds, also badly sized ones: too many modules, too few, voltages outside the tracking window. */
const plants: fc.Arbitrary<PlantDescription> = fc.record({
  id: fc.constant('random'),
  site: fc.record({
    latitude: fc.integer({ min: -65, max: 65 }),
    longitude: fc.integer({ min: -180, max: 180 }),
    altitude: fc.integer({ min: 0, max: 2000 }),
  }),
  arrays: fc.array(
    fc
      .record({
        plane: fc.oneof(
          fc.record({ tilt: fc.integer({ min: 0, max: 60 }), azimuth: fc.integer({ min: 0, max: 359 }) }),
          fc.record({ tracker: fc.constant({}) }),
        ),
        strings: fc.integer({ min: 1, max: 4 }),
        modulesPerString: fc.integer({ min: 3, max: 18 }),
        module: fc.constantFrom(...moduleNames),
        inverter: fc.constant('inverter1'),
        mppt: fc.constantFrom('array' as const, 'string' as const),
      })
      .map(({ plane, ...array }) => ({ ...array, ...plane })),
    { minLength: 1, maxLength: 2 },
  ),
  inverters: fc.constantFrom(...inverterNames).map((model) => [{ model }]),
  battery: fc.option(
    fc.record({
      model: fc.constantFrom('BYD HVS 10.2' as const, 'LG RESU10H' as const, 'Pylontech US3000C' as const),
      strategy: fc.constantFrom(
        { kind: 'self-consumption' as const },
        { kind: 'peak-shaving' as const, importLimit: 500 },
        {
          kind: 'schedule' as const,
          hours: [
            { from: 1, power: 2000 },
            { from: 17, power: -3000 },
          ],
        },
      ),
    }),
    { nil: undefined },
  ),
  loads: fc.constantFrom([], [{ annualEnergy: 4000 }]),
  grid: fc.constantFrom({}, { exportLimit: 1500 }, { exportLimit: 0 }),
});

const severity = fc.double({ min: 0.05, max: 1, noNaN: true });

describe('energy', () => {
  it('is conserved at every step of any plant in any weather with any faults', () => {
    fc.assert(
      fc.property(
        plants,
        fc.array(fc.tuple(fc.constantFrom(...plantFaults, { id: 'curtailment', acts: 'plant' }), severity), {
          maxLength: 4,
        }),
        fc.integer({ min: 0, max: 364 }),
        fc.integer({ min: 0, max: 1e6 }),
        (plant, chosen, day, seed) => {
          const tracked = plant.arrays.some((array) => array.tracker !== undefined);
          const faults: FaultRequest[] = chosen
            .filter(([fault]) => fault.acts !== 'battery' || plant.battery !== undefined)
            .filter(([fault]) => fault.id !== 'tracker-stall' || tracked)
            .map(([fault, amount]) => ({
              id: fault.id,
              severity: amount,
              progression: fault.id === 'inverter-trip' ? 'intermittent' : 'step',
            }));
          const from = Date.parse('2025-01-01') + day * 86_400_000;
          const { truth } = new DigitalTwin(plant, { seed }).simulate({ from, days: 1, step: '1h', faults });
          const rating = inverters[plant.inverters[0]?.model as keyof typeof inverters].acRating;
          const column = (name: string) =>
            truth.frame.has(name) ? truth.frame.column(name) : new Float64Array(truth.frame.length);
          const sinks = [
            'trackingLoss',
            'outageLoss',
            'clippingLoss',
            'curtailedPower',
            'inverterLoss',
            'acLoss',
            'load',
            'gridExport',
            'batteryStored',
            'batteryLoss',
          ].map(column);
          const [available, dc, ac, ghi] = ['dcAvailable', 'dcPower', 'acPower', 'ghi'].map(column);
          const strings = truth.frame.names.filter((name) => /^string\d+\.dcCurrent$/.test(name));
          const level = column('batteryLevel');
          for (let row = 0; row < truth.frame.length; row++) {
            const into = available?.[row] as number;
            const out = sinks.reduce((sum, sink) => sum + (sink[row] as number), 0);
            expect(Math.abs(into - out)).toBeLessThan(1e-9 * Math.max(1, into, rating));
            for (const sink of sinks.slice(0, 6)) expect(sink[row] as number).toBeGreaterThan(-1e-6);
            expect(ac?.[row] as number).toBeLessThanOrEqual(rating * (1 + 1e-9));
            if ((ghi?.[row] as number) === 0) {
              expect(dc?.[row]).toBe(0);
              expect(ac?.[row] as number).toBeLessThanOrEqual(0);
            }
            let fromStrings = 0;
            for (const name of strings) {
              fromStrings +=
                (column(name)[row] as number) * (column(name.replace('Current', 'Voltage'))[row] as number);
            }
            expect(Math.abs(fromStrings - (dc?.[row] as number))).toBeLessThan(1e-9 * Math.max(1, dc?.[row] as number));
            expect(level[row] as number).toBeGreaterThanOrEqual(0);
            expect(level[row] as number).toBeLessThanOrEqual(100);
          }
        },
      ),
      { numRuns: 30, seed: 7 },
    );
  });
});
