import type { AlertRule } from './rule.js';

/** Options of `solarRules`. */
export interface SolarRulesOptions {
  /** Nominal AC voltage, V. Default 400. */
  readonly nominalVoltage?: number;
}

/**
 * The original design's eight alert types for a solar asset. Beside the channels of the reading they look at what the
 * monitor derives: `powerRatio` (measured / expected), `anomalyScore` (0…1), `rulDays`.
 *
 * Limits are the design's; hysteresis and delays keep a value that trembles at a limit from flapping.
 */
export function solarRules({ nominalVoltage = 400 }: SolarRulesOptions = {}): AlertRule[] {
  return [
    {
      id: 'critical-temperature',
      title: 'High temperature',
      channel: 'temperature',
      unit: '°C',
      when: 'above',
      levels: [
        { severity: 'CRITICAL', limit: 70 },
        { severity: 'HIGH', limit: 60 },
        { severity: 'MEDIUM', limit: 45 },
      ],
      hysteresis: 2,
    },
    {
      id: 'low-battery',
      title: 'Low battery',
      channel: 'batteryLevel',
      label: 'battery level',
      unit: '%',
      when: 'below',
      levels: [
        { severity: 'CRITICAL', limit: 15 },
        { severity: 'HIGH', limit: 25 },
        { severity: 'MEDIUM', limit: 40 },
      ],
      hysteresis: 2,
    },
    {
      id: 'power-drop',
      title: 'Power drop',
      channel: 'powerRatio',
      label: 'power over what the twin expects',
      when: 'below',
      levels: [
        { severity: 'CRITICAL', limit: 0.5 },
        { severity: 'HIGH', limit: 0.7 },
        { severity: 'MEDIUM', limit: 0.85 },
      ],
      hysteresis: 0.03,
      // A cloud's edge passes between the light sensor and the modules in minutes.
      raiseAfter: '15m',
      clearAfter: '15m',
    },
    {
      id: 'inverter-failure',
      title: 'Inverter failure',
      channel: 'inverterEfficiency',
      label: 'inverter efficiency',
      unit: '%',
      when: 'below',
      levels: [
        { severity: 'CRITICAL', limit: 75 },
        { severity: 'HIGH', limit: 85 },
        { severity: 'MEDIUM', limit: 90 },
      ],
      hysteresis: 1,
      raiseAfter: '15m',
      clearAfter: '15m',
      // Every inverter is inefficient at the edges of the day.
      onlyWhen: [{ channel: 'irradiance', above: 200 }],
    },
    {
      id: 'panel-degradation',
      title: 'Panel degradation',
      channel: 'panelHealth',
      label: 'panel health',
      unit: '%',
      when: 'below',
      levels: [
        { severity: 'HIGH', limit: 60 },
        { severity: 'MEDIUM', limit: 75 },
        { severity: 'LOW', limit: 85 },
      ],
      hysteresis: 1,
      raiseAfter: '1h',
      clearAfter: '1h',
    },
    {
      id: 'voltage-anomaly',
      title: 'Voltage anomaly',
      channel: 'voltage',
      unit: 'V',
      when: 'above',
      nominal: nominalVoltage,
      levels: [
        { severity: 'HIGH', limit: 50 },
        { severity: 'MEDIUM', limit: 30 },
      ],
      hysteresis: 3,
    },
    {
      id: 'anomaly',
      title: 'Unusual behaviour',
      channel: 'anomalyScore',
      label: 'anomaly score',
      when: 'above',
      levels: [
        { severity: 'HIGH', limit: 0.75 },
        { severity: 'MEDIUM', limit: 0.5 },
      ],
      raiseAfter: '15m',
      clearAfter: '30m',
    },
    {
      id: 'predicted-failure',
      title: 'Failure predicted',
      channel: 'rulDays',
      label: 'remaining useful life',
      unit: 'd',
      when: 'below',
      levels: [
        { severity: 'CRITICAL', limit: 7 },
        { severity: 'HIGH', limit: 14 },
      ],
      hysteresis: 2,
    },
  ];
}
