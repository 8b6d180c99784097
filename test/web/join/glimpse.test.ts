import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FeedSource, type Glimpse, GlimpseWatch } from '../../../src/web/join/glimpse.ts';

class FakeSource implements FeedSource {
  readyState = 1;
  readonly #listeners = new Map<string, (event: { readonly data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }

  say(type: string, data?: object): void {
    this.#listeners.get(type)?.(data === undefined ? {} : { data: JSON.stringify(data) });
  }

  close(): void {
    this.readyState = 2;
  }
}

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sources: FakeSource[] = [];
  const told: (Glimpse | undefined)[] = [];
  const watch = new GlimpseWatch(
    'lobby',
    () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    (glimpse) => told.push(glimpse),
  );
  watch.start();
  const now = () => {
    const glimpse = told.at(-1);
    return [
      glimpse?.names.join(' '),
      glimpse?.said.map(({ name = 'all', text = '-' }) => `${name}: ${text}`).join(' '),
    ];
  };
  const source = () => sources.at(-1) ?? assert.fail('no source');
  return { watch, sources, source, told, now };
}

const init = (...users: string[]) => ({ users, cursor: 'e-1', lost: 0 });
const came = (id: number, name: string) => ({ id, type: 'join', timestamp: 1, name });
const went = (id: number, name: string) => ({ id, type: 'leave', timestamp: 1, name });
const said = (id: number, name: string, message: string) => ({
  id,
  type: 'message',
  timestamp: 1,
  name,
  message,
});

test('from the door one sees who is there, and the last of what was said', (t) => {
  const { source, now } = setUp(t);
  source().say('init', init('Ada'));
  source().say('join', came(2, 'Bob'));
  for (let id = 3; id < 12; id++) source().say('message', said(id, 'Bob', String(id)));
  source().say('leave', went(12, 'Ada'));
  assert.deepEqual(now(), ['Bob', 'Bob: 6 Bob: 7 Bob: 8 Bob: 9 Bob: 10 Bob: 11']);
});

test('after a gap the room is seen as it is told anew', (t) => {
  const { source, now } = setUp(t);
  source().say('init', init('Ada'));
  source().say('message', said(2, 'Ada', 'before'));
  source().say('init', init('Eve'));
  assert.deepEqual(now(), ['Eve', '']);
});

test('where the feed is not public nothing is seen, and it is not asked for again', (t) => {
  const { source, sources, told } = setUp(t);
  source().readyState = 2;
  source().say('error');
  t.mock.timers.tick(60_000);
  assert.deepEqual([told, sources.length], [[undefined], 1]);
});

test('a feed that was had once is asked for again by itself, and what is seen stays meanwhile', (t) => {
  const { source, sources, told, now } = setUp(t);
  source().say('init', init('Ada'));
  source().readyState = 0;
  source().say('error');
  t.mock.timers.tick(60_000);
  assert.equal(sources.length, 1, 'an EventSource that tries again is left alone');
  source().readyState = 2;
  source().say('error');
  t.mock.timers.tick(60_000);
  assert.equal(sources.length, 2);
  assert.deepEqual([told.includes(undefined), now()], [false, ['Ada', '']]);
});

test('let go, it says no more and comes back when it is looked at', (t) => {
  const { watch, source, sources, told } = setUp(t);
  source().say('init', init('Ada'));
  watch.stop();
  assert.equal(source().readyState, 2);
  source().say('join', came(2, 'Bob'));
  source().say('error');
  t.mock.timers.tick(60_000);
  assert.deepEqual([told.length, sources.length], [1, 1]);
  watch.start();
  watch.start();
  assert.equal(sources.length, 2);
});

test('LOG-4: from the door one sees announcements, and nothing of what was redacted but that it was said', (t) => {
  const { source, now } = setUp(t);
  source().say('init', init('Ada'));
  source().say('message', { ...said(2, 'Ada', ''), redacted: true });
  source().say('message', said(3, 'Ada', 'three'));
  source().say('announcement', { id: 4, type: 'announcement', timestamp: 1, message: 'four' });
  source().say('message', said(5, 'Ada', 'five'));
  assert.deepEqual(now(), ['Ada', 'Ada: - Ada: three all: four Ada: five']);
  for (const target of [3, 4, 1])
    source().say('redaction', { id: 3 + target, type: 'redaction', timestamp: 1, target });
  assert.deepEqual(now(), ['Ada', 'Ada: - Ada: - all: - Ada: five']);
});
