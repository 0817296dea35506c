import { quote, TwinergyError } from '../../core/index.js';
import { type AssetModel, CRITERION_DAYS } from '../asset-model.js';

/** Looks up the daily mean of a channel, a state of the model or a quantity of the health, by name. */
export type ValueOf = (name: string) => number;

/** A limit on one value. */
export interface LimitEvent {
  readonly channel: string;
  readonly when: 'below' | 'above';
  readonly limit: number;
}

/**
 * What is waited for: the name of a criterion of the asset's end of life (`inverter-efficiency`), a limit, an expression
 * such as `"array1.soilingLoss > 0.05"` or `"efficiency < 0.9 or battery.stateOfHealth < 0.8"` (`and` binds closer than
 * `or`), or a function of the daily means.
 */
export type PrognosisEvent = string | LimitEvent | ((value: ValueOf) => boolean);

/** An event, ready to be asked by the day. */
export interface ReadyEvent {
  /** Names that it looks at; undefined where only the function knows. */
  readonly names: readonly string[] | undefined;
  /** Days whose mean it is asked of. */
  readonly over: number;
  readonly met: (value: ValueOf) => boolean;
}

const COMPARISON = /^\s*([A-Za-z][\w.-]*)\s*(<=|>=|<|>)\s*(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%?)\s*$/;

/**
 * Reads an event.
 * @throws TwinergyError `TWIN_BAD_EVENT`
 */
export function readEvent(event: PrognosisEvent, model: AssetModel): ReadyEvent {
  if (typeof event === 'function') return { names: undefined, over: 1, met: event };
  if (typeof event === 'object') return limit(event);
  const criterion = model.endOfLife.find(({ name }) => name === event);
  if (criterion !== undefined) return limit(criterion, CRITERION_DAYS);
  const names: string[] = [];
  const any = event.split(/\s+or\s+|\|\|/i).map((part) =>
    part.split(/\s+and\s+|&&/i).map((text) => {
      const [, name, operator, number, percent] = COMPARISON.exec(text) ?? [];
      if (name === undefined || operator === undefined || number === undefined) {
        throw new TwinergyError('TWIN_BAD_EVENT', `This is no event, got ${quote(event)}.`, {
          path: 'event',
          value: event,
          hint: `Give a limit such as "efficiency < 0.9", or one of: ${model.endOfLife.map(({ name }) => name).join(', ')}.`,
        });
      }
      names.push(name);
      const bound = Number(number) / (percent === '%' ? 100 : 1);
      return (value: ValueOf) => {
        const now = value(name);
        if (operator === '<') return now < bound;
        if (operator === '>') return now > bound;
        return operator === '<=' ? now <= bound : now >= bound;
      };
    }),
  );
  return { names, over: 1, met: (value) => any.some((all) => all.every((one) => one(value))) };
}

function limit({ channel, when, limit: bound }: LimitEvent, over = 1): ReadyEvent {
  return {
    names: [channel],
    over,
    met: when === 'below' ? (value) => value(channel) < bound : (value) => value(channel) > bound,
  };
}
