import { DigitalTwin, type PlantDescription } from '../../src/twin/index.js';
import { typicalArray, typicalInverter } from '../../src/twin/library/typical.js';

/** The plant of docs/calibration.md as it is; the page begins with what its owner believes. */
export const truth: PlantDescription = {
  id: 'barn',
  site: { latitude: 47.2, longitude: 8.5, altitude: 450 },
  arrays: [{ ...typicalArray(11_300), tilt: 24, azimuth: 214 }],
  inverters: [{ model: typicalInverter(10_000, 0.965) }],
};

/** Its data logger's file: half a year in local time, kW, an outage of the logger and one of the inverter. */
export function plantCsv(): string {
  const { telemetry } = new DigitalTwin(truth).simulate({
    from: '2025-02-01',
    days: 150,
    step: '15m',
    seed: 4,
    faults: [
      { id: 'inverter-trip', from: '2025-04-03', to: '2025-04-09', severity: 1, progression: 'step' },
      { id: 'dropout', from: '2025-05-10', to: '2025-05-14', severity: 1, target: 'acPower' },
    ],
  });
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Zurich',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const [power, ghi, air, wind] = ['acPower', 'ghi', 'airTemperature', 'windSpeed'].map((name) =>
    telemetry.column(name),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const cell = (value: number, digits: number) => (Number.isNaN(value) ? '' : value.toFixed(digits));
  const rows = Array.from(telemetry.time, (time, row) =>
    [
      local.format(time),
      cell((power[row] as number) / 1000, 3),
      cell(ghi[row] as number, 0),
      cell(air[row] as number, 1),
      cell(wind[row] as number, 1),
    ].join(','),
  );
  return ['time,P_AC (kW),GHI,T_air,wind', ...rows].join('\n');
}
