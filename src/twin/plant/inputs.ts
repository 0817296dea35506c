/** Places of the inputs that act on the whole plant. */
export const input = {
  /** Apparent zenith angle of the sun, degrees. */
  zenith: 0,
  /** Azimuth of the sun, degrees clockwise from north. */
  azimuth: 1,
  /** Irradiance outside the atmosphere, W/m². */
  extraterrestrial: 2,
  ghi: 3,
  dni: 4,
  dhi: 5,
  airTemperature: 6,
  windSpeed: 7,
  humidity: 8,
  precipitation: 9,
  snowfall: 10,
  /** Power of all loads, W. */
  load: 11,
  /** Local hour of the day, 0…24. */
  hour: 12,
} as const;

/** How many of them there are; the arrays' inputs follow. */
export const COMMON_INPUTS = 13;

/** Places of an array's inputs after its start: W/m² on the plane, and degrees. */
export const arrayInput = { beam: 0, sky: 1, ground: 2, angle: 3 } as const;

/** How many inputs an array has. */
export const ARRAY_INPUTS = 4;

/** Where the inputs of array `a` start. */
export const arrayStart = (a: number) => COMMON_INPUTS + a * ARRAY_INPUTS;
