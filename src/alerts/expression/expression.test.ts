import fc from 'fast-check';
import { evaluate as mathjsEvaluate, parse } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { TwinergyError } from '../../core/errors.js';
import { ChannelTable } from '../channels.js';
import { expressionCompiler } from './mathjs.js';

const compiler = expressionCompiler({ parse: (text) => parse(text) });

function value(text: string, values: Record<string, number>): number {
  const channels = new ChannelTable();
  const { evaluate } = compiler(text, channels, 'test');
  return evaluate(Float64Array.from(channels.names, (name) => values[name] ?? Number.NaN));
}

describe('expressions', () => {
  it.each([
    [
      'solarPower < 0.7 * expectedPower and irradiance > 200 W/m^2',
      { solarPower: 600, expectedPower: 1000, irradiance: 300 },
      1,
    ],
    ['solarPower < 1 kW', { solarPower: 999 }, 1],
    ['temperature > 343.15 K', { temperature: 71 }, 1],
    ['batteryLevel < 0.2 or voltage > 1 kV', { batteryLevel: 50, voltage: 400 }, 0],
    ['not (temperature > 60 degC)', { temperature: 61 }, 0],
    ['380 < voltage < 420', { voltage: 400 }, 1],
    ['abs(voltage - 400 V) >= 30', { voltage: 369 }, 1],
    ['solarPower / expectedPower < 0.5', { solarPower: 1, expectedPower: 4 }, 1],
    ['max(temperature, 50) == 50', { temperature: 20 }, 1],
  ])('%s', (text, values, expected) => expect(value(text, values)).toBe(expected));

  it('leaves open what it cannot know, and decides what decides', () => {
    expect(value('temperature > 60 and voltage > 1', { temperature: 70 })).toBeNaN();
    expect(value('temperature > 60 and voltage > 1', { temperature: 50 })).toBe(0);
    expect(value('temperature > 60 or voltage > 1', { temperature: 70 })).toBe(1);
  });

  it.each([
    ['temperature > 5 W', 'EXPRESSION_UNITS'],
    ['solarPower + temperature > 1', 'EXPRESSION_UNITS'],
    ['solarPower', 'EXPRESSION_NOT_BOOLEAN'],
    ['solarPower > 1 and 2', 'EXPRESSION_NOT_BOOLEAN'],
    ['nothing > 1', 'EXPRESSION_UNKNOWN_NAME'],
    ['import("fs") == 1', 'EXPRESSION_NOT_ALLOWED'],
    ['temperature.constructor == 1', 'EXPRESSION_NOT_ALLOWED'],
    ['__proto__ > 1', 'EXPRESSION_UNKNOWN_NAME'],
    ['toString(1) == 1', 'EXPRESSION_NOT_ALLOWED'],
    ['f(x) = x', 'EXPRESSION_NOT_ALLOWED'],
    ['a = 5; a > 1', 'EXPRESSION_NOT_ALLOWED'],
    ['[1, 2] == 1', 'EXPRESSION_NOT_ALLOWED'],
    ['temperature >', 'EXPRESSION_SYNTAX'],
    [`${'('.repeat(100)}1${')'.repeat(100)} > 0`, 'EXPRESSION_TOO_LONG'],
    ['1+'.repeat(1500), 'EXPRESSION_TOO_LONG'],
  ])('refuses %s', (text, code) => {
    expect(() => value(text, {})).toThrowError(expect.objectContaining({ code }));
  });

  it('answers any text with a value or an error of its own', () => {
    const word = fc.constantFrom(
      'temperature',
      'solarPower',
      '>',
      '<',
      'and',
      'or',
      'not',
      '(',
      ')',
      '+',
      '*',
      '/',
      '^',
      '1',
      '0.5',
      'W',
      'm',
      'constructor',
      '__proto__',
      '.',
      '[',
      ']',
      '=',
      ';',
      'eval',
      '"x"',
      '%',
      '!',
      '{',
      '}',
      ',',
      'abs',
      'to',
      'i',
      'Infinity',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
          fc.string({ maxLength: 50 }),
        ),
        (text) => {
          try {
            expect([0, 1, Number.NaN]).toContain(value(text, { temperature: 1, solarPower: 2 }));
          } catch (error) {
            expect(error).toBeInstanceOf(TwinergyError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives what mathjs gives, on any formula of numbers', () => {
    type Text = { readonly n: string; readonly b: string };
    const { b } = fc.letrec<Text>((tie) => ({
      n: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('temperature', 'batteryLevel', '2', '0.5', '40'),
        fc
          .tuple(tie('n'), fc.constantFrom('+', '-', '*'), tie('n'))
          .map(([left, op, right]) => `(${left} ${op} ${right})`),
        fc.tuple(fc.constantFrom('abs', 'floor', 'sign'), tie('n')).map(([name, inner]) => `${name}(${inner})`),
        fc.tuple(fc.constantFrom('min', 'max'), tie('n'), tie('n')).map(([name, x, y]) => `${name}(${x}, ${y})`),
      ),
      b: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc
          .tuple(tie('n'), fc.constantFrom('<', '<=', '>', '>='), tie('n'))
          .map(([left, op, right]) => `${left} ${op} ${right}`),
        fc
          .tuple(tie('b'), fc.constantFrom('and', 'or'), tie('b'))
          .map(([left, op, right]) => `(${left} ${op} ${right})`),
        tie('b').map((inner) => `not (${inner})`),
      ),
    }));
    // Channels without units, so that any formula of them has a meaning.
    const plain = ['temperature', 'batteryLevel'].map((name) => ({ name, restName: name, unit: '1', title: name }));
    fc.assert(
      fc.property(
        b,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        (text, temperature, batteryLevel) => {
          const channels = new ChannelTable(plain);
          const scope: Record<string, number> = { temperature, batteryLevel };
          const { evaluate } = compiler(text, channels, 'test');
          const own = evaluate(Float64Array.from(channels.names, (name) => scope[name] as number));
          const theirs = mathjsEvaluate(text, { ...scope }) as boolean;
          expect([text, own]).toEqual([text, theirs ? 1 : 0]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
