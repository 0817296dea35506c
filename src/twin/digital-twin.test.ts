import { describe, expect, it } from 'vitest';
import { ManualClock, TwinergyError } from '../core/index.js';
import { DigitalTwin, type DigitalTwinState, examplePlant, type PlantDescription } from './index.js';

const week = { from: '2026-06-01', days: 7, step: '15m' } as const;

function codeAndPath(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TwinergyError) return `${error.code} ${error.path ?? ''}`.trim();
    throw error;
  }
  return 'no error';
}

describe('DigitalTwin', () => {
  it('runs the sample of the README', () => {
    const twin = new DigitalTwin(examplePlant());
    const { telemetry, truth } = twin.simulate({
      from: '2026-06-01',
      days: 30,
      step: '5m',
      seed: 1,
      faults: [{ id: 'soiling', from: '2026-06-10', severity: 0.5 }],
    });
    expect(telemetry.length).toBe(30 * 288);
    expect(telemetry.unit('solarPower')).toBe('W');
    const [label] = truth.labels;
    expect(label).toMatchObject({ fault: 'soiling', layer: 'plant', severity: 0.5, since: Date.parse('2026-06-10') });
    expect(label?.lostEnergyKwh).toBeGreaterThan(1);
  });

  it('repeats to the bit under one seed and differs under another', () => {
    const twin = new DigitalTwin(examplePlant());
    const power = (seed: number) => twin.simulate({ ...week, seed }).telemetry.column('solarPower');
    expect(power(3)).toEqual(power(3));
    expect(power(3)).not.toEqual(power(4));
  });

  it('gives the same values live as in a simulation, across a round trip through JSON', () => {
    const faults = [
      { id: 'soiling', severity: 1 },
      { id: 'inverter-trip', severity: 0.5 },
      { id: 'clock-shift', severity: 0.4, target: 'airTemperature' },
    ];
    const { telemetry } = new DigitalTwin(examplePlant()).simulate({ ...week, seed: 5, faults });
    let twin = new DigitalTwin(examplePlant(), { seed: 5, start: week.from, step: week.step, faults });
    for (const row of telemetry.rows()) {
      const reading = twin.step();
      expect(reading.time).toBe(row.time);
      for (const [name, value] of Object.entries(row.values)) expect(reading.values[name] ?? Number.NaN).toBe(value);
      if (row.time % 86_400_000 === 0) {
        twin = DigitalTwin.fromJSON(JSON.parse(JSON.stringify(twin)) as DigitalTwinState);
      }
    }
  });

  it('forks into branches that do not touch each other', () => {
    const twin = new DigitalTwin(examplePlant(), { seed: 2, start: '2026-06-01T10:00Z' });
    twin.step();
    const fork = twin.fork();
    fork.setScenario('inverter_fault');
    const hurt = fork.step().values;
    const well = twin.step().values;
    expect(hurt.acPower).toBeLessThan(0.9 * (well.acPower as number));
    expect(twin.scenario).toBe('normal');
    expect(fork.scenario).toBe('inverter_fault');
  });

  it('plays the scenarios of the original design', () => {
    const noon = (name: string) => {
      const twin = new DigitalTwin(examplePlant(), { seed: 1, start: '2026-07-01T00:00Z', step: '15m' });
      twin.setScenario(name);
      let reading = twin.step();
      for (let i = 0; i < 44 + 192; i++) reading = twin.step();
      return reading.values as Record<string, number>;
    };
    const normal = noon('normal');
    expect(noon('high_temp').temperature).toBeGreaterThan((normal.temperature as number) + 25);
    expect(noon('critical_failure').temperature).toBeGreaterThan(70);
    expect(noon('degradation').panelHealth).toBeLessThan((normal.panelHealth as number) - 5);
    expect(noon('inverter_fault').inverterEfficiency).toBeLessThan((normal.inverterEfficiency as number) - 10);
    expect(() => new DigitalTwin(examplePlant()).setScenario('flood')).toThrow(/cannot play the scenario "flood"/);
  });

  it('tells what a sound plant would do under the measured light', () => {
    const twin = new DigitalTwin(examplePlant());
    const { telemetry } = twin.simulate({ ...week, seed: 6 });
    const residual = twin.assimilate(telemetry);
    const measured = residual.column('acPower');
    const off = residual.column('acPower.residual');
    for (let row = 0; row < residual.length; row++) {
      expect(Math.abs(off[row] as number)).toBeLessThan(60 + 0.05 * (measured[row] as number));
    }
    const hurt = twin.simulate({ ...week, seed: 6, faults: [{ id: 'inverter-efficiency', severity: 1, days: 0 }] });
    const reading = [...hurt.telemetry.rows()].find(({ values }) => (values.irradiance as number) > 700);
    if (reading === undefined) throw new Error('no bright row');
    const expected = twin.expected({ assetId: twin.id, ...reading });
    expect((reading.values.solarPower as number) / (expected.acPower as number)).toBeCloseTo(0.74, 1);
  });

  it('looks ahead the same in turns, and stops when told', async () => {
    const twin = new DigitalTwin(examplePlant(), { clock: new ManualClock(Date.parse('2026-05-01')) });
    const options = { scenario: 'inverter_fault', days: 10 };
    const whole = twin.simulateFailureProgression(options);
    const inTurns = await twin.simulateFailureProgressionAsync(options);
    for (const name of whole.telemetry.names)
      expect(inTurns.telemetry.column(name)).toEqual(whole.telemetry.column(name));
    expect(inTurns.failures).toEqual(whole.failures);
    await expect(
      twin.simulateFailureProgressionAsync({ ...options, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('looks ahead at a failure', () => {
    const clock = new ManualClock(Date.parse('2026-05-01'));
    const twin = new DigitalTwin(examplePlant(), { clock });
    expect(twin.generateTwinData()).toMatchObject({ assetId: 'home', time: clock.now() });
    const { failures, failureTime, progress } = twin.simulateFailureProgression({
      scenario: 'inverter_fault',
      days: 60,
    });
    expect(failures.map(({ criterion }) => criterion)).toContain('inverter-efficiency');
    expect(failureTime).toBeGreaterThan(clock.now());
    const severity = progress.column('inverter-efficiency.severity');
    expect(severity[severity.length - 1]).toBeGreaterThan(severity[0] as number);
    expect(twin.simulateFailureProgression({ scenario: 'normal' }).failureTime).toBeNull();
  });

  it('runs a fleet to failure by physical criteria', () => {
    const fleet = new DigitalTwin(examplePlant()).runToFailure({ fleet: 4, seed: 1, days: [60, 120] });
    expect(fleet).toHaveLength(4);
    for (const { frame, failureTime, onset } of fleet) {
      expect(failureTime).toBe((frame.time[frame.length - 1] as number) + 86_400_000);
      expect(onset).toBeLessThan(failureTime);
      expect(frame.column('acPower').some((value) => value > 0)).toBe(true);
    }
    const again = new DigitalTwin(examplePlant()).runToFailure({ fleet: 4, seed: 1, days: [60, 120] });
    expect(again.map(({ failureTime }) => failureTime)).toEqual(fleet.map(({ failureTime }) => failureTime));
  });

  it('names the place of a fault in a description', () => {
    const broken = (change: (plant: Record<string, never>) => void) => {
      const plant = structuredClone(examplePlant('roof')) as unknown as Record<string, never>;
      change(plant);
      return codeAndPath(() => new DigitalTwin(plant as unknown as PlantDescription));
    };
    const set = (path: string[], value: unknown) =>
      broken((plant) => {
        let node: object = plant;
        for (const part of path.slice(0, -1)) node = Reflect.get(node, part) as object;
        Reflect.set(node, path[path.length - 1] as string, value);
      });
    expect(set(['arrays', '1', 'tilt'], -10)).toBe('TWIN_BAD_DESCRIPTION arrays[1].tilt');
    expect(set(['arrays', '0', 'strings'], 2.5)).toBe('TWIN_BAD_DESCRIPTION arrays[0].strings');
    expect(set(['arrays', '0', 'module'], 'Nonesuch 9')).toBe('TWIN_BAD_DESCRIPTION arrays[0].module');
    expect(set(['arrays', '0', 'modul'], 'x')).toBe('TWIN_BAD_DESCRIPTION arrays[0]');
    expect(set(['inverters', '0', 'model'], { acRating: -5 })).toMatch(/^TWIN_BAD_DESCRIPTION inverters\[0\]\.model\./);
    expect(set(['site', 'timeZone'], 'Mars/Olympus')).toBe('TWIN_BAD_DESCRIPTION site.timeZone');
    expect(set(['site', 'latitude'], 'north')).toBe('TWIN_BAD_DESCRIPTION site.latitude');
    expect(set(['id'], undefined)).toBe('TWIN_BAD_DESCRIPTION id');
  });

  it('refuses what it cannot do, by code and path', () => {
    const twin = new DigitalTwin(examplePlant('roof'));
    const faults = (...list: { id: string; severity?: number; target?: string }[]) =>
      codeAndPath(() => twin.simulate({ ...week, faults: list }));
    expect(faults({ id: 'gremlins' })).toBe('TWIN_UNKNOWN_FAULT');
    expect(faults({ id: 'soiling', severity: 2 })).toBe('TWIN_BAD_FAULT faults[0].severity');
    expect(faults({ id: 'string-open', target: 'string99' })).toBe('TWIN_BAD_FAULT target');
    expect(faults({ id: 'battery-resistance' })).toBe('TWIN_BAD_FAULT target');
    expect(faults({ id: 'stuck', target: 'nothing' })).toBe('TWIN_BAD_FAULT target');
    expect(codeAndPath(() => twin.simulate({ from: 'soon', days: 1 }))).toBe('TWIN_BAD_TIME from');
    expect(codeAndPath(() => twin.simulate({ from: 0, days: 1, step: '5 parsecs' }))).toBe('BAD_DURATION step');
    expect(codeAndPath(() => twin.simulate({ from: 0, days: -1 }))).toBe('TWIN_BAD_PERIOD days');
  });
});
