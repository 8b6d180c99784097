import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Created } from '../../src/core/create-request.ts';
import type { SessionEndReason } from '../../src/core/endings.ts';
import { ChatError } from '../../src/core/errors.ts';
import type { Hooks } from '../../src/core/hooks.ts';
import type { Store } from '../../src/core/store.ts';
import { openDomain, told, user } from '../support/domain.ts';
import { openSqlite, temporaryFolder } from '../support/sqlite.ts';

const logins = 1_000;
const ada = user('customer-1', 'Ada');

/** The hooks of an application that keeps count. */
function counting() {
  const created = new Set<string>();
  const ended = new Map<string, SessionEndReason[]>();
  const hooks: Hooks = {
    onSessionCreated: ({ sessionId }) => void created.add(sessionId),
    onSessionDestroyed: (_user, sessionId, reason) =>
      void ended.set(sessionId, [...(ended.get(sessionId) ?? []), reason]),
  };
  return { hooks, created, ended };
}

async function thousandLogins(store: Store | undefined, isThereBefore: boolean): Promise<void> {
  const { hooks, created, ended } = counting();
  const domain = openDomain({
    hooks,
    limits: { maxSessions: 2 * logins },
    wrap: (memory) => store ?? memory,
  });
  const { session: bob } = await domain.create('Bob');
  const room = bob.chatRoom;
  // What a member saw of the roster, after each batch.
  const rosters = new Set<string>();
  room.listen({ deliver: () => rosters.add(room.log.roster.names().join(' ')), fail: assert.fail });
  if (isThereBefore) await domain.create('Ada', { user: ada });

  const answers = await Promise.allSettled(
    Array.from({ length: logins }, async (_, i): Promise<Created> => {
      // Over some commits of the store, so that each finds those before it in another state.
      for (let turns = i % 7; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      const answer = await domain.create('Ada', { user: ada, delivery: i % 3 === 0 ? 'push' : 'pull' });
      // What whoever is let in does at once; it may be taken from him meanwhile.
      await answer.session.join();
      await answer.session.send(`${i}`, null);
      return answer;
    }),
  );

  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    assert.ok(answer.reason instanceof ChatError, String(answer.reason));
    assert.deepEqual([answer.reason.code, answer.reason.extras.reason], ['session-gone', 'taken-over']);
  }
  const owners = [...domain.registry.sessions()].filter(({ isClosed, name }) => !isClosed && name === 'Ada');
  assert.equal(owners.length, 1, 'there is one owner');
  const [owner] = owners;
  assert.ok(owner);
  assert.deepEqual([...(await domain.users())].sort(), ['Ada', 'Bob']);
  assert.ok(answers.some((answer) => answer.status === 'fulfilled' && answer.value.session === owner));
  assert.equal((await domain.store.findSession('lobby', owner.tokenHash))?.sessionId, owner.sessionId);

  const comings = (await domain.events()).filter(({ type }) => type !== 'message');
  assert.deepEqual(told(comings), ['+Bob', '+Ada'], 'the roster did not flicker');
  assert.ok(
    [...rosters].every((names) => names === 'Bob Ada'),
    [...rosters].join(', '),
  );

  created.delete(bob.sessionId);
  for (const sessionId of created) {
    const expected: SessionEndReason[] | undefined =
      sessionId === owner.sessionId ? undefined : ['taken-over'];
    assert.deepEqual(ended.get(sessionId), expected);
  }
  assert.equal(ended.size, created.size - 1, 'nobody hears of the end of what he has not heard of');
  assert.deepEqual(domain.faults, []);

  // The name is free once the one owner has gone, and nobody is left.
  await owner.destroy('destroyed');
  assert.deepEqual(await domain.users(), ['Bob']);
  assert.equal(domain.registry.size, 1);
  await bob.destroy('destroyed');
}

async function inFile(t: TestContext): Promise<Store> {
  const store = await openSqlite(join(temporaryFolder(t), 'parlor.db'));
  t.after(() => store.close());
  return store;
}

for (const isThereBefore of [false, true]) {
  const who = isThereBefore ? 'a user who is there' : 'a user who comes';
  test(`[SES-10] a thousand logins of ${who} at once leave one owner, and the roster does not flicker: in memory`, () =>
    thousandLogins(undefined, isThereBefore));
  test(`[SES-10] a thousand logins of ${who} at once leave one owner, and the roster does not flicker: in a file`, async (t) =>
    thousandLogins(await inFile(t), isThereBefore));
}
