const RADIAN = Math.PI / 180;

/** Where the sun stands, degrees. */
export interface SunPosition {
  zenith: number;
  azimuth: number;
  /** Irradiance normal to the sun's rays outside the atmosphere, W/m². */
  extraterrestrial: number;
}

/** Position of the sun by the low-precision formulas of the Astronomical Almanac (Michalsky 1988), good to 0.01°. */
export function sunPosition(time: number, latitude: number, longitude: number, out: SunPosition): void {
  const n = time / 86_400_000 - 10957.5;
  const g = (357.528 + 0.9856003 * n) * RADIAN;
  const lambda = (280.46 + 0.9856474 * n + 1.915 * Math.sin(g) + 0.02 * Math.sin(2 * g)) * RADIAN;
  const tilt = (23.439 - 4e-7 * n) * RADIAN;
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(lambda), Math.cos(lambda));
  const declination = Math.asin(Math.sin(tilt) * Math.sin(lambda));
  const sidereal = (280.46061837 + 360.98564736629 * n + longitude) * RADIAN;
  const hour = sidereal - ascension;
  const lat = latitude * RADIAN;
  const sine = Math.sin(lat) * Math.sin(declination) + Math.cos(lat) * Math.cos(declination) * Math.cos(hour);
  out.zenith = Math.acos(Math.min(1, Math.max(-1, sine))) / RADIAN;
  const azimuth = Math.atan2(
    -Math.sin(hour) * Math.cos(declination),
    Math.sin(declination) * Math.cos(lat) - Math.cos(declination) * Math.sin(lat) * Math.cos(hour),
  );
  out.azimuth = (azimuth / RADIAN + 360) % 360;
  const distance = 1.00014 - 0.01671 * Math.cos(g) - 0.00014 * Math.cos(2 * g);
  out.extraterrestrial = 1361.1 / (distance * distance);
}

/** Global irradiance of a clear sky, W/m² (Haurwitz 1945). */
export function clearSkyGlobal(zenith: number): number {
  const cosine = Math.cos(zenith * RADIAN);
  return cosine <= 0 ? 0 : 1098 * cosine * Math.exp(-0.059 / cosine);
}

/** Diffuse part of global irradiance (Erbs, Klein & Duffie 1982). */
export function diffuseOf(ghi: number, zenith: number, extraterrestrial: number): number {
  if (zenith > 87) return ghi;
  const kt = Math.min(1, ghi / (extraterrestrial * Math.max(0.065, Math.cos(zenith * RADIAN))));
  const share =
    kt <= 0.22
      ? 1 - 0.09 * kt
      : kt > 0.8
        ? 0.165
        : 0.9511 - 0.1604 * kt + 4.388 * kt ** 2 - 16.638 * kt ** 3 + 12.336 * kt ** 4;
  return ghi * share;
}

/** Cosine of the angle between the sun's rays and the normal of a plane. */
export function cosineOfIncidence(zenith: number, azimuth: number, tilt: number, planeAzimuth: number): number {
  return (
    Math.cos(zenith * RADIAN) * Math.cos(tilt * RADIAN) +
    Math.sin(zenith * RADIAN) * Math.sin(tilt * RADIAN) * Math.cos((azimuth - planeAzimuth) * RADIAN)
  );
}

/** Sky-diffuse irradiance on a plane, W/m² (Hay & Davies 1980). */
export function hayDavies(
  dhi: number,
  dni: number,
  extraterrestrial: number,
  zenith: number,
  cosIncidence: number,
  tilt: number,
): number {
  const anisotropy = dni / extraterrestrial;
  const ratio = Math.max(0, cosIncidence) / Math.max(0.01745, Math.cos(zenith * RADIAN));
  return dhi * (anisotropy * ratio + (1 - anisotropy) * 0.5 * (1 + Math.cos(tilt * RADIAN)));
}

/** Rotation of a horizontal-axis tracker with backtracking, degrees, positive to the west (Lorenzo et al. 2011). */
export function trackerAngle(
  zenith: number,
  azimuth: number,
  axisAzimuth: number,
  maxAngle: number,
  groundCoverageRatio: number,
  backtrack: boolean,
): number {
  if (zenith >= 90) return 0;
  const across = Math.sin(zenith * RADIAN) * Math.sin((azimuth - axisAzimuth) * RADIAN);
  let angle = Math.atan2(across, Math.cos(zenith * RADIAN)) / RADIAN;
  if (backtrack) {
    const shade = Math.abs(Math.cos(angle * RADIAN)) / groundCoverageRatio;
    if (shade < 1) angle -= (Math.sign(angle) * Math.acos(shade)) / RADIAN;
  }
  return Math.min(maxAngle, Math.max(-maxAngle, angle));
}
