import { exp } from '../../core/math/index.js';
import type { Sample, Touched } from './evidence.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout, Quantity } from './layout.js';
import type { Series } from './series.js';

const NAMES: Readonly<Record<Quantity, string>> = {
  current: 'current',
  voltage: 'voltage',
  dcPower: 'DC power',
  conversion: 'AC over DC power',
  acPower: 'AC power',
  meter: 'meter over inverter power',
  heatSink: 'heat sink',
  moduleHeat: 'warmth of the modules for their light',
  skyLight: 'light against a clear sky',
  lightPair: 'light against that of the horizontal sensor',
  coldCell: 'module sensor against the air in the dark',
  insulation: 'insulation resistance',
  hotSpot: 'hottest cell against the module',
  batterySwing: 'swing of the charge for the same current',
  batterySag: 'internal resistance',
  batteryHeat: 'temperature over the air',
  batteryFloor: 'state of charge at which it gives no more,',
};

const KELVIN: readonly Quantity[] = ['heatSink', 'coldCell', 'hotSpot', 'batteryHeat'];

/** Says what moved, by how much, against what. */
export function wordsOf(
  layout: Layout,
  series: readonly Series[],
  hypothesis: Hypothesis,
  sample: Sample,
  touched: Touched,
): string[] {
  const said = touched
    .flatMap((j) => {
      const own = series[j] as Series;
      const signal = layout.signals[own.like];
      const cells = sample.cells[j];
      if (signal === undefined || cells === null || cells === undefined) return [];
      if (own.signal >= 0 && !hypothesis.touches.includes(own.signal)) return [];
      const rows = cells.rows.reduce((sum, value) => sum + value, 0);
      const mean = cells.value.reduce((sum, value, c) => sum + value * (cells.rows[c] as number), 0) / rows;
      const against = own.signal >= 0 ? ' against its neighbours' : ' against what the healthy period taught';
      const kelvin = KELVIN.includes(signal.quantity);
      const size = kelvin ? Math.abs(mean) : Math.abs(exp(mean) - 1);
      const amount = kelvin
        ? `${Math.abs(mean).toFixed(1)} K ${mean > 0 ? 'above' : 'below'}`
        : `${(100 * size).toFixed(1)} % ${mean > 0 ? 'up' : 'down'}`;
      return [
        { size: kelvin ? size / 50 : size, text: `${NAMES[signal.quantity]} of ${signal.part} ${amount}${against}` },
      ];
    })
    .filter(({ size }) => size > 0.002)
    .sort((x, y) => y.size - x.size)
    .slice(0, 4)
    .map(({ text }) => text);
  return said.length > 0 ? said : ['the hours of the day differ, their mean does not'];
}
