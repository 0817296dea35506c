import { examplePlant, readPlant } from 'twinergy/twin';
import { describe, expect, it } from 'vitest';
import { addDays, dateAt, dayStart } from '../data/day.js';
import { componentsOf, place } from './faults.js';
import { withoutOverlap } from './labels.js';
import { layOut } from './layout.js';
import { channelsFor, type Day, rowAt, scaleOf, share, valuesOf } from './measures.js';
import { stepTo } from './navigate.js';
import { firstQuality, nextQuality, WINDOW } from './quality.js';
import { css, NO_VALUE, ramp } from './ramp.js';

const plant = readPlant(examplePlant('home'));
const { components } = layOut(plant);
const day: Day = {
  time: [0, 900_000, 1_800_000],
  series: {
    'string1.dc_current': [0, 5, 10],
    'string1.dc_voltage': [0, 500, 500],
    'string2.dc_current': [0, 4, 5],
    'string2.dc_voltage': [0, 500, Number.NaN],
    module_temperature: [10, 30, 45],
  },
  expected: {
    'string1.dc_current': [0, 5, 10],
    'string1.dc_voltage': [0, 500, 500],
    'string2.dc_current': [0, 5, 10],
    'string2.dc_voltage': [0, 500, 500],
  },
};

describe('measures', () => {
  it('makes power, loss and health of strings from their currents and voltages', () => {
    expect(valuesOf('power', plant, day).get('string1')).toEqual([0, 2500, 5000]);
    expect(valuesOf('loss', plant, day).get('string2')?.slice(0, 2)).toEqual([0, 500]);
    expect(valuesOf('loss', plant, day).get('string2')?.[2]).toBeNaN();
    // The row without a voltage is left out on both sides.
    expect(valuesOf('health', plant, day).get('string2')).toEqual([Number.NaN, 80, 80]);
    expect(valuesOf('temperature', plant, day).get('string1')).toEqual([10, 30, 45]);
  });

  it('has scales that hold the strings of the whole day', () => {
    expect(scaleOf('power', plant, valuesOf('power', plant, day))).toEqual({ low: 0, high: 5000 });
    expect(scaleOf('temperature', plant, valuesOf('temperature', plant, day))).toEqual({ low: 10, high: 46 });
    expect(share(30, { low: 10, high: 50 })).toBe(0.5);
  });

  it('asks for channels that the plant has, and no others', () => {
    expect(channelsFor(plant, new Set(['string1.dc_current', 'humidity']))).toEqual(['string1.dc_current']);
  });

  it('finds the row of a time, and none in a gap', () => {
    expect(rowAt(day.time, 950_000)).toBe(1);
    expect(rowAt(day.time, -1)).toBe(-1);
    expect(rowAt(day.time, 20_000_000)).toBe(-1);
  });
});

describe('ramp', () => {
  it('grows lighter from end to end, stays within its ends, and is grey without a value', () => {
    const light = ([r, g, b]: readonly [number, number, number]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
    const steps = Array.from({ length: 50 }, (_, i) => light(ramp(i / 49)));
    steps.slice(1).forEach((value, i) => {
      expect(value).toBeGreaterThan(steps[i] ?? 0);
    });
    expect(ramp(7)).toEqual(ramp(1));
    expect(ramp(Number.NaN)).toBe(NO_VALUE);
    expect(css(ramp(0))).toBe('rgb(68 1 84)');
  });
});

describe('where troubles are', () => {
  it('knows the part of a channel: one string, all of an array, or the plant as a whole', () => {
    expect(componentsOf('string2.dc_current', plant, components)).toEqual(['string2']);
    expect(componentsOf('array1.hot_spot_temperature', plant, components)).toEqual(['string1', 'string2']);
    expect(componentsOf('battery_level', plant, components)).toEqual(['battery']);
    expect(componentsOf('battery-capacity-fade', plant, components)).toEqual(['battery']);
    expect(componentsOf('inverter_efficiency', plant, components)).toEqual(['inverter1']);
    expect(componentsOf('solar_power', plant, components)).toEqual([]);
    expect(componentsOf(null, plant, components)).toEqual([]);
  });

  it('puts the worst first, and loses none', () => {
    const { at, whole } = place(
      [
        { title: 'b', at: 'string2', state: 'low' },
        { title: 'a', at: 'string2.dc_current', state: 'critical' },
        { title: 'c', at: null, state: 'high' },
      ],
      plant,
      components,
    );
    expect(at.get('string2')?.map(({ title }) => title)).toEqual(['a', 'b']);
    expect(whole.map(({ title }) => title)).toEqual(['c']);
  });
});

describe('stepTo', () => {
  const field = layOut(readPlant(examplePlant('field'))).components;
  it('leads to a part in the direction of the arrow', () => {
    const east = stepTo('ArrowRight', 40, field) ?? -1;
    expect(field[east]?.center[0]).toBeGreaterThan(field[40]?.center[0] ?? 0);
    expect(stepTo('ArrowLeft', east, field)).toBe(40);
  });

  it('begins at the first, and leaves other keys alone, so that Tab goes on', () => {
    expect(stepTo('ArrowDown', -1, field)).toBe(0);
    expect(stepTo('End', 3, field)).toBe(field.length - 1);
    expect(stepTo('Tab', 3, field)).toBeUndefined();
  });
});

describe('quality', () => {
  it('goes down while frames are slow, and stays where they are quick or too few', () => {
    const slow = new Array<number>(WINDOW).fill(50);
    expect(nextQuality('high', slow)).toBe('medium');
    expect(nextQuality('low', slow)).toBe('low');
    expect(nextQuality('high', new Array<number>(WINDOW).fill(16))).toBe('high');
    expect(nextQuality('high', [500, ...new Array<number>(WINDOW).fill(16)])).toBe('high');
    expect(nextQuality('high', [50])).toBe('high');
  });

  it('begins low on a processor that draws a large plant', () => {
    expect(firstQuality('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device))', 5000)).toBe('low');
    expect(firstQuality('ANGLE (NVIDIA)', 5000)).toBe('high');
  });
});

describe('labels', () => {
  it('shows what covers nothing that was shown before', () => {
    const label = (x: number) => ({ x, y: 0, width: 50, height: 20 });
    expect(withoutOverlap([label(0), label(40), label(60), undefined])).toEqual([true, false, true, false]);
  });
});

describe('days', () => {
  it('begin at midnight of the place, also when the clock changes', () => {
    expect(dayStart('2026-03-29', 'Europe/Berlin')).toBe(Date.parse('2026-03-28T23:00:00Z'));
    expect(dayStart('2026-03-30', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T22:00:00Z'));
    expect(dayStart('2026-06-01', 'Australia/Brisbane')).toBe(Date.parse('2026-05-31T14:00:00Z'));
    expect(dateAt(Date.parse('2026-05-31T14:00:00Z'), 'Australia/Brisbane')).toBe('2026-06-01');
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  });
});
