import type { ChannelTable } from '../channels.js';

/** An expression, compiled: 1 true, 0 false, NaN unknown (a channel it needs was not measured). */
export interface CompiledExpression {
  readonly evaluate: (slots: Float64Array) => number;
  readonly slots: readonly number[];
}

/** Turns the text of an expression into closures. `mathjsExpressions()` makes one. */
export type ExpressionCompiler = (text: string, channels: ChannelTable, path: string) => CompiledExpression;
