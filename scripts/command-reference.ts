/** Every command of `parlor` with its options, in Markdown, for `docs/command-line.md`. */

import type { CommandOption } from '../src/cli/command.ts';
import { commands } from '../src/cli/commands.ts';
import { named, usageOf } from '../src/cli/help.ts';

/** What a section is about, by the first word of its commands; each has a page that tells how to use them. */
const sections: Readonly<Record<string, string>> = {
  serve: 'The server: [configuration.md](configuration.md)',
  chat: 'Talking: [terminal.md](terminal.md)',
  tail: 'Reading along: [terminal.md](terminal.md#follow)',
  doctor: 'Finding what is wrong: [doctor.md](doctor.md)',
  backup: 'Backups: [backup.md](backup.md#make-a-backup)',
  export: 'Exports: [backup.md](backup.md#export)',
  users: 'The password file: [authentication.md](authentication.md#users-in-a-file)',
  admin: 'A running server: [administration.md](administration.md#the-terminal)',
};

/** @throws Error for a command that no section is about */
export function commandReference(): string {
  const groups = new Map(Object.keys(sections).map((group) => [group, [] as string[]]));
  for (const name of Object.keys(commands)) {
    const own = groups.get(name.split(' ')[0] ?? '');
    if (own === undefined) throw new Error(`No section is about ${name}.`);
    own.push(name);
  }
  return [...groups].map(([group, names]) => sectionOf(sections[group] ?? group, names)).join('\n\n');
}

function sectionOf(about: string, names: readonly string[]): string {
  const own = names.flatMap((name) => {
    const command = commands[name];
    return command === undefined ? [] : [{ name, command }];
  });
  // What all of them take is told once.
  const [first, ...others] = own.map(({ command }) => Object.entries(command.options));
  const common = (others.length > 0 ? (first ?? []) : []).filter(([option, about]) =>
    others.every((options) => options.some(([name, other]) => name === option && other === about)),
  );
  const shared = new Set(common.map(([option]) => option));
  const rows = own.flatMap(({ name, command }) => [
    `| \`parlor ${usageOf(name, command).replaceAll('|', '\\|')}\` | ${command.summary} |`,
    ...Object.entries(command.options).flatMap((each) => (shared.has(each[0]) ? [] : optionRow('…', each))),
  ]);
  const ofAll = common.map((each) => optionRow('each:', each));
  return [`**${about}**`, '', '| | |', '|---|---|', ...rows, ...ofAll].join('\n');
}

function optionRow(whose: string, [option, { value, sentence }]: readonly [string, CommandOption]): string {
  return `| ${whose} \`${named(option, value)}\` | ${sentence} |`;
}
