import type { Plant } from '../description/plant.js';
import type { SoundPlant } from '../plant/sound-plant.js';
import type { FilterInput } from './health-filter.js';
import { layOutParts, type PlantParts } from './plant-parts.js';
import type { Wiring } from './wiring.js';

/** What the steps of a plant's filter share: the plant, its parts, and where its channels and stages are. */
export class PlantContext {
  readonly plant: Plant;
  readonly sound: SoundPlant;
  readonly wiring: Wiring;
  readonly parts: PlantParts;
  readonly channel: Readonly<Record<'air' | 'wind' | 'rain' | 'ghi' | 'dc' | 'ac' | 'meter' | 'efficiency', number>>;
  readonly batteryChannel: Readonly<Record<'current' | 'voltage' | 'temperature' | 'level', number>>;
  readonly stage: Readonly<Record<'dc' | 'efficiency' | 'ac' | 'meter' | 'batteryVoltage', number>>;

  constructor(plant: Plant, stages: readonly string[], sound: SoundPlant, wiring: Wiring) {
    this.plant = plant;
    this.sound = sound;
    this.wiring = wiring;
    this.parts = layOutParts(plant, wiring, stages);
    const stage = (name: string) => stages.indexOf(name);
    this.channel = {
      air: wiring.of('airTemperature'),
      wind: wiring.of('windSpeed'),
      rain: wiring.of('precipitation'),
      ghi: wiring.of('ghi'),
      dc: wiring.of('dcPower'),
      ac: wiring.of('acPower'),
      meter: wiring.of('meterPower'),
      efficiency: wiring.of('inverterEfficiency'),
    };
    this.batteryChannel = {
      current: wiring.of('battery.current'),
      voltage: wiring.of('battery.voltage'),
      temperature: wiring.of('battery.temperature'),
      level: wiring.of('batteryLevel'),
    };
    this.stage = {
      dc: stage('dcPower'),
      efficiency: stage('inverterEfficiency'),
      ac: stage('acPower'),
      meter: stage('meterPower'),
      batteryVoltage: stage('battery.voltage'),
    };
  }

  /** What a part's own noise and the error of the model leave open, as a variance. */
  own(input: FilterInput, channel: number, stage: number, value: number): number {
    const noise = this.wiring.noise(channel, value);
    const error = (input.modelError[stage] as number) * value;
    return noise * noise + error * error;
  }
}

/** The deviation of a sum whose parts err alike, or independently. */
export const together = (a: number, b: number, alike: boolean) => (alike ? a + b : Math.sqrt(a * a + b * b));
