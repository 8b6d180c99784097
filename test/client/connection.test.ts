import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../src/client/connection.ts';
import type { StateDetail } from '../../src/client/news.ts';
import type { Result } from '../../src/client/problem.ts';
import type { Ending, Updates } from '../../src/client/wire.ts';
import { FakeApi, ok, refused, said, unreachable } from './support/fake-api.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';

/** A connection whose streams begin at e-5 and whose heartbeat is 10 s. */
function setUp(prepare: (api: FakeApi, schedule: FakeSchedule) => void = () => {}) {
  const api = new FakeApi();
  const schedule = new FakeSchedule();
  const states = ['connecting'];
  const details: StateDetail[] = [];
  const ids: number[] = [];
  const endings: Ending[] = [];
  const notices: unknown[] = [];
  let cursor = 'e-5';
  let isStoreAway = false;
  const connection = new Connection(
    api,
    {
      get cursor() {
        return cursor;
      },
      init: (init) => {
        cursor = init.cursor;
      },
      event: (event, position) => {
        ids.push(event.id);
        cursor = position;
      },
      updates: (page) => {
        ids.push(...page.events.map(({ id }) => id));
        cursor = page.cursor;
      },
      tell: (type, ...news) => {
        const [told, detail] = news as [unknown, StateDetail?];
        if (type === 'store' && told !== isStoreAway) {
          isStoreAway = told === true;
          states.push(isStoreAway ? 'away' : 'back');
        }
        if (type === 'notice') notices.push(told);
        if (type === 'state' && states.at(-1) !== told) states.push(String(told));
        if (type === 'state') details.push(detail ?? {});
      },
      gone: (ending) => endings.push(ending),
    },
    schedule,
    10_000,
  );
  prepare(api, schedule);
  connection.open();
  return { api, schedule, connection, states, details, ids, endings, notices };
}

/** Live, at e-5. */
async function live() {
  const parts = setUp();
  await settle();
  assert.deepEqual(parts.states.splice(0), ['connecting', 'live']);
  parts.api.takeAsked();
  return parts;
}

/** Answers at once what is asked at once, and nothing else. */
const firstEmpty = async (after: string, wait: number) =>
  wait === 0
    ? ok<Updates>({ events: [], cursor: after, more: false })
    : new Promise<Result<Updates>>(() => {});

const heartbeats = async (api: FakeApi, schedule: FakeSchedule, count: number) => {
  for (let i = 0; i < count; i++) {
    await schedule.advance(10_000);
    api.stream.write(':\n\n');
    await settle();
  }
};

test('a stream that ends is asked for again from the cursor, a moment after `retry:` says', async () => {
  const { api, schedule, states, ids } = await live();
  api.stream.event('message', 'e-6', said(6, 'Bob', 'x'));
  await heartbeats(api, schedule, 1);
  api.takeAsked();
  api.stream.end();
  await schedule.advance(1999);
  assert.deepEqual(api.takeAsked(), []);
  await schedule.advance(1000);
  assert.deepEqual(api.takeAsked(), ['subscribe e-6']);
  await settle();
  assert.deepEqual(states, ['connecting', 'live']);
  assert.deepEqual(ids, [6]);
});

test('SES-6: it pings when bytes arrive and its last request is older than a heartbeat', async () => {
  const { api, schedule } = await live();
  await heartbeats(api, schedule, 3);
  assert.deepEqual(api.takeAsked(), ['ping', 'ping', 'ping']);
  for (let i = 0; i < 5; i++) api.stream.event('message', `e-${6 + i}`, said(6 + i, 'Bob', 'x'));
  await settle();
  assert.deepEqual(api.takeAsked(), []);
  await schedule.advance(20_000);
  assert.deepEqual(api.takeAsked(), [], 'not by a timer');
});

test('a stream silent for 2.5 heartbeats is dead and is asked for again at once', async () => {
  const { api, schedule } = await live();
  await heartbeats(api, schedule, 1);
  api.takeAsked();
  await schedule.advance(24_000);
  assert.deepEqual(api.takeAsked(), []);
  await schedule.advance(4000);
  assert.deepEqual(api.takeAsked(), ['subscribe e-5']);
});

test('a stream without a single byte is mute: the page polls, and tries the stream again later', async () => {
  let id = 5;
  const { api, schedule, states, details, ids } = setUp((api, schedule) => {
    api.greeting = '';
    api.updates = async (_after, wait) => {
      await schedule.sleep(wait * 1000, new AbortController().signal);
      id += 1;
      return ok({ events: [said(id, 'Bob', 'x')], cursor: `e-${id}`, more: false });
    };
  });
  await schedule.advance(10_000);
  assert.deepEqual(states, ['connecting', 'polling']);
  assert.deepEqual(details.at(-1), { why: 'mute' });
  assert.deepEqual(api.takeAsked().slice(0, 3), ['subscribe e-5', 'getUpdates e-5 0', 'getUpdates e-6 20']);
  api.greeting = 'retry: 2000\n\n';
  await schedule.advance(60_000);
  assert.equal(api.streams.length, 2);
  assert.equal(api.stream.after, `e-${id}`);
  assert.equal(states.at(-1), 'live');
  assert.deepEqual(ids, [6, 7, 8, 9, 10].slice(0, id - 5));
});

test('a stream that is mute after its first bytes is held up on the way: the page polls', async () => {
  const { api, schedule, states, details } = setUp((api) => {
    api.updates = firstEmpty;
  });
  await schedule.advance(24_000);
  assert.deepEqual(states, ['connecting', 'live']);
  await schedule.advance(4_000);
  assert.deepEqual(states, ['connecting', 'live', 'polling']);
  assert.deepEqual(details.at(-1), { why: 'mute' });
  assert.equal(api.streams.length, 1);
});

test('where the head of a stream never comes, or is no stream, the page polls', async () => {
  for (const answer of ['hang', 'page'] as const) {
    const { schedule, states } = setUp((api) => {
      api.streamAnswer = () => (answer === 'hang' ? 'hang' : api.openStream('e-5', 'text/html'));
      api.updates = firstEmpty;
    });
    await schedule.advance(1000);
    assert.deepEqual(states, ['connecting', 'polling'], answer);
  }
});

test('format-mime-*: what the MIME type says is a stream is one, whatever follows it, and nothing else', async () => {
  const types = {
    'text/event-stream': 'live',
    'text/event-stream;': 'live',
    'text/event-stream;x bogus': 'live',
    'Text/Event-Stream ; charset=utf-8': 'live',
    'x bogus': 'polling',
    'text/event-streamer': 'polling',
    'text/event-stream, text/html': 'polling',
  };
  for (const [type, state] of Object.entries(types)) {
    const { schedule, states, details } = setUp((api) => {
      api.streamAnswer = () => api.openStream('e-5', type);
      api.updates = firstEmpty;
    });
    await schedule.advance(1000);
    assert.equal(states.at(-1), state, type);
    if (state === 'polling') assert.deepEqual(details.at(-1), { why: 'no-stream' });
  }
});

test('a stream refused twice while polls are answered is given up for polls', async () => {
  const { api, schedule, states } = setUp((api) => {
    api.streamAnswer = () => refused(502, 'unknown');
    api.updates = firstEmpty;
  });
  await schedule.advance(10_000);
  assert.equal(states.at(-1), 'polling');
  assert.deepEqual(api.takeAsked().slice(0, 2), ['subscribe e-5', 'subscribe e-5']);
});

test('an outage is told as offline, goes on with full jitter, and ends with a stream', async () => {
  const { api, schedule, states } = await live();
  api.streamAnswer = () => unreachable;
  api.stream.end();
  await schedule.advance(120_000);
  assert.equal(states.at(-1), 'offline');
  assert.ok(api.takeAsked().length < 20, 'it does not hammer');
  api.streamAnswer = (after) => api.openStream(after);
  for (let second = 0; second < 40 && states.at(-1) !== 'live'; second++) await schedule.advance(1000);
  assert.equal(states.at(-1), 'live');
});

test('a nudge ends the waiting', async () => {
  const { api, schedule, connection } = await live();
  api.streamAnswer = () => unreachable;
  api.stream.end();
  await schedule.advance(120_000);
  api.takeAsked();
  connection.nudge();
  await settle();
  assert.equal(api.takeAsked().length > 0, true);
});

test('what is told with a wait is its end, and a try that is made waits for nothing, by time as by a nudge', async () => {
  const { api, schedule, connection, states, details } = await live();
  api.streamAnswer = () => unreachable;
  api.stream.end();
  await schedule.advance(60_000);
  assert.equal(states.at(-1), 'offline');
  const end = details.at(-1)?.retryAt ?? 0;
  assert.ok(end > schedule.now());
  api.streamAnswer = () => 'hang';
  api.subscribe = () => new Promise(() => {});
  details.length = 0;
  await schedule.advance(end - schedule.now());
  assert.deepEqual(details.splice(0), [{ retryAt: undefined }]);
  assert.equal(states.at(-1), 'offline');

  const other = await live();
  other.api.streamAnswer = () => unreachable;
  other.api.stream.end();
  await other.schedule.advance(60_000);
  other.api.subscribe = () => new Promise(() => {});
  other.details.length = 0;
  other.connection.nudge();
  await settle();
  assert.deepEqual(other.details, [{ retryAt: undefined }]);
  other.connection.close();
  other.connection.nudge();
  connection.close();
  await settle();
  assert.deepEqual(other.details.length, 1, 'what is closed is not opened by a nudge');
});

test('a nudge does not disturb a stream that lives, and ends one that may be dead', async () => {
  const { api, schedule, connection } = await live();
  await heartbeats(api, schedule, 1);
  api.takeAsked();
  connection.nudge();
  await settle();
  assert.deepEqual(api.takeAsked(), []);
  await schedule.advance(16_000);
  connection.nudge();
  await settle();
  assert.deepEqual(api.takeAsked(), ['subscribe e-5']);
});

test('bye tells what to do: stop, create anew, or come back', async () => {
  const stopped = await live();
  stopped.api.stream.event('bye', '', { reason: 'removed', action: 'stop', reconnect: false });
  await settle();
  assert.deepEqual(stopped.endings, [{ reason: 'removed', action: 'stop', reconnect: false }]);
  await stopped.schedule.advance(60_000);
  assert.deepEqual(stopped.api.takeAsked(), []);

  const expired = await live();
  expired.api.stream.event('bye', '', { reason: 'expired', action: 'create', reconnect: false });
  await settle();
  assert.equal(expired.endings[0]?.action, 'create');

  const draining = await live();
  draining.api.stream.event('bye', '', { reason: 'shutdown', action: 'reconnect', reconnect: true });
  await draining.schedule.advance(3000);
  assert.deepEqual(draining.endings, []);
  assert.deepEqual(draining.api.takeAsked(), ['subscribe e-5']);
});

test('410 ends it with the reason the server remembers, or with none; on a stream as on a poll', async () => {
  const { endings } = setUp((api) => {
    api.streamAnswer = () => refused(410, 'session-gone', { reason: 'taken-over', action: 'stop' });
  });
  await settle();
  assert.equal(endings[0]?.reason, 'taken-over');
  assert.equal(endings[0]?.detail, undefined, 'nobody said anything about it');
  const removed = setUp((api) => {
    const ending = { reason: 'removed', action: 'stop', endingDetail: 'No adverts.' };
    api.streamAnswer = () => refused(410, 'session-gone', ending);
  });
  await settle();
  assert.deepEqual(removed.endings[0], { reason: 'removed', action: 'stop', detail: 'No adverts.' });

  const polling = setUp((api) => {
    api.streamAnswer = () => 'hang';
    api.updates = async () => refused(410, 'session-gone');
  });
  await settle();
  assert.deepEqual([polling.endings[0]?.reason, polling.endings[0]?.action], [undefined, 'create']);
});

test('polls that are answered early and empty do not become a flood', async () => {
  const empty: Updates = { events: [], cursor: 'e-5', more: false };
  const { api, schedule } = setUp((api) => {
    api.streamAnswer = () => 'hang';
    api.updates = async () => ok(empty);
  });
  await schedule.advance(10_000);
  assert.ok(api.takeAsked().length <= 12);
});

test('what the store does and what the server notifies of is told, what is unknown is not', async () => {
  const { api, states, ids, notices } = await live();
  api.stream.event('status', '', { store: 'away' });
  api.stream.event('news', '', { hello: 1 });
  api.stream.event('notice', '', { hello: 2 });
  // It may look like an event of the log, and is none.
  api.stream.event('notice', '', said(7, 'Eve', 'x'));
  api.stream.event('notice', '', 'in words');
  api.stream.event('message', 'e-6', said(6, 'Bob', 'x'));
  api.stream.event('status', '', { store: 'back' });
  await settle();
  assert.deepEqual(states, ['away', 'back']);
  assert.deepEqual(ids, [6]);
  assert.deepEqual(notices, [{ hello: 2 }, said(7, 'Eve', 'x'), 'in words']);
});

test('a stream that begins without a word about the store, and a poll, say that it is there', async () => {
  const { api, schedule, states } = await live();
  const away = 'event: status\ndata: {"store":"away"}\n\n';
  api.stream.write(away);
  api.stream.end();
  api.greeting = `retry: 2000\n\n${away}`;
  await schedule.advance(3_000);
  assert.deepEqual(states, ['away', 'connecting', 'live'], 'away as before');
  api.greeting = 'retry: 2000\n\n';
  api.stream.end();
  await schedule.advance(3_000);
  assert.deepEqual(states.splice(3), ['connecting', 'back', 'live']);

  api.stream.write(away);
  api.stream.end();
  api.streamAnswer = () => 'hang';
  api.updates = () => Promise.resolve(ok({ events: [], cursor: 'e-5', more: false }));
  await schedule.advance(3_000);
  assert.deepEqual(states.splice(3), ['away', 'connecting', 'back', 'polling']);
});

test('a stream that is refused for now is not replaced by polls before the time it asks for', async () => {
  const { api, schedule } = setUp((api) => {
    api.greeting = `retry: 7000\n\nevent: bye\ndata: {"reason":"unavailable","action":"reconnect"}\n\n`;
    api.updates = async () => refused(503, 'unavailable', { retryAfterMs: 2_000 });
  });
  await schedule.advance(6_999);
  assert.deepEqual(api.takeAsked(), ['subscribe e-5']);
  await schedule.advance(1_000);
  assert.deepEqual(api.takeAsked(), ['subscribe e-5']);
  await schedule.advance(6_500);
  assert.deepEqual(api.takeAsked(), []);
  await schedule.advance(1_000);
  assert.deepEqual(api.takeAsked(), ['getUpdates e-5 0'], 'by the other way, and no sooner');
});

test('an answer that nobody can read ends nothing: it is tried again', async () => {
  const { api, schedule, states } = setUp((api) => {
    api.streamAnswer = () => 'hang';
    api.updates = async () => ok(JSON.parse('{"welcome":"to the hotel"}'));
  });
  await schedule.advance(30_000);
  api.streamAnswer = (after) => api.openStream(after);
  await schedule.advance(30_000);
  assert.equal(states.at(-1), 'live');
});

test('after close nothing is asked any more', async () => {
  const { api, schedule, connection } = await live();
  connection.close();
  await schedule.advance(120_000);
  assert.deepEqual(api.takeAsked(), []);
  assert.equal(api.stream.isCancelled, true);
});
