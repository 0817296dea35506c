import type { Plant } from '../description/plant.js';
import { addBattery } from './battery-hypotheses.js';
import type { Expectation } from './expectation.js';
import type { LightGeometry } from './geometry.js';
import { addAirSensor, addModuleSensor } from './heat-hypotheses.js';
import { Hypotheses, type Hypothesis } from './hypothesis.js';
import { addAcSide, addInverter } from './inverter-hypotheses.js';
import type { Layout } from './layout.js';
import { addHorizontalSensor, addLightSensor, addShade, addStall } from './light-hypotheses.js';
import { addCircuits, addGroundFault, arraySignals } from './string-hypotheses.js';

/** Every cause that the channels of this plant let one think of. */
export function hypothesesOf(
  plant: Plant,
  layout: Layout,
  expectations: readonly Expectation[],
  geometry: LightGeometry,
): readonly Hypothesis[] {
  const on = new Hypotheses(plant, layout, expectations, geometry);
  plant.arrays.forEach((_, a) => {
    const own = arraySignals(on, a);
    addCircuits(on, own);
    addShade(on, own);
    addStall(on, own);
    addLightSensor(on, a);
    addModuleSensor(on, a);
  });
  plant.inverters.forEach((_, i) => {
    addInverter(on, i);
    addGroundFault(on, i);
  });
  addAcSide(on);
  addAirSensor(on);
  addHorizontalSensor(on);
  addBattery(on);
  return on.list;
}
