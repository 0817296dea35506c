import { DigitalTwin, examplePlant } from '../../src/twin/index.js';

/** Two weeks of a roof as a data logger writes them, with one of two strings off in the second. */
export function ownFile(): string {
  const { telemetry } = new DigitalTwin(examplePlant('home')).simulate({
    from: '2026-05-01',
    days: 14,
    step: '15m',
    seed: 3,
    faults: [{ id: 'string-open', from: '2026-05-08', severity: 0.5 }],
  });
  const rows = [...telemetry.rows()].map(({ time, values }) =>
    [
      new Date(time).toISOString(),
      ((values.acPower ?? 0) / 1000).toFixed(3),
      (values.poaGlobal ?? 0).toFixed(1),
    ].join(),
  );
  return ['timestamp,Power [kW],POA irradiance', ...rows].join('\n');
}
