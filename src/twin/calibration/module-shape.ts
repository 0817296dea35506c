import { type DeSotoModule, maximumPowerPoint, singleDiodeDeSoto } from '../solar/index.js';

const powerAt = (module: DeSotoModule, temperature: number) =>
  maximumPowerPoint(singleDiodeDeSoto(module, 1000, temperature)).power;

/** Relative change of the maximum power at standard test conditions, 1/K. */
export function temperatureCoefficient(module: DeSotoModule): number {
  return (powerAt(module, 45) - powerAt(module, 5)) / (40 * powerAt(module, 25));
}

/** Power at standard test conditions, W. */
export const ratedPower = (module: DeSotoModule) => powerAt(module, 25);

/**
 * The module with its series resistance multiplied by `seriesFactor` and the temperature coefficient of its power moved
 * to `coefficient`, 1/K. It is moved by the band gap, which sets how fast the voltage falls with heat and leaves the curve
 * at 25 °C alone.
 */
export function shapedModule(module: DeSotoModule, seriesFactor: number, coefficient: number): DeSotoModule {
  const stiff = { ...module, seriesResistance: module.seriesResistance * seriesFactor };
  const gap = stiff.bandGapRef ?? 1.121;
  const at = (bandGapRef: number): DeSotoModule => ({ ...stiff, bandGapRef });
  // The coefficient is all but linear in the band gap: two secant steps are exact to 1e-7.
  let low = gap;
  let lowValue = temperatureCoefficient(at(low));
  let high = gap + 0.1;
  let highValue = temperatureCoefficient(at(high));
  for (let i = 0; i < 3; i++) {
    const slope = (highValue - lowValue) / (high - low);
    if (Math.abs(slope) < 1e-9) break;
    const next = Math.min(3, Math.max(0.3, high + (coefficient - highValue) / slope));
    if (Math.abs(next - high) < 1e-9) break;
    low = high;
    lowValue = highValue;
    high = next;
    highValue = temperatureCoefficient(at(high));
  }
  return at(high);
}
