import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outgoing } from '../../../src/client/outgoing.ts';
import { RoomClient } from '../../../src/client/room-client.ts';
import { Stay } from '../../../src/web/stay/stay.ts';
import type { StayKeepsakes } from '../../../src/web/stay/stay-view.ts';
import { strings } from '../../../src/web/text/strings.ts';
import {
  came,
  FakeApi,
  ok,
  page,
  refused,
  said,
  session,
  unreachable,
  went,
} from '../../client/support/fake-api.ts';
import { FakeSchedule, settle } from '../../client/support/fake-schedule.ts';
import { MemoryStorage } from '../../client/support/memory-storage.ts';

function setUp(prepare: (api: FakeApi, keepsakes: StayKeepsakes, storage: MemoryStorage) => void = () => {}) {
  const api = new FakeApi();
  const schedule = new FakeSchedule();
  const keepsakes: StayKeepsakes = { name: '' };
  const storage = new MemoryStorage();
  const shown: string[] = [];
  let state = '';
  let notice = '';
  let outgoing: readonly Outgoing[] = [];
  let goOn: () => void = () => {};
  const givenBack = { texts: [] as string[], takesBack: true };
  const stay = new Stay(
    new RoomClient({ room: 'lobby', storage, history: 100, api, schedule }),
    {
      loading: (isOffline) => shown.push(isOffline ? 'loading offline' : 'loading'),
      noRoom: () => shown.push('no room'),
      join: (name, notice, needsPassword) =>
        shown.push(`join as ${name}${needsPassword ? ' by password' : ''}: ${notice}`),
      room: (name) => shown.push(`room of ${name}`),
      limit: () => {},
      stopped: (text, label, onGoOn) => {
        shown.push(`stopped: ${text} ${label}`);
        goOn = onGoOn;
      },
      state: (now) => {
        state = now;
      },
      notice: (text) => {
        notice = text;
      },
      roster: () => {},
      begin: (events) => shown.push(`begin ${events.map(({ id }) => id).join(' ')}`),
      append: (events) => shown.push(events.map(({ id }) => id).join(' ')),
      prepend: (events) => shown.push(`prepend ${events.map(({ id }) => id).join(' ')}`),
      earlier: (now) => shown.push(`earlier ${now}`),
      gap: (lost) => shown.push(`gap ${lost}`),
      note: () => {},
      outgoing: (messages) => {
        outgoing = messages;
      },
      giveBack: (text) => {
        givenBack.texts.push(text);
        return givenBack.takesBack;
      },
    },
    keepsakes,
  );
  prepare(api, keepsakes, storage);
  return {
    api,
    schedule,
    keepsakes,
    storage,
    stay,
    takeShown: () => shown.splice(0),
    state: () => state,
    notice: () => notice,
    outgoing: () => outgoing.map(({ text, state: now }) => `${text} ${now}`),
    goOn: () => goOn(),
    givenBack,
  };
}

const bye = (reason: string, action: string) => ({ reason, action, reconnect: false });

/** Inside as Ada in session s1, live at e-5. */
async function inside() {
  const parts = setUp((api) => {
    api.sessionAnswer = async () => session('s1');
  });
  void parts.stay.start();
  await settle();
  await settle();
  assert.deepEqual(parts.takeShown(), ['loading', 'room of Ada', 'begin ', 'earlier beginning']);
  assert.equal(parts.state(), 'live');
  assert.deepEqual(parts.api.takeAsked(), [
    'getSession',
    'getInitialUsers',
    'history before e-5',
    'subscribe e-5',
  ]);
  return parts;
}

test('SES-5: a reload goes on in the session that the browser holds, without create', async () => {
  const { api } = await inside();
  assert.equal(api.createKeys.length, 0);
});

test('without a session one is asked for a name; after a removal one is told of it', async () => {
  for (const [answer, shown] of [
    [refused(401, 'credentials-required'), 'join as Ada: '],
    [refused(410, 'session-gone'), 'join as Ada: '],
    [refused(410, 'session-gone', { reason: 'expired', action: 'create' }), 'join as Ada: '],
    [
      refused(410, 'session-gone', { reason: 'removed', action: 'stop' }),
      `join as Ada: ${strings.stopped.removed}`,
    ],
    [refused(404, 'room-not-found'), 'no room'],
  ] as const) {
    const { stay, takeShown } = setUp((api, keepsakes) => {
      keepsakes.name = 'Ada';
      api.sessionAnswer = async () => answer;
    });
    await stay.start();
    assert.deepEqual(takeShown(), ['loading', shown]);
  }
});

test('a server out of reach at load is asked until it answers', async () => {
  const { api, stay, schedule, takeShown } = setUp();
  void stay.start();
  await schedule.advance(20_000);
  api.sessionAnswer = async () => session('s1');
  stay.nudge();
  await settle();
  assert.deepEqual([...new Set(takeShown())].slice(0, 3), ['loading', 'loading offline', 'room of Ada']);
});

test('SES-10: a lost answer to create is asked for again with the same key; another name gets another', async () => {
  const { api, stay } = setUp();
  await stay.join('Ada');
  await stay.join('Ada');
  await stay.join('Bob');
  const [first, second, third] = api.createKeys;
  assert.equal(first, second);
  assert.notEqual(second, third);
});

test('a refused name is told to the form, and one stays outside', async () => {
  const { api, stay, takeShown } = setUp();
  api.createAnswer = async () => refused(409, 'name-in-use');
  assert.equal((await stay.join('Ada'))?.code, 'name-in-use');
  assert.deepEqual(takeShown(), []);
});

test('a restart that lost the session: one is created again by itself, and the gap is told', async () => {
  const { api, takeShown, stay, state } = await inside();
  api.createAnswer = async () => session('s2');
  api.streamAnswer = (after) => {
    if (api.createKeys.length === 0) return refused(410, 'session-gone');
    const answer = api.openStream(after);
    api.stream.event('init', 'f-0', { users: [], cursor: 'f-0', lost: null });
    api.stream.event('join', 'f-1', came(1, 'Ada'));
    return answer;
  };
  api.stream.end();
  stay.nudge();
  await settle();
  stay.nudge();
  await settle();
  assert.equal(state(), 'live');
  assert.deepEqual(takeShown(), ['gap null', 'earlier none', '1']);
  assert.deepEqual(api.takeAsked(), ['subscribe e-5', 'create Ada', 'subscribe e-5']);
});

test('P-2: what was on its way when the session was lost arrives once, whether it had been committed or not', async () => {
  for (const wasCommitted of [true, false]) {
    const { api, stay, schedule, outgoing } = await inside();
    stay.send('hello');
    await schedule.advance(100);
    assert.deepEqual(outgoing(), ['hello waiting']);
    const key = api.sent[0]?.key ?? '';
    const events = wasCommitted
      ? [said(6, 'Ada', 'hello', key), went(7, 'Ada'), came(8, 'Ada')]
      : [went(6, 'Ada'), came(7, 'Ada')];
    api.createAnswer = async () => session('s2');
    api.historyAnswer = async () => page(events, `e-${events.at(-1)?.id}`);
    api.sendAnswer = async () => ok({ id: 9, timestamp: 9 });
    const before = api.sent.length;
    api.stream.event('bye', '', bye('expired', 'create'));
    await schedule.advance(5000);
    assert.equal(api.sent.length - before, wasCommitted ? 0 : 1);
    assert.deepEqual(outgoing(), wasCommitted ? [] : ['hello sent']);
  }
});

test('a name that was taken meanwhile is tried a few times, then one is asked for another', async () => {
  const { api, schedule, takeShown } = await inside();
  api.createAnswer = async () => refused(409, 'name-in-use');
  api.stream.event('bye', '', bye('expired', 'create'));
  await schedule.advance(120_000);
  assert.equal(api.createKeys.length, 5);
  assert.equal(new Set(api.createKeys).size, 1);
  assert.deepEqual(takeShown(), ['join as : detail of name-in-use']);
});

test('a server that is away while the session is created again is waited for', async () => {
  const { api, schedule, stay, state } = await inside();
  api.stream.event('bye', '', bye('failed', 'create'));
  await schedule.advance(120_000);
  assert.equal(state(), 'offline');
  api.createAnswer = async () => session('s2');
  api.updates = async () => ok({ events: [], cursor: 'e-5', more: false });
  stay.nudge();
  await settle();
  assert.equal(state(), 'live');
});

test('while the store is away this is said, and what was written is sent when it is back', async () => {
  const { api, schedule, stay, notice, outgoing } = await inside();
  api.sendAnswer = async () => refused(503, 'unavailable', { retryAfterMs: 20_000 });
  api.stream.event('status', '', { store: 'away' });
  stay.send('hello');
  await settle();
  assert.equal(notice(), strings.storeAway);
  assert.deepEqual(outgoing(), ['hello waiting']);
  api.sendAnswer = async () => ok({ id: 6, timestamp: 6 });
  api.stream.event('status', '', { store: 'back' });
  await schedule.advance(900);
  assert.equal(notice(), '');
  assert.equal(api.sent.length, 1, 'not all pages at once');
  await schedule.advance(2_000);
  assert.deepEqual(outgoing(), ['hello sent']);
  assert.equal(api.sent[0]?.key, api.sent[1]?.key);
});

test('after an ending that says stop, nothing happens until the user wants it', async () => {
  for (const reason of ['removed', 'taken-over', 'revoked', 'flooding']) {
    const { api, schedule, takeShown, goOn } = await inside();
    api.stream.event('bye', '', bye(reason, 'stop'));
    await schedule.advance(120_000);
    assert.deepEqual(takeShown(), [`stopped: ${strings.stopped[reason]} ${strings.joinAgain}`]);
    assert.deepEqual(api.takeAsked(), []);
    api.createAnswer = async () => session('s2');
    goOn();
    await settle();
    assert.deepEqual(takeShown(), ['room of Ada', 'begin ', 'earlier beginning']);
  }
});

test('a superseded tab goes on in the same session where it was', async () => {
  const { api, takeShown, goOn } = await inside();
  api.stream.event('bye', '', bye('superseded', 'stop'));
  await settle();
  assert.deepEqual(takeShown(), [`stopped: ${strings.stopped.superseded} ${strings.useHere}`]);
  goOn();
  await settle();
  assert.deepEqual(api.takeAsked(), ['getSession', 'subscribe e-5']);
  assert.deepEqual(takeShown(), ['room of Ada']);
});

test('a session left in another tab is not created again, one given up for another name is followed', async () => {
  const left = await inside();
  left.storage.setItem('parlor:left:/v1/rooms/lobby', 's1');
  left.api.sessionAnswer = async () => refused(401, 'credentials-required');
  left.api.streamAnswer = () => refused(401, 'credentials-required');
  left.api.stream.end();
  await left.schedule.advance(10_000);
  assert.equal(left.api.createKeys.length, 0);
  assert.match(left.takeShown().join(), /^stopped: You left the room/);

  const renamed = await inside();
  renamed.api.sessionAnswer = async () => session('s2', 'Ada Lovelace');
  renamed.api.stream.event('bye', '', bye('destroyed', 'stop'));
  await renamed.schedule.advance(1000);
  assert.deepEqual(renamed.takeShown(), ['room of Ada Lovelace', 'begin ', 'earlier beginning']);
});

test('a browser that keeps no cookie is told so, instead of joining over and over', async () => {
  const { api, schedule, stay, takeShown } = setUp((api) => {
    api.createAnswer = async () => session('s1');
    api.streamAnswer = () => refused(401, 'credentials-required');
  });
  await stay.join('Ada');
  await schedule.advance(60_000);
  assert.deepEqual([api.createKeys.length, new Set(api.createKeys).size], [3, 1]);
  assert.equal(takeShown().at(-1), `join as Ada: ${strings.cookiesNeeded}`);
});

test('a session that is lost after a reload, where a password is asked for, is asked for by the form', async () => {
  const { api, schedule, takeShown, stay, goOn } = await inside();
  api.createAnswer = async () => refused(401, 'credentials-required');
  api.stream.event('bye', '', bye('expired', 'create'));
  await schedule.advance(1000);
  assert.deepEqual(takeShown(), [`join as  by password: ${strings.joinOnceMore}`]);

  api.createAnswer = async () => session('s2');
  assert.equal(await stay.join('Ada', 'secret'), undefined);
  await settle();
  assert.ok(api.takeAsked().includes('create Ada with secret'));
  takeShown();
  api.stream.event('bye', '', bye('removed', 'stop'));
  await settle();
  takeShown();
  api.createAnswer = async () => refused(401, 'credentials-required');
  goOn();
  await settle();
  assert.deepEqual(takeShown(), ['join as Ada by password: ']);
});

test('SES-10: a cookie that another tab lost right after create is had again with the same key', async () => {
  const { api, schedule, takeShown, state } = await inside();
  api.createAnswer = async () => session('s2');
  api.streamAnswer = (after) =>
    api.createKeys.length < 2 ? refused(401, 'credentials-required') : api.openStream(after);
  api.stream.event('bye', '', bye('expired', 'create'));
  await schedule.advance(10_000);
  assert.deepEqual([api.createKeys.length, new Set(api.createKeys).size], [2, 1]);
  assert.equal(state(), 'live');
  assert.deepEqual(takeShown(), []);
});

test('leaving ends the session; if that cannot be said, one is still inside', async () => {
  const { api, stay, takeShown, storage } = await inside();
  api.destroyAnswer = unreachable;
  assert.equal((await stay.leave())?.code, 'unreachable');
  assert.deepEqual([takeShown(), storage.getItem('parlor:left:/v1/rooms/lobby')], [[], '']);
  api.destroyAnswer = ok(undefined);
  assert.equal(await stay.leave(), undefined);
  assert.deepEqual(takeShown(), ['join as : ']);
  assert.equal(api.stream.isCancelled, true);
});

test('earlier pages are shown until the log begins; a page that cannot be had can be asked for again', async () => {
  const { api, stay, takeShown } = setUp((api) => {
    api.sessionAnswer = async () => session('s1');
    api.historyAnswer = async () => ok({ events: [said(5, 'Bob', 'x')], cursor: 'e-4', more: true });
  });
  void stay.start();
  await settle();
  await settle();
  takeShown();
  api.historyAnswer = async () => unreachable;
  await stay.showEarlier();
  api.historyAnswer = async () => ok({ events: [said(4, 'Bob', 'x')], cursor: 'e-3', more: false });
  await stay.showEarlier();
  await stay.showEarlier();
  assert.deepEqual(takeShown(), [
    'earlier busy',
    'earlier failed',
    'earlier busy',
    'prepend 4',
    'earlier beginning',
  ]);
});

test('after a reload in another session, what may have been sent is looked for in the log', async () => {
  for (const lost of [undefined, 3]) {
    const { api, stay, schedule, outgoing } = setUp((api, _keepsakes, storage) => {
      const tried = { sessionId: 's0', name: 'Ada', cursor: 'e-2' };
      const kept = [
        { key: 'k1', text: 'tried', state: 'waiting', tried },
        { key: 'k2', text: 'not tried', state: 'waiting' },
      ];
      storage.setItem('parlor:outbox:/v1/rooms/lobby', JSON.stringify(kept));
      api.sessionAnswer = async () => session('s1');
      api.sendAnswer = async () => ok({ id: 9, timestamp: 9 });
      api.historyAnswer = async (side) =>
        side === 'after'
          ? ok({ events: [], cursor: 'e-5', more: false, ...(lost === undefined ? {} : { lost }) })
          : page([], 'e-0');
    });
    void stay.start();
    await schedule.advance(1000);
    assert.ok(api.takeAsked().includes('history after e-2'));
    const isGap = lost !== undefined;
    assert.deepEqual(outgoing(), [isGap ? 'tried failed' : 'tried sent', 'not tried sent']);
  }
});

test('what an ending kept from being sent is sent when one is back', async () => {
  const { api, stay, schedule, outgoing, goOn } = await inside();
  stay.send('hello');
  await settle();
  api.stream.event('bye', '', bye('removed', 'stop'));
  await settle();
  assert.deepEqual(outgoing(), ['hello failed']);
  api.createAnswer = async () => session('s2');
  api.sendAnswer = async () => ok({ id: 9, timestamp: 9 });
  goOn();
  await schedule.advance(1000);
  assert.deepEqual(outgoing(), ['hello sent']);
});

test('a text that the server will not have goes back to the user, once', async () => {
  const { api, stay, outgoing, givenBack } = await inside();
  api.sendAnswer = async () => refused(422, 'invalid-message');
  stay.send('too long');
  await settle();
  assert.deepEqual(outgoing(), []);
  givenBack.takesBack = false;
  stay.send('again too long');
  await settle();
  assert.deepEqual(outgoing(), ['again too long failed']);
  assert.deepEqual(givenBack.texts, ['too long', 'again too long']);
});
