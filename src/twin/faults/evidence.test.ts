import { describe, expect, it } from 'vitest';
import {
  climateOf,
  DigitalTwin,
  type ExamplePlantName,
  examplePlant,
  type FaultRequest,
  plantFaults,
  type Simulation,
} from '../index.js';

const DAY = 86_400_000;
const start = Date.parse('2026-06-20T00:00Z');

/** Cloudless, dry weather: what a fault does is then seen at its clearest. */
const clearSky = {
  ...climateOf('temperate', 45),
  clearSkyIndex: Array.from({ length: 12 }, () => [1, 1]),
  wetShare: new Array<number>(12).fill(0),
};

interface Case {
  readonly plant: ExamplePlantName;
  /** Share of the battery held back, where it matters; the load is then so high that it is used up. */
  readonly reserve?: number;
  readonly fault: FaultRequest;
  readonly days?: number;
  /** The first evidence, as the catalogue has it. `sound` and `faulty` are the true channels. */
  evidence(sound: Series, faulty: Series): void;
  /** Channels that must not change by a bit. */
  readonly untouched: readonly string[];
}

/** Columns of a truth frame with the means one asks of them. */
class Series {
  constructor(readonly simulation: Simulation) {}
  column(name: string) {
    return this.simulation.truth.frame.column(name);
  }
  /** Mean over the rows for which `pick` holds. */
  mean(name: string, pick: (row: number, series: Series) => boolean): number {
    const data = this.column(name);
    let sum = 0;
    let count = 0;
    for (let row = 0; row < data.length; row++) {
      if (!pick(row, this) || Number.isNaN(data[row] as number)) continue;
      sum += data[row] as number;
      count++;
    }
    if (count === 0) throw new Error(`no rows for ${name}`);
    return sum / count;
  }
}

const bright = (row: number, s: Series) => (s.column('poaGlobal')[row] as number) > 700;
const dim = (row: number, s: Series) => {
  const light = s.column('poaGlobal')[row] as number;
  return light > 40 && light < 150;
};
const day = (n: number) => (row: number, s: Series) => {
  const time = s.simulation.telemetry.time[row] as number;
  return time >= start + n * DAY && time < start + (n + 1) * DAY && bright(row, s);
};
const ratio = (name: string, sound: Series, faulty: Series, pick = bright) =>
  faulty.mean(name, pick) / sound.mean(name, pick);
const surroundings = ['ghi', 'poaGlobal', 'airTemperature', 'windSpeed', 'humidity', 'loadPower'];
const weather = surroundings.slice(0, 5);

const cases: Record<string, Case> = {
  soiling: {
    plant: 'roof',
    fault: { id: 'soiling', severity: 1, target: 'array1' },
    days: 5,
    evidence(sound, faulty) {
      expect(ratio('string1.dcCurrent', sound, faulty, day(4))).toBeCloseTo(0.955, 2);
      expect(ratio('string1.dcVoltage', sound, faulty, day(4))).toBeCloseTo(1, 2);
      expect(ratio('string1.dcCurrent', sound, faulty, day(0))).toBeGreaterThan(0.985);
    },
    untouched: [...weather, 'string4.dcCurrent', 'string4.dcVoltage', 'inverter2.acPower'],
  },
  shading: {
    plant: 'home',
    fault: { id: 'shading', severity: 1 },
    days: 2,
    evidence(sound, faulty) {
      const lossHours = (n: number) => {
        const hours = new Set<number>();
        const power = faulty.column('dcPower');
        sound.column('dcPower').forEach((value, row) => {
          const time = sound.simulation.telemetry.time[row] as number;
          if (Math.floor((time - start) / DAY) === n && value > 500 && (power[row] as number) < 0.9 * value)
            hours.add(new Date(time).getUTCHours());
        });
        return [...hours];
      };
      expect(lossHours(0).length).toBeGreaterThan(0);
      expect(lossHours(0)).toEqual(lossHours(1));
      expect(Math.max(...lossHours(0))).toBeLessThan(11);
    },
    untouched: surroundings,
  },
  snow: {
    plant: 'home',
    fault: { id: 'snow', severity: 1, from: start + 9 * 3_600_000 },
    days: 1,
    evidence(_, faulty) {
      const covered = faulty.column('array1.snowCover');
      const power = faulty.column('dcPower');
      const light = faulty.column('poaGlobal');
      let seen = 0;
      covered.forEach((cover, row) => {
        if (cover < 0.9 || (light[row] as number) < 50) return;
        seen++;
        expect(power[row] as number).toBeLessThan(0.13 * 10.4 * (light[row] as number));
      });
      expect(seen).toBeGreaterThan(2);
      expect(covered[covered.length - 1]).toBeLessThan(0.2);
    },
    untouched: surroundings,
  },
  'bypass-short': {
    plant: 'roof',
    fault: { id: 'bypass-short', severity: 1 / 3 },
    evidence(sound, faulty) {
      // The strings are in parallel, so it is a reverse mismatch: the voltage gives a little, the string's current more.
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeLessThan(0.99);
      expect(ratio('string2.dcCurrent', sound, faulty)).toBeGreaterThan(0.99);
    },
    untouched: [...weather, 'inverter2.acPower', 'string4.dcVoltage'],
  },
  'hot-spot': {
    plant: 'home',
    fault: { id: 'hot-spot', severity: 1 },
    evidence(sound, faulty) {
      expect(
        faulty.mean('array1.hotSpotTemperature', bright) - sound.mean('array1.hotSpotTemperature', bright),
      ).toBeGreaterThan(30);
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeLessThan(0.98);
    },
    untouched: [...surroundings, 'moduleTemperature'],
  },
  pid: {
    plant: 'home',
    fault: { id: 'pid', severity: 0.8, progression: 'step' },
    evidence(sound, faulty) {
      expect(ratio('dcPower', sound, faulty, dim)).toBeLessThan(ratio('dcPower', sound, faulty) - 0.05);
      expect(ratio('string1.dcVoltage', sound, faulty, dim)).toBeLessThan(0.97);
    },
    untouched: surroundings,
  },
  lid: {
    plant: 'home',
    fault: { id: 'lid', severity: 1, days: 3 },
    days: 6,
    evidence(sound, faulty) {
      expect(ratio('string1.dcCurrent', sound, faulty, day(5))).toBeCloseTo(0.97, 2);
      expect(ratio('string1.dcVoltage', sound, faulty, day(5))).toBeCloseTo(1, 2);
      expect(ratio('string1.dcCurrent', sound, faulty, day(5))).toBeCloseTo(
        ratio('string1.dcCurrent', sound, faulty, day(4)),
        2,
      );
    },
    untouched: surroundings,
  },
  letid: {
    plant: 'home',
    fault: { id: 'letid', severity: 1, progression: 'step' },
    evidence(sound, faulty) {
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeCloseTo(0.96, 2);
      expect(ratio('string1.dcVoltage', sound, faulty)).toBeLessThan(0.98);
    },
    untouched: surroundings,
  },
  discolouration: {
    plant: 'home',
    fault: { id: 'discolouration', severity: 0.5, progression: 'step' },
    evidence(sound, faulty) {
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeCloseTo(0.95, 2);
      expect(ratio('string1.dcVoltage', sound, faulty)).toBeCloseTo(1, 2);
    },
    untouched: surroundings,
  },
  'series-resistance': {
    plant: 'home',
    fault: { id: 'series-resistance', severity: 1, progression: 'step' },
    evidence(sound, faulty) {
      expect(ratio('dcPower', sound, faulty)).toBeLessThan(ratio('dcPower', sound, faulty, dim) - 0.05);
      expect(ratio('string1.dcVoltage', sound, faulty)).toBeLessThan(0.93);
    },
    untouched: surroundings,
  },
  'cell-crack': {
    plant: 'roof',
    fault: { id: 'cell-crack', severity: 1, progression: 'step' },
    evidence(sound, faulty) {
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeLessThan(0.95);
      expect(ratio('string2.dcCurrent', sound, faulty)).toBeGreaterThan(0.99);
    },
    untouched: [...weather, 'string4.dcCurrent', 'inverter2.dcPower'],
  },
  'string-open': {
    plant: 'roof',
    fault: { id: 'string-open', severity: 0.5, target: 'string2' },
    evidence(sound, faulty) {
      expect(faulty.mean('string2.dcCurrent', bright)).toBe(0);
      expect(ratio('inverter1.dcPower', sound, faulty)).toBeCloseTo(2 / 3, 2);
      expect(ratio('string1.dcVoltage', sound, faulty)).toBeCloseTo(1, 3);
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeCloseTo(1, 3);
    },
    untouched: [...weather, 'inverter2.acPower', 'string4.dcCurrent'],
  },
  'ground-fault': {
    plant: 'roof',
    fault: { id: 'ground-fault', severity: 0.6 },
    evidence(sound, faulty) {
      expect(faulty.mean('inverter1.insulationResistance', bright)).toBeLessThan(200);
      expect(ratio('string1.dcCurrent', sound, faulty)).toBeLessThan(0.9);
    },
    untouched: [...weather, 'inverter2.insulationResistance', 'inverter2.acPower'],
  },
  'mppt-fault': {
    plant: 'roof',
    fault: { id: 'mppt-fault', severity: 0.5, target: 'inverter1' },
    evidence(sound, faulty) {
      expect(ratio('string1.dcVoltage', sound, faulty)).toBeGreaterThan(1.03);
      expect(ratio('inverter1.dcPower', sound, faulty)).toBeLessThan(0.95);
      const efficiency = (s: Series) => s.mean('inverter1.acPower', bright) / s.mean('inverter1.dcPower', bright);
      expect(efficiency(faulty)).toBeCloseTo(efficiency(sound), 2);
    },
    untouched: [...weather, 'dcAvailable', 'inverter2.acPower'],
  },
  'inverter-derating': {
    plant: 'field',
    fault: { id: 'inverter-derating', severity: 0.8, progression: 'step' },
    evidence(sound, faulty) {
      expect(faulty.mean('inverter1.heatSinkTemperature', bright)).toBeGreaterThan(
        sound.mean('inverter1.heatSinkTemperature', bright) + 15,
      );
      expect(ratio('acPower', sound, faulty, dim)).toBe(1);
      const hottest = (s: Series) => Math.max(...s.column('acPower'));
      expect(hottest(faulty)).toBeLessThan(hottest(sound));
    },
    untouched: ['ghi', 'poaGlobal', 'airTemperature', 'dcAvailable', 'moduleTemperature'],
  },
  'inverter-efficiency': {
    plant: 'roof',
    fault: { id: 'inverter-efficiency', severity: 0.4, target: 'inverter2', progression: 'step' },
    evidence(sound, faulty) {
      for (const pick of [bright, dim]) {
        const efficiency = (s: Series) => s.mean('inverter2.acPower', pick) / s.mean('inverter2.dcPower', pick);
        expect(efficiency(sound) - efficiency(faulty)).toBeCloseTo(0.1, 2);
      }
    },
    untouched: [...weather, 'dcPower', 'inverter1.acPower', 'inverter2.dcVoltage'],
  },
  'inverter-trip': {
    plant: 'roof',
    fault: { id: 'inverter-trip', severity: 0.6, target: 'inverter1' },
    days: 3,
    evidence(sound, faulty) {
      const power = faulty.column('inverter1.acPower');
      const voltage = faulty.column('inverter1.dcVoltage');
      let off = 0;
      sound.column('inverter1.acPower').forEach((value, row) => {
        if (value < 3000 || (power[row] as number) > 0) return;
        off++;
        expect(voltage[row] as number).toBeGreaterThan(1.1 * (sound.column('inverter1.dcVoltage')[row] as number));
      });
      expect(off).toBeGreaterThan(5);
      expect(power.some((value) => value > 3000)).toBe(true);
    },
    untouched: [...weather, 'dcAvailable', 'inverter2.acPower'],
  },
  'ac-loss': {
    plant: 'roof',
    fault: { id: 'ac-loss', severity: 1, progression: 'step' },
    evidence(sound, faulty) {
      const gap = (s: Series) => 1 - s.mean('meterPower', bright) / s.mean('acPower', bright);
      expect(gap(faulty)).toBeGreaterThan(gap(sound) + 0.05);
      expect(faulty.mean('voltage', bright)).toBeGreaterThan(sound.mean('voltage', bright) + 20);
    },
    untouched: [...weather, 'dcPower', 'acPower', 'inverter1.acPower', 'inverterEfficiency'],
  },
  'tracker-stall': {
    plant: 'field',
    fault: { id: 'tracker-stall', severity: 0.8 },
    evidence(sound, faulty) {
      const half = (s: Series, afternoon: boolean) =>
        s.mean('dcPower', (row) => {
          // Solar noon in Phoenix is half past seven, UTC.
          const hour = ((s.simulation.telemetry.time[row] as number) / 3_600_000 - 19.5 + 240_000) % 24;
          return afternoon ? hour < 6 : hour > 18;
        });
      expect(half(sound, true) / half(sound, false)).toBeCloseTo(1, 1);
      expect(half(faulty, true) / half(faulty, false)).toBeGreaterThan(1.5);
    },
    untouched: ['ghi', 'poaGlobal', 'airTemperature'],
  },
  'battery-capacity-fade': {
    plant: 'home',
    fault: { id: 'battery-capacity-fade', severity: 0.6, progression: 'step' },
    days: 3,
    evidence(sound, faulty) {
      const least = (s: Series) => Math.min(...s.column('batteryLevel').subarray(48));
      expect(least(faulty)).toBeLessThan(least(sound) - 10);
    },
    untouched: [...surroundings, 'acPower', 'dcPower', 'panelHealth'],
  },
  'battery-resistance': {
    plant: 'home',
    fault: { id: 'battery-resistance', severity: 1, progression: 'step' },
    days: 2,
    evidence(sound, faulty) {
      const gap = (s: Series) => {
        const current = s.column('battery.current');
        return (
          s.mean('battery.voltage', (row) => (current[row] as number) > 4) -
          s.mean('battery.voltage', (row) => (current[row] as number) < -0.5)
        );
      };
      expect(gap(faulty)).toBeGreaterThan(gap(sound) + 5);
      expect(faulty.simulation.truth.energy.batteryLoss as number).toBeGreaterThan(
        sound.simulation.truth.energy.batteryLoss as number,
      );
    },
    untouched: [...surroundings, 'acPower'],
  },
  'battery-imbalance': {
    plant: 'home',
    reserve: 0.1,
    fault: { id: 'battery-imbalance', severity: 1, progression: 'step' },
    days: 3,
    evidence(sound, faulty) {
      const least = (s: Series) => Math.min(...s.column('batteryLevel'));
      expect(least(sound)).toBeLessThan(30);
      expect(least(faulty)).toBeGreaterThan(40);
    },
    untouched: [...surroundings, 'acPower'],
  },
  'battery-thermal': {
    plant: 'home',
    fault: { id: 'battery-thermal', severity: 1 },
    days: 2,
    evidence(sound, faulty) {
      const hot = faulty.column('battery.temperature');
      const rise = (hours: number) =>
        (hot[4 * hours] as number) - (sound.column('battery.temperature')[4 * hours] as number);
      expect(rise(6)).toBeGreaterThan(0);
      expect(rise(30)).toBeGreaterThan(40);
      expect(Math.max(...faulty.column('temperature'))).toBeGreaterThan(70);
    },
    untouched: [...surroundings, 'acPower', 'inverter1.heatSinkTemperature'],
  },
  cooling: {
    plant: 'home',
    fault: { id: 'cooling', severity: 0.5, progression: 'step' },
    evidence(sound, faulty) {
      for (const name of ['inverter1.heatSinkTemperature', 'temperature']) {
        expect(faulty.mean(name, bright)).toBeGreaterThan(sound.mean(name, bright) + 5);
      }
      expect(faulty.mean('battery.temperature', bright)).toBeGreaterThan(sound.mean('battery.temperature', bright) + 2);
    },
    untouched: [...surroundings, 'moduleTemperature', 'dcAvailable'],
  },
};

function simulate(plant: ExamplePlantName, days: number, faults: readonly FaultRequest[], reserve?: number): Series {
  const description = examplePlant(plant);
  if (reserve !== undefined && description.battery !== undefined) {
    description.battery.reserve = reserve;
    description.loads = [{ annualEnergy: 9000 }];
  }
  const twin = new DigitalTwin(description, { climate: clearSky, seed: 11 });
  return new Series(twin.simulate({ from: start, days, step: '15m', faults }));
}

describe('each fault of the plant shows its first evidence and leaves the rest alone', () => {
  it('covers the whole catalogue', () => {
    expect(Object.keys(cases).sort()).toEqual(plantFaults.map(({ id }) => id).sort());
  });

  it.each(Object.entries(cases))('%s', (_, { plant, fault, days = 1, reserve, evidence, untouched }) => {
    const sound = simulate(plant, days, [], reserve);
    const faulty = simulate(plant, days, [fault], reserve);
    evidence(sound, faulty);
    for (const name of untouched) expect(faulty.column(name), name).toEqual(sound.column(name));
    const [label] = faulty.simulation.truth.labels;
    expect(label).toMatchObject({ fault: fault.id, layer: 'plant' });
    // The power lost is that against the sound plant.
    const total = sound
      .column('meterPower')
      .reduce((sum, value, row) => sum + value - (faulty.column('meterPower')[row] as number), 0);
    expect(label?.lostEnergyKwh).toBeCloseTo((total * 0.25) / 1000, 6);
  });

  it('shares the loss of composed faults out without counting it twice', () => {
    const faults: FaultRequest[] = [
      { id: 'discolouration', severity: 1, progression: 'step' },
      { id: 'inverter-efficiency', severity: 0.5, progression: 'step' },
      { id: 'string-open', severity: 1 },
    ];
    const sound = simulate('home', 1, []);
    const faulty = simulate('home', 1, faults);
    const total = sound
      .column('meterPower')
      .reduce((sum, value, row) => sum + value - (faulty.column('meterPower')[row] as number), 0);
    const shared = faulty.simulation.truth.labels.reduce((sum, { lostEnergyKwh }) => sum + lostEnergyKwh, 0);
    expect(shared).toBeCloseTo((total * 0.25) / 1000, 6);
    const alone = faults.map((fault) => simulate('home', 1, [fault]).simulation.truth.labels[0]?.lostEnergyKwh ?? 0);
    expect(shared).toBeLessThan(alone.reduce((sum, value) => sum + value, 0));
    for (const { lostEnergyKwh } of faulty.simulation.truth.labels) expect(lostEnergyKwh).toBeGreaterThan(0);
  });
});
