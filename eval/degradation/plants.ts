import { type Frame, Random } from '../../src/core/index.js';
import { DigitalTwin, type FaultRequest, type PlantDescription } from '../../src/twin/index.js';
import { maximumPowerPoint, singleDiodeDeSoto } from '../../src/twin/solar/index.js';
import { clearSkyIrradiance } from '../forecast/clear-sky.js';

const DAY = 86_400_000;
const YEARS = 5;
const START = Date.UTC(2019, 0, 1);

/** Where the plants stand: deserts, the subtropics where most plants are, and one place with much cloud. */
const SITES = [
  { latitude: 37.4, longitude: -5.9, altitude: 30 },
  { latitude: 33.4, longitude: -112.1, altitude: 340 },
  { latitude: 41.1, longitude: 16.9, altitude: 10 },
  { latitude: 24.5, longitude: 54.4, altitude: 20 },
  { latitude: -33.9, longitude: 18.6, altitude: 60 },
  { latitude: -31.9, longitude: 115.9, altitude: 30 },
  { latitude: 48.1, longitude: 11.6, altitude: 520 },
] as const;

/** A plant whose rate is known, as its owner sees it, and what is true of it. */
export interface KnownPlant {
  readonly name: string;
  /** Telemetry with the column `clearSkyPoa` beside it. */
  readonly frame: Frame;
  readonly ratedPower: number;
  readonly acLimit: number;
  /** Change of the power of the modules under standard conditions, fraction a year of its beginning. */
  readonly rate: number;
  /** Drift of the irradiance sensor, fraction a year. */
  readonly sensorDrift: number;
}
/**
 * Plant number `index`: five hourly years of the twin with encapsulant that yellows at a known rate, dust that rain
 * washes off, outages, and in every second plant a sensor that drifts.
 */
export function knownPlant(index: number, seed: number): KnownPlant {
  const random = new Random(seed).split(`plant ${index}`);
  const site = SITES[index % SITES.length] as (typeof SITES)[number];
  const tilt = Math.round(random.uniform(10, 35));
  const azimuth = Math.round((site.latitude > 0 ? 180 : 0) + random.uniform(-40, 40) + 360) % 360;
  const plant: PlantDescription = {
    id: `plant${index}`,
    site,
    arrays: [
      { tilt, azimuth, strings: 1, modulesPerString: 13, module: 'Canadian Solar CS3U-400MS', mounting: 'rack' },
    ],
    inverters: [{ model: index % 2 === 0 ? 'Growatt SPH 5000TL' : 'Fronius IG Plus V 6.0' }],
  };
  const twin = new DigitalTwin(plant);
  const wanted = -random.uniform(0.002, 0.015);
  // Severity 1 of discolouration takes a tenth of the photocurrent.
  const severity = (-wanted * YEARS) / 0.1;
  const days = YEARS * 365.2425;
  const drift = index % 2 === 0 ? 0 : random.uniform(-0.012, 0.012);
  const faults: FaultRequest[] = [
    { id: 'discolouration', severity, days, progression: 'linear' },
    // Dust of 0.02…0.15 % a dry day: what measured sites have, and what their owners live with.
    { id: 'soiling', severity: random.uniform(0.02, 0.15) },
  ];
  for (let year = 0; year < YEARS; year++) {
    for (let event = 0; event < 3; event++) {
      const from = START + (year * 365.25 + random.uniform(0, 350)) * DAY;
      faults.push({
        id: 'inverter-trip',
        severity: 1,
        progression: 'step',
        from,
        to: from + random.uniform(0.2, 9) * DAY,
      });
    }
  }
  const { telemetry } = twin.simulate({
    from: START,
    to: START + days * DAY,
    step: '1h',
    seed: seed * 1000 + index,
    faults,
  });
  const clearSky = telemetry.time.map((t) => clearSkyIrradiance({ ...site, tilt, azimuth }, t));
  const frame = telemetry
    .select('acPower', 'poaGlobal', 'airTemperature', 'moduleTemperature', 'windSpeed', 'precipitation')
    .withColumn('clearSkyPoa', clearSky, 'W/m²')
    .withColumn(
      'poaGlobal',
      telemetry
        .column('poaGlobal')
        .map((g, i) => g * (1 + (drift * ((telemetry.time[i] as number) - START)) / (365.2425 * DAY))),
      'W/m²',
    );
  const array = twin.plant?.arrays[0];
  if (array === undefined) throw new Error('The plant has no array.');
  const sound = singleDiodeDeSoto(array.module, 1000, 25);
  const power = (loss: number) => maximumPowerPoint({ ...sound, photocurrent: sound.photocurrent * (1 - loss) }).power;
  return {
    name: `plant ${index} at ${site.latitude}, ${site.longitude}`,
    frame,
    ratedPower: power(0) * 13,
    acLimit: twin.plant?.acRating ?? Number.POSITIVE_INFINITY,
    rate: (power(severity * 0.1) / power(0) - 1) / YEARS,
    sensorDrift: drift,
  };
}
