/** What clients, other clients and the reaper do at once, in any order that the store allows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Created } from '../../src/core/create-request.ts';
import { ChatError } from '../../src/core/errors.ts';
import type { ChatRoomEvent } from '../../src/core/events.ts';
import type { Session } from '../../src/core/session.ts';
import { type Domain, openDomain, timeoutMs, user } from '../support/domain.ts';
import { poll } from '../support/poll.ts';
import { ScheduledStore } from '../support/scheduled-store.ts';

const names = ['Ada', 'Bob'];

type Step =
  | {
      readonly type: 'create';
      readonly name: string;
      readonly userId: string | null;
      readonly delivery: 'pull' | 'push';
      readonly createKey: string | null;
      /** Creates while it holds the session of this client. */
      readonly isHeld: boolean;
      readonly isAborted: boolean;
    }
  | { readonly type: 'join' | 'use' | 'destroy' | 'poll' }
  | { readonly type: 'send'; readonly key: string | null }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'reap' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('create' as const),
      name: fc.constantFrom(...names),
      userId: fc.constantFrom(null, null, 'u1'),
      delivery: fc.constantFrom('pull' as const, 'push' as const),
      createKey: fc.constantFrom(null, 'k1', 'k2'),
      isHeld: fc.boolean(),
      isAborted: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom('join', 'join', 'use', 'destroy', 'poll', 'poll') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('send' as const), key: fc.constantFrom(null, 'a') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 30_000, 61_000) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reap' as const) }) },
);

/** What one client after the other does; the clients do it at once. */
const scripts = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });

/** Everything that a run has seen. */
class Observed {
  readonly sessions = new Set<Session>();
  readonly disposed = new Map<Session, number>();
  readonly acknowledged = new Map<string, number>();
  readonly refusedMessages = new Set<string>();
}

async function run(
  domain: Domain,
  scheduler: fc.Scheduler,
  clients: readonly (readonly Step[])[],
): Promise<Observed> {
  const record = new Observed();
  let messages = 0;

  const take = async (step: Step, client: { created: Created | undefined }): Promise<void> => {
    const session = client.created?.session;
    switch (step.type) {
      case 'create': {
        let asked = 0;
        const created = await domain.create(step.name, {
          user: step.userId === null ? null : user(step.userId),
          delivery: step.delivery,
          createKey: step.createKey,
          held: step.isHeld ? session : undefined,
          isAborted: () => step.isAborted && ++asked > 1,
        });
        client.created = created;
        if (record.sessions.has(created.session)) return;
        record.sessions.add(created.session);
        created.session.use(() => {
          record.disposed.set(created.session, (record.disposed.get(created.session) ?? 0) + 1);
        });
        return;
      }
      case 'use':
        if (session) domain.registry.find('lobby', session.tokenHash);
        return;
      case 'join':
        return session?.join();
      case 'destroy':
        await session?.destroy('destroyed');
        return;
      case 'poll':
        if (session) await poll(domain, session, { waitMs: 10_000 });
        return;
      case 'send': {
        if (!session) return;
        const text = `message ${++messages}`;
        try {
          const { id, isRepeat } = await session.send(text, step.key);
          if (!isRepeat) record.acknowledged.set(text, id);
        } catch (error) {
          record.refusedMessages.add(text);
          throw error;
        }
        return;
      }
      case 'wait':
        domain.clock.advance(step.ms);
        return;
      case 'reap':
        return domain.reaper.reap();
    }
  };

  const act = async (steps: readonly Step[], index: number): Promise<void> => {
    const client: { created: Created | undefined } = { created: undefined };
    const pending: Promise<void>[] = [];
    for (const step of steps) {
      await scheduler.schedule(Promise.resolve(), `client ${index}: ${step.type}`);
      // What refuses is part of the game; anything but a refusal is a fault.
      const taken = take(step, client).catch((error: unknown) => {
        if (!(error instanceof ChatError) || error.code === 'internal') throw error;
      });
      // A client sends and polls without waiting for the answers, but not before it has its session.
      if (step.type === 'create') await taken;
      else pending.push(taken);
    }
    await Promise.all(pending);
  };
  const done = Promise.all(clients.map(act));
  await settleAll(domain, scheduler, done);
  return record;
}

/** Lets everything come to its end: no promise is left hanging. */
async function settleAll(domain: Domain, scheduler: fc.Scheduler, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const noted = done.finally(() => {
    isDone = true;
  });
  noted.catch(() => {});
  for (let round = 0; !isDone; round++) {
    assert.ok(round < 200, 'something is left hanging');
    await scheduler.waitIdle();
    await new Promise((resolve) => setImmediate(resolve));
    // Waiting polls end by their time.
    if (scheduler.count() === 0) domain.clock.advance(10_000);
  }
  await noted;
}

/** Tells for each name its joins and leaves, in order. */
function staysOf(events: readonly ChatRoomEvent[]): Map<string, string[]> {
  const stays = new Map<string, string[]>();
  for (const event of events) {
    if (event.type !== 'join' && event.type !== 'leave') continue;
    stays.set(event.name, [...(stays.get(event.name) ?? []), event.type]);
  }
  return stays;
}

test('[SES-1, SES-2, SES-10, P-1] creates, joins, sends, polls, destroys, takeovers and sweeps at once leave no trace', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), scripts, async (scheduler, clients) => {
      const domain = openDomain({
        wrap: (inner) => new ScheduledStore(inner, scheduler),
        rooms: { unloadAfterMs: Number.POSITIVE_INFINITY },
      });
      const { registry, seen } = domain;
      const record = await run(domain, scheduler, clients);

      // Everybody whom anybody holds is destroyed; whoever is left has been forgotten by the registry.
      const last = [...record.sessions].map((session) => session.destroy('destroyed'));
      await settleAll(domain, scheduler, Promise.all(last));
      assert.deepEqual(
        [...registry.sessions()].filter((session) => record.sessions.has(session)),
        [],
      );
      // Whoever hung up while his session opened, with a key, has left one behind for the reaper.
      domain.clock.advance(timeoutMs);
      await settleAll(domain, scheduler, domain.reaper.reap());
      await settleAll(domain, scheduler, domain.reaper.reap());
      assert.equal(registry.size, 0);

      const room = domain.rooms.find('lobby');
      const entries = room?.log.snapshot().events ?? [];
      const events = entries.map((entry) => entry.event);
      assert.deepEqual(room?.log.roster.names() ?? [], [], 'the roster is the fold of the log, and empty');
      for (const [name, stays] of staysOf(events)) {
        const isPaired = stays.every((type, i) => type === (i % 2 === 0 ? 'join' : 'leave'));
        assert.ok(isPaired && stays.length % 2 === 0, `${name}: ${stays}`);
      }
      const said = events.flatMap((event) => (event.type === 'message' ? [event] : []));
      for (const [text, id] of record.acknowledged) {
        const found = said.filter((event) => event.message === text);
        assert.deepEqual(
          found.map((event) => event.id),
          [id],
          'an acknowledged message is in the log exactly once',
        );
      }
      for (const { message } of said) assert.ok(!record.refusedMessages.has(message), 'a refused one is not');
      for (const session of seen)
        assert.equal(session.ended.length, 1, 'each session has ended exactly once');
      for (const session of record.sessions) assert.equal(record.disposed.get(session), 1);
      assert.deepEqual(domain.faults, []);

      // All names are free.
      const again = Promise.all(names.map((name) => domain.create(name)));
      await settleAll(domain, scheduler, again);
      assert.equal(registry.size, names.length);
    }),
    { numRuns: 300 },
  );
});
