import type { EndOfLife, ModelChannel, ModelState, ScenarioFault } from '../asset-model.js';
import { type Plant, readPlant } from '../description/plant.js';
import type { PlantDescription } from '../description/schema.js';
import { PlantFilter } from '../filter/plant-filter.js';
import { plantChannels, plantStates } from './channels.js';
import { scenariosOf } from './scenarios.js';
import { Sky } from './sky.js';
import { plantStages, SoundPlant } from './sound-plant.js';

/** How many kinds are remembered; the one that was made first goes. */
const REMEMBERED = 256;

/** All that plants have in common whose descriptions differ in id and name only. */
export class PlantKind {
  /** The checked description; its id and name are those of the first plant. */
  readonly plant: Plant;
  readonly channels: readonly ModelChannel[];
  readonly states: readonly ModelState[];
  readonly scenarios: Readonly<Record<string, readonly ScenarioFault[]>>;
  readonly stages: readonly string[];
  readonly endOfLife: readonly EndOfLife[];
  readonly sky: Sky;
  #sound: SoundPlant | undefined;
  #filter: PlantFilter | undefined;

  private constructor(description: PlantDescription) {
    const plant = readPlant(description);
    this.plant = plant;
    this.sky = new Sky(plant.site);
    this.channels = plantChannels(plant);
    this.states = plantStates(plant);
    this.scenarios = scenariosOf(plant);
    this.stages = plantStages(plant);
    this.endOfLife = criteria(plant);
  }

  /** The kind of a described plant: a fleet of one description has one, so that each plant costs little memory. */
  static of(description: PlantDescription): PlantKind {
    const key = JSON.stringify({ ...description, id: '', name: '' });
    let kind = kinds.get(key);
    if (kind === undefined) {
      kind = new PlantKind(description);
      if (kinds.size >= REMEMBERED) kinds.delete(kinds.keys().next().value as string);
      kinds.set(key, kind);
    }
    return kind;
  }

  get sound(): SoundPlant {
    this.#sound ??= new SoundPlant(this.plant, this.sky);
    return this.#sound;
  }

  get filter(): PlantFilter {
    this.#filter ??= new PlantFilter(this.plant, this.channels, this.stages, this.sound);
    return this.#filter;
  }
}

const kinds = new Map<string, PlantKind>();

/** The physical criteria of the end of life of a plant. */
function criteria(plant: Plant): EndOfLife[] {
  return [
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
