import type { PlantDescription } from 'twinergy';

/** The zone of the plant's local days: its logger keeps standard time all year. */
export const ZONE = 'Etc/GMT+7';

/** Where it stands; altitude in m. */
export const site = { latitude: 39.742, longitude: -105.172, altitude: 1829 };

/**
 * What is publicly known of the roof "SERF East": place, tilt, azimuth, about 6 kW. Its modules and its inverter are not
 * known; these come from the library and are of about that size, which is why the model gets a factor from the data.
 */
export const plant: PlantDescription = {
  id: 'serf-east',
  name: 'SERF East',
  site: { ...site, timeZone: ZONE },
  arrays: [
    { tilt: 45, azimuth: 158, strings: 3, modulesPerString: 9, module: 'Canadian Solar CS5P-220M', mounting: 'rack' },
  ],
  inverters: [{ model: 'Fronius IG Plus V 6.0' }],
};

/** Power of the modules under standard conditions, W. */
export const RATED_POWER = 27 * 219.7;
