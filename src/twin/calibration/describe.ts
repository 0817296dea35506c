import { exp } from '../../core/math/index.js';
import type { Plant, PlantArray } from '../description/plant.js';
import type { PlantDescription } from '../description/schema.js';
import type { InverterParameters } from '../library/inverters.js';
import type { ModuleParameters } from '../library/modules.js';
import type { DeSotoModule } from '../solar/index.js';
import type { Conversion } from './forward.js';
import { ratedPower, shapedModule, temperatureCoefficient } from './module-shape.js';
import type { Layout } from './parameters.js';

/** The module of an array as the parameters `theta` make it: one of the real ones, scaled to the fitted power. */
export function fittedModule(plant: Plant, a: number, layout: Layout, theta: Float64Array): DeSotoModule {
  const { module } = plant.arrays[a] as PlantArray;
  const value = (place: number) => (place < 0 ? 0 : (theta[place] as number));
  const own = temperatureCoefficient(module);
  const first = temperatureCoefficient((plant.arrays[0] as PlantArray).module);
  const coefficient =
    layout.temperatureCoefficient < 0 ? own : own + (theta[layout.temperatureCoefficient] as number) - first;
  const shaped = shapedModule(module, exp(value(layout.seriesResistance)), coefficient);
  const volts = exp(value(layout.voltageFactor));
  const amperes = exp(value(layout.peak[a] as number)) / volts;
  return {
    ...shaped,
    photocurrentRef: shaped.photocurrentRef * amperes,
    saturationCurrentRef: shaped.saturationCurrentRef * amperes,
    alphaSc: shaped.alphaSc * amperes,
    seriesResistance: (shaped.seriesResistance * volts) / amperes,
    shuntResistanceRef: (shaped.shuntResistanceRef * volts) / amperes,
    aRef: shaped.aRef * volts,
  };
}

/** Power of all arrays at standard test conditions, W. */
export function fittedPeak(plant: Plant, layout: Layout, theta: Float64Array): number {
  return plant.arrays.reduce(
    (sum, array, a) =>
      sum + ratedPower(fittedModule(plant, a, layout, theta)) * array.modulesPerString * array.strings.length,
    0,
  );
}

/**
 * The description with everything that was fitted in it, for a twin that behaves like the plant. Times shifted and the
 * learned correction cannot be said in a description and stay with the calibration.
 */
export function calibratedDescription(
  description: PlantDescription,
  plant: Plant,
  layout: Layout,
  theta: Float64Array,
  conversion: Conversion,
): PlantDescription {
  const value = (place: number, otherwise: number) => (place < 0 ? otherwise : (theta[place] as number));
  const heat = exp(value(layout.heatLoss, 0));
  const windFactor = exp(value(layout.windLoss, 0));
  return {
    ...description,
    arrays: description.arrays.map((array, a) => {
      const own = plant.arrays[a] as PlantArray;
      const fitted = fittedModule(plant, a, layout, theta);
      const module: ModuleParameters = {
        photocurrent: fitted.photocurrentRef,
        saturationCurrent: fitted.saturationCurrentRef,
        seriesResistance: fitted.seriesResistance,
        shuntResistance: fitted.shuntResistanceRef,
        modifiedIdealityFactor: fitted.aRef,
        alphaSc: fitted.alphaSc,
        bandGap: fitted.bandGapRef,
        bandGapSlope: fitted.bandGapSlope,
        cellGroups: own.cellGroups,
      };
      return {
        ...array,
        ...(own.tracker === undefined
          ? {
              tilt: value(layout.tilt[a] as number, own.tilt),
              azimuth: ((value(layout.azimuth[a] as number, own.azimuth) % 360) + 360) % 360,
            }
          : {}),
        module,
        mounting: { u0: own.u0 * heat, u1: own.u1 * windFactor },
      };
    }),
    inverters: description.inverters.map((entry, i) => {
      const own = plant.inverters[i];
      const sandia = conversion.inverters[i];
      if (own === undefined || sandia === undefined) return entry;
      const model: InverterParameters = {
        acRating: sandia.pAc0,
        dcRating: sandia.pDc0,
        dcVoltage: sandia.vDc0,
        startPower: sandia.pS0,
        c0: sandia.c0,
        c1: sandia.c1,
        c2: sandia.c2,
        c3: sandia.c3,
        nightTare: own.nightTare,
        mpptLow: own.mpptLow,
        mpptHigh: own.mpptHigh,
      };
      return { ...entry, model };
    }),
  };
}
