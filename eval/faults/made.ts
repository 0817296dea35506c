import { Random } from '../../src/core/index.js';
import {
  batteries,
  type ClimateName,
  circumstances,
  climateOf,
  DigitalTwin,
  type FaultDefinition,
  type FaultRequest,
  inverters,
  type ModuleName,
  modules,
  type PlantDescription,
  plantFaults,
  type Simulation,
  sensorFaults,
} from '../../src/twin/index.js';
import type { FaultCase, Vocabulary } from './case.js';

const DAY = 86_400_000;
/** Days before and after the healthy period's end. */
const HEALTHY_DAYS = 35;
const WATCHED_DAYS = 45;
/** Days at most from onset to full severity: what takes years is played faster, so that the test ends. */
const FASTEST = 20;
/**
 * Trace that a fault must leave in some channel: a share of its range, about what its instrument is wrong by, in so many
 * rows of a quarter of an hour.
 */
const TRACE = { share: 0.01, rows: 8 } as const;
/** Seasons that are tried for it. */
const MOST_DRAWS = 20;
const SEVERITIES = [0.35, 0.65, 1] as const;
const SEEDS = [1, 2, 3] as const;

/** What is asked of one twin-made plant; plain data, so that it can go to a worker. */
export interface MadeRequest {
  readonly fault: string;
  readonly layer: 'plant' | 'measurement' | 'none';
  readonly severity: number;
  readonly climate: ClimateName;
  readonly seed: number;
}

/** Two places whose weather differs. */
const places: Readonly<Partial<Record<ClimateName, { latitude: number; longitude: number; altitude: number }>>> = {
  temperate: { latitude: 48.3, longitude: 9.7, altitude: 480 },
  mediterranean: { latitude: 37.6, longitude: -4.8, altitude: 120 },
};

/** Channel that each sensor fault strikes, in turn by the seed; the swap is between two strings. */
const struck = ['poaGlobal', 'moduleTemperature', 'string1.dcCurrent'] as const;

/**
 * The whole set: every fault of the catalogue × 3 severities × 2 climates × 3 seeds, and what is no fault.
 * @param shift added to every seed; sets whose shifts differ by 3 or more have no faulty plant in common
 */
export function madeRequests(shift = 0): MadeRequest[] {
  const list: MadeRequest[] = [];
  const definitions: readonly FaultDefinition[] = [...plantFaults, ...sensorFaults, ...circumstances];
  for (const severity of SEVERITIES) {
    for (const climate of Object.keys(places) as ClimateName[]) {
      for (const seed of SEEDS.map((own) => own + shift)) {
        list.push({ fault: 'healthy', layer: 'none', severity, climate, seed: seed + Math.round(100 * severity) });
        for (const { id, layer } of definitions) list.push({ fault: id, layer, severity, climate, seed });
      }
    }
  }
  return list;
}

/** Of `list` about `count`, spread evenly over kinds, severities, climates and seeds. */
export function spreadOver(list: readonly MadeRequest[], count: number): MadeRequest[] {
  if (count >= list.length) return [...list];
  // A stride that has no factor in common with the length walks through everything before it repeats.
  let stride = Math.floor(list.length * 0.618);
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  while (common(stride, list.length) !== 1) stride++;
  return Array.from({ length: count }, (_, i) => list[(i * stride) % list.length] as MadeRequest);
}

/** The plant as its owner describes it, which is what the detector gets. */
function described({ fault, climate }: MadeRequest, random: Random): PlantDescription {
  const site = places[climate] ?? { latitude: 45, longitude: 9, altitude: 100 };
  const names: ModuleName[] = ['Canadian Solar CS3U-400MS', 'Canadian Solar CS3L-380MS', 'Canadian Solar CS3W-400P'];
  const tracked = fault === 'tracker-stall';
  const battery = fault.startsWith('battery') || fault === 'cooling';
  return {
    id: 'plant',
    site: { ...site, timeZone: 'UTC' },
    arrays: [
      {
        ...(tracked
          ? { tracker: { maxAngle: 55, groundCoverageRatio: 0.4 } }
          : { tilt: Math.round(random.uniform(10, 35)), azimuth: Math.round(random.uniform(150, 210)) }),
        strings: 2 + random.int(3),
        modulesPerString: 12 + random.int(3),
        module: names[random.int(names.length)] as ModuleName,
        mppt: random.next() < 0.7 ? 'string' : 'array',
      },
    ],
    inverters: [{ model: 'SunPower SPR-20000m-3' }],
    ...(battery ? { battery: { model: 'BYD HVS 10.2' as const, reserve: 0.05 }, loads: [{ annualEnergy: 9000 }] } : {}),
  };
}

/** The plant as it is: parts within their tolerances, a plane that is not quite as drawn, another turbidity. */
function real(plant: PlantDescription, random: Random): PlantDescription {
  const about = (value: number, share: number) => value * (1 + share * random.normal());
  const inverter = inverters['SunPower SPR-20000m-3'];
  return {
    ...plant,
    site: { ...plant.site, albedo: random.uniform(0.15, 0.25), linkeTurbidity: random.uniform(2.5, 4) },
    arrays: plant.arrays.map((array) => {
      const { technology: _technology, ratedPower: _power, ...module } = modules[array.module as ModuleName];
      return {
        ...array,
        ...(array.tilt === undefined
          ? {}
          : { tilt: array.tilt + random.uniform(-2, 2), azimuth: (array.azimuth ?? 180) + random.uniform(-4, 4) }),
        module: {
          ...module,
          photocurrent: about(module.photocurrent, 0.012),
          saturationCurrent: about(module.saturationCurrent, 0.08),
          seriesResistance: about(module.seriesResistance, 0.06),
          shuntResistance: about(module.shuntResistance, 0.08),
        },
        mounting: { u0: random.uniform(23, 28), u1: random.uniform(5.5, 7.5) },
      };
    }),
    inverters: [
      {
        model: { ...inverter, dcRating: about(inverter.dcRating, 0.005) },
        heatSinkRise: random.uniform(20, 30),
        enclosureRise: random.uniform(4, 8),
      },
    ],
    ...(plant.battery === undefined
      ? {}
      : {
          battery: {
            ...plant.battery,
            model: { ...batteries['BYD HVS 10.2'], capacity: 25 * random.uniform(0.97, 1.03) },
          },
        }),
  };
}

/** Faults of the request, at the instruments' calibration errors that are there from the start. */
function requested({ fault, severity, seed }: MadeRequest, onset: number, end: number): FaultRequest[] {
  if (fault === 'healthy') return [];
  const definition = [...plantFaults, ...sensorFaults, ...circumstances].find(({ id }) => id === fault);
  if (definition === undefined) throw new Error(`There is no fault ${fault}.`);
  const target =
    fault === 'swapped-channels'
      ? { target: 'string1.dcCurrent', other: 'poaGlobal' }
      : fault === 'irradiance-sensor-soiling' || fault === 'irradiance-sensor-misaligned'
        ? { target: 'poaGlobal' }
        : definition.layer === 'measurement'
          ? { target: struck[seed % struck.length] }
          : {};
  return [
    {
      id: fault,
      severity,
      from: onset,
      // Circumstances come to an end; a curtailed plant is one for some weeks, an outage one for two days.
      ...(definition.layer === 'none'
        ? { to: fault === 'planned-outage' ? onset + 2 * DAY : Math.min(end, onset + 15 * DAY) }
        : {}),
      days: Math.min(FASTEST, definition.days),
      ...target,
    },
  ];
}

/** When a plant is watched and when its fault begins, ms since the epoch. */
interface Times {
  readonly from: number;
  readonly healthyUntil: number;
  readonly onset: number;
  readonly end: number;
}

function drawTimes({ fault }: MadeRequest, random: Random): Times {
  const winter = fault === 'snow';
  const from = Date.UTC(2025, winter ? 10 : random.int(12), 1 + random.int(27));
  const healthyUntil = from + HEALTHY_DAYS * DAY;
  const onset = healthyUntil + (5 + random.int(12)) * DAY + Math.round(random.uniform(8, 15) * 3_600_000);
  return { from, healthyUntil, onset, end: healthyUntil + WATCHED_DAYS * DAY };
}

/**
 * Plays a plant with its fault. A fault that leaves no trace (an obstacle that the sun of that season never goes behind) is
 * none: the same plant gets it at another season.
 */
function play(request: MadeRequest, description: PlantDescription, random: Random): Simulation & { times: Times } {
  const { severity, climate, seed } = request;
  const first = drawTimes(request, random);
  const plant = real(description, random.split('real'));
  const simulate = ({ from, end }: Times, faults: FaultRequest[]) =>
    new DigitalTwin(plant, {
      seed: seed + Math.round(1000 * severity),
      climate: climateOf(climate, description.site.latitude),
    }).simulate({ from, to: end, step: '15m', faults });
  for (let draw = 0; ; draw++) {
    const times = draw === 0 ? first : drawTimes(request, random.split(`season ${draw}`));
    const faults = requested(request, times.onset, times.end);
    const played = simulate(times, faults);
    if (request.layer === 'none' || draw === MOST_DRAWS || hasTrace(played, simulate(times, []), times.onset))
      return { ...played, times };
  }
}

/** Whether a channel that moves differs from what the sound plant shows by `TRACE`. */
function hasTrace({ telemetry }: Simulation, sound: Simulation, onset: number): boolean {
  const first = telemetry.indexAt(onset);
  for (const [name, { data }] of sound.telemetry.columns()) {
    const sorted = sound.truth.frame.column(name).filter(Number.isFinite).sort();
    const at = (share: number) => sorted[Math.floor(share * sorted.length)] as number;
    const range = at(0.98) - at(0.02);
    if (!(range > 0)) continue;
    const shown = telemetry.column(name);
    let rows = 0;
    for (let row = first; row < data.length; row++) {
      const one = data[row] as number;
      const other = shown[row] as number;
      // A value that is missing is a trace too.
      if (Number.isNaN(one) ? !Number.isNaN(other) : !(Math.abs(one - other) <= TRACE.share * range)) rows++;
    }
    if (rows >= TRACE.rows) return true;
  }
  return false;
}

/** Plays one plant. */
export function madeCase(request: MadeRequest): FaultCase {
  const { fault, layer, severity, climate, seed } = request;
  const random = new Random(seed).split(`${fault} ${severity} ${climate}`);
  const description = described(request, random.split('plant'));
  const {
    telemetry,
    truth,
    times: { healthyUntil, onset },
  } = play(request, description, random);
  // Every instrument has its own error of calibration, which the detector is not told.
  const errors = random.split('calibration');
  let frame = telemetry;
  for (const [name, { data, unit }] of telemetry.columns()) {
    if (!/poaGlobal|ghi|irradiance|dcCurrent|dcVoltage|acPower|dcPower|meterPower/i.test(name)) continue;
    const gain = 1 + 0.008 * errors.normal();
    frame = frame.withColumn(
      name,
      data.map((value) => value * gain),
      unit,
    );
  }
  const label = truth.labels[0];
  const hours = 0.25;
  const meter = truth.frame.column('meterPower');
  const lost = label?.lostEnergyKwh ?? 0;
  const given = meter.subarray(telemetry.indexAt(healthyUntil)).reduce((total, value) => total + Math.max(0, value), 0);
  return {
    name: `${fault}-${severity}-${climate}-${seed}`,
    description,
    telemetry: frame,
    healthyUntil,
    truth: {
      kind: fault,
      layer,
      severity,
      since: layer === 'none' ? null : (label?.since ?? onset),
      expectedEnergyKwh: (given * hours) / 1000 + lost,
      lostEnergyKwh: layer === 'plant' ? lost : 0,
    },
  };
}

/** The catalogue's own names. */
export const catalogueVocabulary: Vocabulary = (kind) => kind;
