import {
  type AirmassModel,
  absoluteAirmass,
  altitudeOfPressure,
  earthSunDistance,
  extraterrestrialRadiation,
  extraterrestrialRadiationAsce,
  extraterrestrialRadiationAt,
  pressureOfAltitude,
  relativeAirmass,
  type SolarPosition,
  type SolarSite,
  solarPosition,
  sunriseSunset,
} from '../../src/twin/solar/index.js';
import { type Comparison, type Node, type ReferenceFile, rows } from './compare.js';

const ANGLES: Record<string, keyof SolarPosition> = {
  apparent_zenith: 'apparentZenith',
  zenith: 'zenith',
  apparent_elevation: 'apparentElevation',
  elevation: 'elevation',
};

/** Compares all columns of a position that the file has. */
function positions(result: Comparison, outputs: Node, ours: readonly SolarPosition[], angle: number, minutes: number) {
  const at = (name: string): readonly (number | null)[] => ([] as (number | null)[]).concat(outputs[name]);
  for (const [column, key] of Object.entries(ANGLES))
    if (outputs[column] !== undefined)
      result.column(
        column,
        ours.map((position) => position[key]),
        at(column),
        { absolute: angle },
      );
  const azimuth = at('azimuth');
  result.column(
    'azimuth',
    ours.map((position, row) => position.azimuth - 360 * Math.round((position.azimuth - (azimuth[row] ?? 0)) / 360)),
    azimuth,
    { absolute: angle },
  );
  result.column(
    'equation_of_time',
    ours.map((position) => position.equationOfTime),
    at('equation_of_time'),
    { absolute: minutes },
  );
}

const siteOf = (node: Node, inputs: Node): SolarSite => ({
  latitude: node.latitude,
  longitude: node.longitude,
  altitude: node.altitude,
  pressure: node.pressure,
  temperature: node.temperature,
  deltaT: node.delta_t ?? inputs.delta_t,
  horizonRefraction: node.atmos_refract ?? inputs.atmos_refract,
});

export function solarPositionFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  inputs.sites.forEach((site: Node, index: number) => {
    const ours = rows(site.time, (row) =>
      solarPosition(site.time[row] * 1000, {
        ...siteOf(site, inputs),
        pressure: site.pressure[row],
        temperature: site.temperature[row],
      }),
    );
    positions(result, outputs.sites[index], ours, tolerance.angles_deg, tolerance.equation_of_time_min);
  });
}

export function solarDayFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  inputs.sites.forEach((site: Node, index: number) => {
    const ours = Array.from({ length: site.count }, (_, k) =>
      solarPosition((site.first_time + k * site.step) * 1000, siteOf(site, inputs)),
    );
    positions(result, outputs.sites[index], ours, tolerance.angles_deg, tolerance.equation_of_time_min);
  });
}

export function solarAnchorFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const position = solarPosition(inputs.example.time * 1000, siteOf(inputs.example, inputs));
  positions(result, outputs.example, [position], tolerance.angles_deg, tolerance.angles_deg);
  const published = outputs.example_published;
  result.value('published_zenith', position.apparentZenith, published.zenith_topocentric, {
    absolute: tolerance.published_deg,
  });
  result.value('published_azimuth', position.azimuth, published.azimuth, { absolute: tolerance.published_deg });
  const { time, delta_t } = inputs.earth_sun_distance;
  result.column(
    'earth_sun_distance',
    rows(time, (row) => earthSunDistance(time[row] * 1000, delta_t)),
    outputs.earth_sun_distance,
    { absolute: tolerance.earth_sun_distance },
  );
}

export function sunRiseSetFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  inputs.sites.forEach((site: Node, index: number) => {
    const reference = outputs.sites[index];
    const events = (method: 'spa-report' | 'crossing') =>
      rows(site.day, (row) => sunriseSunset(site.day[row] * 1000, siteOf(site, inputs), { method }));
    const [report, crossing] = [events('spa-report'), events('crossing')];
    for (const event of ['sunrise', 'sunset', 'transit'] as const) {
      const seconds = (time: number, row: number): number => (time - site.day[row] * 1000) / 1000;
      result.column(
        event,
        report.map((day, row) => seconds(day[event], row)),
        reference[event],
        { absolute: tolerance.seconds },
      );
      // The file looks for true crossings no further than 15 minutes from the closed algorithm's; ours finds them all.
      const withinReach = (row: number): boolean =>
        Math.abs((crossing[row]?.[event] ?? Number.NaN) - (report[row]?.[event] ?? Number.NaN)) <= 900_000;
      result.column(
        `${event}_root`,
        crossing.map((day, row) => (withinReach(row) ? seconds(day[event], row) : Number.NaN)),
        reference[`${event}_root`],
        { absolute: tolerance.root_seconds },
      );
    }
  });
}

export function airmassFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const relative = { relative: tolerance.relative };
  for (const [model, reference] of Object.entries<Node>(outputs.relative)) {
    const ours: number[] = inputs.zenith.map((zenith: number) => relativeAirmass(zenith, model as AirmassModel));
    // At exactly 90° the secant's digits are those of rounding alone.
    const huge = (row: number): boolean => inputs.zenith[row] === 90 && Math.abs(reference[row] ?? 0) > 1e6;
    result.column(
      model,
      ours.map((value, row) => (huge(row) && Math.abs(value) > 1e6 ? reference[row] : value)),
      reference,
      relative,
    );
  }
  for (const { pressure, airmass_absolute } of outputs.absolute_kastenyoung1989)
    result.column(
      'absolute',
      inputs.zenith.map((zenith: number) => absoluteAirmass(relativeAirmass(zenith), pressure)),
      airmass_absolute,
      relative,
    );
}

export function extraRadiationFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const days: number[] = inputs.day_of_year;
  const constant: number = inputs.solar_constant;
  const relative = { relative: tolerance.relative };
  const column = (name: string, ours: number[]): void => result.column(name, ours, outputs[name], relative);
  column(
    'spencer',
    days.map((day) => extraterrestrialRadiation(day, constant)),
  );
  column(
    'spencer_1370',
    days.map((day) => extraterrestrialRadiation(day, 1370)),
  );
  column(
    'asce',
    days.map((day) => extraterrestrialRadiationAsce(day, constant)),
  );
  column(
    'nrel',
    inputs.nrel_time.map((time: number) => extraterrestrialRadiationAt(time * 1000, constant, inputs.delta_t)),
  );
}

export function pressureAltitudeFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  result.column('pressure_of_altitude', inputs.altitude.map(pressureOfAltitude), outputs.pressure_of_altitude, {
    relative: tolerance.relative,
  });
  result.column('altitude_of_pressure', inputs.pressure.map(altitudeOfPressure), outputs.altitude_of_pressure, {
    relative: tolerance.relative,
    absolute: tolerance.absolute_m,
  });
}
