import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeEvent, eventOf, hasText, redactedOf, utf8Length } from '../../src/core/events.ts';

test('an event on the wire has its members in one order, and a key only if there is one', () => {
  const wire = (draft: Parameters<typeof eventOf>[2]) => encodeEvent(eventOf(43, 1763712000123, draft)).json;
  assert.equal(
    wire({ key: 'c1', message: 'hello', name: 'Ada', type: 'message' }),
    '{"id":43,"type":"message","timestamp":1763712000123,"name":"Ada","message":"hello","key":"c1"}',
  );
  assert.equal(
    wire({ type: 'message', name: 'Ada', message: '"\n' }),
    '{"id":43,"type":"message","timestamp":1763712000123,"name":"Ada","message":"\\"\\n"}',
  );
  for (const type of ['join', 'leave'] as const) {
    assert.equal(
      wire({ type, name: '__proto__' }),
      `{"id":43,"type":"${type}","timestamp":1763712000123,"name":"__proto__"}`,
    );
  }
  assert.equal(
    wire({ message: 'At noon we close.', type: 'announcement' }),
    '{"id":43,"type":"announcement","timestamp":1763712000123,"message":"At noon we close."}',
  );
  assert.equal(
    wire({ target: 41, type: 'redaction' }),
    '{"id":43,"type":"redaction","timestamp":1763712000123,"target":41}',
  );
});

test('[LOG-4] an event that is redacted keeps everything but its text, and says so at its end', () => {
  const redacted = (draft: Parameters<typeof eventOf>[2]) => {
    const event = eventOf(43, 1763712000123, draft);
    assert.ok(hasText(event));
    return encodeEvent(redactedOf(event)).json;
  };
  assert.equal(
    redacted({ type: 'message', name: 'Ada', message: 'hello', key: 'c1' }),
    '{"id":43,"type":"message","timestamp":1763712000123,"name":"Ada","message":"","key":"c1","redacted":true}',
  );
  assert.equal(
    redacted({ type: 'announcement', message: 'At noon we close.' }),
    '{"id":43,"type":"announcement","timestamp":1763712000123,"message":"","redacted":true}',
  );
  for (const draft of [
    { type: 'join', name: 'Ada' },
    { type: 'redaction', target: 1 },
  ] as const) {
    assert.equal(hasText(eventOf(43, 1, draft)), false);
  }
});

test('the length in UTF-8 is what a Buffer says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(utf8Length(text), Buffer.byteLength(text));
    }),
    { numRuns: 1000 },
  );
  for (const text of [
    '',
    'a',
    '\x7f',
    '\x80',
    '\u07ff',
    '\u0800',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '😀',
  ]) {
    assert.equal(utf8Length(text), Buffer.byteLength(text), JSON.stringify(text));
  }
});

test('an encoded event knows how many bytes it has, also with lone surrogates', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => {
      const { json, bytes } = encodeEvent(eventOf(1, 1, { type: 'message', name: 'Ada', message: text }));
      assert.equal(bytes, Buffer.byteLength(json));
      assert.equal(JSON.parse(json).message, text);
    }),
  );
});
