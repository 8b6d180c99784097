import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Ending } from '../../src/core/endings.ts';
import { ChatError } from '../../src/core/errors.ts';
import type { Operation, SessionHandle } from '../../src/core/hooks.ts';
import { Session } from '../../src/core/session.ts';
import { Entitlements } from '../../src/delivery/entitlements.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { assertProblem } from '../support/problem.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const revokeMs = 5_000;

/** A stream that notes when it was asked about, and how it ended. */
class FakeStream {
  asked = 0;
  readonly endings: string[] = [];
  answer: () => Promise<void> = async () => {};

  authorize(): Promise<void> {
    this.asked += 1;
    return this.answer();
  }

  end({ reason }: Ending): void {
    this.endings.push(reason);
  }
}

function watching(count: number) {
  const clock = new FakeClock();
  const entitlements = new Entitlements({ clock, revokeMs, isAsked: true });
  const streams = Array.from({ length: count }, () => new FakeStream());
  for (const stream of streams) entitlements.add(stream);
  entitlements.start();
  return { clock, entitlements, streams };
}

/** Lets answers arrive that are there. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Lets time pass in steps, in which answers arrive as they do in earnest. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let step = 0; step < 16; step++) {
    clock.advance(ms / 16);
    await settle();
  }
}

test('each stream is asked about once in every half of REVOKE_SECONDS, and not all at once', async () => {
  const { clock, streams } = watching(100);
  let most = 0;
  for (let i = 0; i < 16; i++) {
    const before = streams.reduce((sum, { asked }) => sum + asked, 0);
    clock.advance(revokeMs / 2 / 16);
    await settle();
    most = Math.max(most, streams.reduce((sum, { asked }) => sum + asked, 0) - before);
  }
  assert.ok(streams.every(({ asked }) => asked === 1));
  assert.ok(most <= 7, `${most} of 100 at once`);
  clock.advance(revokeMs / 2);
  assert.ok(streams.every(({ asked }) => asked === 2));
});

test('who may no longer follow is told so; who cannot be judged, or not in time, is to come back', async () => {
  const { clock, streams } = watching(4);
  const [fine, refused, failing, hanging] = streams;
  assert.ok(fine && refused && failing && hanging);
  refused.answer = async () => {
    throw new ChatError('permission-denied', 'No.');
  };
  failing.answer = async () => {
    throw new ChatError('internal', 'Nobody knows.');
  };
  hanging.answer = () => new Promise(() => {});
  clock.advance(revokeMs / 2);
  await settle();
  assert.deepEqual([refused.endings, failing.endings, hanging.endings], [['revoked'], ['unavailable'], []]);
  clock.advance(revokeMs / 2);
  await settle();
  assert.deepEqual([fine.endings, hanging.endings], [[], ['unavailable']]);
  assert.deepEqual([fine.asked, hanging.asked], [2, 1], 'nobody is asked twice at once');
});

test('a stream that has ended is not asked about, and nobody is where there is no hook', async () => {
  const { clock, entitlements, streams } = watching(2);
  for (const stream of streams) entitlements.delete(stream);
  clock.advance(revokeMs);
  assert.deepEqual(
    streams.map(({ asked }) => asked),
    [0, 0],
  );
  entitlements.stop();
  assert.equal(clock.pending, 0);
  const unasked = new Entitlements({ clock, revokeMs, isAsked: false });
  unasked.start();
  unasked.add(new FakeStream());
  assert.equal(clock.pending, 0);
});

/** A server whose application takes permissions away. */
async function revoking(t: TestContext, options: Record<string, string> = {}) {
  const clock = new FakeClock();
  const denied = new Set<string>();
  const handles = new Map<string, SessionHandle>();
  const asked: string[] = [];
  let think: (name: string, operation: Operation) => Promise<boolean> | undefined = () => undefined;
  const server = await startServer(options, {
    clock,
    hooks: {
      onSessionCreated: (handle) => void handles.set(handle.name, handle),
      authorize: (_user, operation, { name }) => {
        asked.push(`${name} ${operation}`);
        return think(name, operation) ?? !denied.has(name);
      },
    },
  });
  t.after(() => server.close());
  const session = (name: string): Session => {
    const handle = handles.get(name);
    assert.ok(handle instanceof Session);
    return handle;
  };
  return {
    ...server,
    clock,
    denied,
    asked,
    session,
    thinkBy: (how: typeof think) => {
      think = how;
    },
  };
}

const byeOf = async (stream: SseReader) => JSON.parse((await stream.expect('bye')).data).reason;

test('a permission that is taken away ends the open streams, and nobody else’s, within REVOKE_SECONDS', async (t) => {
  const { url, clock, denied, session } = await revoking(t);
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob');
  const streams = [await ada.subscribe(), await ada.subscribe()];
  const other = await bob.subscribe();
  for (const stream of [...streams, other]) await stream.expect('init');
  denied.add('Ada');
  await pass(clock, revokeMs);
  for (const stream of streams) assert.equal(await byeOf(stream), 'revoked');
  await session('Bob').send('without Ada', null);
  assert.equal(JSON.parse((await other.expect('message')).data).message, 'without Ada');
  other.close();
  assertProblem(await ada.updates(), 403, 'permission-denied');
  assert.equal(session('Ada').isClosed, false, 'what she may else is asked when she asks');
});

test('what is committed when the permission has gone is not written before the ending', async (t) => {
  const { url, clock, session, asked, thinkBy } = await revoking(t);
  const ada = await ApiClient.join(url, 'Ada');
  await ApiClient.join(url, 'Bob');
  const stream = await ada.subscribe();
  await stream.expect('init');
  let decide: (mayFollow: boolean) => void = () => {};
  thinkBy((name) => {
    if (name !== 'Ada') return undefined;
    return new Promise((resolve) => {
      decide = resolve;
    });
  });
  asked.length = 0;
  clock.advance(revokeMs / 2);
  assert.deepEqual(asked, ['Ada subscribe']);
  await session('Bob').send('secret', null);
  decide(false);
  assert.equal(await byeOf(stream), 'revoked');
});

test('a poll that waits is asked about again before it is answered', async (t) => {
  const { url, denied, session } = await revoking(t);
  const ada = await ApiClient.join(url, 'Ada');
  await ApiClient.join(url, 'Bob');
  await ada.updates();
  const polling = ada.updates({ wait: 25 });
  await waitUntil(() => session('Ada').isActive, 'the poll waits');
  denied.add('Ada');
  await session('Bob').send('secret', null);
  assertProblem(await polling, 403, 'permission-denied');
});

test('the feed of members is asked about by its own name', async (t) => {
  const { url, clock, denied, asked } = await revoking(t, { FEED: 'members' });
  const ada = await ApiClient.join(url, 'Ada');
  const feed = await ada.feed('', ada.credentials());
  await feed.expect('init');
  asked.length = 0;
  await pass(clock, revokeMs / 2);
  assert.deepEqual(asked, ['Ada feed']);
  denied.add('Ada');
  await pass(clock, revokeMs / 2);
  assert.equal(await byeOf(feed), 'revoked');
});

test('[SES-7] a session that never expires ends with its revoked stream, and is told so ever after', async (t) => {
  const { url, clock, denied, session } = await revoking(t, { SESSION_TIMEOUT: 'off' });
  const ada = await ApiClient.join(url, 'Ada');
  const stream = await ada.subscribe();
  await stream.expect('init');
  const streaming = session('Ada');
  denied.add('Ada');
  await pass(clock, revokeMs);
  assert.equal(await byeOf(stream), 'revoked');
  assert.equal(streaming.isClosed, true);
  const { reason, action } = assertProblem(await ada.updates(), 410, 'session-gone');
  assert.deepEqual([reason, action], ['revoked', 'stop']);
});
