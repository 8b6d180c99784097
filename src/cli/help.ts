/** What `--help` prints. */

import type { Command } from './command.ts';
import { commands, folded } from './commands.ts';

/** How to call a command: `backup FILE`. */
export function usageOf(name: string, { operand, usage, options }: Command): string {
  if (usage !== undefined) return `${name} ${usage}`;
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
  const rows = Object.entries(commands)
    .filter(([name]) => !Object.hasOwn(folded, groupOf(name)))
    .map(([name, command]) => [usageOf(name, command), command.summary]);
  const groups = Object.entries(folded).map(([group, summary]) => [`${group} …`, summary]);
  return listed('COMMAND', [...rows, ...groups], [['--version', 'print the version']]);
}

/** @param group the word that stands for several commands */
export function groupHelp(group: string): string {
  const own = Object.entries(commands).filter(([name]) => groupOf(name) === group);
  return listed(
    `${group} COMMAND`,
    // What has several forms would take the whole line.
    own.map(([name, command]) => {
      const usage = command.usage === undefined ? usageOf(name, command) : name;
      return [usage.slice(group.length + 1), command.summary];
    }),
  );
}

/** The first of two words. */
function groupOf(name: string): string {
  return name.split(' ')[0] ?? name;
}

type Rows = readonly (readonly string[])[];

function listed(usage: string, rows: Rows, options: Rows = []): string {
  return [
    `Usage: parlor ${usage}`,
    '',
    'Commands:',
    ...columns(rows),
    '',
    'Options:',
    ...columns([['--help, -h', 'print this, or what there is to know about a COMMAND'], ...options]),
    '',
    'Exit codes: 0 done, 1 failed, 2 not understood; of some commands also others.',
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

function columns(rows: Rows): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
