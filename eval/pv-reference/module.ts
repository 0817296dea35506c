import {
  bishopCurrentAtVoltage,
  bishopMaximumPowerPoint,
  bishopPoint,
  type CurvePoints,
  cellTemperatureFaiman,
  cellTemperatureNoctSam,
  cellTemperaturePvsyst,
  cellTemperatureRoss,
  cellTemperatureSapm,
  curvePoints,
  moduleTemperatureSapm,
  rossCoefficient,
  type SingleDiode,
  singleDiodeCec,
  singleDiodeDeSoto,
  singleDiodePvsyst,
} from '../../src/twin/solar/index.js';
import { type Comparison, type Node, type ReferenceFile, rows } from './compare.js';

export function temperatureFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const limits = { absolute: tolerance.absolute_K };
  const each = (
    name: string,
    fn: (poa: number, air: number, wind: number, parameters: Node, effective: number) => number,
  ): void => {
    for (const parameters of outputs[name] ?? [])
      result.column(
        name,
        rows(i.poa_global, (k) =>
          fn(i.poa_global[k], i.temp_air[k], i.wind_speed[k], parameters, i.effective_irradiance[k]),
        ),
        parameters.temperature,
        limits,
      );
  };
  each('sapm_module', (poa, air, wind, p) => moduleTemperatureSapm(poa, air, wind, p.a, p.b));
  each('sapm_cell', (poa, air, wind, p) => cellTemperatureSapm(poa, air, wind, p.a, p.b, p.deltaT, p.irrad_ref));
  each('faiman', (poa, air, wind, p) => cellTemperatureFaiman(poa, air, wind, p.u0, p.u1));
  each('pvsyst', (poa, air, wind, p) =>
    cellTemperaturePvsyst(poa, air, wind, p.u_c, p.u_v, p.module_efficiency, p.alpha_absorption),
  );
  each('noct_sam', (poa, air, wind, p, effective) =>
    cellTemperatureNoctSam(poa, air, wind, {
      noct: p.noct,
      moduleEfficiency: p.module_efficiency,
      transmittanceAbsorptance: p.transmittance_absorptance,
      arrayHeight: p.array_height,
      mountStandoff: p.mount_standoff,
      effectiveIrradiance: p.use_effective ? effective : undefined,
    }),
  );
  each('ross', (poa, air, _wind, p) => cellTemperatureRoss(poa, air, rossCoefficient(p.noct)));
  each('ross_k', (poa, air, _wind, p) => cellTemperatureRoss(poa, air, p.k));
}

/** The circuit of a module of the reference files under light and temperature. */
export function circuit(model: string, p: Node, irradiance: number, temperature: number): SingleDiode {
  if (model === 'pvsyst')
    return singleDiodePvsyst(
      {
        alphaSc: p.alpha_sc,
        gammaRef: p.gamma_ref,
        muGamma: p.mu_gamma,
        photocurrentRef: p.I_L_ref,
        saturationCurrentRef: p.I_o_ref,
        shuntResistanceRef: p.R_sh_ref,
        shuntResistanceDark: p.R_sh_0,
        shuntExponent: p.R_sh_exp,
        seriesResistance: p.R_s,
        cellsInSeries: p.cells_in_series,
        bandGapRef: p.EgRef,
        irradianceRef: p.irrad_ref,
        temperatureRef: p.temp_ref,
      },
      irradiance,
      temperature,
    );
  const module = deSotoModule(p);
  return model === 'cec'
    ? singleDiodeCec({ ...module, adjust: p.Adjust }, irradiance, temperature)
    : singleDiodeDeSoto(module, irradiance, temperature);
}

/** A module of the reference files in our words. */
export function deSotoModule(p: Node) {
  return {
    alphaSc: p.alpha_sc,
    aRef: p.a_ref,
    photocurrentRef: p.I_L_ref,
    saturationCurrentRef: p.I_o_ref,
    seriesResistance: p.R_s,
    shuntResistanceRef: p.R_sh_ref,
    bandGapRef: p.EgRef,
    bandGapSlope: p.dEgdT,
    ...(p.irrad_ref === undefined ? {} : { irradianceRef: p.irrad_ref }),
    ...(p.temp_ref === undefined ? {} : { temperatureRef: p.temp_ref }),
  };
}

const PARAMETERS: Record<string, keyof SingleDiode> = {
  photocurrent: 'photocurrent',
  saturation_current: 'saturationCurrent',
  resistance_series: 'seriesResistance',
  resistance_shunt: 'shuntResistance',
  nNsVth: 'nNsVth',
};
const POINTS: Record<string, keyof CurvePoints> = {
  i_sc: 'iSc',
  v_oc: 'vOc',
  i_mp: 'iMp',
  v_mp: 'vMp',
  p_mp: 'pMp',
  i_x: 'iX',
  i_xx: 'iXx',
};

function compareCircuits(
  result: Comparison,
  ours: readonly SingleDiode[],
  outputs: Node,
  parameterTolerance: number,
  pointTolerance: number,
): void {
  for (const [column, key] of Object.entries(PARAMETERS))
    result.column(
      column,
      ours.map((diode) => diode[key]),
      outputs[column],
      { relative: parameterTolerance },
    );
  const points = ours.map(curvePoints);
  for (const [column, key] of Object.entries(POINTS))
    result.column(
      column,
      points.map((row) => row[key]),
      outputs[column],
      { relative: pointTolerance },
    );
}

export function singleDiodeFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  i.modules.forEach((module: Node, index: number) => {
    const ours = rows(i.G, (k) => circuit(module.model, module.parameters, i.G[k], i.T[k]));
    compareCircuits(
      result,
      ours,
      outputs.modules[index],
      tolerance.five_parameters_relative,
      tolerance.points_relative,
    );
  });
}

export function lowLightFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const ours = rows(i.G, (k) => circuit(i.model, i.parameters, i.G[k], i.T[k]));
  compareCircuits(result, ours, outputs, tolerance.points_relative, tolerance.points_relative);
}

export function bishopFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const diode = (p: Node) => ({
    photocurrent: p.photocurrent,
    saturationCurrent: p.saturation_current,
    seriesResistance: p.resistance_series,
    shuntResistance: p.resistance_shunt,
    nNsVth: p.nNsVth,
  });
  const cell = {
    ...diode(i.breakdown_cell),
    breakdownFactor: i.breakdown_cell.breakdown_factor,
    breakdownVoltage: i.breakdown_cell.breakdown_voltage,
    breakdownExponent: i.breakdown_cell.breakdown_exp,
  };
  const thinFilm = {
    ...diode(i.recombination_module),
    recombination: i.recombination_module.d2mutau,
    builtInVoltage: i.recombination_module.NsVbi,
  };
  const columns = {
    i: 'current',
    v: 'voltage',
    p: 'power',
    di_dvd: 'currentSlope',
    dv_dvd: 'voltageSlope',
    di_dv: 'conductance',
    dp_dv: 'powerGradient',
    d2p_dv_dvd: 'powerCurvature',
  } as const;
  const compare = (name: string, junction: readonly number[], circuitOf: typeof cell | typeof thinFilm): void => {
    const ours = junction.map((voltage) => bishopPoint(circuitOf, voltage));
    for (const [column, key] of Object.entries(columns))
      result.column(
        `${name}.${column}`,
        ours.map((row) => row[key]),
        outputs[name][column],
        { relative: tolerance.curve_relative },
      );
  };
  compare('curve', i.diode_voltage, cell);
  compare('recombination_curve', i.recombination_diode_voltage, thinFilm);
  result.column(
    'current_at_voltage',
    i.voltage.map((voltage: number) => bishopCurrentAtVoltage(cell, voltage)),
    outputs.current_at_voltage,
    { relative: tolerance.current_at_voltage_relative },
  );
  for (const [name, circuitOf] of [
    ['mpp', cell],
    ['recombination_mpp', thinFilm],
  ] as const) {
    const ours = bishopMaximumPowerPoint(circuitOf);
    const limits = { relative: tolerance.mpp_relative };
    result.value(`${name}.i_mp`, ours.current, outputs[name].i_mp, limits);
    result.value(`${name}.v_mp`, ours.voltage, outputs[name].v_mp, limits);
    result.value(`${name}.p_mp`, ours.power, outputs[name].p_mp, limits);
  }
}
