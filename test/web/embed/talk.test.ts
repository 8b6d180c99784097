import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostWordOf, isFrameWord, mayHost } from '../../../src/web/embed/talk.ts';

const noLook = { scheme: '', accent: '', background: '', text: '', font: '', radius: '' };

describe('what the element and the frame say to each other', () => {
  it('is taken if it has its shape, and only what is known of it', () => {
    const word = {
      type: 'setup',
      name: 'Ada',
      isAutoHigh: true,
      look: { scheme: 'dark', accent: 'red', more: 1 },
    };
    assert.deepEqual(hostWordOf(word), {
      type: 'setup',
      name: 'Ada',
      isAutoHigh: true,
      look: { ...noLook, scheme: 'dark', accent: 'red' },
    });
    assert.deepEqual(hostWordOf({ type: 'focus', more: 1 }), { type: 'focus' });
    for (const frameWord of [
      { type: 'left' },
      { type: 'login', reason: 'first' },
      { type: 'joined', name: 'Ada' },
      { type: 'height', height: 300 },
      { type: 'unread', unread: 2, mentions: 1 },
      { type: 'message', id: 1, name: 'Ada', message: '', timestamp: 5, isOwn: false, more: 1 },
      { type: 'announcement', id: 2, message: 'x', timestamp: 5 },
      { type: 'redaction', id: 3, target: 1, timestamp: 5 },
    ]) {
      assert.equal(isFrameWord(frameWord), true, frameWord.type);
    }
  });

  it('has a token in it only if that fits into one line of a request', () => {
    for (const token of ['a.b.c', 'opaque', 'x'.repeat(8192)]) {
      assert.deepEqual(hostWordOf({ type: 'token', token, more: 1 }), { type: 'token', token });
    }
    for (const token of [undefined, null, 1, '', 'a b', 'a\r\nb', 'ü', 'x'.repeat(8193), ['a.b.c']]) {
      assert.equal(hostWordOf({ type: 'token', token }), undefined, String(token).slice(0, 20));
    }
  });

  it('is heard from pages that may have the room in them, and from no others', () => {
    const own = 'https://chat.example';
    const allowed = 'https://www.example http://localhost:8000';
    for (const origin of [own, 'https://www.example', 'http://localhost:8000']) {
      assert.equal(mayHost(origin, own, allowed), true, origin);
    }
    for (const origin of [
      'null',
      '',
      'https://www.example.evil',
      'http://www.example',
      'https://www.example:8443',
      'https://WWW.example',
      'https://www.example ',
      allowed,
      'file://',
    ]) {
      assert.equal(mayHost(origin, own, allowed), false, origin);
      assert.equal(mayHost(origin, own, ''), false, origin);
    }
    assert.equal(mayHost('https://anybody.example', own, '*'), true);
    for (const origin of ['null', '', 'file://']) assert.equal(mayHost(origin, own, '*'), false, origin);
  });

  it('is passed over if it is none that is known', () => {
    for (const data of [
      undefined,
      null,
      1,
      'focus',
      [],
      {},
      { type: 'later' },
      { type: 1 },
      { type: 'toString' },
    ]) {
      assert.equal(hostWordOf(data), undefined);
      assert.equal(isFrameWord(data), false);
    }
    for (const data of [
      { type: 'joined' },
      { type: 'joined', name: { toString: () => 'Ada' } },
      { type: 'height', height: -1 },
      { type: 'height', height: Number.NaN },
      { type: 'height', height: '300' },
      { type: 'unread', unread: 2 },
      { type: 'unread', unread: 2.5, mentions: 0 },
      { type: 'message', id: 1, name: 'Ada', message: 'x', timestamp: 5 },
      { type: 'announcement', id: 2, timestamp: 5 },
      { type: 'redaction', id: 3, target: '1', timestamp: 5 },
    ]) {
      assert.equal(isFrameWord(data), false, JSON.stringify(data));
    }
  });

  it('is empty where a wish is no text, or too long for one', () => {
    const setup = (look: unknown, name: unknown) => hostWordOf({ type: 'setup', look, name });
    assert.deepEqual(setup(undefined, 5), { type: 'setup', name: '', isAutoHigh: false, look: noLook });
    const long = 'x'.repeat(10_000);
    assert.deepEqual(setup({ scheme: 'blue', accent: {}, font: long }, long), {
      type: 'setup',
      name: '',
      isAutoHigh: false,
      look: noLook,
    });
  });
});
