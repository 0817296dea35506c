import { MissingPeerError, quote, TwinergyError } from '../../core/errors.js';
import type { ChannelTable } from '../channels.js';
import { compileNode, type SyntaxNode } from './compile-node.js';
import type { ExpressionCompiler } from './compiler.js';

/** Longest text of an expression, in characters. */
const MAX_LENGTH = 2000;
/** Deepest brackets; the parser is recursive, so that it must be known before it is called. */
const MAX_BRACKETS = 64;

/** What we call of mathjs. */
export interface MathjsParser {
  parse(text: string): unknown;
}

function bounded(text: string, path: string): void {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '(' || character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ')' || character === ']' || character === '}') depth--;
  }
  // Runs of prefix operators and right-associative ones make the parser descend as brackets do.
  const prefixes = text.match(/(?:[-+~!^?:]|\bnot\b)/g)?.length ?? 0;
  if (text.length > MAX_LENGTH || deepest > MAX_BRACKETS || prefixes > 200) {
    throw new TwinergyError('EXPRESSION_TOO_LONG', `The expression ${quote(text)} is too long or too deep.`, {
      path,
      hint: `At most ${MAX_LENGTH} characters and ${MAX_BRACKETS} brackets deep.`,
    });
  }
}

/**
 * An expression compiler on a mathjs parser: mathjs only reads the text; the tree is checked (nodes, operators and functions
 * by an allow list, units by the channels' units) and compiled to closures. Nothing of mathjs runs when a rule is judged.
 */
export function expressionCompiler(mathjs: MathjsParser): ExpressionCompiler {
  return (text: string, channels: ChannelTable, path: string) => {
    bounded(text, path);
    let tree: unknown;
    try {
      tree = mathjs.parse(text);
    } catch (cause) {
      throw new TwinergyError('EXPRESSION_SYNTAX', `The expression ${quote(text)} cannot be read: ${String(cause)}.`, {
        path,
        value: text,
        cause,
      });
    }
    return compileNode(tree as SyntaxNode, channels, path);
  };
}

/**
 * The compiler of expressions, on the optional peer mathjs.
 * @throws MissingPeerError where mathjs is not installed
 */
export async function mathjsExpressions(): Promise<ExpressionCompiler> {
  try {
    const { parse } = await import('mathjs');
    return expressionCompiler({ parse: (text) => parse(text) });
  } catch (cause) {
    throw new MissingPeerError('mathjs', 'A rule with an expression', cause);
  }
}
