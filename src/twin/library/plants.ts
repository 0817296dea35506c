import type { PlantDescription } from '../description/schema.js';

/** Ready plants for trials and demonstrations. */
const plants = {
  /** A house in Bavaria: 10 kW on the roof, a battery of 10 kWh, 4,500 kWh of load a year. */
  home: {
    id: 'home',
    name: 'Roof in Munich',
    site: { latitude: 48.14, longitude: 11.58, altitude: 520, timeZone: 'Europe/Berlin' },
    arrays: [
      {
        tilt: 35,
        azimuth: 170,
        strings: 2,
        modulesPerString: 13,
        module: 'Canadian Solar CS3U-400MS',
        mounting: 'roof',
      },
    ],
    inverters: [{ model: 'SunPower SPR-12000m-3' }],
    battery: { model: 'BYD HVS 10.2', reserve: 0.45 },
    loads: [{ annualEnergy: 4500 }],
  },
  /** A commercial roof in Spain: two planes, two inverters of 20 kW, an office below. */
  roof: {
    id: 'roof',
    name: 'Office roof in Valencia',
    site: { latitude: 39.47, longitude: -0.38, altitude: 15, timeZone: 'Europe/Madrid' },
    arrays: [
      {
        tilt: 10,
        azimuth: 90,
        strings: 3,
        modulesPerString: 18,
        module: 'Canadian Solar CS3U-400MS',
        mounting: 'roof',
      },
      {
        tilt: 10,
        azimuth: 270,
        strings: 3,
        modulesPerString: 18,
        module: 'Canadian Solar CS3U-400MS',
        mounting: 'roof',
      },
    ],
    inverters: [{ model: 'SunPower SPR-20000m-3' }, { model: 'SunPower SPR-20000m-3' }],
    loads: [{ annualEnergy: 60000, profile: 'office' }],
  },
  /** A field with trackers in Arizona: 300 kW in 24 strings on one central inverter. */
  field: {
    id: 'field',
    name: 'Tracked field near Phoenix',
    site: { latitude: 33.3, longitude: -112.4, altitude: 300, timeZone: 'America/Phoenix', albedo: 0.25 },
    arrays: [{ tracker: { maxAngle: 55 }, strings: 90, modulesPerString: 9, module: 'Canadian Solar CS3U-400MS' }],
    inverters: [{ model: 'Power-One PVI-CENTRAL-300' }],
    grid: { voltage: 480 },
  },
} as const satisfies Readonly<Record<string, PlantDescription>>;

/** The name of a ready plant. */
export type ExamplePlantName = keyof typeof plants;

/**
 * The description of a ready plant: `home` (roof with battery), `roof` (two planes, two inverters), `field` (trackers).
 * @param id identifier to give it, so that a fleet can be made of one kind
 */
export function examplePlant(name: ExamplePlantName = 'home', id: string = plants[name].id): PlantDescription {
  return { ...structuredClone<PlantDescription>(plants[name]), id };
}
