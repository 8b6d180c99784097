/** The commands of an operator, `parlor admin …`: a part of the table in `commands.ts`. */

import type { Command, CommandOption } from './command.ts';

const common: Readonly<Record<string, CommandOption>> = {
  url: { value: 'URL', sentence: 'the server, if not that of this folder' },
  'token-file': { value: 'PATH', sentence: 'a file with the ADMIN_TOKEN' },
};

const jsonLines: CommandOption = { sentence: 'print one line of JSON each, with all there is to know' };
const jsonDocument: CommandOption = { sentence: 'print one JSON document' };
const reason = (whom: string): CommandOption => ({
  value: 'TEXT',
  sentence: `why, for ${whom} and the audit log`,
});
const inRoom: CommandOption = { value: 'ROOM', sentence: 'in this room only' };
const whom: Readonly<Record<string, CommandOption>> = {
  user: { value: 'ID', sentence: 'a user by his id (USER in the list of sessions)' },
  name: { value: 'NAME', sentence: 'a name, with all that look the same' },
  address: { value: 'ADDRESS', sentence: 'an IP address, or a range such as 192.0.2.0/24' },
};

const help =
  (...paragraphs: readonly string[]) =>
  () =>
    [...paragraphs, everywhere].join('\n\n');

const everywhere = `The server is that of --url, else of PUBLIC_URL, else of HOST and PORT, in the
environment or in .env of this folder. Its ADMIN_TOKEN is in the file of
--token-file, else in ADMIN_TOKEN of the environment or of .env, else you are
asked for it at the terminal. docs/administration.md has more.

Exit codes:
  0    done
  1    failed: refused by the server, or there is nothing of the kind
  2    not understood
  3    the server cannot be reached or is not ready, or is no Parlor
  4    not let in: no ADMIN_TOKEN, or not the right one
  130  by a signal: 128 and its number`;

const tables = `At a terminal, texts that do not fit are cut, and columns left out; a pipe and
--json get all.`;

export const adminCommands: Readonly<Record<string, Command>> = {
  'admin list': {
    summary: 'list the sessions: who is there',
    options: {
      room: { value: 'ROOM', sentence: 'only those of this room' },
      name: { value: 'TEXT', sentence: 'only those that have it in their name' },
      sort: { value: 'COLUMN', sentence: 'in the order of a column, such as name, in or lag' },
      json: jsonLines,
      ...common,
    },
    more: help(
      `IN and OUT are how long ago the client was heard of, and last took something;
LAG is what is queued for it. The oldest session comes first, sorted by a
column of numbers the largest.`,
      tables,
    ),
    run: async (args) => (await import('./admin/sessions.ts')).list(args),
  },
  'admin remove': {
    operand: '[SESSION]',
    usage: '(SESSION | --name NAME)',
    summary: 'show somebody out',
    options: {
      name: { value: 'NAME', sentence: 'who has this name, or one that looks the same' },
      room: inRoom,
      reason: reason('him'),
      json: jsonDocument,
      ...common,
    },
    more: help(
      `SESSION is a sessionId or the beginning of one, of at least 4 characters, as the
list has it. It must be one session only, else nobody is shown out. Whoever is
shown out may come again: "parlor admin ban" keeps him out.`,
    ),
    run: async (args) => (await import('./admin/sessions.ts')).remove(args),
  },
  'admin ban': {
    usage: '(--user ID | --name NAME | --address ADDRESS)',
    summary: 'keep out a user, a name or an address',
    options: {
      ...whom,
      room: { value: 'ROOM', sentence: 'from this room only; else from all' },
      for: { value: 'TIME', sentence: 'for so long: 90s, 15m, 2h, 7d; else until it is lifted' },
      reason: reason('those whom it hits'),
      json: jsonDocument,
      ...common,
    },
    more: help('Who is inside is shown out. The same ban again replaces what it was.'),
    run: async (args) => (await import('./admin/bans.ts')).ban(args),
  },
  'admin unban': {
    operand: '[BAN]',
    usage: '(BAN | --user ID | --name NAME | --address ADDRESS)',
    summary: 'lift a ban',
    options: {
      ...whom,
      room: { value: 'ROOM', sentence: 'the ban from this room; else that from all' },
      json: jsonDocument,
      ...common,
    },
    more: help(
      `BAN is an id of the list of bans or the beginning of one, of at least 4
characters. One that begins with - stands behind --.`,
    ),
    run: async (args) => (await import('./admin/bans.ts')).unban(args),
  },
  'admin bans': {
    summary: 'list the bans',
    options: { json: jsonLines, ...common },
    more: help(tables),
    run: async (args) => (await import('./admin/bans.ts')).list(args),
  },
  'admin rooms': {
    summary: 'list the rooms, and which are closed',
    options: { json: jsonLines, ...common },
    more: help(tables),
    run: async (args) => (await import('./admin/rooms.ts')).list(args),
  },
  'admin close': {
    operand: 'ROOM',
    summary: 'close a room: nobody comes in or reads',
    options: { reason: reason('those who are kept out'), json: jsonDocument, ...common },
    more: help('Who is inside is shown out. The room stays closed until it is reopened.'),
    run: async (args) => (await import('./admin/rooms.ts')).close(args),
  },
  'admin reopen': {
    operand: 'ROOM',
    summary: 'open a closed room again',
    options: { json: jsonDocument, ...common },
    more: help('Everybody may come in again who is not banned.'),
    run: async (args) => (await import('./admin/rooms.ts')).reopen(args),
  },
  'admin announce': {
    operand: '[TEXT]',
    usage: '(--room ROOM | --all) [TEXT]',
    summary: "say something to everybody, in nobody's name",
    options: {
      room: { value: 'ROOM', sentence: 'in this room' },
      all: { sentence: 'in all rooms that are open' },
      json: { sentence: 'print one line of JSON for each room' },
      ...common,
    },
    more: help('Without TEXT it is the standard input to its end; it may have several lines.'),
    run: async (args) => (await import('./admin/messages.ts')).announce(args),
  },
  'admin history': {
    operand: 'ROOM',
    summary: 'print the last messages of a room, with their ids',
    options: {
      last: { value: 'N', sentence: 'how many (20)' },
      json: { sentence: 'print one event a line, as JSON' },
      ...common,
    },
    more: help('Also what only members may read; that leaves a line in the audit log.', tables),
    run: async (args) => (await import('./admin/messages.ts')).history(args),
  },
  'admin redact': {
    operand: 'ROOM ID',
    summary: 'take the text out of a message for good',
    options: {
      reason: { value: 'TEXT', sentence: 'why, for the audit log' },
      json: jsonDocument,
      ...common,
    },
    more: help('ID is that of the message or announcement, as "parlor admin history" has it.'),
    run: async (args) => (await import('./admin/messages.ts')).redact(args),
  },
  'admin stats': {
    summary: 'print the figures of the server',
    options: {
      watch: { sentence: 'a line every 2 seconds, until Ctrl+C' },
      json: { sentence: 'print one JSON document; with --watch one a line' },
      ...common,
    },
    more: help('Counters are those since the server was started.'),
    run: async (args) => (await import('./admin/stats.ts')).stats(args),
  },
};
