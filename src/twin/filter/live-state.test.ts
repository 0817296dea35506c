import { describe, expect, it } from 'vitest';
import type { Reading } from '../../core/index.js';
import {
  DigitalTwin,
  type DigitalTwinState,
  type ExamplePlantName,
  examplePlant,
  examplePump,
  type FaultRequest,
  PumpModel,
} from '../index.js';

const DAY = 86_400_000;

const simulate = (plant: ExamplePlantName, days: number, seed: number, faults: FaultRequest[] = [], step = '15m') =>
  new DigitalTwin(examplePlant(plant)).simulate({ from: '2026-04-01', days, step, seed, faults });

function readings(plant: ExamplePlantName, days: number, seed: number, step = '15m'): Reading[] {
  return [...simulate(plant, days, seed, [], step).telemetry.rows()].map((row) => ({ assetId: plant, ...row }));
}

/** The health that a twin makes of a month with a fault, by quantity. */
function health(fault: FaultRequest, days = 30): (name: string) => { mean: number; sd: number } {
  const twin = new DigitalTwin(examplePlant());
  twin.assimilate(simulate('home', days, 3, [{ from: '2026-04-05', ...fault }]).telemetry);
  return (name) => {
    const found = twin.state.find((estimate) => estimate.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
}

describe('normalised innovations of a sound plant', () => {
  it.each([
    ['home', 1],
    ['home', 2],
    ['roof', 1],
    ['roof', 2],
    ['field', 1],
  ] as const)('lie in the 95 %% band as often as that says (%s, seed %i)', (plant, seed) => {
    const twin = new DigitalTwin(examplePlant(plant));
    const frame = twin.assimilate(simulate(plant, 10, seed).telemetry);
    let [all, inside] = [0, 0];
    for (const stage of twin.model.stages) {
      for (const value of frame.column(`${stage}.innovation`)) {
        if (Number.isNaN(value)) continue;
        all++;
        if (Math.abs(value) < 1.96) inside++;
      }
    }
    expect(all).toBeGreaterThan(5000);
    expect(inside / all).toBeGreaterThan(0.93);
    expect(inside / all).toBeLessThan(0.97);
  });

  it('so do residuals, measured by their expected variance', () => {
    const frame = new DigitalTwin(examplePlant()).assimilate(simulate('home', 10, 4).telemetry);
    for (const stage of ['dcPower', 'acPower', 'string1.dcCurrent', 'moduleTemperature']) {
      const variance = frame.column(`${stage}.variance`);
      const light = frame.column('poaGlobal');
      let [all, inside] = [0, 0];
      frame.column(`${stage}.residual`).forEach((value, row) => {
        if (!((light[row] as number) > 50)) return;
        all++;
        if (Math.abs(value) < 1.96 * Math.sqrt(variance[row] as number)) inside++;
      });
      expect(inside / all, stage).toBeGreaterThan(0.92);
      expect(inside / all, stage).toBeLessThan(0.985);
    }
  });
});

describe('the health follows', () => {
  const near = ({ mean, sd }: { mean: number; sd: number }, truth: number, tolerance: number) => {
    expect(Math.abs(mean - truth)).toBeLessThan(tolerance + 2 * sd);
    expect(sd).toBeLessThan(tolerance);
  };

  it('an inverter that loses power, whether slowly or at a stroke', () => {
    const slow = health({ id: 'inverter-efficiency', severity: 0.5, days: 50 });
    near(slow('inverter1.extraLoss'), 0.5 * 0.25 * (25.5 / 50), 0.004);
    near(slow('array1.lightLoss'), 0, 0.01);
    near(
      health({ id: 'inverter-efficiency', severity: 0.5, progression: 'step' })('inverter1.extraLoss'),
      0.125,
      0.004,
    );
  });

  it('a heat sink, worn contacts, and not the ones beside them', () => {
    near(
      health({ id: 'inverter-derating', severity: 0.4, progression: 'step' })('inverter1.thermalResistance'),
      1.8,
      0.1,
    );
    const worn = health({ id: 'series-resistance', severity: 0.5, progression: 'step' });
    near(worn('array1.seriesResistance'), 3, 0.15);
    near(worn('array1.lightLoss'), 0, 0.01);
    near(worn('inverter1.extraLoss'), 0, 0.005);
  });

  it('an open string and nothing else', () => {
    const open = health({ id: 'string-open', target: 'string2' });
    near(open('string2.gain'), -1, 0.02);
    near(open('string1.gain'), 0, 0.01);
    near(open('array1.lightLoss'), 0, 0.01);
  });

  it('a battery', () => {
    near(
      health({ id: 'battery-capacity-fade', severity: 0.4, progression: 'step' })('battery.stateOfHealth'),
      0.8,
      0.02,
    );
    near(health({ id: 'battery-resistance', severity: 0.4, progression: 'step' })('battery.resistance'), 2.6, 0.15);
  });

  it('a sensor, and leaves the array in peace', () => {
    const off = health({ id: 'gain', severity: 0.2, target: 'poaGlobal' });
    near(off('array1.sensorError'), -0.06, 0.005);
    near(off('array1.lightLoss'), 0, 0.01);
  });

  it('dirt, and rain that washes it off', () => {
    const { telemetry, truth } = simulate('home', 60, 3, [{ id: 'soiling', severity: 0.6 }]);
    const frame = new DigitalTwin(examplePlant()).assimilate(telemetry);
    const dust = truth.frame.column('array1.soilingLoss');
    const seen = frame.column('state.array1.soilingLoss');
    let error = 0;
    let most = 0;
    for (let row = 20 * 96; row < dust.length; row++) {
      error += Math.abs((seen[row] as number) - (dust[row] as number)) / (dust.length - 20 * 96);
      most = Math.max(most, dust[row] as number);
    }
    expect(most).toBeGreaterThan(0.05);
    expect(error).toBeLessThan(0.012);
  });

  it('nothing where the inverter trips or the grid holds the plant back', () => {
    for (const fault of [
      { id: 'inverter-trip', severity: 0.6 },
      { id: 'curtailment', severity: 0.6 },
    ]) {
      const state = health(fault, 20);
      near(state('array1.lightLoss'), 0, 0.01);
      near(state('inverter1.extraLoss'), 0, 0.005);
    }
  });
});

describe('assimilation', () => {
  it('is the same to the bit by readings, by a frame, and across JSON and forks', () => {
    const list = readings('home', 4, 5);
    const whole = new DigitalTwin(examplePlant());
    const frame = whole.assimilate(simulate('home', 4, 5).telemetry);
    let twin = new DigitalTwin(examplePlant());
    list.forEach((reading, row) => {
      if (row % 50 === 49) twin = DigitalTwin.fromJSON(JSON.parse(JSON.stringify(twin)) as DigitalTwinState);
      if (row % 70 === 69) twin = twin.fork();
      const { stages, innovation, expected } = twin.assimilate(reading);
      stages.forEach((stage, s) => {
        expect(innovation[s]).toBe(frame.column(`${stage}.innovation`)[row]);
        expect(expected[s]).toBe(frame.column(`${stage}.expected`)[row]);
      });
    });
    expect(twin.state).toEqual(whole.state);
    expect(twin.stateHistory('array1.lightLoss')).toEqual(whole.stateHistory('array1.lightLoss'));
    expect(twin.stateHistory('array1.lightLoss')?.time).toHaveLength(3);
  });

  it('lets late readings in as if they had been in time, and refuses those too late and doubled', () => {
    const list = readings('home', 2, 6);
    const inTime = new DigitalTwin(examplePlant());
    for (const reading of list) inTime.assimilate(reading);
    const twin = new DigitalTwin(examplePlant());
    const at = (row: number) => list[row] as Reading;
    for (let row = 0; row < list.length; row++) {
      // Every tenth comes two readings late.
      if (row % 10 === 5 && row + 2 < list.length) {
        twin.assimilate(at(row + 1));
        twin.assimilate(at(row + 2));
        expect(twin.assimilate(at(row)).accepted).toBe(true);
        row += 2;
      } else expect(twin.assimilate(at(row)).accepted).toBe(true);
    }
    expect(twin.state).toEqual(inTime.state);
    const before = JSON.stringify(twin);
    expect(twin.assimilate(at(list.length - 2))).toMatchObject({ accepted: false, reason: 'duplicate' });
    expect(twin.assimilate({ ...at(50), time: at(50).time + 1 })).toMatchObject({
      accepted: false,
      reason: 'too late',
    });
    expect(twin.assimilate({ ...at(50), time: Number.NaN })).toMatchObject({ accepted: false, reason: 'bad time' });
    expect(JSON.stringify(twin)).toBe(before);
  });

  it('knows less after weeks without readings, and does not take them for a fault', () => {
    const list = readings('home', 60, 7, '30m');
    const twin = new DigitalTwin(examplePlant());
    for (const reading of list.filter(({ time }) => time < Date.parse('2026-04-15'))) twin.assimilate(reading);
    const sd = (name: string) => twin.state.find((estimate) => estimate.name === name)?.sd ?? 0;
    const names = ['array1.lightLoss', 'inverter1.extraLoss', 'battery.stateOfHealth'];
    const before = names.map(sd);
    const after = list.filter(({ time }) => time >= Date.parse('2026-05-20'));
    twin.assimilate(after[0] as Reading);
    names.forEach((name, i) => {
      expect(sd(name), name).toBeGreaterThan(2 * (before[i] as number));
    });
    let worst = 0;
    for (const reading of after.slice(1)) {
      for (const value of twin.assimilate(reading).innovation) if (Math.abs(value) > worst) worst = Math.abs(value);
    }
    expect(worst).toBeLessThan(6);
    for (const { name, mean, sound, sd } of twin.state) {
      if (name !== 'battery.charge' && !name.includes('soiling'))
        expect(Math.abs(mean - sound), name).toBeLessThan(5 * sd + 0.005);
    }
  });

  it('goes on where channels are missing, and tells nothing of what it cannot see', () => {
    const twin = new DigitalTwin(examplePlant());
    readings('home', 5, 8).forEach(({ assetId, time, values }, row) => {
      const { irradiance: _, poaGlobal, ghi, acPower, meterPower, airTemperature, windSpeed } = values;
      const shown = { poaGlobal, ghi, acPower, meterPower, airTemperature, windSpeed };
      const some = Object.entries(shown).filter(([, value], c) => value !== undefined && (row + c) % 7 !== 0);
      const { innovation, expected } = twin.assimilate({
        assetId,
        time,
        values: Object.fromEntries(some) as Record<string, number>,
      });
      for (const list of [innovation, expected]) for (const value of list) expect(Math.abs(value)).not.toBe(Infinity);
    });
    const names = twin.state.map(({ name }) => name);
    expect(names).toContain('array1.sensorError');
    for (const unseen of ['battery.stateOfHealth', 'inverter1.extraLoss', 'string1.gain', 'array1.seriesResistance'])
      expect(names).not.toContain(unseen);
    for (const { mean, sd } of twin.state) expect(Number.isFinite(mean + sd)).toBe(true);
  });

  it('judges the stages of an asset that has no filter', () => {
    const pump = () => new DigitalTwin(new PumpModel(examplePump));
    const twin = pump();
    const { telemetry } = twin.simulate({ from: '2026-04-01', days: 10, step: '15m', seed: 2 });
    const frame = twin.assimilate(telemetry);
    let [all, inside] = [0, 0];
    for (const stage of twin.model.stages) {
      for (const value of frame.column(`${stage}.innovation`)) {
        all++;
        if (Math.abs(value) < 1.96) inside++;
      }
    }
    expect(inside / all).toBeGreaterThan(0.93);
    expect(inside / all).toBeLessThan(0.97);
    expect(twin.state).toEqual([]);
  });

  it('keeps the state of a plant small', () => {
    const twin = new DigitalTwin(examplePlant());
    for (const reading of readings('home', 3, 9)) twin.assimilate(reading);
    const { estimate } = twin.toJSON();
    const numbers = [estimate?.state, ...(estimate?.past ?? []).flatMap(({ row, state }) => [row, state])];
    const bytes = 8 * numbers.reduce((sum, list) => sum + (list?.length ?? 0), 0);
    expect(bytes).toBeLessThan(20_000);
    expect((estimate?.history[0]?.length ?? 0) * 8 * 180).toBeLessThan(40_000);
    expect(twin.state[0]?.evidenceAge).toBeLessThan(DAY);
  });
});
