import { type ParseArgsConfig, parseArgs } from 'node:util';
import { quote, type TwinergyError } from '../../core/errors.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What a command line may say. */
export interface CommandLineRules<O extends Options> {
  readonly options: O;
  /** How many operands each command takes. */
  readonly operands: Readonly<Record<string, number>>;
  /** Makes the error that says how the program is used. */
  readonly usage: (message: string) => TwinergyError;
}

/** What was said on a command line. */
export interface CommandLine<O extends Options> {
  readonly command: string;
  readonly operands: readonly string[];
  readonly values: ReturnType<typeof parseArgs<{ args: string[]; allowPositionals: true; options: O }>>['values'];
}

/** Reads `COMMAND OPERAND… --option …`. @throws what `usage` makes, where it is anything else */
export function commandLine<O extends Options>(
  args: readonly string[],
  { options, operands: wanted, usage }: CommandLineRules<O>,
): CommandLine<O> {
  const { positionals, values } = asked(() => parseArgs({ args: [...args], allowPositionals: true, options }), usage);
  const [command = '', ...operands] = positionals;
  if (!Object.hasOwn(wanted, command))
    throw usage(command === '' ? 'No command is given.' : `There is no command ${quote(command)}.`);
  if (operands.length !== wanted[command])
    throw usage(`${command} takes ${wanted[command]} operands, not ${operands.length}.`);
  return { command, operands, values };
}

function asked<T>(parse: () => T, usage: (message: string) => TwinergyError): T {
  try {
    return parse();
  } catch (cause) {
    throw usage((cause as Error).message);
  }
}
