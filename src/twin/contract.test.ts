import { describe, expect, it } from 'vitest';
import { TwinergyError } from '../core/index.js';
import { type AssetModel, DigitalTwin, type DigitalTwinState, examplePlant, examplePump, PumpModel } from './index.js';
import { SolarPlantModel } from './plant/model.js';

const period = { from: '2026-05-01', days: 2, step: '30m' } as const;

/** What every kind of asset must fulfil, with one of each kind. */
const kinds: Record<string, () => AssetModel> = {
  'solar plant': () => new SolarPlantModel(examplePlant('home')),
  pump: () => new PumpModel(examplePump),
};

describe.each(Object.entries(kinds))('a %s as an asset', (_, make) => {
  it('declares itself without contradiction', () => {
    const model = make();
    const names = [...model.channels, ...model.states].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain(model.output.name);
    for (const { aliasOf } of model.channels) if (aliasOf !== undefined) expect(names).toContain(aliasOf);
    for (const { channel, faults } of model.endOfLife) {
      expect(names).toContain(channel);
      for (const id of faults) expect(model.faults.map((fault) => fault.id)).toContain(id);
    }
    for (const faults of Object.values(model.scenarios)) {
      for (const { id } of faults) expect(model.faults.map((fault) => fault.id)).toContain(id);
    }
    expect(model.channels.map(({ name }) => name)).toContain(model.mainSensor);
  });

  it('gives the same bits live, in a simulation and after a round trip through JSON', () => {
    const { telemetry } = new DigitalTwin(make()).simulate({ ...period, seed: 9 });
    let twin = new DigitalTwin(make(), { seed: 9, start: period.from, step: period.step });
    for (const [row, time] of telemetry.time.entries()) {
      if (row % 20 === 10)
        twin = DigitalTwin.fromJSON(JSON.parse(JSON.stringify(twin)) as DigitalTwinState, {}, make());
      const reading = twin.step();
      expect(reading.time).toBe(time);
      for (const [name, { data }] of telemetry.columns()) expect(reading.values[name] ?? Number.NaN).toBe(data[row]);
    }
  });

  it('loses nothing while it is well, and what a fault costs is on its label', () => {
    const model = make();
    const well = new DigitalTwin(model).simulate(period);
    expect(well.truth.labels).toEqual([]);
    const energy = (simulation: typeof well) =>
      simulation.truth.frame.column(model.output.name).reduce((sum, value) => sum + value * 0.5e-3, 0);
    for (const { id, acts, progression } of model.faults.filter(({ layer }) => layer === 'plant')) {
      if (id === 'tracker-stall') continue;
      const { truth, telemetry } = new DigitalTwin(model).simulate({
        ...period,
        faults: [{ id, severity: 0.8, progression: progression === 'intermittent' ? progression : 'step' }],
      });
      const [label] = truth.labels;
      expect(label?.fault, acts).toBe(id);
      expect(label?.lostEnergyKwh).toBeCloseTo(model.output.sign * (energy(well) - energy({ truth, telemetry })), 6);
    }
  });

  it('plays its scenarios and comes back to normal', () => {
    const model = make();
    for (const name of Object.keys(model.scenarios)) {
      const twin = new DigitalTwin(model, { start: period.from, step: '1h' });
      twin.setScenario(name);
      for (let i = 0; i < 30; i++) twin.step();
      expect(twin.scenario).toBe(name);
      twin.setScenario('normal');
      expect(Object.values(twin.step().values).every((value) => Number.isFinite(value))).toBe(true);
    }
  });

  it('expects of a sound asset what it measures', () => {
    const model = make();
    const twin = new DigitalTwin(model);
    const { telemetry } = twin.simulate({ ...period, seed: 3 });
    const residual = twin.assimilate(telemetry);
    for (const stage of model.stages.filter((name) => telemetry.has(name))) {
      const scale = model.channels.find(({ name }) => name === stage)?.fullScale ?? 1;
      const off = residual.column(`${stage}.residual`).filter((value) => !Number.isNaN(value));
      const typical = Math.sqrt(off.reduce((sum, value) => sum + value * value, 0) / Math.max(1, off.length));
      expect(typical / scale, stage).toBeLessThan(0.05);
    }
  });

  it('runs to failure by its own criteria', () => {
    const model = make();
    for (const { frame, failureTime, criterion } of new DigitalTwin(model).runToFailure({
      fleet: 2,
      seed: 5,
      days: [30, 60],
    })) {
      expect(model.endOfLife.map(({ name }) => name)).toContain(criterion);
      expect(failureTime).toBeGreaterThan(frame.time[frame.length - 1] as number);
    }
  });

  it('answers what it does not know with a typed error', () => {
    const twin = new DigitalTwin(make());
    expect(() => twin.simulate({ ...period, faults: [{ id: 'gremlins' }] })).toThrow(TwinergyError);
    expect(() => twin.setScenario('flood')).toThrow(TwinergyError);
    expect(() => twin.runToFailure({ fleet: 0 })).toThrow(TwinergyError);
  });
});

it('refuses a pump that cannot be', () => {
  expect(() => new PumpModel({ ...examplePump, bestEfficiency: 1.2 })).toThrow(
    /bestEfficiency must be above 0 and at most 1, got 1.2/,
  );
});
