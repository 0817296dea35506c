import { Random } from '../../src/core/index.js';
import { DigitalTwin, type LawChoice, type PlantDescription, type RunToFailure } from '../../src/twin/index.js';

/** Makes that training and held-back fleets are drawn from. What training does not know is a test of its own. */
const MAKES = {
  training: {
    inverters: ['Ablerex ES 4200', 'Growatt SPH 5000TL', 'SunPower SPR-12000m-3', 'SunPower SPR-20000m-3'],
    modules: ['Canadian Solar CS3U-400MS', 'Canadian Solar CS3N-400MS', 'Canadian Solar CS3L-380MS'],
    batteries: ['BYD HVS 10.2', 'Pylontech US3000C', 'LG RESU10H'],
  },
  'held back': {
    inverters: ['Fronius IG Plus V 6.0', 'Growatt SPH 5000TL', 'SunPower SPR-12000m-3', 'SunPower SPR-20000m-3'],
    modules: ['Canadian Solar CS3W-400P', 'Canadian Solar CS3N-400MS', 'Canadian Solar CS3U-400MS'],
    batteries: ['BYD HVM 16.6', 'BYD HVS 10.2', 'Pylontech US3000C'],
  },
} as const;

/** Rated power, W, and working voltage, V, of the makes above. */
const INVERTERS: Readonly<Record<string, readonly [rating: number, voltage: number]>> = {
  'Ablerex ES 4200': [4160, 340],
  'Growatt SPH 5000TL': [4954, 380],
  'Fronius IG Plus V 6.0': [6000, 330],
  'SunPower SPR-12000m-3': [12_000, 560],
  'SunPower SPR-20000m-3': [20_000, 600],
};
/** Voltage of a module of 400 W at its maximum power, V, and its power, W. */
const MODULE = { voltage: 39, power: 400 };

/** Plants of drawn sites, tilts, sizes and makes. Every second one has a battery. */
export function drawnPlants(part: keyof typeof MAKES, count: number, seed: number): PlantDescription[] {
  const { inverters, modules, batteries } = MAKES[part];
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed).split(`${part} ${i}`);
    const pick = <Item>(items: readonly Item[]) => items[random.int(items.length)] as Item;
    const inverter = pick(inverters);
    const [rating, voltage] = INVERTERS[inverter] as readonly [number, number];
    const modulesPerString = Math.round(voltage / MODULE.voltage);
    const south = random.next() < 0.25;
    return {
      id: `${part === 'training' ? 't' : 'h'}${i}`,
      site: {
        latitude: (south ? -1 : 1) * random.uniform(18, south ? 40 : 55),
        longitude: random.uniform(-120, 140),
        altitude: random.uniform(0, 900),
      },
      arrays: [
        {
          tilt: random.uniform(8, 45),
          azimuth: (south ? 0 : 180) + random.uniform(-60, 60) * (random.next() < 0.5 ? -1 : 1) + (south ? 60 : 0),
          strings: Math.max(1, Math.round((rating * random.uniform(0.9, 1.2)) / (modulesPerString * MODULE.power))),
          modulesPerString,
          module: pick(modules),
          mounting: pick(['roof', 'rack'] as const),
        },
      ],
      inverters: [{ model: inverter }],
      ...(i % 2 === 0
        ? { battery: { model: pick(batteries), reserve: 0.2 }, loads: [{ annualEnergy: random.uniform(2500, 9000) }] }
        : {}),
    } satisfies PlantDescription;
  });
}

/** What they fail of. The catalogue's discolouration never takes a fifth of the output, so that it would be drawn in vain. */
const FAULTS = ['inverter-efficiency', 'series-resistance', 'pid', 'battery-capacity-fade'];

/** What fleets are drawn by. */
export interface FleetDraw {
  readonly part: keyof typeof MAKES;
  readonly plants: number;
  readonly assetsEach: number;
  readonly seed: number;
  /** By which laws the faults grow, see `runToFailure`. */
  readonly laws?: LawChoice;
}

/** The fleet of one of the plants, run to failure. */
export function plantFleet({ part, plants, assetsEach, seed, laws }: FleetDraw, place: number): RunToFailure[] {
  const plant = drawnPlants(part, plants, seed)[place] as PlantDescription;
  return new DigitalTwin(plant).runToFailure({
    fleet: assetsEach,
    seed: seed * 1000 + place,
    faults: FAULTS,
    ...(laws !== undefined && { laws }),
  });
}
