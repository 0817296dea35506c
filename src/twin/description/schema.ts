import * as z from 'zod/mini';

const positive = () => z.number().check(z.positive());
const nonNegative = () => z.number().check(z.nonnegative());
const between = (low: number, high: number) => z.number().check(z.gte(low), z.lte(high));
const identifier = () => z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_-]*$/));
const monthly = (item: z.ZodMiniNumber) => z.array(item).check(z.length(12));

const moduleSchema = z.strictObject({
  photocurrent: positive(),
  saturationCurrent: positive(),
  seriesResistance: nonNegative(),
  shuntResistance: positive(),
  modifiedIdealityFactor: positive(),
  alphaSc: z.number(),
  bandGap: z.optional(positive()),
  bandGapSlope: z.optional(z.number()),
  cellGroups: z.optional(z.int().check(z.gte(1), z.lte(24))),
});

const inverterSchema = z.strictObject({
  acRating: positive(),
  dcRating: positive(),
  dcVoltage: positive(),
  startPower: nonNegative(),
  c0: z.number(),
  c1: z.number(),
  c2: z.number(),
  c3: z.number(),
  nightTare: nonNegative(),
  mpptLow: nonNegative(),
  mpptHigh: positive(),
});

const batterySchema = z.strictObject({
  chemistry: z.enum(['LFP', 'NMC']),
  capacity: positive(),
  cellsInSeries: z.int().check(z.gte(1)),
  maxChargePower: positive(),
  maxDischargePower: positive(),
  converterEfficiency: between(0.5, 1),
  minStateOfCharge: between(0, 0.9),
  mass: positive(),
});

const trackerSchema = z.strictObject({
  /** Downward tilt of the axis towards `axisAzimuth`, degrees. */
  axisTilt: z.optional(between(-45, 45)),
  /** Direction of the axis, degrees clockwise from north. */
  axisAzimuth: z.optional(between(0, 360)),
  /** Greatest rotation to either side, degrees. */
  maxAngle: z.optional(between(0, 90)),
  /** Module width over row distance. */
  groundCoverageRatio: z.optional(between(0.01, 1)),
  /** Whether the rows turn back to keep out of each other's shade. */
  backtrack: z.optional(z.boolean()),
});

const arraySchema = z.strictObject({
  id: z.optional(identifier()),
  tilt: z.optional(between(0, 90)),
  azimuth: z.optional(between(0, 360)),
  tracker: z.optional(trackerSchema),
  strings: z.int().check(z.gte(1), z.lte(10_000)),
  modulesPerString: z.int().check(z.gte(1), z.lte(100)),
  module: z.union([z.string(), moduleSchema]),
  inverter: z.optional(z.string()),
  mppt: z.optional(z.enum(['array', 'string'])),
  mounting: z.optional(z.union([z.enum(['rack', 'roof']), z.strictObject({ u0: positive(), u1: nonNegative() })])),
});

const inverterEntrySchema = z.strictObject({
  id: z.optional(identifier()),
  model: z.union([z.string(), inverterSchema]),
  /** Temperature rise of the heat sink over the enclosure at rated power, K. */
  heatSinkRise: z.optional(positive()),
  /** Temperature rise of the enclosure over the air at rated power, K. */
  enclosureRise: z.optional(nonNegative()),
  /** Heat-sink temperature from which the inverter lowers its limit, °C. */
  deratingStart: z.optional(positive()),
});

const strategySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('self-consumption') }),
  z.strictObject({
    kind: z.literal('peak-shaving'),
    /** Power at the grid connection that the battery keeps the import below, W. */
    importLimit: nonNegative(),
  }),
  z.strictObject({
    kind: z.literal('schedule'),
    /** Power of the battery from a local hour on, W: positive charges, negative discharges. */
    hours: z.array(z.strictObject({ from: between(0, 24), power: z.number() })).check(z.minLength(1)),
  }),
]);

const batteryEntrySchema = z.strictObject({
  model: z.union([z.string(), batterySchema]),
  strategy: z.optional(strategySchema),
  /** State of charge held back for an outage of the grid, as a fraction. */
  reserve: z.optional(between(0, 0.95)),
  /** State of charge at the start, as a fraction. */
  initialStateOfCharge: z.optional(between(0, 1)),
});

const loadSchema = z.strictObject({
  id: z.optional(identifier()),
  /** Energy in a year, kWh. */
  annualEnergy: nonNegative(),
  /** Shape of the day. */
  profile: z.optional(z.enum(['household', 'office', 'constant'])),
});

/** What a plant description must look like. Unknown keys are refused, so that a misspelt one is not passed over. */
export const plantSchema = z.strictObject({
  type: z.optional(z.literal('solar-plant')),
  id: identifier(),
  name: z.optional(z.string()),
  site: z.strictObject({
    latitude: between(-90, 90),
    longitude: between(-180, 180),
    altitude: z.optional(between(-500, 9000)),
    timeZone: z.optional(z.string()),
    albedo: z.optional(between(0, 1)),
    linkeTurbidity: z.optional(z.union([between(1, 12), monthly(between(1, 12))])),
  }),
  arrays: z.array(arraySchema).check(z.minLength(1)),
  inverters: z.array(inverterEntrySchema).check(z.minLength(1)),
  battery: z.optional(batteryEntrySchema),
  loads: z.optional(z.array(loadSchema)),
  grid: z.optional(
    z.strictObject({
      /** Nominal voltage between the phases (of the one phase, if there is one), V. */
      voltage: z.optional(positive()),
      phases: z.optional(z.union([z.literal(1), z.literal(3)])),
      /** Greatest power that may be fed in, W. */
      exportLimit: z.optional(nonNegative()),
      /** Loss of lines and transformer at the rated power, as a fraction of it. */
      lossAtRating: z.optional(between(0, 0.2)),
    }),
  ),
});

/** A plant as its owner describes it, in JSON. Angles in degrees, azimuth clockwise from north, powers in W. */
export type PlantDescription = z.input<typeof plantSchema>;
