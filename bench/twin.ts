import { readFileSync } from 'node:fs';
import * as suncalc from 'suncalc';
import { getSolarNoon, getSunrise, getSunset } from 'sunrise-sunset-js';
import { chainSystem, chainWeather } from '../eval/pv-reference/chain.js';
import type { Node } from '../eval/pv-reference/compare.js';
import { DigitalTwin, examplePlant } from '../src/twin/index.js';
import {
  type NetworkString,
  PvChain,
  PvNetwork,
  type SingleDiode,
  singleDiodeDeSoto,
  solarPosition,
  solarPositions,
  sunriseSunset,
} from '../src/twin/solar/index.js';
import { type Figures, interleaved, median, type RunInput } from './harness.js';

const STEP = 60;
const COUNT = 525_600;
/** Peers are given every 10th instant: their cost per instant is the same, and the run stays short. */
const PEER_COUNT = COUNT / 10;
const DAYS = 365;

/** Yearly energy (kWh) that pvlib computes from the same system at the same steps. */
const PVLIB_KWH = 8639.698118276827;

/** Times a function a few times after warming it up: median, ms. */
function timed(work: () => void, rounds = 5): number {
  work();
  work();
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return median(times);
}

/** Angle between two directions given by elevation and azimuth, all in degrees. */
function separation(elevation1: number, azimuth1: number, elevation2: number, azimuth2: number): number {
  const r = Math.PI / 180;
  const vector = (e: number, a: number) => [
    Math.cos(e * r) * Math.sin(a * r),
    Math.cos(e * r) * Math.cos(a * r),
    Math.sin(e * r),
  ];
  const [a, b] = [vector(elevation1, azimuth1), vector(elevation2, azimuth2)];
  return Math.hypot(...a.map((value, k) => value - (b[k] as number))) / r;
}

/**
 * The twin's physics: a year of minutes through the whole chain, the sun's position against suncalc, its rise and set
 * against sunrise-sunset-js, and an hourly year of a shaded plant solved as a circuit.
 */
export default async function twin({ data = '../shared/reference/pv', say }: RunInput): Promise<Figures> {
  const file = JSON.parse(readFileSync(`${data}/chain_year_saint_pierre_reunion.json`, 'utf8')) as { inputs: Node };
  const system = file.inputs.system;
  const { time, weather } = chainWeather(system, STEP, COUNT);
  const chain = new PvChain(chainSystem(system, 'hay-davies'));
  const columns = PvChain.columns(COUNT);
  const year = timed(() => chain.run(time, weather, columns), 9);
  const energy = columns.pAc.reduce((sum, power) => sum + power, 0) / (3600 / STEP) / 1000;
  say(`chain: ${year.toFixed(1)} ms a year of minutes; ${energy.toFixed(6)} kWh, pvlib's ${PVLIB_KWH.toFixed(6)}`);

  const { site } = chain.system;
  const instants = time.subarray(0, COUNT).filter((_, k) => k % 10 === 0);
  const { pressure, temperature } = site;
  const position = await interleaved({
    ours: () => solarPositions(time, site),
    suncalc: () => {
      for (let k = 0; k < PEER_COUNT; k++)
        suncalc.getPosition(new Date(instants[k] as number), site.latitude, site.longitude);
    },
  });
  const ours = solarPositions(instants, site);
  let [ourError, theirError] = [0, 0];
  for (let k = 0; k < PEER_COUNT; k += 3) {
    const now = instants[k] as number;
    const exact = solarPosition(now, site);
    // suncalc takes standard air; it is judged against the SPA in that air, by day and where refraction is defined.
    const standard = solarPosition(now, { ...site, pressure: 101_000, temperature: 10 });
    const theirs = suncalc.getPosition(new Date(now), site.latitude, site.longitude);
    ourError = Math.max(
      ourError,
      separation(
        ours.apparentElevation[k] as number,
        ours.azimuth[k] as number,
        exact.apparentElevation,
        exact.azimuth,
      ),
    );
    if (standard.apparentElevation > 0)
      theirError = Math.max(
        theirError,
        separation(theirs.altitude, theirs.azimuth, standard.apparentElevation, standard.azimuth),
      );
  }
  const positionRatio = (position.suncalc as number) / PEER_COUNT / ((position.ours as number) / COUNT);
  say(`suncalc takes ${positionRatio.toFixed(1)} times as long (air ${pressure} Pa, ${temperature} °C here)`);

  const first = time[0] as number;
  const dates = Array.from({ length: DAYS }, (_, day) => new Date(first + day * 86_400_000));
  const rise = await interleaved({
    ours: () => {
      for (const date of dates) sunriseSunset(date.getTime(), site);
    },
    peer: () => {
      for (const date of dates) {
        getSunrise(site.latitude, site.longitude, date, { timezone: 0 });
        getSunset(site.latitude, site.longitude, date, { timezone: 0 });
        getSolarNoon(site.latitude, site.longitude, date, { timezone: 0 });
      }
    },
  });

  const hourly = chainWeather(system, 3600, 8760);
  const network = timed(() => networkYear(chain, hourly.time, hourly.weather), 3);
  say(`network: ${network.toFixed(0)} ms an hourly year of 20 strings of 20 modules with shading`);
  const live = liveReadings();
  say(
    `live, plant of a house: ${live.expected_readings_per_s.toFixed(0)} readings/s expected, ${live.assimilate_readings_per_s.toFixed(0)} assimilated`,
  );
  return {
    year_ms: year,
    energy_kwh: energy,
    energy_relative_error: Math.abs(energy / PVLIB_KWH - 1),
    steps_per_s: (COUNT / year) * 1000,
    suncalc_ratio: positionRatio,
    suncalc_max_error_deg: theirError,
    our_max_error_deg: ourError,
    sunrise_ratio: (rise.peer as number) / (rise.ours as number),
    network_year_ms: network,
    ...live,
  };
}

/** How many readings of the default plant a live twin takes in a second: what is expected, and the whole filter. */
function liveReadings(): { expected_readings_per_s: number; assimilate_readings_per_s: number } {
  const twin = new DigitalTwin(examplePlant());
  const { telemetry } = twin.simulate({ from: '2026-06-01', days: 20, step: '5m', seed: 1 });
  const readings = [...telemetry.rows()].map((row) => ({ assetId: twin.id, ...row }));
  const perSecond = (ms: number) => (readings.length / ms) * 1000;
  const expected = timed(() => {
    for (const reading of readings) twin.expected(reading);
  });
  const assimilate = timed(() => {
    const live = new DigitalTwin(examplePlant());
    for (const reading of readings) live.assimilate(reading);
  });
  return { expected_readings_per_s: perSecond(expected), assimilate_readings_per_s: perSecond(assimilate) };
}

/** A third of a module: the cells behind one bypass diode. */
function third(module: SingleDiode): SingleDiode {
  const { photocurrent, saturationCurrent, seriesResistance, shuntResistance, nNsVth } = module;
  return {
    photocurrent,
    saturationCurrent,
    seriesResistance: seriesResistance / 3,
    shuntResistance: shuntResistance / 3,
    nNsVth: nNsVth / 3,
  };
}

/**
 * Energy (Wh) of 20 strings of 20 modules over a year of hours, behind an obstacle whose shadow lies on more modules the
 * lower the sun stands, and on more of the front strings than of the back ones. Shaded modules get the diffuse light.
 */
function networkYear(chain: PvChain, time: Float64Array, weather: Parameters<PvChain['run']>[1]): number {
  const { module, site } = chain.system;
  const { poa, cellTemperature, dhi } = chain.run(time, weather);
  const { apparentElevation } = solarPositions(time, site);
  let energy = 0;
  for (let row = 0; row < time.length; row++) {
    const light = poa[row] as number;
    if (!(light > 0)) continue;
    const warm = cellTemperature[row] as number;
    const lit = third(singleDiodeDeSoto(module, light, warm));
    const shaded = third(singleDiodeDeSoto(module, Math.max(Math.min(dhi[row] as number, light), 1e-3), warm));
    const strings: NetworkString[] = [];
    for (let string = 0; string < 20; string++) {
      const shadow = Math.round(30 - (apparentElevation[row] as number) - string);
      const dark = Math.min(20, Math.max(0, shadow)) * 3;
      const groups = [
        { diode: lit, count: 60 - dark },
        { diode: shaded, count: dark },
      ];
      strings.push({ groups: groups.filter((group) => group.count > 0) });
    }
    energy += new PvNetwork(strings).powerPoint().power;
  }
  return energy;
}
