import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedBy } from '../../../src/web/join/asked.ts';
import { signInAddress } from '../../../src/web/join/sign-in-address.ts';

const login = (takes: readonly string[], given = false) => ({ takes, given, maxNameLength: 32 });
const nothing = { name: false, password: 'never' };

test('the door asks for what the server judges by, and for no more', () => {
  const cases: [takes: readonly string[], asked: object][] = [
    [['name'], { name: true, password: 'never', missing: undefined }],
    [['password'], { name: true, password: 'always', missing: undefined }],
    [['password', 'name'], { name: true, password: 'later', missing: undefined }],
    [['anything'], { name: true, password: 'later', missing: undefined }],
    [['token'], { ...nothing, missing: 'token' }],
    [['certificate'], { ...nothing, missing: 'certificate' }],
    [['certificate', 'token'], { ...nothing, missing: 'token' }],
    [['token', 'password'], { name: true, password: 'always', missing: 'token' }],
    [['of-a-newer-server'], { ...nothing, missing: undefined }],
  ];
  for (const [takes, asked] of cases) {
    assert.deepEqual(askedBy(login(takes), false), { ...asked, isGiven: false }, takes.join());
  }
});

test('with what came along nothing is to be typed, unless it was refused', () => {
  const came = login(['token', 'password'], true);
  assert.deepEqual(askedBy(came, false), { ...nothing, isGiven: true, missing: undefined });
  assert.deepEqual(askedBy(came, true), askedBy(login(['token', 'password']), false));
});

test('of a server that does not say, a name is asked for, and a password once it wants one', () => {
  assert.deepEqual(askedBy(undefined, false), askedBy(login(['anything']), false));
});

test('the address where one signs in has the one to come back to, as often as it wants it', () => {
  const back = 'https://chat.example/tea?a=b&c';
  const at = (signIn: string) => signInAddress(signIn, back);
  const encoded = 'https%3A%2F%2Fchat.example%2Ftea%3Fa%3Db%26c';
  assert.equal(
    at('https://in.example/?to={url}&again={url}'),
    `https://in.example/?to=${encoded}&again=${encoded}`,
  );
  assert.equal(at('https://in.example/'), 'https://in.example/');
});
