// Draws the pictures of docs/physics with the library itself: npx tsx docs/figures/physics.ts
import { writeFileSync } from 'node:fs';
import { lineChart } from '../../examples/charts/src/index.js';
import { BatteryLife, LFP_250AH, NMC_75AH } from '../../src/twin/battery/index.js';
import {
  cellTemperatureFaiman,
  clearSkyHaurwitz,
  clearSkyIneichen,
  currentVoltageCurve,
  diffuseFractionErbs,
  incidenceAngleModifierAshrae,
  incidenceAngleModifierMartinRuiz,
  incidenceAngleModifierPhysical,
  inverterSandia,
  PvNetwork,
  relativeAirmass,
  singleDiodeDeSoto,
  soilingKimber,
  solarPositions,
  trackSingleAxis,
} from '../../src/twin/solar/index.js';

const COLORS = ['#0b6e99', '#d9730d', '#448361', '#9065b0'];
const range = (from: number, to: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));

/** Writes a picture of some functions of one variable. */
function draw(
  file: string,
  title: string,
  xLabel: string,
  yLabel: string,
  lines: [string, Float64Array, Float64Array][],
) {
  const series = lines.map(([name, x, y], k) => ({ name, x, y, color: COLORS[k % COLORS.length] as string }));
  writeFileSync(new URL(`../physics/${file}.svg`, import.meta.url), lineChart({ title, xLabel, yLabel, series }));
}

const MODULE = {
  alphaSc: 0.004539,
  aRef: 2.6373,
  photocurrentRef: 5.114,
  saturationCurrentRef: 8.196e-10,
  seriesResistance: 1.065,
  shuntResistanceRef: 381.68,
};

const hours = range(0, 24, 289);
const golden = { latitude: 39.74, longitude: -105.18, altitude: 1830, pressure: 81_188 };
const dayOf = (month: number) =>
  solarPositions(
    hours.map((hour) => Date.UTC(2024, month, 21, 7) + hour * 3_600_000),
    golden,
  );
const season = (name: string, month: number): [string, Float64Array, Float64Array] => [
  name,
  hours,
  dayOf(month).apparentElevation,
];
draw('sun', 'Elevation of the sun at Golden, Colorado', 'hour of the day (UTC-7)', 'degrees', [
  season('June', 5),
  season('March', 2),
  season('December', 11),
]);

const zenith = range(0, 90, 181);
draw('clear-sky', 'Global irradiance under a clear sky at sea level', 'apparent zenith, degrees', 'W/m²', [
  ['Ineichen, turbidity 3', zenith, zenith.map((z) => clearSkyIneichen(z, relativeAirmass(z), 3).ghi)],
  ['Ineichen, turbidity 5', zenith, zenith.map((z) => clearSkyIneichen(z, relativeAirmass(z), 5).ghi)],
  ['Haurwitz', zenith, zenith.map(clearSkyHaurwitz)],
]);

const kt = range(0, 1, 201);
draw('decomposition', 'Diffuse part of the light (Erbs)', 'clearness index', 'fraction', [
  ['Erbs', kt, kt.map(diffuseFractionErbs)],
]);

draw('iam', 'Incidence-angle modifiers', 'angle of incidence, degrees', 'modifier', [
  ['physical', zenith, zenith.map((a) => incidenceAngleModifierPhysical(a))],
  ['ASHRAE', zenith, zenith.map((a) => incidenceAngleModifierAshrae(a))],
  ['Martin-Ruiz', zenith, zenith.map((a) => incidenceAngleModifierMartinRuiz(a))],
]);

const sun = dayOf(2);
const rotation = (backtrack: boolean): Float64Array =>
  hours.map(
    (_, k) =>
      trackSingleAxis(sun.apparentZenith[k] as number, sun.azimuth[k] as number, {
        backtrack,
        maxAngle: 60,
        groundCoverage: 0.4,
      }).rotation,
  );
draw('tracking', 'Rotation of a north-south tracker in March', 'hour of the day (UTC-7)', 'degrees', [
  ['with backtracking', hours, rotation(true)],
  ['without', hours, rotation(false)],
]);

const light = range(0, 1100, 111);
draw('cell-temperature', 'Cell temperature in air of 20 °C (Faiman)', 'light on the plane, W/m²', '°C', [
  ['wind 1 m/s', light, light.map((g) => cellTemperatureFaiman(g, 20, 1))],
  ['wind 5 m/s', light, light.map((g) => cellTemperatureFaiman(g, 20, 5))],
]);

draw(
  'single-diode',
  'Current and voltage of a 220 W module at 25 °C',
  'V',
  'A',
  [1000, 600, 200].map((g) => {
    const { voltage, current } = currentVoltageCurve(singleDiodeDeSoto(MODULE, g, 25), 200);
    return [`${g} W/m²`, voltage, current];
  }),
);

const group = (g: number) => {
  const d = singleDiodeDeSoto(MODULE, g, 40);
  return {
    ...d,
    seriesResistance: d.seriesResistance / 3,
    shuntResistance: d.shuntResistance / 3,
    nNsVth: d.nNsVth / 3,
  };
};
const voltage = range(1, 440, 220);
const power = (shaded: number): Float64Array => {
  const lit = { diode: group(900), count: 24 - shaded };
  const dark = { diode: group(250), count: shaded };
  const network = new PvNetwork([{ groups: shaded === 0 ? [lit] : [lit, dark] }]);
  return voltage.map((v) => Math.max(0, v * network.current(v)));
};
draw('network', 'Power of a string of 8 modules, some cell groups in the shade', 'V', 'W', [
  ['all lit', voltage, power(0)],
  ['4 of 24 groups shaded', voltage, power(4)],
  ['12 of 24 groups shaded', voltage, power(12)],
]);

const inverter = {
  pAc0: 4160,
  pDc0: 4340.861328,
  vDc0: 380,
  pS0: 32.600666,
  c0: -4.666194e-6,
  c1: -6.2e-5,
  c2: 0.000324,
  c3: -0.00088,
  pNight: 1.248,
};
const dc = range(60, 4800, 200);
draw(
  'inverter',
  'Efficiency of a 4.2 kW inverter (Sandia)',
  'DC power, W',
  'AC over DC',
  [380, 300, 200].map((v) => [`${v} V`, dc, dc.map((p) => inverterSandia(inverter, v, p) / p)]),
);

const days = range(0, 120, 121);
const rain = days.map((day) => (day === 45 || day === 90 ? 12 : 0));
draw('soiling', 'Light lost to dirt, rain on days 45 and 90 (Kimber)', 'day', 'fraction', [
  [
    'loss',
    days,
    soilingKimber(
      days.map((day) => day * 86_400_000),
      rain,
      { initialLoss: 0 },
    ),
  ],
]);

const years = range(0, 10, 121);
const fade = (cell: typeof LFP_250AH | typeof NMC_75AH, temperature: number): Float64Array => {
  const life = new BatteryLife(cell);
  const hour = Array.from({ length: 25 }, (_, k) => k);
  const time = hour.map((k) => k * 3_600_000);
  const soc = hour.map((k) => 0.5 + 0.35 * Math.sin((2 * Math.PI * k) / 24));
  let day = 0;
  return years.map((year) => {
    for (; day < year * 365; day++)
      life.advance(
        time,
        soc,
        hour.map(() => temperature),
      );
    return life.capacity;
  });
};
draw('battery-life', 'Capacity of a battery cycled 70 % a day', 'year', 'relative capacity', [
  ['LFP, 20 °C', years, fade(LFP_250AH, 20)],
  ['LFP, 35 °C', years, fade(LFP_250AH, 35)],
  ['NMC, 20 °C', years, fade(NMC_75AH, 20)],
]);
