/**
 * The cases of the web-platform-tests' `eventsource/format-*`, made anew from what they demand: each by the name of the
 * file there, as bytes through the whole reading of a stream.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SseEvent } from '../../src/client/sse-parser.ts';
import { readStream } from '../../src/client/stream.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';

interface Read {
  /** What each event carries; with its type where that is not `message`. */
  readonly data: string[];
  readonly ids: string[];
  readonly retries: number[];
}

/** Reads a stream of these bytes, which ends if it is to. */
async function read(text: string | Uint8Array, cuts: 'whole' | 'bytes' = 'whole'): Promise<Read> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (cuts === 'whole') controller.enqueue(bytes);
      else for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const events: SseEvent[] = [];
  const retries: number[] = [];
  let isRead = false;
  const life = new AbortController();
  void readStream(body, life.signal, new FakeSchedule(), 10_000, {
    event: (event) => events.push(event),
    retry: (ms) => retries.push(ms),
    bytes: () => {},
  }).then(() => {
    isRead = true;
  });
  for (let turn = 0; turn < 100 && !isRead; turn++) await settle();
  return {
    data: events.map(({ type, data }) => (type === 'message' ? data : `${type}: ${data}`)),
    ids: events.map(({ lastEventId }) => lastEventId),
    retries,
  };
}

const bom = '\uFEFF';

const long = 'x'.repeat(3000);

/** By the name of the file: the stream, and the data of its events. */
const cases: Readonly<Record<string, readonly [stream: string, data: readonly string[]]>> = {
  'format-bom': [`${bom}data:first\n\ndata:second\n\n`, ['first', 'second']],
  'format-bom-2': [`${bom}${bom}data:lost\n\ndata:second\n\n`, ['second']],
  'format-comments': [
    `:begin\ndata:a\r:\0\n:\r\ndata:b\n:${long}\rdata:c\n:data:not this\r:${long}\ndata:d\n\n`,
    ['a\nb\nc\nd'],
  ],
  'format-data-before-final-empty-line': ['retry:2000\ndata:whole\n\nid:half\ndata:unfinished', ['whole']],
  'format-field-data': ['data:\n\ndata\ndata\n\ndata:word\n\n', ['', '\n', 'word']],
  'format-field-event': ['event:join\ndata:Ada\n\ndata:Bob\n\n', ['join: Ada', 'Bob']],
  'format-field-event-empty': ['event:join\nevent: \ndata:Ada\n\n', ['Ada']],
  'format-field-parsing': [
    'data:\0\ndata:  b\rDATA:no\ndata\0:no\ndata:c\r\0data:no\nda ta:no\rdata;no\ndata:c\rdata:\r\n data:no\ndata :no\ndata:d:e\n\n',
    ['\0\n b\nc\nc\n\nd:e'],
  ],
  'format-field-unknown': [
    'data:a\n data\ndata\nroom:lobby\nno colon at all\n:a comment\ndata:b\n\n',
    ['a\n\nb'],
  ],
  'format-leading-space': ['data:\ta\rdata: \ndata:  b\n\n', ['\ta\n\n b']],
  'format-newlines': ['data:a\r\ndata\rdata:b\r\n\r\ndata:c\r\rdata:d\n\n', ['a\n\nb', 'c', 'd']],
  'format-null-character': ['data:\0\n\n\n\n', ['\0']],
  'format-utf-8': ['data:Grüße 你好 🎈…\n\n', ['Grüße 你好 🎈…']],
};

for (const [name, [stream, data]] of Object.entries(cases)) {
  test(name, async () => {
    for (const cuts of ['whole', 'bytes'] as const) {
      assert.deepEqual((await read(stream, cuts)).data, data, cuts);
    }
  });
}

test('format-field-id: an id goes with its event', async () => {
  const { ids } = await read('id:…\ndata:1\n\n');
  assert.deepEqual(ids, ['…']);
});

test('format-field-id-2: it stays until there is another, and an empty one is one', async () => {
  const { ids } = await read('id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\nid\ndata: d\n\n');
  assert.deepEqual(ids, ['1', '1', '2', '']);
});

test('format-field-id-3: an id alone, without an event, goes with the next one', async () => {
  const { ids, data } = await read('id: 1\n\ndata: a\n\nid: 2\n\n');
  assert.deepEqual([ids, data], [['1'], ['a']]);
});

test('format-field-id-null: an id with NUL is none', async () => {
  const { ids } = await read('id: ok\nid:a\0b\nid:\0\ndata: a\n\n');
  assert.deepEqual(ids, ['ok']);
});

test('format-field-retry: a number of milliseconds, and nothing else', async () => {
  const { retries } = await read('retry:3000\nretry:3000x\ndata:x\n\n');
  assert.deepEqual(retries, [3000]);
});

test('format-field-retry-bogus: what is no number changes nothing', async () => {
  const { retries } = await read(
    'retry:3000\nretry:1000x\nretry:-1\nretry:1e3\nretry: 1.5\nretry:٣\ndata:x\n\n',
  );
  assert.deepEqual(retries, [3000]);
});

test('format-field-retry-empty: nor does none', async () => {
  const { retries, data } = await read('retry\nretry:\ndata:test\n\n');
  assert.deepEqual([retries, data], [[], ['test']]);
});

test('format-utf-8: what is no UTF-8 is replaced, byte by byte, and nothing else is lost', async () => {
  const bytes = [...new TextEncoder().encode('data:a'), 0xff, 0x80, ...new TextEncoder().encode('b\n\n')];
  assert.deepEqual((await read(Uint8Array.from(bytes))).data, ['a\uFFFD\uFFFDb']);
});
