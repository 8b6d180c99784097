/** Reads what `parlor` was called with. */

import { parseArgs } from 'node:util';
import { quote } from '../core/quote.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { UsageError } from './failure.ts';
import { named, usageOf } from './help.ts';

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

/** What was asked for. */
type Call =
  | { readonly type: 'help' }
  | { readonly type: 'group-help'; readonly group: string }
  | { readonly type: 'version' }
  | { readonly type: 'command-help'; readonly name: string; readonly command: Command }
  | { readonly type: 'run'; readonly command: Command; readonly args: Arguments };

/**
 * @param words what stands behind the program
 * @throws UsageError that says what was expected and what came
 */
export function parseCall(words: readonly string[]): Call {
  // As many programs take it: `parlor help users` is `parlor users --help`.
  const [first, ...rest] = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  if (first === undefined || isHelp(first)) return { type: 'help' };
  if (first === '--version') return { type: 'version' };
  if (isGroup(first) && isHelp(rest[0])) return { type: 'group-help', group: first };
  const { name, command, others } = commandOf(first, rest);
  if (others.some(isHelp)) return { type: 'command-help', name, command };
  return { type: 'run', command, args: parseArguments(name, command, others) };
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

/** Whether a word stands for several commands, such as `users`. */
function isGroup(word: string): boolean {
  return Object.keys(commands).some((known) => known.startsWith(`${word} `));
}

/** The command that one word names, or two together. */
function commandOf(first: string, rest: readonly string[]) {
  const single = !first.includes(' ') && Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (single) return { name: first, command: single, others: rest };
  const [second, ...others] = rest;
  const name = `${first} ${second}`;
  const double = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (double) return { name, command: double, others };
  const siblings = Object.keys(commands).flatMap((known) => {
    const [group, sibling] = known.split(' ');
    return group === first && sibling !== undefined ? sibling : [];
  });
  if (siblings.length > 0) {
    const came = second === undefined ? 'nothing behind it' : quote(second);
    throw new UsageError(`Expected parlor ${first} ${listed(siblings)}; got ${came}.`);
  }
  const words = new Set(Object.keys(commands).map((known) => known.split(' ')[0] ?? known));
  const known = first.startsWith('-') ? ['a command', '--help', '--version'] : [...words];
  throw new UsageError(`Expected ${listed(known)}; got ${quote(first)}.`);
}

function parseArguments(name: string, command: Command, words: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(command.options).map(([option, { value }]) => [
        option,
        { type: value === undefined ? 'boolean' : 'string' },
      ]),
    ),
    // What is wrong is told here, in one line.
    strict: false,
    tokens: true,
  });
  const options = optionsOf(name, command, tokens);
  const operands = tokens.flatMap((token) => (token.kind === 'positional' ? token.value : []));
  const usage = `Expected parlor ${usageOf(name, command)}`;
  for (const [option, { isRequired, value }] of Object.entries(command.options)) {
    if (isRequired && !(option in options)) throw new UsageError(`${usage}; got no ${named(option, value)}.`);
  }
  const names = command.operand?.split(' ') ?? [];
  names.forEach((operand, index) => {
    const isOptional = operand.startsWith('[');
    if (!isOptional && !operands[index]) throw new UsageError(`${usage}; got no ${operand}.`);
  });
  const surplus = operands[names.length];
  if (surplus !== undefined) throw new UsageError(`${usage}; got also ${quote(surplus)}.`);
  const [operand = '', ...others] = operands;
  return { operand, ...(names.length > 1 && { others }), options };
}

function optionsOf(name: string, command: Command, tokens: readonly Token[]): Record<string, string> {
  const known = Object.keys(command.options);
  const options: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name: option, rawName, value, inlineValue } = token;
    if (!known.includes(option)) {
      const expected = listed([...known.map((one) => `--${one}`), '--help']);
      const isShort = command.operand !== undefined && !rawName.startsWith('--');
      const hint = isShort ? '; what begins with - and is no option stands behind --' : '';
      throw new UsageError(`Expected of parlor ${name}: ${expected}; got ${quote(rawName)}${hint}.`);
    }
    if (option in options) throw new UsageError(`Expected ${rawName} once; got it twice.`);
    const expected = command.options[option]?.value;
    if (expected === undefined) {
      if (inlineValue) throw new UsageError(`Expected ${rawName} alone; got ${quote(value)} behind it.`);
      options[option] = 'on';
      continue;
    }
    if (!value || (!inlineValue && value.startsWith('-'))) {
      throw new UsageError(`Expected ${rawName} ${expected}; got nothing behind it.`);
    }
    options[option] = value;
  }
  return options;
}

/** `a, b or c` */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
