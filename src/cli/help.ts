/** What `--help` prints. */

import { type Command, commands } from './commands.ts';

/** How to call a command: `backup FILE`. */
export function usageOf(name: string, { operand, options }: Command): string {
  const required = Object.entries(options).filter(([, { isRequired }]) => isRequired);
  return [name, ...required.map(([option, { value }]) => named(option, value)), operand ?? []]
    .flat()
    .join(' ');
}

/** An option with what its value is; a switch has none. */
export function named(option: string, value: string | undefined): string {
  return value === undefined ? `--${option}` : `--${option} ${value}`;
}

export function generalHelp(): string {
  const rows = Object.entries(commands).map(([name, command]) => [usageOf(name, command), command.summary]);
  return [
    'Usage: parlor COMMAND',
    '',
    'Commands:',
    ...columns(rows),
    '',
    'Options:',
    ...columns([
      ['--help, -h', 'print this, or what there is to know about a COMMAND'],
      ['--version', 'print the version'],
    ]),
    '',
    'Exit codes: 0 done, 1 failed, 2 not understood; of chat and tail also others.',
    '',
  ].join('\n');
}

export function commandHelp(name: string, command: Command): string {
  const rows = Object.entries(command.options).map(([option, { value, sentence }]) => [
    named(option, value),
    sentence,
  ]);
  const { summary } = command;
  return [
    `Usage: parlor ${usageOf(name, command)}${rows.length > 0 ? ' [OPTIONS]' : ''}`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    '',
    ...(rows.length > 0 ? ['Options:', ...columns(rows), ''] : []),
    command.more(),
    '',
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
