import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { plainConfig } from '../../src/config/plain-config.ts';

/** As somebody gives it whom no compiler has warned. */
function given(options: Readonly<Record<string, unknown>>): () => unknown {
  return () => plainConfig(options);
}

function refusal(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof ConfigError && message.test(error.message);
}

test('without any, plain options are the defaults of the table', () => {
  assert.deepEqual(plainConfig({}), parseConfig({}));
  assert.deepEqual(plainConfig({ rooms: undefined }), parseConfig({}));
});

test('plain values mean what their texts mean in the environment', () => {
  assert.deepEqual(
    plainConfig({
      rooms: ['lobby', 'quiet'],
      sessionTimeout: 2.5,
      historyHours: 'off',
      maxMessageBytes: '2KiB',
      maxMembers: 12,
      sendLimit: '5/10',
      storeUrl: 'memory:',
      feed: 'members',
      allowedOrigins: ['https://a.example', 'https://b.example'],
    }),
    parseConfig({
      ROOMS: 'lobby,quiet',
      SESSION_TIMEOUT: '2.5',
      HISTORY_HOURS: 'off',
      MAX_MESSAGE_BYTES: '2048',
      MAX_MEMBERS: '12',
      SEND_LIMIT: '5/10',
      STORE_URL: 'memory:',
      FEED: 'members',
      ALLOWED_ORIGINS: 'https://a.example,https://b.example',
    }),
  );
});

test('an empty list is nobody, and never the default', () => {
  assert.deepEqual(plainConfig({ feedOrigins: [] }).feedOrigins, []);
  assert.throws(given({ rooms: [] }), refusal(/^ROOMS \(rooms\): expected .*; got "\[\]"\.$/));
});

test('a value that cannot be used is refused by its name in both forms', () => {
  for (const [options, message] of [
    [
      { sessionTimeout: -1 },
      /^SESSION_TIMEOUT \(sessionTimeout\): expected a number of seconds .*; got "-1"\.$/,
    ],
    [{ sessionTimeout: Number.NaN }, /^SESSION_TIMEOUT \(sessionTimeout\): expected/],
    [
      { maxMembers: true },
      /^MAX_MEMBERS \(maxMembers\): expected a string, a number or a list .*; got "true"\.$/,
    ],
    [{ maxMembers: null }, /^MAX_MEMBERS \(maxMembers\): expected/],
    [{ maxMembers: () => 1 }, /^MAX_MEMBERS \(maxMembers\): expected/],
    [{ rooms: ['a,b'] }, /^ROOMS \(rooms\): expected/],
    [{ rooms: ['Not a room'] }, /^ROOMS \(rooms\): expected a room name/],
    [{ historyBytes: '2KiB' }, /^HISTORY_BYTES: expected at least/],
  ] as const)
    assert.throws(given(options), refusal(message), JSON.stringify(options));
});

test('an unknown option is refused, with the one that was meant', () => {
  assert.throws(
    given({ sesionTimeout: 5 }),
    refusal(/^Unknown option "sesionTimeout" of Parlor; did you mean sessionTimeout\?$/),
  );
  assert.throws(given({ SESSION_TIMEOUT: 5 }), refusal(/^Unknown option "SESSION_TIMEOUT"/));
  // Whoever embeds it listens and logs himself.
  for (const name of ['host', 'port', 'trustProxy', 'logLevel', 'toString']) {
    assert.throws(given({ [name]: '1' }), refusal(/^Unknown option/), name);
  }
});
