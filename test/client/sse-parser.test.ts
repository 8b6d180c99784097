import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxBufferedChars } from '../../src/client/bounds.ts';
import { type SseEvent, sseParser } from '../../src/client/sse-parser.ts';

function parse(...pieces: string[]): { events: SseEvent[]; retries: number[] } {
  const events: SseEvent[] = [];
  const retries: number[] = [];
  const push = sseParser(
    (event) => events.push(event),
    (ms) => retries.push(ms),
  );
  for (const piece of pieces) push(piece);
  return { events, retries };
}

const stream = [
  'retry: 2417\n\n',
  ':\n\n',
  'event: init\nid: e-1\ndata: {"users":[]}\n\n',
  'id: e-2\r\ndata: one\r\ndata:  two\r\n\r\n',
  'data\ndata\n\n',
  'id: e-3\rdata: three\r\r',
  'id\ndata: no id\n\n',
  'event: nothing\n\n',
  'retry: 1e3\nunknown: x\ndata: end\n\n',
  'data: unfinished',
].join('');

const expected: SseEvent[] = [
  { type: 'init', data: '{"users":[]}', lastEventId: 'e-1' },
  { type: 'message', data: 'one\n two', lastEventId: 'e-2' },
  { type: 'message', data: '\n', lastEventId: 'e-2' },
  { type: 'message', data: 'three', lastEventId: 'e-3' },
  { type: 'message', data: 'no id', lastEventId: '' },
  { type: 'message', data: 'end', lastEventId: '' },
];

test('a stream is read as the standard says: line ends, comments, fields without value, void ends', () => {
  assert.deepEqual(parse(stream), { events: expected, retries: [2417] });
});

test('it does not matter where the network cuts the stream, not even within CR LF', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const pieces = places.slice(1).map((end, i) => stream.slice(places[i], end));
      assert.deepEqual(parse(...pieces).events, expected);
    }),
  );
});

test('an id with NUL is ignored, and the one before stays', () => {
  assert.equal(parse('id: a\nid: b\0c\ndata: x\n\n').events[0]?.lastEventId, 'a');
});

test('a line without end is refused before it fills the memory, and costs no more the longer it is', () => {
  const push = sseParser(
    () => {},
    () => {},
  );
  const piece = 'x'.repeat(1024);
  let pieces = 0;
  const began = performance.now();
  const endless = () => {
    for (; pieces < 20 * 1024; pieces++) push(piece);
  };
  assert.throws(endless, RangeError);
  assert.equal(pieces, maxBufferedChars / piece.length);
  // Searched from its beginning with each piece it takes half a minute.
  assert.ok(performance.now() - began < 5000);
});
