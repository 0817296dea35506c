/** Where the sun is looked at from, and how the modules lie; degrees, azimuth clockwise from north. */
export interface Geometry {
  readonly latitude: number;
  readonly longitude: number;
  readonly tilt: number;
  readonly azimuth: number;
}

const RADIANS = Math.PI / 180;

/** Elevation and azimuth of the sun in radians, to 0.01° (Astronomical Almanac's low-precision formulas). */
function sun({ latitude, longitude }: Geometry, time: number): { elevation: number; azimuth: number } {
  const days = time / 864e5 - 10957.5;
  const g = (357.529 + 0.98560028 * days) * RADIANS;
  const l = (280.459 + 0.98564736 * days + 1.915 * Math.sin(g) + 0.02 * Math.sin(2 * g)) * RADIANS;
  const e = (23.439 - 4e-7 * days) * RADIANS;
  const ascension = Math.atan2(Math.cos(e) * Math.sin(l), Math.cos(l));
  const declination = Math.asin(Math.sin(e) * Math.sin(l));
  const hour = ((18.697374558 + 24.06570982441908 * days) * 15 + longitude) * RADIANS - ascension;
  const phi = latitude * RADIANS;
  const elevation = Math.asin(
    Math.sin(phi) * Math.sin(declination) + Math.cos(phi) * Math.cos(declination) * Math.cos(hour),
  );
  const azimuth = Math.atan2(-Math.sin(hour), Math.tan(declination) * Math.cos(phi) - Math.sin(phi) * Math.cos(hour));
  return { elevation, azimuth };
}

function incidence(geometry: Geometry, elevation: number, azimuth: number): number {
  const tilt = geometry.tilt * RADIANS;
  return Math.max(
    0,
    Math.sin(elevation) * Math.cos(tilt) +
      Math.cos(elevation) * Math.sin(tilt) * Math.cos(azimuth - geometry.azimuth * RADIANS),
  );
}

/** Plane-of-array irradiance from global horizontal irradiance: Erbs et al. 1982, isotropic sky. W/m². */
export function planeIrradiance(geometry: Geometry, time: number, ghi: number): number {
  const { elevation, azimuth } = sun(geometry, time);
  const up = Math.sin(elevation);
  if (up < 0.02 || !(ghi > 0)) return 0;
  const kt = Math.min(1, ghi / (1361 * Math.max(0.065, up)));
  const part =
    kt <= 0.22
      ? 1 - 0.09 * kt
      : kt > 0.8
        ? 0.165
        : 0.9511 - 0.1604 * kt + 4.388 * kt ** 2 - 16.638 * kt ** 3 + 12.336 * kt ** 4;
  const dhi = part * ghi;
  const dni = Math.min(1100, (ghi - dhi) / Math.max(0.065, up));
  const tilt = Math.cos(geometry.tilt * RADIANS);
  return dni * incidence(geometry, elevation, azimuth) + (dhi * (1 + tilt)) / 2 + (0.2 * ghi * (1 - tilt)) / 2;
}

/** The same under a clear sky: Haurwitz 1945, decomposed and put on the plane as above. W/m². */
export function clearSkyIrradiance(geometry: Geometry, time: number): number {
  const up = Math.sin(sun(geometry, time).elevation);
  return up <= 0 ? 0 : planeIrradiance(geometry, time, 1098 * up * Math.exp(-0.057 / up));
}
