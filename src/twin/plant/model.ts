import type { Frame } from '../../core/index.js';
import type {
  AssetModel,
  EndOfLife,
  Environment,
  EnvironmentOptions,
  ModelChannel,
  ModelState,
  ScenarioFault,
} from '../asset-model.js';
import { type Plant, readPlant } from '../description/plant.js';
import type { PlantDescription } from '../description/schema.js';
import { expectedFrame } from '../expected.js';
import { type ActiveFault, circumstances, type FaultDefinition, plantFaults } from '../faults/index.js';
import type { PlantFilter } from '../filter/plant-filter.js';
import { PlantWearMeter } from '../wear/plant.js';
import type { Climate } from '../weather/climate.js';
import { inputCount, PlantEnvironment, planeIrradiance, workingPlane } from './environment.js';
import { PlantKind } from './kind.js';
import { PlantRun } from './run.js';
import type { SoundPlant } from './sound-plant.js';

const faults = [...plantFaults, ...circumstances];

/** A solar plant as the twin's machinery wants an asset. */
export class SolarPlantModel implements AssetModel {
  readonly type = 'solar-plant';
  readonly id: string;
  /** The checked description. */
  readonly plant: Plant;
  readonly channels: readonly ModelChannel[];
  readonly states: readonly ModelState[];
  readonly inputCount: number;
  readonly faults: readonly FaultDefinition[] = faults;
  readonly scenarios: Readonly<Record<string, readonly ScenarioFault[]>>;
  readonly mainSensor = 'poaGlobal';
  readonly output = { name: 'meterPower', sign: 1 } as const;
  readonly endOfLife: readonly EndOfLife[];
  readonly stages: readonly string[];
  readonly #climate: Climate | undefined;
  readonly #kind: PlantKind;

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION` */
  constructor(description: PlantDescription, climate?: Climate) {
    // Checked anew each time, since JSON has no place for what a check would find wrong in an id or a number.
    const { id, name = id } = readPlant(description);
    const kind = PlantKind.of(description);
    this.#kind = kind;
    this.plant = { ...kind.plant, id, name };
    this.id = id;
    this.#climate = climate;
    this.channels = kind.channels;
    this.states = kind.states;
    this.inputCount = inputCount(this.plant);
    this.scenarios = kind.scenarios;
    this.stages = kind.stages;
    this.endOfLife = kind.endOfLife;
  }

  environment(options: EnvironmentOptions): Environment {
    return new PlantEnvironment(this.plant, this.#kind.sky, options, this.#climate);
  }

  start(faults: readonly ActiveFault[]): PlantRun {
    return new PlantRun(this.plant, faults);
  }

  expected(frame: Frame): Frame {
    const sound = this.evaluator();
    sound.demand((name) => frame.has(name));
    return expectedFrame(this, sound, frame);
  }

  evaluator(): SoundPlant {
    return this.#kind.sound;
  }

  filter(): PlantFilter {
    return this.#kind.filter;
  }

  wear(): PlantWearMeter {
    return new PlantWearMeter(this, this.plant);
  }

  misread(fault: ActiveFault, channel: string, _time: number, inputs: Float64Array): number | undefined {
    if (channel !== 'poaGlobal' && !channel.endsWith('.poaGlobal')) return undefined;
    const array = this.plant.arrays.find(({ id }) => channel === `${id}.poaGlobal`) ?? this.plant.arrays[0];
    if (array === undefined) return undefined;
    const { plane } = workingPlane(array, inputs);
    // Turned to the east, and out of the plane by a third of that, so that a flat one shows it too.
    const turned = {
      surfaceTilt: Math.max(0, plane.surfaceTilt - 10 * fault.severity),
      surfaceAzimuth: (plane.surfaceAzimuth - 30 * fault.severity + 360) % 360,
    };
    const light = new Float64Array(3);
    planeIrradiance(inputs, turned, this.plant.site.albedo, light, 0);
    return (light[0] as number) + (light[1] as number) + (light[2] as number);
  }
}
