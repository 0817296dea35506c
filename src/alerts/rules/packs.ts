import type { Condition, Rule } from './rule.js';

/** Enough light to judge a solar plant by: irradiance, or where it is not measured the twin's expectation. */
export const daylight: Condition = {
  type: 'any',
  of: [
    { type: 'threshold', channel: 'irradiance', direction: 'above', limits: { LOW: 200 } },
    {
      type: 'threshold',
      channel: 'expectedPower',
      direction: 'above',
      limits: { LOW: { attribute: 'ratedPower', times: 0.2, default: 200 } },
    },
  ],
};

/** Nobody holds the plant back: `curtailment` (fraction of its power that it may not give) is nothing, or not reported. */
export const notCurtailed: Condition = {
  type: 'not',
  of: { type: 'threshold', channel: 'curtailment', direction: 'above', limits: { LOW: 0.01 }, missing: 0 },
  severity: 'LOW',
};

/** Nobody works on the asset, by its maintenance windows. */
export const notInMaintenance: Condition = { type: 'not', of: { type: 'maintenance' }, severity: 'LOW' };

const POWER_LIMITS = {
  direction: 'below',
  limits: { CRITICAL: 0.5, HIGH: 0.7, MEDIUM: 0.85 },
  hysteresis: 0.03,
} as const;

/**
 * The eight alert types of the original design on its thresholds, with durations, dead-bands and conditions against false
 * alarms. Asset attributes that it reads: `ratedPower` (W), `nominalVoltage` (V).
 */
export function solarRules(): Rule[] {
  return [
    {
      id: 'critical-temperature',
      title: 'Temperature too high',
      when: {
        type: 'threshold',
        channel: 'temperature',
        direction: 'above',
        limits: { CRITICAL: 70, HIGH: 60, MEDIUM: 45 },
        hysteresis: 2,
      },
      clearAfter: '5m',
      playbook: 'Check the ventilation and the load; let the inverter derate before anybody touches it.',
    },
    {
      id: 'low-battery',
      title: 'Battery low',
      when: {
        type: 'threshold',
        channel: 'batteryLevel',
        direction: 'below',
        limits: { CRITICAL: 15, HIGH: 25, MEDIUM: 40 },
        hysteresis: 3,
      },
      clearAfter: '5m',
      playbook: 'Shed load or charge; check the battery manager when it falls faster than the load explains.',
    },
    {
      id: 'power-drop',
      title: 'Less power than expected',
      // The monitor gives the ratio for plants whose output has another name, and only when there is enough of it.
      when: {
        type: 'any',
        of: [
          { type: 'threshold', channel: 'powerRatio', ...POWER_LIMITS },
          { type: 'deviation', channel: 'solarPower', from: 'expectedPower', measure: 'ratio', ...POWER_LIMITS },
        ],
      },
      onlyWhen: {
        type: 'any',
        of: [daylight, { type: 'threshold', channel: 'powerRatio', direction: 'above', limits: { LOW: 0 } }],
      },
      raiseAfter: '15m',
      clearAfter: '15m',
      playbook: 'Compare strings and inverters; look for snow, shade, an open string, curtailment.',
    },
    {
      id: 'inverter-failure',
      title: 'Inverter efficiency low',
      when: {
        type: 'threshold',
        channel: 'inverterEfficiency',
        direction: 'below',
        limits: { CRITICAL: 75, HIGH: 85, MEDIUM: 90 },
        hysteresis: 1,
      },
      onlyWhen: daylight,
      raiseAfter: '10m',
      clearAfter: '10m',
      explains: ['power-drop', 'detected-anomaly'],
      playbook: "Read the inverter's own error log; check the fans and the DC input.",
    },
    {
      id: 'panel-degradation',
      title: 'Panels degraded',
      when: {
        type: 'threshold',
        channel: 'panelHealth',
        direction: 'below',
        limits: { CRITICAL: 60, HIGH: 75, MEDIUM: 85 },
        hysteresis: 2,
      },
      raiseAfter: '1h',
      clearAfter: '1h',
      playbook: 'Plan cleaning and an I-V curve measurement.',
    },
    {
      id: 'voltage-anomaly',
      title: 'Voltage off its nominal value',
      when: {
        type: 'deviation',
        channel: 'voltage',
        from: { attribute: 'nominalVoltage', default: 400 },
        measure: 'absolute',
        direction: 'above',
        limits: { HIGH: 50, MEDIUM: 30 },
        hysteresis: 5,
      },
      clearAfter: '2m',
      playbook: 'Check the grid connection and the transformer tap before the inverter.',
    },
    {
      id: 'detected-anomaly',
      title: 'Unusual behaviour',
      when: {
        type: 'threshold',
        channel: 'anomalyPValue',
        direction: 'below',
        limits: { HIGH: 0.0001, MEDIUM: 0.001 },
      },
      raiseAfter: '15m',
      clearAfter: '30m',
      playbook: 'Look at the channels that the detector names.',
    },
    {
      id: 'predicted-failure',
      title: 'Failure predicted',
      when: {
        type: 'threshold',
        channel: 'rulDays',
        direction: 'below',
        limits: { CRITICAL: 7, HIGH: 14 },
        strict: true,
        hysteresis: 1,
      },
      raiseAfter: '10m',
      clearAfter: '1h',
      playbook: 'Order the part and plan the work within the days that are left.',
    },
  ];
}

/** Rules for batteries: state of charge, temperature, cell spread, and heat that rises too fast. */
export function batteryRules(): Rule[] {
  return [
    {
      id: 'battery-temperature',
      title: 'Battery too hot or too cold',
      when: {
        type: 'any',
        of: [
          {
            type: 'threshold',
            channel: 'batteryTemperature',
            direction: 'above',
            limits: { CRITICAL: 60, HIGH: 50, MEDIUM: 45 },
            hysteresis: 2,
          },
          {
            type: 'threshold',
            channel: 'batteryTemperature',
            direction: 'below',
            limits: { HIGH: -10, MEDIUM: 0 },
            hysteresis: 2,
          },
        ],
      },
      raiseAfter: '1m',
      clearAfter: '5m',
    },
    {
      id: 'battery-heating',
      title: 'Battery heats up fast',
      when: {
        type: 'rate',
        channel: 'batteryTemperature',
        over: '10m',
        per: '1m',
        direction: 'above',
        limits: { CRITICAL: 2, HIGH: 1 },
      },
      latch: true,
      playbook: 'Disconnect, keep people away, and cool from outside: this is how thermal runaway begins.',
    },
    {
      id: 'cell-spread',
      title: 'Cells drift apart',
      when: {
        type: 'deviation',
        channel: 'cellVoltageMax',
        from: 'cellVoltageMin',
        measure: 'difference',
        direction: 'above',
        limits: { HIGH: 0.2, MEDIUM: 0.1 },
        hysteresis: 0.02,
      },
      raiseAfter: '10m',
      clearAfter: '10m',
    },
    {
      id: 'deep-cycles',
      title: 'Battery often nearly empty',
      when: {
        type: 'count',
        of: { type: 'threshold', channel: 'batteryLevel', direction: 'below', limits: { LOW: 10 }, hysteresis: 5 },
        within: '7d',
        direction: 'above',
        limits: { MEDIUM: 5 },
      },
    },
  ];
}

/** Rules on the figures of IEC 61724-1 (performance ratio `performanceRatio`, availability `availability`, as fractions). */
export function performanceRules(): Rule[] {
  return [
    {
      id: 'performance-ratio',
      title: 'Performance ratio low',
      when: {
        type: 'threshold',
        channel: 'performanceRatio',
        direction: 'below',
        limits: { HIGH: 0.6, MEDIUM: 0.7 },
        hysteresis: 0.02,
      },
      onlyWhen: daylight,
      raiseAfter: '2h',
      clearAfter: '2h',
    },
    {
      id: 'performance-trend',
      title: 'Performance ratio falls',
      when: {
        type: 'trend',
        channel: 'performanceRatio',
        over: '90d',
        per: '365d',
        direction: 'below',
        limits: { MEDIUM: -0.03, HIGH: -0.08 },
      },
    },
    {
      id: 'availability',
      title: 'Availability low',
      when: { type: 'threshold', channel: 'availability', direction: 'below', limits: { HIGH: 0.95, MEDIUM: 0.98 } },
      raiseAfter: '1h',
      clearAfter: '1h',
    },
    {
      id: 'no-telemetry',
      title: 'No telemetry',
      when: { type: 'no-data', after: { attribute: 'noDataAfter', default: '15m' }, severity: 'HIGH' },
    },
  ];
}
