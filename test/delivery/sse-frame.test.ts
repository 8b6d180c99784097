import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endingOf } from '../../src/core/endings.ts';
import { encodeEvent, eventOf } from '../../src/core/events.ts';
import { Roster } from '../../src/core/roster.ts';
import {
  byeText,
  eventText,
  frameOf,
  heartbeatFrame,
  initText,
  retryText,
} from '../../src/delivery/sse-frame.ts';
import { parseChunked } from '../support/raw-connection.ts';

const message = (text: string, name = 'Ada') =>
  encodeEvent(eventOf(43, 1_763_712_000_123, { type: 'message', name, message: text }));

test('[FAN-1] a frame is exactly one HTTP chunk', () => {
  assert.equal(frameOf(':\n\n').chunk.toString(), '3\r\n:\n\n\r\n');
  assert.equal(frameOf('x'.repeat(26)).chunk.toString(), `1a\r\n${'x'.repeat(26)}\r\n`);
  assert.equal(heartbeatFrame.chunk.toString(), '3\r\n:\n\n\r\n');
});

test('[FAN-1] the size of a chunk counts bytes and not characters', () => {
  for (const text of ['é', '€', '😀', 'aé€😀']) {
    const { chunk } = frameOf(text);
    assert.equal(chunk.toString().split('\r\n')[0], Buffer.byteLength(text).toString(16));
    const parsed = parseChunked(Buffer.concat([chunk, Buffer.from('0\r\n\r\n')]), 0);
    assert.equal(parsed?.text, text);
  }
});

test('the payload is a view of the same bytes without the frame of the chunk', () => {
  const { chunk, payload } = frameOf('data: é\n\n');
  assert.equal(payload.toString(), 'data: é\n\n');
  assert.equal(payload.buffer, chunk.buffer);
});

test('a message uses the default event type, a join and a leave name theirs', () => {
  const json = '{"id":43,"type":"message","timestamp":1763712000123,"name":"Ada","message":"hello"}';
  assert.equal(eventText('7f3a', message('hello')), `id: 7f3a-43\ndata: ${json}\n\n`);
  for (const type of ['join', 'leave'] as const) {
    const text = eventText('7f3a', encodeEvent(eventOf(1, 2, { type, name: 'Bob' })));
    assert.equal(
      text,
      `event: ${type}\nid: 7f3a-1\ndata: {"id":1,"type":"${type}","timestamp":2,"name":"Bob"}\n\n`,
    );
  }
});

test('init, retry and bye read as the design shows them', () => {
  const roster = new Roster(['Ada', 'Zoë']);
  const cursor = { epoch: '7f3a', id: 41 };
  assert.equal(
    initText({ roster, cursor, timeout: 60, heartbeat: 15, lost: 0 }),
    'event: init\nid: 7f3a-41\ndata: {"users":["Ada","Zoë"],"cursor":"7f3a-41","timeout":60,"heartbeat":15,"lost":0}\n\n',
  );
  assert.match(
    initText({ roster, cursor, timeout: null, heartbeat: 15, lost: null }),
    /"timeout":null,"heartbeat":15,"lost":null\}\n\n$/,
  );
  assert.equal(retryText(2417), 'retry: 2417\n\n');
  assert.equal(
    byeText(endingOf('taken-over')),
    'event: bye\ndata: {"reason":"taken-over","action":"stop","reconnect":false}\n\n',
  );
});

test('[P-5] no text splits a field: an event is one block of its own lines, whatever it says', () => {
  const nasty = [
    '\r',
    '\n',
    '\r\n',
    '\n\nevent: bye\ndata: {}\n\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\u0000',
    ':',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.oneof(fc.constantFrom(...nasty), fc.string()), { maxLength: 8 })
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, (said, name) => {
      const block = eventText('e', message(said, name));
      const lines = block.split(/\r\n|\r|\n/);
      assert.equal(lines.length, 4);
      const [id, data = '', ...blank] = lines;
      assert.equal(id, 'id: e-43');
      assert.deepEqual(blank, ['', '']);
      assert.ok(data.startsWith('data: '));
      const event = JSON.parse(data.slice('data: '.length));
      assert.equal(event.message, said);
      assert.equal(event.name, name);
      const init = initText({
        roster: new Roster([name]),
        cursor: { epoch: 'e', id: 1 },
        timeout: 1,
        heartbeat: 1,
        lost: 0,
      });
      assert.equal(init.split(/\r\n|\r|\n/).length, 5);
    }),
  );
});
