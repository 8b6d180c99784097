/** The one table of commands: what is parsed, the help and the documentation all come from here. */

import { adminCommands } from './admin-commands.ts';
import { chatHelp, tailHelp } from './chat-help.ts';
import type { Command, CommandOption } from './command.ts';
import { doctorHelp } from './doctor/help.ts';
import { serverOptions } from './server-options.ts';

const store: CommandOption = {
  value: 'sqlite:PATH',
  sentence: 'the database, if not the one of STORE_URL',
};

const last = (usual: string): CommandOption => ({
  value: 'N',
  sentence: `how many ${usual}`,
});
const timeout: CommandOption = {
  value: 'SECONDS',
  sentence: 'give up a server that is out of reach for so long',
};
const json: CommandOption = { sentence: 'print one event a line, as JSON' };

const file: CommandOption = {
  value: 'PATH',
  sentence: 'the password file, if not the one of AUTH',
};

const passwordFrom =
  'The password is typed at the terminal, where it is not shown, or is the first\n' +
  'line of the standard input.';

/** By one word, or by two of which the first stands for several: a group. */
export const commands: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'run the server',
    options: {
      check: { sentence: 'say what is wrong with how it is set up, and do not serve' },
      'print-config': { sentence: 'print what it would run with, without secrets' },
    },
    more: () =>
      'Its options come from the environment or from .env in this folder; the\n' +
      `environment wins. docs/configuration.md has more.\n\n${serverOptions()}`,
    run: async (args) => (await import('./serve.ts')).serve(args),
  },
  chat: {
    operand: 'URL',
    summary: 'talk in a room, at a terminal or in a pipe',
    options: {
      name: { value: 'NAME', sentence: 'your name, if not PARLOR_NAME or your login' },
      'token-file': { value: 'PATH', sentence: 'a file with the token to come in by, if not PARLOR_TOKEN' },
      pull: { sentence: 'poll, and do not ask for a stream' },
      json,
      last: last('messages from before to show (at a terminal 20)'),
      timeout,
    },
    more: chatHelp,
    run: async (args) => (await import('./chat/chat.ts')).chat(args),
  },
  tail: {
    operand: 'URL',
    summary: "follow a room's feed, without being in the room",
    options: { json, last: last('events from before to print (10)'), timeout },
    more: tailHelp,
    run: async (args) => (await import('./tail.ts')).tail(args),
  },
  doctor: {
    operand: 'URL',
    summary: 'tell what is wrong between here and a server',
    options: {
      name: { value: 'NAME', sentence: 'go in under this name, say one line, and leave' },
      'token-file': { value: 'PATH', sentence: 'go in by the token in this file' },
      'admin-token-file': { value: 'PATH', sentence: 'then see whose address the server sees' },
      origin: { value: 'ORIGIN', sentence: 'whose pages are to call the server: try CORS for them' },
      'plain-http': { sentence: 'send password and tokens also without TLS' },
      long: { value: 'SECONDS', sentence: 'watch a quiet stream, too; 120 finds most bounds' },
      json: { sentence: 'print one finding a line, as JSON' },
    },
    more: doctorHelp,
    run: async (args) => (await import('./doctor/doctor.ts')).doctor(args),
  },
  backup: {
    operand: 'FILE',
    summary: 'copy the database into a new file, also while the server runs',
    options: { store },
    more: () =>
      'Writes FILE whole and checked, or not at all; a FILE that is there is never\n' +
      'written over. docs/backup.md says how to go back to it.',
    run: async (args) => (await import('./backup.ts')).backup(args),
  },
  export: {
    summary: 'print the events of a room, one line of JSON each',
    options: { room: { value: 'ROOM', sentence: 'the room', isRequired: true }, store },
    more: () => 'Prints what the room keeps at this moment, oldest first, also while the server\nruns.',
    run: async (args) => (await import('./export.ts')).exportEvents(args),
  },
  'users add': {
    operand: 'NAME',
    summary: 'give a password to somebody new',
    options: { file },
    more: () => `${passwordFrom} A file that is not there is made.`,
    run: async (args) => (await import('./users.ts')).addUser(args),
  },
  'users passwd': {
    operand: 'NAME',
    summary: 'give another password to a user',
    options: { file },
    more: () =>
      `${passwordFrom} It counts from the next login on;\na running server ends the sessions under that name within REVOKE_SECONDS.`,
    run: async (args) => (await import('./users.ts')).changePassword(args),
  },
  'users remove': {
    operand: 'NAME',
    summary: 'take a user out of the password file',
    options: { file },
    more: () => 'A running server ends the sessions under that name within REVOKE_SECONDS.',
    run: async (args) => (await import('./users.ts')).removeUser(args),
  },
  'users list': {
    summary: 'print the names of the users, one a line',
    options: { file },
    more: () => 'In the order of the file. docs/authentication.md says what the file is for.',
    run: async (args) => (await import('./users.ts')).listUsers(args),
  },
  ...adminCommands,
};

/** The groups that are one line of the list of commands: they have a list of their own. */
export const folded: Readonly<Record<string, string>> = {
  admin: 'administer a running server; "parlor admin --help" lists how',
};
