import { log } from '../../core/math/index.js';
import { addSinkSensor } from './heat-hypotheses.js';
import { ALL_SEVERITIES, GAINS, type Hypotheses, nameOf, ofQuantity } from './hypothesis.js';
import { acChannel, dcChannel, type Signal } from './layout.js';
import { RUNS } from './rows.js';

/** What befalls inverter `i`, its cooling and its meters. */
export function addInverter(on: Hypotheses, i: number): void {
  const { plant, expectations, has } = on;
  const own = (signal: Signal) => signal.inverter === i;
  const prior = -log(plant.inverters.length);
  const conversion = on.find((signal) => own(signal) && ofQuantity('conversion', 'acPower')(signal));
  const heat = on.find((signal) => own(signal) && signal.quantity === 'heatSink');
  const meter = on.find((signal) => signal.quantity === 'meter');
  const target = nameOf(plant.inverters, i);
  on.add({
    kind: 'inverter-efficiency',
    layer: 'plant',
    target,
    severities: ALL_SEVERITIES,
    touches: conversion,
    prior,
    loss: 'stage',
    tolerance: 0.15,
    shift: (_k, _at, s) => log(1 - 0.25 * Math.min(2, ALL_SEVERITIES[s] ?? 1)),
  });
  on.add({
    kind: 'inverter-derating',
    layer: 'plant',
    target,
    severities: ALL_SEVERITIES,
    touches: heat,
    prior,
    loss: 'none',
    tolerance: 0.2,
    shift: (k, at, s) => {
      const [, idle = 0, slope = 0, bend = 0] = expectations[k]?.mean ?? [0, 0, 25, 0];
      const rise = at.load > RUNS ? Math.max(0, idle + slope * at.load + bend * at.load * at.load) : 0;
      return 2 * (ALL_SEVERITIES[s] ?? 1) * rise;
    },
  });
  on.add({
    kind: 'cooling',
    layer: 'plant',
    target: undefined,
    severities: ALL_SEVERITIES,
    touches: [...heat, ...on.find(ofQuantity('batteryHeat'))],
    prior: prior - 0.5,
    // Air about the housing is not the air of the weather station: weeks of other weather shift it by themselves.
    caution: 2,
    loss: 'none',
    tolerance: 0.2,
    shift: (k, at, s) =>
      (ALL_SEVERITIES[s] ?? 1) * (on.quantity(k) === 'batteryHeat' ? 20 : 10 + 20 * Math.min(1, Math.max(0, at.load))),
  });
  addSinkSensor(on, `${plant.inverters[i]?.id}.heatSinkTemperature`, heat, prior - 1);
  const ac = acChannel(plant, i, has);
  if (ac !== undefined && meter.length > 0) {
    on.addSensor('gain', ac, GAINS, [...conversion, ...meter], prior, (k, _at, x) =>
      on.quantity(k) === 'meter' ? -log(1 + x / plant.inverters.length) : log(1 + x),
    );
  }
  const dc = dcChannel(plant, i, has);
  const lumped = on.find((signal) => own(signal) && signal.quantity === 'dcPower');
  if (dc !== undefined && lumped.length > 0) {
    const both = [...lumped, ...on.find((signal) => own(signal) && signal.quantity === 'conversion')];
    on.addSensor('gain', dc, GAINS, both, prior, (k, _at, x) =>
      on.quantity(k) === 'dcPower' ? log(1 + x) : -log(1 + x),
    );
  }
}

/** Losses between the inverters and the meter, and the meter itself. */
export function addAcSide(on: Hypotheses): void {
  const meter = on.find(ofQuantity('meter'));
  const loss = (prior: number, shift: (severity: number, load: number) => number) =>
    on.add({
      kind: 'ac-loss',
      layer: 'plant',
      target: undefined,
      severities: ALL_SEVERITIES,
      touches: meter,
      prior,
      loss: 'stage',
      tolerance: 0.2,
      shift: (_k, at, s) => shift(ALL_SEVERITIES[s] ?? 1, at.load),
    });
  loss(0, (severity, load) => log(1 - Math.min(0.9, 0.15 * severity * Math.max(0.02, load))));
  // A joint or a cable whose loss goes with the power itself, as a transformer tap or a wrong meter constant has it.
  loss(-0.7, (severity) => log(1 - 0.1 * severity));
  if (on.has('meterPower')) {
    const high = GAINS.filter((x) => x > 0);
    on.addSensor('gain', 'meterPower', high, meter, 0, (_k, _at, x) => log(1 + x));
  }
}
