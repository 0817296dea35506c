import { describe, expect, it } from 'vitest';
import type { Frame } from '../../core/index.js';
import { DigitalTwin, type FaultRequest, type PlantDescription } from '../index.js';
import { Diagnoser } from './diagnoser.js';

const FROM = Date.UTC(2026, 3, 1);
const DAY = 86_400_000;
const HEALTHY = 18;
const ONSET = FROM + (HEALTHY + 4) * DAY + 11 * 3_600_000;

/** A roof with a battery that the sun of late spring never lets run empty. */
const store: PlantDescription = {
  id: 'store',
  site: { latitude: 38, longitude: -5, altitude: 120 },
  arrays: [{ tilt: 30, azimuth: 175, strings: 2, modulesPerString: 13, module: 'Canadian Solar CS3U-400MS' }],
  inverters: [{ model: 'SunPower SPR-20000m-3' }],
  battery: { model: 'BYD HVS 10.2', reserve: 0.05 },
  loads: [{ annualEnergy: 5000 }],
};

/** A roof of three strings, each on its own tracker, with every instrument that helps. */
const roof: PlantDescription = {
  id: 'roof',
  site: { latitude: 45, longitude: 9, altitude: 120 },
  arrays: [
    {
      tilt: 30,
      azimuth: 175,
      strings: 3,
      modulesPerString: 13,
      module: 'Canadian Solar CS3U-400MS',
      mppt: 'string',
    },
  ],
  inverters: [{ model: 'SunPower SPR-20000m-3' }],
};

function play(faults: readonly FaultRequest[], days = 7, plant = roof): Frame {
  const twin = new DigitalTwin(plant, { seed: 7 });
  return twin.simulate({ from: FROM, days: HEALTHY + 4 + days, step: '15m', faults }).telemetry;
}

function diagnose(telemetry: Frame, plant = roof): Diagnoser {
  const diagnoser = new DigitalTwin(plant).plant;
  if (diagnoser === undefined) throw new Error('no plant');
  const until = FROM + HEALTHY * DAY;
  const result = new Diagnoser(diagnoser).learn(telemetry.slice(FROM, until));
  result.observe(telemetry.slice(until));
  result.flush();
  return result;
}

describe('diagnosis', () => {
  it('finds nothing on a healthy plant and says so', () => {
    const diagnoser = diagnose(play([], 16));
    expect(diagnoser.findings).toEqual([]);
    const [only] = diagnoser.ranked();
    expect(only?.kind).toBe('healthy');
    expect(only?.evidence[0]).toMatch(/standard deviations out/);
  });

  it.each([
    ['string-open', { id: 'string-open', target: 'string2', severity: 1 }],
    ['bypass-short', { id: 'bypass-short', target: 'string3', severity: 0.7 }],
    ['series-resistance', { id: 'series-resistance', severity: 0.6, progression: 'linear', days: 4 }],
    ['inverter-efficiency', { id: 'inverter-efficiency', severity: 0.3, progression: 'step' }],
    ['ac-loss', { id: 'ac-loss', severity: 0.4, progression: 'step' }],
    ['inverter-trip', { id: 'inverter-trip', severity: 0.5 }],
    ['pid', { id: 'pid', severity: 0.6, progression: 'step' }],
    ['mppt-fault', { id: 'mppt-fault', severity: 0.4 }],
  ] as const)('names %s', (kind, fault) => {
    const diagnoser = diagnose(play([{ ...fault, from: ONSET }]));
    const [first] = diagnoser.findings;
    expect(first?.kind).toBe(kind);
    expect(first?.layer).toBe('plant');
    if ('target' in fault) expect(first?.target).toBe(fault.target);
    expect(Math.abs((first?.since ?? 0) - ONSET)).toBeLessThan(4 * DAY);
    expect(first?.lostEnergyKwh).toBeGreaterThan(0);
    expect(first?.evidence.length).toBeGreaterThan(0);
  });

  it.each([
    ['gain', { id: 'gain', target: 'poaGlobal', severity: 0.4 }],
    ['bias', { id: 'bias', target: 'moduleTemperature', severity: 1 }],
    ['stuck', { id: 'stuck', target: 'poaGlobal', severity: 1 }],
    ['dropout', { id: 'dropout', target: 'poaGlobal', severity: 0.5 }],
  ] as const)('holds the sensor to account for %s, not the plant', (kind, fault) => {
    const diagnoser = diagnose(play([{ ...fault, from: ONSET }]));
    const [first] = diagnoser.findings;
    expect(first?.kind).toBe(kind);
    expect(first?.layer).toBe('measurement');
    expect(first?.lostEnergyKwh).toBe(0);
    expect(diagnoser.findings.filter(({ layer }) => layer === 'plant')).toEqual([]);
  });

  it('remembers what was there for one day, such as snow that slid off', () => {
    const snow = { id: 'snow', severity: 0.6, from: ONSET, to: ONSET + 8 * 3_600_000 } as const;
    const [first] = diagnose(play([snow], 4)).findings;
    expect(first?.layer).toBe('plant');
    expect(['snow', 'shading']).toContain(first?.kind);
    expect(Math.abs((first?.seen ?? 0) - ONSET)).toBeLessThan(DAY);
    expect(first?.lostEnergyKwh).toBeGreaterThan(0);
  });

  it('does not name the first day of an instrument that stays wrong', () => {
    const telemetry = play([{ id: 'noise', target: 'poaGlobal', severity: 0.35, from: ONSET }], 4);
    const until = FROM + HEALTHY * DAY;
    const plant = new DigitalTwin(roof).plant;
    if (plant === undefined) throw new Error('no plant');
    const reports = new Diagnoser(plant).learn(telemetry.slice(FROM, until)).observe(telemetry.slice(until));
    const findings = reports.flatMap((report) => report.findings);
    expect(findings.map(({ layer }) => layer)).toContain('measurement');
    expect(findings.filter(({ layer }) => layer === 'plant')).toEqual([]);
  });

  it('sees a room that warms the inverter and the battery alike', () => {
    const [first] = diagnose(
      play([{ id: 'cooling', severity: 0.5, progression: 'step', from: ONSET }], 8, store),
      store,
    ).findings;
    expect(first?.kind).toBe('cooling');
  });

  it('knows the floor of a battery that was never empty while it was well', () => {
    const healthy = play([], 8, store);
    expect(Math.min(...healthy.column('batteryLevel'))).toBeGreaterThan(10);
    const weak = { id: 'battery-imbalance', severity: 1, progression: 'step', from: ONSET } as const;
    expect(diagnose(healthy, store).findings).toEqual([]);
    expect(diagnose(play([weak], 8, store), store).findings[0]?.kind).toBe('battery-imbalance');
  });

  it('takes a frost for no mixed-up unit', () => {
    const telemetry = play([], 4);
    const at = telemetry.indexAt(ONSET + 2 * DAY);
    // Peaks of a thousandth of the usual ones, as they are on a day just above 0 °C.
    const cold = telemetry.column('airTemperature').map((value, row) => (row >= at ? Math.min(0.015, value) : value));
    const findings = diagnose(telemetry.withColumn('airTemperature', cold, '°C')).findings;
    expect(findings.map(({ kind }) => kind)).not.toContain('unit-mix-up');
  });

  it('goes on from JSON as if it had not stopped', () => {
    const telemetry = play([{ id: 'bypass-short', target: 'string1', severity: 1, from: ONSET }], 6);
    const whole = diagnose(telemetry);
    const plant = new DigitalTwin(roof).plant;
    if (plant === undefined) throw new Error('no plant');
    const until = FROM + HEALTHY * DAY;
    const first = new Diagnoser(plant).learn(telemetry.slice(FROM, until));
    const middle = until + 5.4 * DAY;
    first.observe(telemetry.slice(until, middle));
    const second = Diagnoser.fromJSON(plant, JSON.parse(JSON.stringify(first.toJSON())));
    second.observe(telemetry.slice(middle));
    second.flush();
    expect(second.findings).toEqual(whole.findings);
  });

  it('is what the twin asks', async () => {
    const telemetry = play([{ id: 'string-open', target: 'string2', from: ONSET }], 3);
    const twin = new DigitalTwin(roof);
    expect(() => twin.diagnose()).toThrow(/learnBaseline/);
    const until = FROM + HEALTHY * DAY;
    await twin.learnBaseline(telemetry.slice(FROM, until));
    twin.assimilate(telemetry.slice(until));
    const [finding] = twin.diagnose({ last: '14d' });
    expect(finding?.kind).toBe('string-open');
    expect(finding?.target).toBe('string2');
    const state = JSON.parse(JSON.stringify(twin.toJSON()));
    const later = await DigitalTwin.load(state);
    expect(later.diagnose()[0]?.kind).toBe('string-open');
    expect(twin.fork().diagnose()).toEqual(twin.diagnose());
  });
});
