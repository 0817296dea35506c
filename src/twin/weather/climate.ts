import { cos, log } from '../../core/math/index.js';
/**
 * What a weather generator needs to know of a place, as plain numbers for JSON. Lists of 12 go by the calendar month;
 * quantiles are at evenly spaced probabilities from 0 to 1.
 */
export interface Climate {
  /** For people. */
  readonly name: string;
  /** Quantiles of the clear-sky index (global irradiance over that of a clear sky), 12 lists. */
  readonly clearSkyIndex: readonly (readonly number[])[];
  /** Correlation of the cloudiness of one day with the next. */
  readonly dayPersistence: number;
  /** Share of the variance of cloudiness that lies between days. */
  readonly dayShare: number;
  /** Share of the variance that lies between the hours of a day; the rest is within the hour. */
  readonly hourShare: number;
  /** Mean air temperature by month and hour of local mean solar time, 12 lists of 24, °C. */
  readonly temperature: readonly (readonly number[])[];
  /** Standard deviation of the daily mean temperature about that, by month, K. */
  readonly temperatureSpread: readonly number[];
  /** Correlation of one day's temperature with the next. */
  readonly temperaturePersistence: number;
  /** Correlation of a day's temperature with its clear-sky index. */
  readonly temperatureClearness: number;
  /** Mean dew point by month, °C. */
  readonly dewPoint: readonly number[];
  /** Standard deviation of the daily dew point, K. */
  readonly dewPointSpread: number;
  /** Quantiles of the wind speed, 12 lists, m/s. */
  readonly windSpeed: readonly (readonly number[])[];
  /** Share of hours with precipitation, by month. */
  readonly wetShare: readonly number[];
  /** Mean intensity of precipitation while it falls, by month, mm/h. */
  readonly wetIntensity: readonly number[];
}

interface Outline {
  /** Mean temperature of the year and half the swing between summer and winter, °C, K. */
  readonly temperature: readonly [mean: number, swing: number];
  /** Half the swing between night and day, K. */
  readonly dailySwing: number;
  readonly spread: number;
  /** Shares of overcast and of clear weather in midwinter and in midsummer. */
  readonly overcast: readonly [winter: number, summer: number];
  readonly clear: readonly [winter: number, summer: number];
  /** Mean depression of the dew point, K. */
  readonly dryness: number;
  /** Mean wind speed, m/s. */
  readonly wind: number;
  /** Share of wet hours in winter and summer, and their intensity, mm/h. */
  readonly wet: readonly [winter: number, summer: number];
  readonly intensity: number;
}

const MONTHS = 12;
const QUANTILES = 21;

const outlines = {
  temperate: {
    temperature: [9.5, 9.5],
    dailySwing: 4,
    spread: 3.6,
    overcast: [0.58, 0.28],
    clear: [0.14, 0.34],
    dryness: 5,
    wind: 3.2,
    wet: [0.1, 0.07],
    intensity: 1,
  },
  mediterranean: {
    temperature: [16.5, 8.5],
    dailySwing: 5,
    spread: 2.6,
    overcast: [0.3, 0.05],
    clear: [0.4, 0.78],
    dryness: 8,
    wind: 3,
    wet: [0.07, 0.01],
    intensity: 1.6,
  },
  desert: {
    temperature: [22, 9.5],
    dailySwing: 8,
    spread: 2.6,
    overcast: [0.1, 0.04],
    clear: [0.66, 0.8],
    dryness: 20,
    wind: 3.6,
    wet: [0.008, 0.006],
    intensity: 1.8,
  },
  tropical: {
    temperature: [26.5, 1.5],
    dailySwing: 3.5,
    spread: 1,
    overcast: [0.15, 0.24],
    clear: [0.4, 0.22],
    dryness: 3.5,
    wind: 3,
    wet: [0.04, 0.1],
    intensity: 3.5,
  },
  cold: {
    temperature: [3.5, 13],
    dailySwing: 4,
    spread: 5,
    overcast: [0.52, 0.33],
    clear: [0.2, 0.3],
    dryness: 4.5,
    wind: 3.4,
    wet: [0.1, 0.08],
    intensity: 0.8,
  },
} as const satisfies Readonly<Record<string, Outline>>;

/** The name of a ready climate. */
export type ClimateName = keyof typeof outlines;

/** Overcast up to .42, broken up to .94, clear up to 1.06, and a little above at the edges of clouds. */
function clearSkyQuantiles(overcast: number, clear: number): number[] {
  return Array.from({ length: QUANTILES }, (_, i) => {
    const p = i / (QUANTILES - 1);
    if (p <= overcast) return 0.08 + 0.34 * (p / overcast);
    if (p <= 1 - clear) return 0.42 + (0.52 * (p - overcast)) / (1 - clear - overcast);
    return p === 1 ? 1.16 : 0.94 + (0.12 * (p - 1 + clear)) / clear;
  });
}

/** Rayleigh quantiles (Weibull of shape 2) of the given mean. */
function windQuantiles(mean: number): number[] {
  const scale = mean / 0.886226925;
  return Array.from({ length: QUANTILES }, (_, i) => scale * Math.sqrt(-log(1 - Math.min(0.999, i / (QUANTILES - 1)))));
}

function draw(name: string, outline: Outline, south: boolean): Climate {
  // Summer share of each month: 1 in July, 0 in January, the other way round in the south.
  const summer = Array.from({ length: MONTHS }, (_, m) => {
    const north = 0.5 - 0.5 * cos((2 * Math.PI * (m - 0.3)) / MONTHS);
    return south ? 1 - north : north;
  });
  const blend = ([winter, high]: readonly [number, number]) => summer.map((s) => winter + s * (high - winter));
  const overcast = blend(outline.overcast);
  const clear = blend(outline.clear);
  const means = summer.map((s) => outline.temperature[0] + outline.temperature[1] * (2 * s - 1));
  return {
    name,
    clearSkyIndex: overcast.map((share, m) => clearSkyQuantiles(share, clear[m] as number)),
    dayPersistence: 0.4,
    dayShare: 0.42,
    hourShare: 0.4,
    temperature: means.map((mean) =>
      Array.from({ length: 24 }, (_, hour) => mean + outline.dailySwing * cos((2 * Math.PI * (hour + 0.5 - 15)) / 24)),
    ),
    temperatureSpread: new Array<number>(MONTHS).fill(outline.spread),
    temperaturePersistence: 0.75,
    temperatureClearness: 0.15,
    dewPoint: means.map((mean) => mean - outline.dryness),
    dewPointSpread: 2.5,
    windSpeed: summer.map(() => windQuantiles(outline.wind)),
    wetShare: blend(outline.wet),
    wetIntensity: new Array<number>(MONTHS).fill(outline.intensity),
  };
}

/** The ready climate of that name, with the seasons of the hemisphere of `latitude` (degrees). */
export function climateOf(name: ClimateName, latitude: number): Climate {
  return draw(name, outlines[name], latitude < 0);
}

/** The climate that one would guess from the latitude (degrees) and the altitude (m) alone. */
export function guessClimate(latitude: number, altitude: number): Climate {
  const distance = Math.abs(latitude) + altitude / 250;
  const name: ClimateName =
    distance < 16
      ? 'tropical'
      : distance < 33
        ? 'desert'
        : distance < 42
          ? 'mediterranean'
          : distance < 56
            ? 'temperate'
            : 'cold';
  return climateOf(name, latitude);
}
