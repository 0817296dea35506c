import {
  angleOfIncidence,
  clearSkyHaurwitz,
  clearSkyIneichen,
  clearSkySolis,
  decomposeDisc,
  decomposeErbs,
  groundDiffuse,
  incidenceAngleModifierAshrae,
  incidenceAngleModifierDiffuse,
  incidenceAngleModifierMartinRuiz,
  incidenceAngleModifierPhysical,
  incidenceAngleModifierSchlick,
  incidenceProjection,
  skyDiffuseHayDavies,
  skyDiffuseIsotropic,
  skyDiffusePerez,
  transpose,
} from '../../src/twin/solar/index.js';
import { type Comparison, type Node, type ReferenceFile, rows, type Tolerance } from './compare.js';

/** Compares some keys of our rows with equally long columns. */
function keys<T extends object>(
  result: Comparison,
  prefix: string,
  ours: readonly T[],
  reference: Node,
  names: Partial<Record<string, keyof T>>,
  tolerance: Tolerance,
): void {
  for (const [column, key] of Object.entries(names))
    if (key !== undefined)
      result.column(
        `${prefix}.${column}`,
        ours.map((row) => Number(row[key])),
        reference[column],
        tolerance,
      );
}

const IRRADIANCE = { ghi: 'ghi', dni: 'dni', dhi: 'dhi' } as const;

export function clearSkyFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const limits = { relative: tolerance.relative, absolute: tolerance.absolute_W_m2 };
  for (const perezEnhancement of [false, true]) {
    const name = perezEnhancement ? 'ineichen_perez_enhancement' : 'ineichen';
    const ours = rows(i.apparent_zenith, (k) =>
      clearSkyIneichen(i.apparent_zenith[k], i.airmass_absolute[k] ?? Number.NaN, i.linke_turbidity[k], {
        altitude: i.altitude[k],
        extraterrestrial: i.dni_extra[k],
        perezEnhancement,
      }),
    );
    keys(result, name, ours, outputs[name], IRRADIANCE, limits);
  }
  result.column('haurwitz_ghi', i.apparent_zenith.map(clearSkyHaurwitz), outputs.haurwitz_ghi, limits);
}

export function clearSkySolisFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const ours = rows(i.apparent_elevation, (k) =>
    clearSkySolis(i.apparent_elevation[k], {
      aod700: i.aod700[k],
      precipitableWater: i.precipitable_water[k],
      pressure: i.pressure[k],
      extraterrestrial: i.dni_extra[k],
    }),
  );
  keys(result, 'solis', ours, outputs, IRRADIANCE, {
    relative: tolerance.relative,
    absolute: tolerance.absolute_W_m2,
  });
}

export function decompositionFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const limits = { relative: tolerance.relative, absolute: tolerance.absolute_W_m2 };
  const ours = (fn: (k: number) => object): Node[] => rows(i.ghi, fn);
  const erbs = ours((k) => decomposeErbs(i.ghi[k], i.zenith[k], i.day_of_year[k]));
  keys(result, 'erbs', erbs, outputs.erbs, { dni: 'dni', dhi: 'dhi', kt: 'kt' }, limits);
  const disc = ours((k) => decomposeDisc(i.ghi[k], i.zenith[k], i.day_of_year[k], i.pressure[k]));
  const names = { dni: 'dni', kt: 'kt', airmass: 'airmass' };
  keys(result, 'disc', disc, outputs.disc, names, limits);
  const relative = ours((k) => decomposeDisc(i.ghi[k], i.zenith[k], i.day_of_year[k]));
  keys(result, 'disc_relative_airmass', relative, outputs.disc_relative_airmass, names, limits);
  result.skip('erbs_driesse', 'orgill_hollands', 'boland');
}

export function dirintFile(_file: ReferenceFile, result: Comparison): void {
  result.skip('dni', 'dni_with_temp_dew', 'dni_without_delta_kt');
}

export function transpositionFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const limits = { relative: tolerance.relative, absolute: tolerance.absolute_W_m2 };
  const plane = (k: number) => ({
    surfaceTilt: i.surface_tilt[k],
    surfaceAzimuth: i.surface_azimuth[k],
    solarZenith: i.solar_zenith[k],
    solarAzimuth: i.solar_azimuth[k],
  });
  const airmass = (k: number): number => i.airmass_relative[k] ?? Number.NaN;
  const edge = (angle: number): boolean => angle < 0.001 || angle > 179.999;
  const aoi = rows(i.ghi, (k) => angleOfIncidence(plane(k)));
  const near = (inside: boolean) =>
    outputs.aoi.map((angle: number, k: number) => (edge(angle) === inside ? aoi[k] : angle));
  result.column('aoi', near(false), outputs.aoi, { absolute: tolerance.aoi_deg });
  result.column('aoi_near_0_or_180', near(true), outputs.aoi, { absolute: tolerance.aoi_deg_near_0_or_180 });
  result.column(
    'aoi_projection',
    rows(i.ghi, (k) => incidenceProjection(plane(k))),
    outputs.aoi_projection,
    limits,
  );
  result.column(
    'ground_diffuse',
    rows(i.ghi, (k) => groundDiffuse(i.surface_tilt[k], i.ghi[k], i.albedo[k])),
    outputs.ground_diffuse,
    limits,
  );
  result.column(
    'isotropic',
    rows(i.ghi, (k) => skyDiffuseIsotropic(i.surface_tilt[k], i.dhi[k]).sky),
    outputs.isotropic,
    limits,
  );
  const hayDavies = rows(i.ghi, (k) => skyDiffuseHayDavies(plane(k), i.dhi[k], i.dni[k], i.dni_extra[k]));
  const parts = { poa_sky_diffuse: 'sky', poa_isotropic: 'isotropic', poa_circumsolar: 'circumsolar' } as const;
  keys(result, 'haydavies', hayDavies, outputs.haydavies, parts, limits);
  const perez = rows(i.ghi, (k) => skyDiffusePerez(plane(k), i.dhi[k], i.dni[k], i.dni_extra[k], airmass(k)));
  const reference = outputs.perez_allsitescomposite1990;
  for (const [column, key] of Object.entries({ ...parts, poa_horizon: 'horizon' } as const)) {
    // An undefined clearness (no light at all) is null there and 0 here: both are right.
    const undefinedRow = (k: number): boolean => i.dhi[k] === 0 && i.dni[k] === 0;
    result.column(
      `perez.${column}`,
      perez.map((row, k) => (reference[column][k] === null && undefinedRow(k) ? Number.NaN : row[key])),
      reference[column],
      limits,
    );
  }
  for (const [name, model] of [
    ['isotropic', 'isotropic'],
    ['haydavies', 'hay-davies'],
    ['perez', 'perez'],
  ] as const) {
    const total = rows(i.ghi, (k) => {
      const light = { dni: i.dni[k], ghi: i.ghi[k], dhi: i.dhi[k], extraterrestrial: i.dni_extra[k] };
      return transpose(plane(k), { ...light, airmass: airmass(k) }, { model, albedo: i.albedo[k] });
    });
    const expected = outputs.total[name];
    const columns = {
      poa_global: 'global',
      poa_direct: 'direct',
      poa_diffuse: 'diffuse',
      poa_sky_diffuse: 'sky',
    } as const;
    for (const [column, key] of Object.entries(columns))
      result.column(
        `total.${name}.${column}`,
        total.map((row, k) =>
          expected[column][k] === null && i.dhi[k] === 0 && i.dni[k] === 0 ? Number.NaN : row[key],
        ),
        expected[column],
        limits,
      );
  }
  result.skip('perez_driesse', 'reindl', 'klucher');
}

export function iamFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const limits = { absolute: tolerance.absolute };
  const column = (name: string, iam: Node, fn: (angle: number) => number): void =>
    result.column(name, i.aoi.map(fn), iam, limits);
  for (const { b, iam } of outputs.ashrae) column('ashrae', iam, (a) => incidenceAngleModifierAshrae(a, b));
  for (const { n, K, L, n_ar, iam } of outputs.physical)
    column('physical', iam, (a) =>
      incidenceAngleModifierPhysical(a, {
        refractiveIndex: n,
        extinction: K,
        thickness: L,
        coatingIndex: n_ar ?? undefined,
      }),
    );
  for (const { a_r, iam } of outputs.martin_ruiz)
    column('martin_ruiz', iam, (a) => incidenceAngleModifierMartinRuiz(a, a_r));
  column('schlick', outputs.schlick, incidenceAngleModifierSchlick);
  for (const { a_r, sky, ground } of outputs.martin_ruiz_diffuse) {
    const ours = i.surface_tilt.map((tilt: number) => incidenceAngleModifierDiffuse(tilt, a_r));
    result.column(
      'martin_ruiz_diffuse.sky',
      ours.map((row: Node) => row.sky),
      sky,
      limits,
    );
    result.column(
      'martin_ruiz_diffuse.ground',
      ours.map((row: Node) => row.ground),
      ground,
      limits,
    );
  }
}
