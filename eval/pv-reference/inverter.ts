import {
  axisTiltOnSlope,
  crossAxisTiltOnSlope,
  dcPowerPvwatts,
  inverterAdr,
  inverterPvwatts,
  inverterSandia,
  inverterSandiaMulti,
  type SandiaInverter,
  totalLossPvwatts,
  trackSingleAxis,
} from '../../src/twin/solar/index.js';
import { type Comparison, type Node, type ReferenceFile, rows } from './compare.js';

/** An inverter of Sandia's list in our words. */
export function sandiaInverter(p: Node): SandiaInverter {
  return {
    pAc0: p.Paco,
    pDc0: p.Pdco,
    vDc0: p.Vdco,
    pS0: p.Pso,
    c0: p.C0,
    c1: p.C1,
    c2: p.C2,
    c3: p.C3,
    pNight: p.Pnt,
  };
}

export function inverterSandiaFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  inputs.inverters.forEach(({ parameters, v_dc, p_dc }: Node, index: number) => {
    const inverter = sandiaInverter(parameters);
    result.column(
      'p_ac',
      rows(p_dc, (k) => inverterSandia(inverter, v_dc[k], p_dc[k])),
      outputs.inverters[index].p_ac,
      { absolute: tolerance.fraction_of_Paco * parameters.Paco },
    );
  });
}

export function inverterSandiaMultiFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const inverter = sandiaInverter(i.parameters);
  const trackers = Object.keys(i)
    .filter((key) => key.startsWith('v_dc_'))
    .map((key) => key.slice(5));
  result.column(
    'p_ac',
    rows(i.v_dc_1, (k) =>
      inverterSandiaMulti(
        inverter,
        trackers.map((n) => i[`v_dc_${n}`][k]),
        trackers.map((n) => i[`p_dc_${n}`][k]),
      ),
    ),
    outputs.p_ac,
    { absolute: tolerance.fraction_of_Paco * i.parameters.Paco },
  );
}

export function inverterAdrFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  inputs.inverters.forEach(({ parameters: p, v_dc, p_dc, vtol }: Node, index: number) => {
    const inverter = {
      pNominal: p.Pnom,
      vNominal: p.Vnom,
      pAcMax: p.Pacmax,
      pNight: p.Pnt,
      vMin: p.Vmin,
      vMax: p.Vmax,
      vDcMax: p.Vdcmax,
      mpptLow: p.MPPTLow,
      mpptHigh: p.MPPTHi,
      coefficients: p.ADRCoefficients,
    };
    result.column(
      'p_ac',
      rows(p_dc, (k) => inverterAdr(inverter, v_dc[k], p_dc[k], vtol)),
      outputs.inverters[index].p_ac,
      { absolute: tolerance.fraction_of_Pacmax * p.Pacmax },
    );
  });
}

export function pvwattsFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  for (const { pdc0, gamma_pdc, temp_ref, k: lowLight, cap_adjustment, p_dc } of outputs.dc)
    result.column(
      'p_dc',
      rows(i.temp_cell, (k) =>
        dcPowerPvwatts(i.effective_irradiance[k], i.temp_cell[k], pdc0, gamma_pdc, {
          temperatureRef: temp_ref,
          lowLight: lowLight ?? undefined,
          capCorrection: cap_adjustment,
        }),
      ),
      p_dc,
      { absolute: tolerance.fraction_of_pdc0 * pdc0 },
    );
  for (const { pdc0, eta_inv_nom, eta_inv_ref, p_dc, p_ac } of outputs.ac)
    result.column(
      'p_ac',
      p_dc.map((power: number) => inverterPvwatts(pdc0, power, eta_inv_nom, eta_inv_ref)),
      p_ac,
      { absolute: tolerance.fraction_of_pdc0 * pdc0 },
    );
  for (const { nameplate_rating, total, ...losses } of outputs.losses)
    result.value('total_loss', totalLossPvwatts({ ...losses, nameplateRating: nameplate_rating }), total, {
      absolute: tolerance.losses_percent,
    });
}

export function trackingFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const limits = { absolute: tolerance.angles_deg };
  i.configurations.forEach((c: Node, index: number) => {
    const expected = outputs.configurations[index];
    const ours = rows(i.apparent_zenith, (k) =>
      trackSingleAxis(i.apparent_zenith[k], i.solar_azimuth[k], {
        axisTilt: c.axis_tilt,
        axisAzimuth: c.axis_azimuth,
        maxAngle: c.max_angle,
        backtrack: c.backtrack,
        groundCoverage: c.gcr,
        crossAxisTilt: c.cross_axis_tilt,
      }),
    );
    const keys = (key: 'rotation' | 'surfaceTilt' | 'surfaceAzimuth' | 'angleOfIncidence') =>
      ours.map((row) => row[key]);
    result.column('tracker_theta', keys('rotation'), expected.tracker_theta, limits);
    result.column('surface_tilt', keys('surfaceTilt'), expected.surface_tilt, limits);
    const small = (k: number): boolean => expected.aoi[k] !== null && expected.aoi[k] < 0.1;
    const aoi = keys('angleOfIncidence');
    result.column(
      'aoi',
      aoi.map((value, k) => (small(k) ? expected.aoi[k] : value)),
      expected.aoi,
      limits,
    );
    result.column(
      'aoi_below_0.1_deg',
      aoi.map((value, k) => (small(k) ? value : (expected.aoi[k] ?? Number.NaN))),
      expected.aoi,
      { absolute: tolerance['aoi_deg_below_0.1_deg'] },
    );
    // The azimuth counts modulo a turn, and not at all on a flat plane.
    result.column(
      'surface_azimuth',
      keys('surfaceAzimuth').map((value, k) => {
        const reference = expected.surface_azimuth[k];
        if (reference === null) return value;
        return expected.surface_tilt[k] < 1e-6 ? reference : value - 360 * Math.round((value - reference) / 360);
      }),
      expected.surface_azimuth,
      limits,
    );
  });
  for (const slope of outputs.slopes) {
    const tilt = axisTiltOnSlope(slope.slope_azimuth, slope.slope_tilt, slope.axis_azimuth);
    result.value('axis_tilt', tilt, slope.axis_tilt, limits);
    const cross = crossAxisTiltOnSlope(slope.slope_azimuth, slope.slope_tilt, slope.axis_azimuth, tilt);
    result.value('cross_axis_tilt', cross, slope.cross_axis_tilt, limits);
  }
}
