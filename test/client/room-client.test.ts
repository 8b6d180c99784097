import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxWaiting } from '../../src/client/bounds.ts';
import {
  type ChatRoomEvent,
  type ClientOptions,
  type Gap,
  join,
  ProblemError,
  RoomClient,
} from '../../src/client/index.ts';
import { Keepsakes } from '../../src/client/storage.ts';
import { came, FakeApi, ok, page, refused, said, session, unreachable } from './support/fake-api.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';
import { MemoryStorage } from './support/memory-storage.ts';

function setUp(options: Partial<ClientOptions> = {}) {
  const api = new FakeApi();
  const schedule = new FakeSchedule();
  const client = new RoomClient({ room: 'lobby', url: 'http://chat.test', api, schedule, ...options });
  const told: string[] = [];
  client.on('state', (state) => told.push(state));
  client.on('gap', (lost) => told.push(`gap ${lost}`));
  client.on('begin', (events, before) => told.push(`begin ${events.length} before ${before}`));
  client.on('message', ({ id, name, message }) => told.push(`${id} ${name}: ${message}`));
  client.on('join', ({ id, name }) => told.push(`${id} ${name} came`));
  client.on('session', ({ sessionId }) => told.push(`in ${sessionId}`));
  api.createAnswer = async () => session(`s${api.createKeys.length}`, 'Ada', { cursor: 'e-3' });
  return { api, schedule, client, told, takeTold: () => told.splice(0) };
}

type Inside = Awaited<ReturnType<typeof inside>>;

/** Inside as Ada, live. */
async function inside(options: Partial<ClientOptions> = {}) {
  const parts = setUp(options);
  await parts.client.join({ name: 'Ada' });
  await settle();
  assert.equal(parts.client.state, 'live');
  parts.takeTold();
  parts.api.takeAsked();
  return parts;
}

function codeOf(error: unknown): string {
  return error instanceof ProblemError ? error.problem.code : String(error);
}

const bye = (reason: string, action: string) => ({ reason, action, reconnect: false });

test('SES-2: it begins at the cursor of create, knows the roster, and hears its own join', async () => {
  const { api, client, told } = setUp();
  assert.equal(client.state, 'ended');
  const joined = client.join({ name: 'Ada', password: 'secret' });
  await joined;
  assert.deepEqual(client.roster, ['Ada']);
  await settle();
  api.stream.event('join', 'e-4', came(4, 'Ada'));
  await settle();
  assert.deepEqual(api.asked, ['create Ada with secret', 'getInitialUsers', 'subscribe e-3']);
  assert.deepEqual(told, ['in s1', 'connecting', 'begin 0 before e-3', 'live', '4 Ada came']);
  assert.deepEqual([client.name, client.cursor, client.session?.sessionId], ['Ada', 'e-4', 's1']);
});

test('history comes first, and goes before everything live', async () => {
  const { api, told, client } = setUp({ history: 2 });
  api.historyAnswer = async () => page([said(2, 'Bob', 'x'), said(3, 'Bob', 'y')], 'e-1', true);
  await client.join({ name: 'Ada' });
  await settle();
  assert.deepEqual(api.asked.slice(1), ['getInitialUsers', 'history before e-3', 'subscribe e-3']);
  assert.deepEqual(told, ['in s1', 'connecting', 'begin 2 before e-1', 'live']);
});

test('who loops over a room that was joined just now hears its history first', async () => {
  const { api, client } = setUp({ history: 2 });
  api.historyAnswer = async () => page([said(2, 'Bob', 'x'), said(3, 'Bob', 'y')], 'e-1', true);
  await client.join({ name: 'Ada' });
  const ids: (number | string)[] = [];
  for await (const event of client) if (ids.push(event.type === 'gap' ? 'gap' : event.id) === 2) break;
  assert.deepEqual(ids, [2, 3]);
});

test('without the history it was asked for, it begins all the same', async () => {
  const { api, told, client } = setUp({ history: 2 });
  api.historyAnswer = async () => unreachable;
  await client.join({ name: 'Ada' });
  await settle();
  assert.deepEqual(told.slice(2), ['begin 0 before e-3', 'live']);
});

test('a cursor of an earlier client is where it goes on', async () => {
  const { api } = await inside({ after: 'e-1' });
  assert.equal(api.stream.after, 'e-1');
});

test('who is not let in is told why, and can ask again', async () => {
  const { api, client } = setUp();
  api.createAnswer = async () => refused(409, 'name-in-use');
  await assert.rejects(client.join({ name: 'Ada' }), {
    name: 'ProblemError',
    message: 'detail of name-in-use',
  });
  assert.equal(client.state, 'ended');
  assert.equal(await client.send('hello').catch(codeOf), 'ended');
});

test('for await gives events and gaps in order, and ends with the client', async () => {
  const { api, client } = await inside();
  const seen: (ChatRoomEvent | Gap)[] = [];
  const reading = (async () => {
    for await (const event of client) seen.push(event);
  })();
  api.stream.event('message', 'e-4', said(4, 'Bob', 'x'));
  api.stream.event('init', 'e-9', { users: [], cursor: 'e-9', lost: 5 });
  api.stream.event('message', 'e-10', said(10, 'Bob', 'y'));
  api.stream.event('bye', '', bye('removed', 'stop'));
  await reading;
  assert.deepEqual(
    seen.map((event) => (event.type === 'gap' ? `gap ${event.lost}` : event.id)),
    [4, 'gap 5', 10],
  );
  assert.deepEqual(client.ending, bye('removed', 'stop'));
  for await (const _event of client) assert.fail('it has ended');
});

test('a loop that is too slow is told of a gap, and costs no more memory', async () => {
  const { api, client } = await inside();
  const seen: string[] = [];
  const slow = client[Symbol.asyncIterator]();
  const first = slow.next();
  const burst = (from: number, count: number) => {
    for (let id = from; id < from + count; id++) api.stream.event('message', `e-${id}`, said(id, 'Bob', 'x'));
    return settle();
  };
  await burst(4, 1);
  seen.push((await first).value?.type ?? 'end');
  await burst(5, maxWaiting + 1);
  await burst(maxWaiting + 6, 1);
  client.close();
  for await (const event of slow) seen.push(event.type === 'gap' ? `gap ${event.lost}` : `${event.id}`);
  assert.deepEqual(seen, ['message', 'gap null', `${maxWaiting + 6}`]);
});

test('a loop that is left hears nothing more', async () => {
  const { api, client } = await inside();
  api.stream.event('message', 'e-4', said(4, 'Bob', 'x'));
  for await (const event of client) {
    assert.equal(event.type, 'message');
    break;
  }
});

test('a listener that throws keeps nothing from the others; one that ended hears nothing', async (t) => {
  const errors = t.mock.method(console, 'error', () => {});
  const { api, client, told } = await inside();
  client.on('events', () => {
    throw new Error('a fault');
  });
  const heard: number[] = [];
  const end = client.on('message', ({ id }) => heard.push(id));
  api.stream.event('message', 'e-4', said(4, 'Bob', 'x'));
  await settle();
  end();
  api.stream.event('message', 'e-5', said(5, 'Bob', 'y'));
  await settle();
  assert.deepEqual([heard, told, errors.mock.callCount()], [[4], ['4 Bob: x', '5 Bob: y'], 2]);
});

test('expired and failed: a session is created again under the same name, and goes on at the cursor', async () => {
  for (const reason of ['expired', 'failed']) {
    const { api, schedule, client, takeTold } = await inside();
    api.stream.event('message', 'e-4', said(4, 'Bob', 'x'));
    api.stream.event('bye', '', bye(reason, 'create'));
    await schedule.advance(1000);
    assert.deepEqual(api.takeAsked(), ['create Ada', 'subscribe e-4'], reason);
    assert.deepEqual(takeTold(), ['4 Bob: x', 'connecting', 'in s2', 'connecting', 'live']);
    assert.equal(client.session?.sessionId, 's2');
    assert.equal(new Set(api.createKeys).size, 2, 'another session has another key');
  }
});

test('a wait while a session is created again is told with its end, and is over with a nudge', async () => {
  const { api, schedule, client, takeTold } = await inside();
  const waits: (number | undefined)[] = [];
  client.on('state', (_state, { retryAt }) => waits.push(retryAt && retryAt - schedule.now()));
  api.createAnswer = async () => refused(503, 'unavailable', { retryAfterMs: 12_000 });
  api.stream.event('bye', '', bye('expired', 'create'));
  await settle();
  assert.deepEqual(waits.splice(0), [undefined, 13_000], 'the floor and half of 2 s');
  await schedule.advance(13_000);
  assert.deepEqual(waits.splice(0), [undefined, 14_000]);
  assert.deepEqual(takeTold(), ['connecting', 'connecting', 'connecting', 'offline']);
  api.createAnswer = () => new Promise(() => {});
  client.nudge();
  await settle();
  assert.deepEqual([waits, takeTold(), client.name], [[undefined], ['offline'], 'Ada']);
});

test('renew brings another session of the same user, and goes on at the cursor without a break', async () => {
  const { api, client, takeTold } = await inside();
  api.createAnswer = async () => {
    // The server ends the old one as soon as the new one is there.
    api.stream.event('bye', '', bye('taken-over', 'stop'));
    await settle();
    return session('s2', 'Ada', { cursor: 'e-9' });
  };
  await client.renew();
  await settle();
  assert.deepEqual(api.takeAsked(), ['create Ada', 'subscribe e-3']);
  assert.deepEqual(takeTold(), ['in s2', 'connecting', 'live']);
});

test('renew that is refused leaves one inside as before, and is no news', async () => {
  const { api, client, takeTold } = await inside();
  api.createAnswer = async () => refused(401, 'credentials-required');
  await assert.rejects(client.renew(), (error) => codeOf(error) === 'credentials-required');
  await settle();
  assert.deepEqual([client.session?.sessionId, client.state], ['s1', 'live']);
  assert.deepEqual(takeTold().slice(-1), ['live']);
  assert.deepEqual(api.takeAsked(), ['create Ada', 'subscribe e-3']);
});

test('renew as somebody else ends the session of before by its own token, and begins anew', async () => {
  const storage = new MemoryStorage();
  const { api, client, takeTold } = await inside({ storage });
  const kept = new Keepsakes(storage, 'http://chat.test/v1/rooms/lobby');
  kept.set('token', 'old');
  const proofs: string[] = [];
  const destroy = api.destroy.bind(api);
  api.destroy = async () => {
    proofs.push(kept.get('token'));
    return destroy();
  };
  api.createAnswer = async () => {
    kept.set('token', 'new');
    return session('s2', 'Bob', { cursor: 'e-9' });
  };
  await client.renew();
  await settle();
  assert.deepEqual([proofs, kept.get('token')], [['old'], 'new']);
  assert.deepEqual(api.takeAsked(), ['create Ada', 'destroy', 'getInitialUsers', 'subscribe e-9']);
  assert.deepEqual(takeTold(), ['in s2', 'connecting', 'begin 0 before e-9', 'live']);
});

for (const [what, begin] of [
  ['renewed', ({ client }: Inside) => void client.renew()],
  ['created again', ({ api }: Inside) => api.stream.event('bye', '', bye('expired', 'create'))],
] as const) {
  test(`whoever leaves while his session is being ${what} leaves the new one too`, async () => {
    const storage = new MemoryStorage();
    const parts = await inside({ storage });
    const { api, client } = parts;
    const kept = new Keepsakes(storage, 'http://chat.test/v1/rooms/lobby');
    kept.set('token', 'old');
    const proofs: string[] = [];
    const destroy = api.destroy.bind(api);
    api.destroy = async () => {
      proofs.push(kept.get('token'));
      return destroy();
    };
    let answer = () => {};
    api.createAnswer = async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      kept.set('token', 'new');
      return session('s2', 'Ada', { cursor: 'e-9' });
    };
    begin(parts);
    await settle();
    const left = client.leave();
    await settle();
    answer();
    await left;
    await settle();
    assert.deepEqual(
      [proofs.at(-1), kept.get('token'), client.session, client.state],
      ['new', '', undefined, 'ended'],
    );
  });
}

test('destroyed elsewhere: the session that may follow is not asked for too early, whoever looked before', async () => {
  const { api, schedule, client, takeTold } = await inside();
  client.nudge();
  api.sessionAnswer = async () => session('s9', 'Bob');
  api.stream.event('bye', '', bye('destroyed', 'stop'));
  await schedule.advance(999);
  assert.deepEqual(api.takeAsked(), []);
  api.sessionAnswer = async () => (api.asked.length < 2 ? unreachable : session('s9', 'Eve'));
  await schedule.advance(3000);
  assert.deepEqual(api.takeAsked().slice(0, 2), ['getSession', 'getSession'], 'until there is an answer');
  assert.deepEqual([client.name, takeTold().includes('in s9')], ['Eve', true]);
});

test('after another ending it stops and says why; then it can join anew', async () => {
  for (const reason of ['taken-over', 'removed', 'revoked', 'flooding']) {
    const { api, schedule, client } = await inside();
    api.stream.event('bye', '', bye(reason, 'stop'));
    await schedule.advance(120_000);
    assert.deepEqual([client.state, client.ending?.reason, api.takeAsked()], ['ended', reason, []]);
    await client.join({ name: 'Ada' });
    await settle();
    assert.equal(client.state, 'live');
    assert.equal(client.ending, undefined);
  }
});

test('what is sent while offline waits, and is sent in order once it is live again', async () => {
  const { api, schedule, client } = await inside();
  api.streamAnswer = () => unreachable;
  api.stream.end();
  const answers = [client.send('one'), client.send('two')];
  await schedule.advance(60_000);
  assert.equal(client.state, 'offline');
  assert.deepEqual(
    client.outbox.map(({ text, state }) => `${text} ${state}`),
    ['one waiting', 'two waiting'],
  );
  let id = 3;
  api.sendAnswer = async () => ok({ id: ++id, timestamp: 0 });
  api.streamAnswer = (after) => api.openStream(after);
  client.nudge();
  await schedule.advance(60_000);
  assert.deepEqual(
    (await Promise.all(answers)).map((sent) => sent.id),
    [4, 5],
  );
});

test('close says nothing to the server; a session that is kept is gone on with', async () => {
  const storage = new MemoryStorage();
  storage.setItem('parlor:token:http://chat.test/v1/rooms/lobby', 't1');
  const { api, client } = await inside({ storage });
  client.close();
  await settle();
  assert.deepEqual([client.state, client.ending, api.takeAsked()], ['ended', undefined, []]);
  api.sessionAnswer = async () => session('s1');
  assert.equal(await client.resume(), true);
  await settle();
  assert.equal(client.state, 'live');
  assert.deepEqual(api.takeAsked(), ['getSession', 'getInitialUsers', 'subscribe e-5']);
});

test('without a token there is nothing to go on with, and nobody is asked', async () => {
  const { api, client } = setUp();
  assert.equal(await client.resume(), false);
  assert.deepEqual(api.asked, []);
});

test('leave ends it for good, and forgets the token and what was not sent', async () => {
  const storage = new MemoryStorage();
  const { client, told } = await inside({ storage });
  void client.send('too late');
  await client.leave();
  assert.equal(client.ending?.reason, 'destroyed');
  assert.equal(told.at(-1), 'ended');
  assert.equal(storage.getItem('parlor:outbox:http://chat.test/v1/rooms/lobby'), '');
  assert.equal(await client.resume(), false);
});

test('a leave that cannot be said leaves one inside', async () => {
  const { api, client } = await inside();
  api.destroyAnswer = unreachable;
  await assert.rejects(client.leave(), { message: 'detail of unreachable' });
  await settle();
  assert.equal(client.state, 'live');
});

test('what is not sent is kept over a reload', async () => {
  const storage = new MemoryStorage();
  const first = await inside({ storage });
  void first.client.send('hello');
  await settle();
  first.client.close();
  const second = await inside({ storage });
  assert.deepEqual(
    second.client.outbox.map(({ text, state }) => `${text} ${state}`),
    ['hello failed'],
    'of an ending the user decides',
  );
});

test('of a storage that is full, what it keeps from before is not taken for what is so now', async () => {
  const storage = new MemoryStorage();
  const kept = new Keepsakes(storage, 'lobby');
  kept.set('token', 'old');
  storage.isFull = true;
  kept.set('token', 'new');
  assert.equal(kept.get('token'), 'new');
  storage.isFull = false;
  kept.set('token', 'newer');
  storage.setItem('parlor:token:lobby', 'another tab’s');
  assert.equal(kept.get('token'), 'another tab’s');
});

test('what is not sent is kept also where a load finds that the session has ended, or is closed at once', async () => {
  const storage = new MemoryStorage();
  const first = await inside({ storage });
  void first.client.send('hello');
  await settle();
  storage.setItem('parlor:token:http://chat.test/v1/rooms/lobby', 't1');
  setUp({ storage }).client.close();
  const { api, client } = setUp({ storage });
  api.sessionAnswer = async () => refused(410, 'session-gone', { reason: 'expired', action: 'create' });
  assert.equal(await client.resume(), false);
  api.createAnswer = async () => session('s2', 'Ada', { cursor: 'e-3' });
  api.sendAnswer = async () => ok({ id: 6, timestamp: 6 });
  await client.join({ name: 'Ada' });
  await settle();
  assert.deepEqual(
    api.sent.map(({ message }) => message),
    ['hello'],
  );
});

test('a storage that is forbidden keeps nobody out', async () => {
  const storage = new MemoryStorage();
  storage.isForbidden = true;
  const { api, client } = await inside({ storage });
  api.sendAnswer = async () => ok({ id: 4, timestamp: 0 });
  assert.equal((await client.send('hello')).id, 4);
});

test('what was left in one tab is not created again in another, whose cookie is gone with it', async () => {
  const storage = new MemoryStorage();
  const shared: Partial<ClientOptions> = { storage, credential: 'cookie' };
  const first = await inside(shared);
  const second = setUp(shared);
  second.api.sessionAnswer = async () => session('s1');
  assert.equal(await second.client.resume(), true);
  await settle();
  assert.equal(second.client.state, 'live');
  await first.client.leave();
  const loggedOut = refused(401, 'credentials-required');
  second.api.streamAnswer = () => loggedOut;
  second.api.sessionAnswer = async () => loggedOut;
  second.api.stream.end();
  await second.schedule.advance(60_000);
  assert.equal(second.client.state, 'ended');
  assert.equal(second.client.ending?.reason, 'destroyed');
  assert.deepEqual(second.api.createKeys, []);
});

test('join waits for a server that cannot be reached, and not for one that refuses', async () => {
  const { api, schedule } = setUp();
  api.createAnswer = async () =>
    api.createKeys.length < 4 ? refused(503, 'unavailable', { retryAfterMs: 5000 }) : session('s1');
  const options = { room: 'lobby', url: 'http://chat.test', api, schedule };
  const joining = join({ ...options, name: 'Ada' });
  await schedule.advance(12_000);
  assert.equal(api.createKeys.length, 2, 'no sooner than it says');
  await schedule.advance(60_000);
  assert.equal((await joining).name, 'Ada');
  assert.equal(new Set(api.createKeys).size, 1);
  api.createAnswer = async () => refused(422, 'invalid-name');
  assert.equal(await join({ ...options, name: '' }).catch(codeOf), 'invalid-name');
});

test('a signal ends the waiting of join, and the client', async () => {
  const { api, schedule } = setUp();
  api.createAnswer = async () => unreachable;
  const life = new AbortController();
  const options = { room: 'lobby', url: 'http://chat.test', api, schedule, signal: life.signal };
  const joining = join({ ...options, name: 'Ada' }).catch(codeOf);
  await schedule.advance(10_000);
  const tries = api.createKeys.length;
  life.abort();
  assert.equal(await joining, 'ended');
  assert.equal(api.createKeys.length, tries, 'nobody is let in who has gone');
  assert.equal(await join({ ...options, name: 'Ada' }).catch(codeOf), 'ended');
  assert.equal(api.createKeys.length, tries, 'nor who was gone before');
});

test('a signal that comes while join looks for a session lets nobody in', async () => {
  const { api, schedule } = setUp();
  const storage = new MemoryStorage();
  const life = new AbortController();
  const options = { room: 'lobby', url: 'http://chat.test', api, schedule, storage, signal: life.signal };
  storage.setItem('parlor:token:http://chat.test/v1/rooms/lobby', 'secret');
  api.sessionAnswer = async () => unreachable;
  const joining = join({ ...options, name: 'Ada' }).catch(codeOf);
  await schedule.advance(10_000);
  assert.ok(api.asked.length > 1, 'it is looked for');
  life.abort();
  assert.equal(await joining, 'ended');
  assert.deepEqual(api.createKeys, []);
});

test('LOG-1: a hole is healed by reading again from before it', async () => {
  const { api, client, told } = await inside();
  const healed: number[] = [];
  client.on('healed', (count) => healed.push(count));
  api.stream.event('message', 'e-4', said(4, 'Bob', 'x'));
  api.stream.event('message', 'e-6', said(6, 'Bob', 'z'));
  await settle();
  assert.equal(api.stream.after, 'e-4');
  assert.equal(api.streams.at(-2)?.isCancelled, true);
  api.stream.event('message', 'e-5', said(5, 'Bob', 'y'));
  api.stream.event('message', 'e-6', said(6, 'Bob', 'z'));
  await settle();
  assert.deepEqual(
    told.filter((line) => line.includes('Bob')),
    ['4 Bob: x', '5 Bob: y', '6 Bob: z'],
  );
  assert.deepEqual(healed, [1]);
});

test('a hole in a poll is healed too, by one reader only', async () => {
  const { api, schedule, client, told } = setUp();
  api.streamAnswer = () => (api.asked.length < 5 ? 'hang' : api.openStream('e-4'));
  let polls = 0;
  api.updates = async () => {
    polls += 1;
    return ok({ events: [said(4, 'Bob', 'x'), said(6, 'Bob', 'z')], cursor: 'e-6', more: false });
  };
  await client.join({ name: 'Ada' });
  await settle();
  await schedule.advance(20_000);
  assert.equal(polls, 1);
  assert.deepEqual(
    told.filter((line) => line.includes('Bob')),
    ['4 Bob: x'],
  );
});

test('a link of another kind takes the place of the connection', async () => {
  const opened: string[] = [];
  const { client, api, told } = setUp({
    link: (_api, sink) => ({
      open: () => {
        opened.push(sink.cursor);
        sink.tell('state', 'live', {});
        sink.event(said(4, 'Bob', 'from another tab'), 'e-4');
      },
      close: () => {},
      nudge: () => opened.push('nudge'),
    }),
  });
  await client.join({ name: 'Ada' });
  client.nudge();
  assert.deepEqual(opened, ['e-3', 'nudge']);
  assert.deepEqual(api.streams, []);
  assert.equal(told.at(-1), '4 Bob: from another tab');
});

test('a session that ends before the roster came is created again', async () => {
  const { api, client } = setUp();
  const users = api.getInitialUsers.bind(api);
  api.getInitialUsers = async () => (api.createKeys.length < 2 ? refused(410, 'session-gone') : users());
  await client.join({ name: 'Ada' });
  await settle();
  assert.equal(client.state, 'live');
  assert.deepEqual([api.createKeys.length, new Set(api.createKeys).size], [2, 1]);
});
