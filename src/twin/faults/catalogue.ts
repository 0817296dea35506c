import { quote, TwinergyError } from '../../core/index.js';

/**
 * Where a fault acts: on the plant itself, on the measurement (the plant is well), or nowhere (`none`: a harmless
 * circumstance such as curtailment, at which an alarm is a false alarm).
 */
export type FaultLayer = 'plant' | 'measurement' | 'none';

/** How the severity of a fault goes with time; see `faults/progression.ts`. */
export type ProgressionKind = 'step' | 'linear' | 'exponential' | 'saturating' | 'intermittent' | 'wiener' | 'gamma';

/** One kind of fault: what it is, what severity 1 means and how it evolves unless told otherwise. */
export interface FaultDefinition {
  /** Identifier, as the catalogue spells it. */
  readonly id: string;
  readonly layer: FaultLayer;
  /** What it acts on: decides what `target` may name. */
  readonly acts: 'array' | 'string' | 'inverter' | 'battery' | 'plant' | 'channel' | 'machine';
  /** For people. */
  readonly title: string;
  /** What severity 1 means; other severities are in proportion unless it says otherwise. */
  readonly severity: string;
  /** What shows it first. */
  readonly evidence: string;
  /** How it evolves by default. */
  readonly progression: ProgressionKind;
  /** Days from onset to full severity by default (mean days between events for `intermittent`). */
  readonly days: number;
}

const define = (
  id: string,
  acts: FaultDefinition['acts'],
  progression: ProgressionKind,
  days: number,
  title: string,
  severity: string,
  evidence: string,
  layer: FaultLayer = 'plant',
): FaultDefinition => ({ id, layer, acts, title, severity, evidence, progression, days });

/** The physical faults of a solar plant. */
export const plantFaults: readonly FaultDefinition[] = [
  define(
    'soiling',
    'array',
    'step',
    0,
    'Soiling of the glass',
    'dust that takes 1 % of the light more with each dry day, up to 35 %; rain of 4 mm in a day washes it off',
    'short-circuit current down, voltage unchanged, reset after rain',
  ),
  define(
    'shading',
    'array',
    'step',
    0,
    'Shade of an obstacle',
    'an obstacle 40° wide and up to 45° high that shades half of the modules of the array',
    'loss at the same azimuth of the sun each day, steps of the bypass diodes',
  ),
  define(
    'snow',
    'array',
    'step',
    0,
    'Snow on the modules',
    'snow on the whole array at the onset and after each snowfall, which slides off in warmth or strong sun',
    'next to no power under bright sun and cold',
  ),
  define(
    'bypass-short',
    'string',
    'step',
    0,
    'Shorted bypass diodes',
    'all cell groups of one module shorted; a third of the severity is one group',
    'voltage of the string down by a third of a module for each group, current unchanged',
  ),
  define(
    'hot-spot',
    'string',
    'step',
    0,
    'Open bypass diode and a hot cell',
    'one cell group whose bypass diode is open and whose worst cell gives 40 % less current',
    'local temperature, current of the string held back',
  ),
  define(
    'pid',
    'array',
    'exponential',
    60,
    'Potential-induced degradation',
    'a leak that leaves 1.5 % of the shunt resistance at full light (geometric between), a tenth of which recovers at night',
    'fill factor and operating voltage down, worst at low light',
  ),
  define(
    'lid',
    'array',
    'saturating',
    20,
    'Light-induced degradation',
    'photocurrent down by 3 %',
    'current down by 1…3 % in the first weeks, then no more',
  ),
  define(
    'letid',
    'array',
    'saturating',
    700,
    'Light- and elevated-temperature-induced degradation',
    'photocurrent down by 4 %, saturation current tripled',
    'current and voltage down over years, then no more',
  ),
  define(
    'discolouration',
    'array',
    'linear',
    3650,
    'Discolouration of the encapsulant',
    'photocurrent down by 10 % (1 % a year over ten years)',
    'short-circuit current slowly down',
  ),
  define(
    'series-resistance',
    'array',
    'exponential',
    180,
    'Corroded solder joints or contacts',
    'five times the series resistance',
    'fill factor and operating voltage down, worst at high light',
  ),
  define(
    'cell-crack',
    'string',
    'linear',
    365,
    'Cracked cells',
    'half the area of one cell group lost in a fifth of the modules',
    'mismatch of currents, cell groups bypassed',
  ),
  define(
    'string-open',
    'string',
    'step',
    0,
    'Open string or blown fuse',
    'the string is open (at any severity)',
    'power down by one part of N, voltage unchanged',
  ),
  define(
    'ground-fault',
    'string',
    'step',
    0,
    'Line-to-line or ground fault',
    'a third of the modules of the string bridged, insulation resistance down to 20 kΩ (geometric between)',
    'mismatch of voltages, low insulation resistance',
  ),
  define(
    'mppt-fault',
    'inverter',
    'step',
    0,
    'Maximum power point tracking off the maximum',
    'operating voltage 60 % of the way from the maximum power point to open circuit',
    'off the maximum, the inverter healthy otherwise',
  ),
  define(
    'inverter-derating',
    'inverter',
    'exponential',
    60,
    'Worn fan or clogged filter',
    'three times the thermal resistance of the heat sink',
    'loss in hot hours only, heat sink too warm for its power',
  ),
  define(
    'inverter-efficiency',
    'inverter',
    'linear',
    180,
    'Aged capacitors or switches',
    'a quarter of the DC power lost on top of the normal loss',
    'ratio of AC to DC power down at all loads',
  ),
  define(
    'inverter-trip',
    'inverter',
    'intermittent',
    1,
    'Inverter trips',
    'off four fifths of the time, in events of some hours',
    'no AC power, DC side at open-circuit voltage',
  ),
  define(
    'ac-loss',
    'plant',
    'linear',
    180,
    'Loss in lines or transformer',
    '15 % of the rated power lost at rated power, with the square of the power below it',
    'meter below the sum of the inverters, AC voltage raised',
  ),
  define(
    'tracker-stall',
    'array',
    'step',
    0,
    'Stalled tracker',
    'stuck at the greatest angle to the west (a lower severity is a smaller angle, 0 is horizontal)',
    'asymmetric day',
  ),
  define(
    'battery-capacity-fade',
    'battery',
    'linear',
    900,
    'Capacity fade',
    'half the capacity lost',
    'state of charge swings wider for the same energy',
  ),
  define(
    'battery-resistance',
    'battery',
    'linear',
    900,
    'Growth of the internal resistance',
    'five times the resistance',
    'voltage sags under load, more heat',
  ),
  define(
    'battery-imbalance',
    'battery',
    'linear',
    365,
    'Weakest cell behind the others',
    'the weakest cell is 40 % of the charge behind the others',
    'discharge cut off early',
  ),
  define(
    'battery-thermal',
    'battery',
    'exponential',
    1,
    'Self-heating cell',
    'heat that raises the pack by 65 K in the end, whatever its load',
    'rate of temperature rise, then critical temperature',
  ),
  define(
    'cooling',
    'plant',
    'linear',
    30,
    'Failed ventilation of the electrical room',
    'enclosure 30 K warmer at rated power, 10 K without load',
    'inverter and battery warm together',
  ),
];

/** The faults of a measurement; `target` names the channel. */
export const sensorFaults: readonly FaultDefinition[] = [
  ...(
    [
      ['bias', 'step', 0, 'Offset', 'a tenth of the full scale of the channel added'],
      ['drift', 'linear', 120, 'Drift', 'a tenth of the full scale added, growing'],
      ['gain', 'step', 0, 'Wrong gain', 'values 30 % too low'],
      ['stuck', 'step', 0, 'Stuck value', 'the value at the onset is repeated (at any severity)'],
      ['spike', 'step', 0, 'Spikes', 'one sample in twenty is off by up to the full scale'],
      ['noise', 'step', 0, 'Noise', 'added noise with a standard deviation of a tenth of the full scale'],
      ['dropout', 'step', 0, 'Drop-outs', 'four fifths of the time missing, in gaps of an hour'],
      ['clock-shift', 'step', 0, 'Clock shift', 'values three hours late'],
      ['unit-mix-up', 'step', 0, 'Mixed-up unit', 'W given in kW, °C in °F, others in thousandths (at any severity)'],
      ['irradiance-sensor-soiling', 'linear', 90, 'Soiled irradiance sensor', 'irradiance 30 % too low'],
      [
        'irradiance-sensor-misaligned',
        'step',
        0,
        'Misaligned irradiance sensor',
        'turned 30° to the east, out of the plane',
      ],
      [
        'swapped-channels',
        'step',
        0,
        'Swapped channels',
        'the values of `target` and `other` change places (at any severity)',
      ],
    ] as const
  ).map(([id, progression, days, title, severity]) =>
    define(id, 'channel', progression, days, title, severity, 'one channel contradicts all the others', 'measurement'),
  ),
];

/** Circumstances that are not faults: an alarm at one of them is a false alarm. */
export const circumstances: readonly FaultDefinition[] = [
  define(
    'curtailment',
    'plant',
    'step',
    0,
    'Curtailment by the grid operator',
    'AC power held at nothing; half the severity, at half the rating',
    'power flat at a limit',
    'none',
  ),
  define(
    'planned-outage',
    'plant',
    'step',
    0,
    'Planned maintenance',
    'all inverters off (at any severity)',
    'no power, announced',
    'none',
  ),
  define('heat-wave', 'plant', 'step', 0, 'Heat wave', 'air 15 K warmer', 'everything warmer', 'none'),
  define(
    'cloudy-weeks',
    'plant',
    'step',
    0,
    'Weeks of cloud',
    'global irradiance down to 15 % of what it was',
    'little light',
    'none',
  ),
];

/**
 * The definition of `id` among `definitions`.
 * @throws TwinergyError `TWIN_UNKNOWN_FAULT`, which lists the faults there are
 */
export function faultDefinition(definitions: readonly FaultDefinition[], id: string): FaultDefinition {
  const definition = definitions.find((candidate) => candidate.id === id);
  if (definition === undefined) {
    throw new TwinergyError('TWIN_UNKNOWN_FAULT', `There is no fault ${quote(id)} for this kind of asset.`, {
      value: id,
      hint: `Known: ${definitions.map((candidate) => candidate.id).join(', ')}.`,
    });
  }
  return definition;
}
