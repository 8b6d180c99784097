import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventsFor, FeedReader, type Source } from '../../../src/web/embed/feed-reader.ts';
import { FakeSchedule } from '../../client/support/fake-schedule.ts';

type Told = { readonly data?: unknown; readonly lastEventId?: string };

const minute = 60_000;

class FakeSource implements Source {
  readyState = 0;
  readonly url: string;
  readonly openedAt: number;
  readonly #listeners = new Map<string, (event: Told) => void>();

  constructor(url: string, openedAt: number) {
    this.url = url;
    this.openedAt = openedAt;
  }

  addEventListener(type: string, listener: (event: Told) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.readyState = 2;
  }

  tell(type: string, data: object = {}, lastEventId = ''): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data), lastEventId });
  }

  open(): void {
    this.readyState = 1;
    this.#listeners.get('open')?.({});
  }

  /** @param isForGood as a browser does after any answer but a stream */
  fail(isForGood: boolean): void {
    this.readyState = isForGood ? 2 : 0;
    this.#listeners.get('error')?.({});
  }

  say(id: number, message = `message ${id}`): void {
    const type = 'message';
    this.tell(type, { id, type, timestamp: id, name: 'Ada', message }, `e-${id}`);
  }
}

function reading() {
  const sources: FakeSource[] = [];
  const told: unknown[] = [];
  const schedule = new FakeSchedule();
  const reader = new FeedReader(
    '/feed',
    20,
    (url) => {
      const source = new FakeSource(url, schedule.now());
      sources.push(source);
      return source;
    },
    schedule,
    {
      message: ({ type, message, redacted }) =>
        told.push(type === 'message' && !redacted ? message : { type, message, redacted }),
      redaction: (id) => told.push({ redaction: id }),
      gap: (lost) => told.push({ lost }),
      state: (state) => told.push(state),
    },
  );
  const last = () => sources.at(-1) ?? assert.fail('nothing was opened');
  return { reader, sources, told, schedule, last };
}

describe('the reader of a feed', () => {
  it('asks for more events than messages, for not all of them are', () => {
    const { reader, last } = reading();
    reader.start();
    assert.equal(last().url, `/feed?last=${eventsFor(20)}`);
    assert.ok(eventsFor(20) > 20 && eventsFor(1_000_000) <= 10_000);
  });

  it('makes a new source where the browser has given up, behind what was told', async () => {
    const { reader, sources, told, schedule, last } = reading();
    reader.start();
    last().open();
    last().tell('init', { users: [], cursor: 'e-1', lost: 0 }, 'e-1');
    last().say(2);
    last().tell('join', { id: 3, type: 'join', timestamp: 3, name: 'Bob' }, 'e-3');
    last().fail(true);
    assert.equal(sources.length, 1);
    await schedule.advance(minute);
    assert.equal(sources.length, 2);
    assert.equal(last().url, '/feed?after=e-3');
    last().open();
    last().say(4);
    assert.deepEqual(told, ['live', 'message 2', 'away', 'live', 'message 4']);
  });

  it('leaves to the browser what the browser tries again', () => {
    const { reader, sources, told, last } = reading();
    reader.start();
    last().open();
    last().say(1);
    last().fail(false);
    last().open();
    assert.equal(sources.length, 1);
    assert.deepEqual(told, ['live', 'message 1', 'away', 'live']);
  });

  it('waits longer each time, and is not waiting after it was stopped', async () => {
    const { reader, sources, schedule, last } = reading();
    reader.start();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const failedAt = schedule.now();
      last().fail(true);
      await schedule.advance(minute);
      waits.push(last().openedAt - failedAt);
    }
    assert.equal(sources.length, 9);
    assert.ok((waits[0] ?? 0) >= 1000);
    assert.ok((waits[5] ?? 0) > (waits[0] ?? 0));
    assert.ok(Math.max(...waits) <= 31_000);
    last().fail(true);
    reader.stop();
    await schedule.advance(minute);
    assert.equal(sources.length, 9);
    reader.start();
    assert.equal(sources.length, 10);
  });

  it('tells a gap, but not the first beginning', () => {
    const { reader, told, last } = reading();
    reader.start();
    last().tell('init', { users: [], cursor: 'e-1', lost: 0 }, 'e-1');
    last().tell('init', { users: [], cursor: 'e-9', lost: 7 }, 'e-9');
    last().tell('init', { users: [], cursor: 'f-0', lost: null }, 'f-0');
    assert.deepEqual(told, [{ lost: 7 }, { lost: null }]);
  });

  it('ends when the server says so, and goes on when it says that', async () => {
    const { reader, sources, told, schedule, last } = reading();
    reader.start();
    last().tell('bye', { reason: 'shutdown', action: 'reconnect', reconnect: true });
    assert.deepEqual(told, []);
    last().tell('bye', { reason: 'removed', action: 'stop', reconnect: false });
    reader.start();
    await schedule.advance(minute);
    assert.equal(sources.length, 1);
    assert.deepEqual(told, ['over']);
  });

  it('hears nothing of a source that it has let go, and nothing that is no message', () => {
    const { reader, sources, told } = reading();
    reader.start();
    reader.stop();
    reader.start();
    const [old, current] = sources;
    old?.say(1);
    old?.open();
    old?.fail(true);
    current?.tell('message', { id: 2, type: 'message', timestamp: 2, name: 5, message: 'x' });
    current?.tell('message', { id: 2, type: 'later' });
    current?.say(3);
    assert.deepEqual(told, ['message 3']);
  });

  it('LOG-4: tells announcements and what is redacted, and goes on behind them', () => {
    const { reader, sources, told, last } = reading();
    reader.start();
    last().say(1);
    last().tell('announcement', { id: 2, type: 'announcement', timestamp: 2, message: 'two' }, 'e-2');
    last().tell('redaction', { id: 3, type: 'redaction', timestamp: 3, target: 1 }, 'e-3');
    const gone = { type: 'message', timestamp: 4, name: 'Ada', message: '', redacted: true };
    last().tell('message', { id: 4, ...gone }, 'e-4');
    assert.deepEqual(told, [
      'message 1',
      { type: 'announcement', message: 'two', redacted: undefined },
      { redaction: 1 },
      { type: 'message', message: '', redacted: true },
    ]);
    reader.stop();
    reader.start();
    assert.deepEqual([sources.length, last().url], [2, '/feed?after=e-4']);
  });
});
