import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf } from '../../../src/cli/chat/address.ts';
import { UsageError } from '../../../src/cli/failure.ts';

const understood: readonly (readonly [text: string, url: string, room: string | undefined])[] = [
  ['http://localhost:3000/lobby', 'http://localhost:3000', 'lobby'],
  ['https://chat.example.org/lobby/', 'https://chat.example.org', 'lobby'],
  ['https://chat.example.org', 'https://chat.example.org', undefined],
  ['https://chat.example.org/?a=b#m43', 'https://chat.example.org', undefined],
  ['https://chat.example.org/tea#m43', 'https://chat.example.org', 'tea'],
  ['https://example.org/talk/tea', 'https://example.org/talk', 'tea'],
  ['https://chat.example.org/v1/rooms/tea/session', 'https://chat.example.org', 'tea'],
  ['https://chat.example.org/v1/rooms/tea', 'https://chat.example.org', 'tea'],
  ['https://chat.example.org/plain/tea', 'https://chat.example.org', 'tea'],
  ['HTTP://LOCALHOST/tea', 'http://localhost', 'tea'],
  ['localhost:3000/lobby', 'http://localhost:3000', 'lobby'],
  ['localhost', 'http://localhost', undefined],
  ['raspberry/lobby', 'http://raspberry', 'lobby'],
  ['raspberry.local', 'http://raspberry.local', undefined],
  ['192.168.0.7', 'http://192.168.0.7', undefined],
  ['[::1]:3000/lobby', 'http://[::1]:3000', 'lobby'],
  ['chat.example.org:3000', 'http://chat.example.org:3000', undefined],
  ['chat.example.org/lobby', 'https://chat.example.org', 'lobby'],
  ['chat.example.org:443/lobby', 'https://chat.example.org', 'lobby'],
];

const refused: readonly (readonly [text: string, came: string])[] = [
  ['ftp://x', '; got "ftp://x", which begins with ftp:.'],
  ['http://', '; got "http://".'],
  ['a b', '; got "a b".'],
  [' localhost', '; got " localhost".'],
  ['x\u001b[2J:y', '; got "x\\u{1b}[2J:y".'],
  ['http://ada:secret@localhost/', ', without a name or password in it: a name is --name.'],
];

describe('the address of a room', () => {
  for (const [text, url, room] of understood) {
    it(`is understood as ${text}`, () => assert.deepEqual(addressOf(text), { url, room }));
  }

  for (const [text, came] of refused) {
    it(`is not understood as ${JSON.stringify(text)}`, () => {
      const message = `Expected the address of a room, such as https://chat.example.org/lobby${came}`;
      assert.throws(
        () => addressOf(text),
        (error) => error instanceof UsageError && error.message === message,
      );
    });
  }
});
