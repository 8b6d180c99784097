/** What a command is: the table of them is in `commands.ts`. */

import type { Arguments } from './arguments.ts';

export interface CommandOption {
  /** What its value is; without it the option is a switch, given or not. */
  readonly value?: string;
  readonly sentence: string;
  readonly isRequired?: true;
}

export interface Command {
  /** What it takes beside options: each exactly once, in this order; one in brackets may be missing. */
  readonly operand?: string;
  /** How it is called, where one thing may stand for another; else that follows from operand and options. */
  readonly usage?: string;
  /** Half a line for the list of commands. */
  readonly summary: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** What else to know, in lines of at most 80 characters. */
  readonly more: () => string;
  /** @throws Failure, UsageError and everything that has one line to say */
  readonly run: (args: Arguments) => Promise<void>;
}
