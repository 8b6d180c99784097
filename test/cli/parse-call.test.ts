import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { UsageError } from '../../src/cli/failure.ts';
import { parseCall } from '../../src/cli/parse-call.ts';

const misunderstood: readonly (readonly [words: readonly string[], line: string])[] = [
  [['bakcup'], 'Expected serve, backup or export; got "bakcup".'],
  [['toString'], 'Expected serve, backup or export; got "toString".'],
  [['a\u001b[2J'], 'Expected serve, backup or export; got "a\\u{1b}[2J".'],
  [['--verbose'], 'Expected a command, --help or --version; got "--verbose".'],
  [['backup'], 'Expected parlor backup FILE; got no FILE.'],
  [['backup', ''], 'Expected parlor backup FILE; got no FILE.'],
  [['backup', 'a', 'b'], 'Expected parlor backup FILE; got also "b".'],
  [['backup', '-f', 'a'], 'Expected of parlor backup: --store or --help; got "-f".'],
  [['backup', '--constructor', 'a'], 'Expected of parlor backup: --store or --help; got "--constructor".'],
  [['backup', 'a', '--store'], 'Expected --store sqlite:PATH; got nothing behind it.'],
  [['export'], 'Expected parlor export --room ROOM; got no --room ROOM.'],
  [['export', '--room', '--store'], 'Expected --room ROOM; got nothing behind it.'],
  [['export', '--room='], 'Expected --room ROOM; got nothing behind it.'],
  [['export', '--room', 'a', '--room', 'b'], 'Expected --room once; got it twice.'],
  [['export', '--room', 'a', 'b'], 'Expected parlor export --room ROOM; got also "b".'],
  [['serve', '3000'], 'Expected parlor serve; got also "3000".'],
];

const understood: readonly (readonly [words: readonly string[], operand: string, options: object])[] = [
  [['backup', 'a'], 'a', {}],
  [['backup', '--store', 'sqlite:b', 'a'], 'a', { store: 'sqlite:b' }],
  [['backup', 'a', '--store=sqlite:b'], 'a', { store: 'sqlite:b' }],
  [['backup', '--', '-a'], '-a', {}],
  [['export', '--room', 'r'], '', { room: 'r' }],
  [['export', '--room=-r'], '', { room: '-r' }],
  [['serve'], '', {}],
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

  for (const [words, operand, options] of understood) {
    it(`is understood as ${JSON.stringify(words)}`, () => {
      const command = commands[words[0] ?? ''];
      assert.deepEqual(parseCall(words), { type: 'run', command, args: { operand, options } });
    });
  }
});
