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
import type { Climate } from '../weather/climate.js';
import { plantChannels, plantStates } from './channels.js';
import { inputCount, PlantEnvironment, planeIrradiance, workingPlane } from './environment.js';
import { PlantRun } from './run.js';
import { scenariosOf } from './scenarios.js';
import { Sky } from './sky.js';
import { plantStages, SoundPlant } from './sound-plant.js';

/** A solar plant as the twin's machinery wants an asset. */
export class SolarPlantModel implements AssetModel {
  readonly type = 'solar-plant';
  readonly id: string;
  /** The checked description. */
  readonly plant: Plant;
  readonly channels: readonly ModelChannel[];
  readonly states: readonly ModelState[];
  readonly inputCount: number;
  readonly faults: readonly FaultDefinition[];
  readonly scenarios: Readonly<Record<string, readonly ScenarioFault[]>>;
  readonly mainSensor = 'poaGlobal';
  readonly output = { name: 'meterPower', sign: 1 } as const;
  readonly endOfLife: readonly EndOfLife[];
  readonly stages: readonly string[];
  readonly #climate: Climate | undefined;
  readonly #sky: Sky;
  #sound: SoundPlant | undefined;

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION` */
  constructor(description: PlantDescription, climate?: Climate) {
    const plant = readPlant(description);
    this.plant = plant;
    this.id = plant.id;
    this.#climate = climate;
    this.#sky = new Sky(plant.site);
    this.channels = plantChannels(plant);
    this.states = plantStates(plant);
    this.inputCount = inputCount(plant);
    this.faults = [...plantFaults, ...circumstances];
    this.scenarios = scenariosOf(plant);
    this.stages = plantStages(plant);
    this.endOfLife = [
      {
        name: 'inverter-efficiency',
        faults: ['inverter-efficiency'],
        channel: 'efficiency',
        when: 'below',
        limit: 0.9,
        title: 'inverter efficiency below 90 %',
      },
      {
        name: 'array-loss',
        faults: ['series-resistance', 'pid', 'discolouration'],
        channel: 'arrayLoss',
        when: 'above',
        limit: 0.2,
        title: 'the arrays give less than 80 % of what sound ones would',
      },
      ...(plant.battery === undefined
        ? []
        : [
            {
              name: 'battery-capacity',
              faults: ['battery-capacity-fade'],
              channel: 'battery.capacity',
              when: 'below',
              limit: 0.8 * plant.battery.capacity,
              title: 'battery capacity below 80 %',
            } as const,
          ]),
    ];
  }

  environment(options: EnvironmentOptions): Environment {
    return new PlantEnvironment(this.plant, this.#sky, options, this.#climate);
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
    this.#sound ??= new SoundPlant(this.plant, this.#sky);
    return this.#sound;
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
