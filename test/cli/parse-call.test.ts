import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { UsageError } from '../../src/cli/failure.ts';
import { parseCall } from '../../src/cli/parse-call.ts';

const usersWords = 'Expected parlor users add, passwd, remove or list';

const misunderstood: readonly (readonly [words: readonly string[], line: string])[] = [
  [['bakcup'], 'Expected serve, chat, tail, doctor, backup, export, users or admin; got "bakcup".'],
  [['toString'], 'Expected serve, chat, tail, doctor, backup, export, users or admin; got "toString".'],
  [['a\u001b[2J'], 'Expected serve, chat, tail, doctor, backup, export, users or admin; got "a\\u{1b}[2J".'],
  [['--verbose'], 'Expected a command, --help or --version; got "--verbose".'],
  [['backup'], 'Expected parlor backup FILE; got no FILE.'],
  [['backup', ''], 'Expected parlor backup FILE; got no FILE.'],
  [['backup', 'a', 'b'], 'Expected parlor backup FILE; got also "b".'],
  [
    ['backup', '-f', 'a'],
    'Expected of parlor backup: --store or --help; got "-f"; what begins with - and is no option stands behind --.',
  ],
  [['backup', '--constructor', 'a'], 'Expected of parlor backup: --store or --help; got "--constructor".'],
  [['backup', 'a', '--store'], 'Expected --store sqlite:PATH; got nothing behind it.'],
  [['export'], 'Expected parlor export --room ROOM; got no --room ROOM.'],
  [['export', '--room', '--store'], 'Expected --room ROOM; got nothing behind it.'],
  [['export', '--room='], 'Expected --room ROOM; got nothing behind it.'],
  [['export', '--room', 'a', '--room', 'b'], 'Expected --room once; got it twice.'],
  [['export', '--room', 'a', 'b'], 'Expected parlor export --room ROOM; got also "b".'],
  [['chat'], 'Expected parlor chat URL; got no URL.'],
  [['chat', 'a', '--pull=yes'], 'Expected --pull alone; got "yes" behind it.'],
  [['chat', 'a', '--json', '--json'], 'Expected --json once; got it twice.'],
  [['tail', 'a', '--pull'], 'Expected of parlor tail: --json, --last, --timeout or --help; got "--pull".'],
  [['users'], `${usersWords}; got nothing behind it.`],
  [['users', 'rm', 'Ada'], `${usersWords}; got "rm".`],
  [['users add'], 'Expected serve, chat, tail, doctor, backup, export, users or admin; got "users add".'],
  [['users', 'add'], 'Expected parlor users add NAME; got no NAME.'],
  [['users', 'add', 'Ada', 'secret'], 'Expected parlor users add NAME; got also "secret".'],
  [['admin', 'redact', 'lobby'], 'Expected parlor admin redact ROOM ID; got no ID.'],
  [['admin', 'redact', 'lobby', '3', '4'], 'Expected parlor admin redact ROOM ID; got also "4".'],
  [
    ['admin', 'announce', 'Tea', 'time'],
    'Expected parlor admin announce (--room ROOM | --all) [TEXT]; got also "time".',
  ],
  [['serve', '3000'], 'Expected parlor serve; got also "3000".'],
];

const understood: readonly (readonly [
  words: readonly string[],
  operand: string,
  options: object,
  others?: readonly string[],
])[] = [
  [['backup', 'a'], 'a', {}],
  [['backup', '--store', 'sqlite:b', 'a'], 'a', { store: 'sqlite:b' }],
  [['backup', 'a', '--store=sqlite:b'], 'a', { store: 'sqlite:b' }],
  [['backup', '--', '-a'], '-a', {}],
  [['export', '--room', 'r'], '', { room: 'r' }],
  [['export', '--room=-r'], '', { room: '-r' }],
  [['chat', '--pull', 'a', '--name', 'Ada'], 'a', { pull: 'on', name: 'Ada' }],
  [['tail', 'a', '--json', '--last=3'], 'a', { json: 'on', last: '3' }],
  [['serve'], '', {}],
  [['users', 'add', 'Ada Lovelace', '--file', 'f'], 'Ada Lovelace', { file: 'f' }],
  [['users', 'list'], '', {}],
  [['admin', 'redact', 'lobby', '3', '--json'], 'lobby', { json: 'on' }, ['3']],
  [['admin', 'announce', '--all'], '', { all: 'on' }],
  [['admin', 'unban', '--', '-a'], '-a', {}],
];

describe('a call of parlor', () => {
  for (const [words, line] of misunderstood) {
    it(`is not understood as ${JSON.stringify(words)}`, () => {
      assert.throws(
        () => parseCall(words),
        (error) => error instanceof UsageError && error.message === line,
      );
    });
  }

  for (const [words, operand, options, others] of understood) {
    it(`is understood as ${JSON.stringify(words)}`, () => {
      const command = commands[words[0] ?? ''] ?? commands[words.slice(0, 2).join(' ')];
      const args = { operand, ...(others && { others }), options };
      assert.deepEqual(parseCall(words), { type: 'run', command, args });
    });
  }
});
