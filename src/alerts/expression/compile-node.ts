import { quote, TwinergyError } from '../../core/errors.js';
import { exp, log, log10 } from '../../core/math/index.js';
import { canonicalUnit, isCompatibleUnit, unitConversion } from '../../core/units.js';
import type { ChannelTable } from '../channels.js';
import type { CompiledExpression } from './compiler.js';

/** A node of the parser's tree, by what we read of it. Every field is looked at before it is used. */
export interface SyntaxNode {
  readonly type: string;
  readonly value?: unknown;
  readonly name?: unknown;
  readonly fn?: unknown;
  readonly op?: unknown;
  readonly implicit?: unknown;
  readonly args?: unknown;
  readonly content?: unknown;
  readonly conditionals?: unknown;
  readonly params?: unknown;
  readonly condition?: unknown;
  readonly trueExpr?: unknown;
  readonly falseExpr?: unknown;
}

type Evaluate = (slots: Float64Array) => number;

/** A part of an expression: a number with a unit, a plain number, a truth value, or the name of a unit. */
interface Part {
  readonly kind: 'number' | 'boolean' | 'unit';
  /** Unit of a number (`1`: none, or a constant that takes the unit of its partner). */
  readonly unit: string;
  /** Its value where it is known at compile time. */
  readonly constant?: number;
  readonly run: Evaluate;
}

const MAX_NODES = 500;

/** The functions that an expression may call: how many arguments, and whether the result keeps their unit. */
const FUNCTIONS: Readonly<
  Record<string, { readonly arity: number; readonly keeps: boolean; readonly of: (...x: number[]) => number }>
> = {
  __proto__: null as never,
  abs: { arity: 1, keeps: true, of: Math.abs },
  min: { arity: -1, keeps: true, of: Math.min },
  max: { arity: -1, keeps: true, of: Math.max },
  round: { arity: 1, keeps: true, of: Math.round },
  floor: { arity: 1, keeps: true, of: Math.floor },
  ceil: { arity: 1, keeps: true, of: Math.ceil },
  sign: { arity: 1, keeps: false, of: Math.sign },
  sqrt: { arity: 1, keeps: false, of: Math.sqrt },
  exp: { arity: 1, keeps: false, of: exp },
  log: { arity: 1, keeps: false, of: log },
  log10: { arity: 1, keeps: false, of: log10 },
};

function refuse(code: string, message: string, path: string, value: unknown): never {
  throw new TwinergyError(code, message, { path, value });
}

function number(run: Evaluate, unit: string, constant?: number): Part {
  return constant === undefined ? { kind: 'number', unit, run } : { kind: 'number', unit, run, constant };
}

/** NaN is unknown; unknown stays unknown. */
function truth(run: Evaluate): Part {
  return { kind: 'boolean', unit: '1', run };
}

/**
 * Checks a tree and compiles it to closures over slots.
 * @throws TwinergyError `EXPRESSION_NOT_ALLOWED`, `EXPRESSION_UNKNOWN_NAME`, `EXPRESSION_UNITS`, `EXPRESSION_NOT_BOOLEAN`, `EXPRESSION_TOO_LONG`
 */
export function compileNode(root: SyntaxNode, channels: ChannelTable, path: string): CompiledExpression {
  const slots = new Set<number>();
  let nodes = 0;

  function child(node: unknown): Part {
    if (typeof node !== 'object' || node === null || typeof (node as SyntaxNode).type !== 'string') {
      return refuse('EXPRESSION_NOT_ALLOWED', 'The expression has a part that is not understood.', path, undefined);
    }
    return part(node as SyntaxNode);
  }

  function list(nodesIn: unknown): Part[] {
    return Array.isArray(nodesIn)
      ? nodesIn.map(child)
      : refuse('EXPRESSION_NOT_ALLOWED', 'Arguments are missing.', path, undefined);
  }

  function numeric(x: Part, what: string): Part {
    return x.kind === 'number'
      ? x
      : refuse(
          'EXPRESSION_UNITS',
          `${what} needs a number, not a ${x.kind === 'unit' ? 'unit' : 'truth value'}.`,
          path,
          what,
        );
  }

  function boolean(x: Part, what: string): Part {
    return x.kind === 'boolean'
      ? x
      : refuse('EXPRESSION_NOT_BOOLEAN', `${quote(what)} needs what is true or false on both sides.`, path, what);
  }

  /** Brings `x` to `unit`. A constant without a unit takes any. */
  function inUnit(x: Part, unit: string, what: string): Part {
    if (x.unit === unit) return x;
    if (x.unit === '1' && x.constant !== undefined) return number(x.run, unit, x.constant);
    if (canonicalUnit(x.unit) === undefined || canonicalUnit(unit) === undefined || !isCompatibleUnit(x.unit, unit)) {
      return refuse(
        'EXPRESSION_UNITS',
        `${quote(what)} meets ${quote(x.unit)} and ${quote(unit)}, which do not go together.`,
        path,
        what,
      );
    }
    const { scale, offset } = unitConversion(x.unit, unit);
    if (x.constant !== undefined) {
      const value = x.constant * scale + offset;
      return number(() => value, unit, value);
    }
    return number((s) => x.run(s) * scale + offset, unit);
  }

  function pair(a: Part, b: Part, op: string): [Part, Part] {
    const [left, right] = [numeric(a, op), numeric(b, op)];
    if (left.unit === '1' && left.constant !== undefined) return [inUnit(left, right.unit, op), right];
    return [left, inUnit(right, left.unit, op)];
  }

  function compare(op: string, a: Part, b: Part): Part {
    const [{ run: x }, { run: y, constant }] = pair(a, b, op);
    const unknown = (p: number, q: number) => Number.isNaN(p) || Number.isNaN(q);
    if (constant !== undefined) {
      // A channel against a number is most of what people write.
      const c = constant;
      if (op === '<')
        return truth((s) => {
          const v = x(s);
          return Number.isNaN(v) ? v : v < c ? 1 : 0;
        });
      if (op === '>')
        return truth((s) => {
          const v = x(s);
          return Number.isNaN(v) ? v : v > c ? 1 : 0;
        });
    }
    switch (op) {
      case '<':
        return truth((s) => {
          const p = x(s);
          const q = y(s);
          return unknown(p, q) ? Number.NaN : p < q ? 1 : 0;
        });
      case '>':
        return truth((s) => {
          const p = x(s);
          const q = y(s);
          return unknown(p, q) ? Number.NaN : p > q ? 1 : 0;
        });
      case '<=':
        return truth((s) => {
          const p = x(s);
          const q = y(s);
          return unknown(p, q) ? Number.NaN : p <= q ? 1 : 0;
        });
      case '>=':
        return truth((s) => {
          const p = x(s);
          const q = y(s);
          return unknown(p, q) ? Number.NaN : p >= q ? 1 : 0;
        });
      case '==':
        return truth((s) => {
          const p = x(s);
          const q = y(s);
          return unknown(p, q) ? Number.NaN : p === q ? 1 : 0;
        });
      default:
        return truth((s) => {
          const p = x(s);
          const q = y(s);
          return unknown(p, q) ? Number.NaN : p !== q ? 1 : 0;
        });
    }
  }

  /** `200 W/m^2`, `3 kW`: a number times a unit, or a unit divided by one or raised to a power. */
  function unitText(op: string, a: Part, b: Part): string | undefined {
    if (a.kind === 'unit' && (b.kind === 'unit' || (b.constant !== undefined && op === '^'))) {
      return (
        canonicalUnit(`${a.unit}${op}${b.kind === 'unit' ? b.unit : b.constant}`) ??
        `${a.unit}${op}${b.kind === 'unit' ? b.unit : b.constant}`
      );
    }
    return undefined;
  }

  function withUnit(x: Part, unit: string): Part {
    const known = canonicalUnit(unit) ?? refuse('EXPRESSION_UNITS', `There is no unit ${quote(unit)}.`, path, unit);
    if (x.unit !== '1')
      return refuse('EXPRESSION_UNITS', `${quote(unit)} is put on what has the unit ${quote(x.unit)}.`, path, unit);
    return number(x.run, known, x.constant);
  }

  function arithmetic(op: string, a: Part, b: Part): Part {
    const unit = unitText(op, a, b);
    if (unit !== undefined) return { kind: 'unit', unit, run: () => Number.NaN };
    if (op === '*' && a.kind === 'number' && b.kind === 'unit') return withUnit(a, b.unit);
    // `200 W/m^2` is read as `(200 W) / m^2`: the number has its unit, and goes on to the whole of it.
    if (op === '/' && a.kind === 'number' && b.kind === 'unit' && a.unit !== '1') {
      const whole =
        canonicalUnit(`${a.unit}/${b.unit}`) ??
        refuse('EXPRESSION_UNITS', `There is no unit ${quote(`${a.unit}/${b.unit}`)}.`, path, b.unit);
      return number(a.run, whole, a.constant);
    }
    if (op === '+' || op === '-') {
      const [left, right] = pair(a, b, op);
      const [x, y] = [left.run, right.run];
      return number(op === '+' ? (s) => x(s) + y(s) : (s) => x(s) - y(s), left.unit);
    }
    const [left, right] = [numeric(a, op), numeric(b, op)];
    const [x, y] = [left.run, right.run];
    if (op === '*') {
      if (left.unit !== '1' && right.unit !== '1' && right.unit !== '%') {
        return refuse(
          'EXPRESSION_UNITS',
          `A product of ${quote(left.unit)} and ${quote(right.unit)} has no unit that is known here.`,
          path,
          op,
        );
      }
      const c = left.constant;
      return number(c === undefined ? (s) => x(s) * y(s) : (s) => c * y(s), left.unit === '1' ? right.unit : left.unit);
    }
    if (op === '/') {
      if (right.unit === '1') return number((s) => x(s) / y(s), left.unit);
      const other = inUnit(right, left.unit, op).run;
      return number((s) => x(s) / other(s), '1');
    }
    if (op === '^' && left.unit === '1' && right.unit === '1') return number((s) => x(s) ** y(s), '1');
    return refuse('EXPRESSION_NOT_ALLOWED', `The operator ${quote(op)} is not allowed here.`, path, op);
  }

  function operator(node: SyntaxNode): Part {
    const op = typeof node.op === 'string' ? node.op : '';
    const parts = list(node.args);
    const [a, b] = parts;
    if (a !== undefined && parts.length === 1) {
      const { run } = a;
      if (op === 'not')
        return truth(
          (
            (x) => (s: Float64Array) =>
              1 - x(s)
          )(boolean(a, op).run),
        );
      if (op === '%') return withUnit(numeric(a, op), '%');
      if (op === '-' && a.constant !== undefined) {
        const value = -a.constant;
        return number(() => value, numeric(a, op).unit, value);
      }
      if (op === '-') return number((s) => -run(s), numeric(a, op).unit);
      if (op === '+') return numeric(a, op);
    }
    if (a !== undefined && b !== undefined && parts.length === 2) {
      if (op === 'and' || op === 'or') {
        const [x, y] = [boolean(a, op).run, boolean(b, op).run];
        // Kleene's three values: what decides, decides, also beside the unknown.
        if (op === 'and')
          return truth((s) => {
            const p = x(s);
            if (p === 0) return 0;
            const q = y(s);
            return q === 0 ? 0 : p + q === 2 ? 1 : Number.NaN;
          });
        return truth((s) => {
          const p = x(s);
          if (p === 1) return 1;
          const q = y(s);
          return q === 1 ? 1 : p + q === 0 ? 0 : Number.NaN;
        });
      }
      if (['<', '>', '<=', '>=', '==', '!='].includes(op)) return compare(op, a, b);
      if (['+', '-', '*', '/', '^'].includes(op)) return arithmetic(op, a, b);
    }
    return refuse('EXPRESSION_NOT_ALLOWED', `The operator ${quote(op)} is not allowed here.`, path, op);
  }

  function call(node: SyntaxNode): Part {
    const fn = node.fn as SyntaxNode | undefined;
    const name = fn?.type === 'SymbolNode' && typeof fn.name === 'string' ? fn.name : '';
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      return refuse(
        'EXPRESSION_NOT_ALLOWED',
        `The function ${quote(name)} is not on the list: ${Object.keys(FUNCTIONS).join(', ')}.`,
        path,
        name,
      );
    }
    const raw = list(node.args).map((x) => numeric(x, name));
    const first = raw[0];
    if (first === undefined || (known.arity > 0 && raw.length !== known.arity)) {
      return refuse('EXPRESSION_NOT_ALLOWED', `${quote(name)} has ${raw.length} arguments.`, path, name);
    }
    const unit = raw.find((x) => x.unit !== '1')?.unit ?? '1';
    if (!known.keeps && unit !== '1')
      return refuse('EXPRESSION_UNITS', `${quote(name)} takes a plain number, not one in ${quote(unit)}.`, path, name);
    const runs = raw.map((x) => inUnit(x, unit, name).run);
    const of = known.of;
    const [x, y] = runs as [Evaluate, Evaluate | undefined];
    if (runs.length === 1) return number((s) => of(x(s)), unit);
    if (runs.length === 2 && y !== undefined) return number((s) => of(x(s), y(s)), unit);
    return number((s) => of(...runs.map((run) => run(s))), unit);
  }

  function symbol(name: unknown): Part {
    if (typeof name !== 'string') return refuse('EXPRESSION_NOT_ALLOWED', 'A name is missing.', path, undefined);
    if (channels.has(name)) {
      const slot = channels.slot(name);
      slots.add(slot);
      return number((s) => s[slot] as number, channels.definition(name).unit);
    }
    if (name === 'true' || name === 'false') {
      const value = Number(name === 'true');
      return truth(() => value);
    }
    // `m` is no unit of a channel by itself here, but the denominator of W/m².
    if (canonicalUnit(name) !== undefined)
      return { kind: 'unit', unit: canonicalUnit(name) ?? name, run: () => Number.NaN };
    return refuse('EXPRESSION_UNKNOWN_NAME', `${quote(name)} is neither a channel nor a unit.`, path, name);
  }

  function relational(node: SyntaxNode): Part {
    // a < b < c
    const names: Readonly<Record<string, string>> = {
      smaller: '<',
      larger: '>',
      smallerEq: '<=',
      largerEq: '>=',
      equal: '==',
      unequal: '!=',
    };
    const params = list(node.params);
    const ops = Array.isArray(node.conditionals) ? node.conditionals : [];
    let whole: Part | undefined;
    for (let k = 0; k + 1 < params.length; k++) {
      const op = names[String(ops[k])] ?? '';
      if (op === '') return refuse('EXPRESSION_NOT_ALLOWED', 'This comparison is not allowed.', path, ops[k]);
      const next = compare(op, params[k] as Part, params[k + 1] as Part);
      const before = whole?.run;
      whole = before === undefined ? next : truth((s) => before(s) * next.run(s));
    }
    return whole ?? refuse('EXPRESSION_NOT_ALLOWED', 'This comparison is not allowed.', path, undefined);
  }

  function part(node: SyntaxNode): Part {
    if (++nodes > MAX_NODES)
      return refuse('EXPRESSION_TOO_LONG', `The expression has more than ${MAX_NODES} parts.`, path, undefined);
    switch (node.type) {
      case 'ConstantNode': {
        const { value } = node;
        if (typeof value === 'boolean') {
          const bit = Number(value);
          return truth(() => bit);
        }
        if (typeof value !== 'number' || !Number.isFinite(value))
          return refuse('EXPRESSION_NOT_ALLOWED', `${quote(value)} is not allowed.`, path, value);
        return number(() => value, '1', value);
      }
      case 'SymbolNode':
        return symbol(node.name);
      case 'ParenthesisNode':
        return child(node.content);
      case 'OperatorNode':
        return operator(node);
      case 'RelationalNode':
        return relational(node);
      case 'FunctionNode':
        return call(node);
      default:
        return refuse('EXPRESSION_NOT_ALLOWED', `${quote(node.type)} is not allowed in a rule.`, path, node.type);
    }
  }

  const { kind, run } = part(root);
  if (kind !== 'boolean')
    refuse('EXPRESSION_NOT_BOOLEAN', 'The expression is neither true nor false.', path, undefined);
  return { evaluate: run, slots: [...slots] };
}
