import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { type TestContext, test } from 'node:test';
import { waitUntil } from '../support/wait-until.ts';
import { SenderNotes } from './support/client-notes.ts';
import { readLog } from './support/final-log.ts';
import { call } from './support/http-call.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { join } from './support/member.ts';
import { Patience } from './support/patience.ts';
import type { SenderRecord } from './support/records.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { type Hearing, sendUnheard } from './support/unheard-request.ts';

/** Each has half of the work. */
const stores: readonly (readonly [string, string])[] = [
  ['memory', 'memory:'],
  ['file', 'sqlite:./data/parlor.db'],
];
const senders = 8;
const messagesEach = isLong ? 500 : 50;
const creates = isLong ? 500 : 75;
const timeout = isLong ? 300_000 : 120_000;
const most = { unheard: 3, waitMs: 4 };

/** How a client goes deaf. */
const hearings: readonly [Hearing, ...Hearing[]] = [
  'cut once written',
  'cut before the last byte is written',
  'cut in a moment',
  'cut when the answer begins',
];

function openServer(t: TestContext, url: string) {
  return LastingServer.open(t, { STORE_URL: url, MAX_MEMBERS: 'off' });
}

for (const [store, url] of stores) {
  test(`[P-1] a message whose answer is lost is said once, however often it is sent again (${store})`, {
    timeout,
  }, async (t) => {
    const random = SeededRandom.for(t);
    const server = await openServer(t, url);
    await server.start();
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const patience = new Patience(random.fork());
    let unheard = 0;
    let known = 0;

    async function speak(who: string, random: SeededRandom): Promise<SenderRecord> {
      const { token } = await join(server.base(), who, 'pull', patience);
      const notes = new SenderNotes(who);
      for (let count = 0; count < messagesEach; count++) {
        const [key, text] = [`k${count}`, `${who} says ${count}`];
        notes.asked.push({ key, text });
        const request = {
          method: 'POST',
          url: `${server.base()}/session/messages`,
          headers: { authorization: `Bearer ${token}` },
          body: { message: text, key },
        };
        for (let left = random.between(1, most.unheard); left > 0; left--) {
          // At times the next one does not wait until the one before is cut off.
          const sent = sendUnheard(request, random.pick(hearings), random.next() * most.waitMs);
          if (random.isLikely(0.7)) await sent;
          unheard += 1;
        }
        // And an answer that was heard is asked for again.
        for (let left = random.between(1, 2); left > 0; left--) {
          const { status, body } = await call({ ...request, agent, signal: patience.signal });
          if (status === 200 && notes.acknowledged.at(-1)?.key !== key) known += 1;
          assert.ok(status === 201 || status === 200, `${status} ${JSON.stringify(body)}`);
          notes.acknowledged.push({ key, text, id: (body as { id: number }).id });
        }
      }
      return notes;
    }

    const names = Array.from({ length: senders }, (_, index) => `Sender ${index}`);
    const records = await Promise.all(names.map((name) => speak(name, random.fork())));
    const log = await readLog(server.base());
    const verdict = judge({ senders: records, readers: [], log });
    assert.equal(wordsOf(verdict), '');
    assert.equal(log.filter(({ type }) => type === 'message').length, senders * messagesEach);
    const heard = records.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    assert.ok(
      known > messagesEach && heard - known > 0,
      'some answers were lost after the commit, some before',
    );
    report(t, {
      fault: `the answer to a send is lost (${store})`,
      tried: `${senders * messagesEach} messages, ${unheard} answers lost at any moment, sent again with the same key`,
      found: `${senders * messagesEach} events, one for each message; ${known} were said already when asked again`,
    });
  });

  test(`[SES-10] a create whose answer is lost opens one session, however often it is repeated (${store})`, {
    timeout,
  }, async (t) => {
    const random = SeededRandom.for(t);
    const server = await openServer(t, url);
    await server.start();
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const { signal } = new AbortController();
    let unheard = 0;

    async function arrive(name: string, random: SeededRandom): Promise<void> {
      const delivery = random.isLikely(0.5) ? 'pull' : 'push';
      const request = {
        method: 'POST',
        url: `${server.base()}/session`,
        headers: { 'idempotency-key': randomUUID() },
        body: { name, delivery, credential: 'bearer' },
      };
      for (let left = random.between(1, most.unheard); left > 0; left--) {
        const sent = sendUnheard(request, random.pick(hearings), random.next() * most.waitMs);
        if (random.isLikely(0.7)) await sent;
        unheard += 1;
      }
      const sessionIds = new Set<string>();
      const isIn = async (): Promise<boolean> => {
        const { status, body } = await call({ ...request, agent, signal });
        assert.equal(status, 201, JSON.stringify(body));
        const { sessionId, token } = body as { sessionId: string; token: string };
        sessionIds.add(sessionId);
        const headers = { authorization: `Bearer ${token}` };
        const url = `${server.base()}/session`;
        return (await call({ method: 'GET', url, headers, agent, signal })).status === 200;
      };
      // One of the lost requests may be read only now and have the last token: then the client asks once more.
      await waitUntil(isIn, `${name} had a token that works`);
      assert.equal(sessionIds.size, 1);
    }

    const names = Array.from({ length: creates }, (_, index) => `Guest ${index}`);
    for (let at = 0; at < names.length; at += senders) {
      await Promise.all(names.slice(at, at + senders).map((name) => arrive(name, random.fork())));
    }
    const verdict = judge({ senders: [], readers: [], log: await readLog(server.base()) });
    assert.equal(wordsOf(verdict), '');
    await waitUntil(
      async () => (await readLog(server.base())).every(({ type }) => type === 'join'),
      'joins only',
    );
    report(t, {
      fault: `the answer to a create is lost (${store})`,
      tried: `${creates} sessions, ${unheard} answers lost at any moment, asked for again with the same key`,
      found: `${creates} sessions, each opened and joined once; a token works`,
    });
  });
}
