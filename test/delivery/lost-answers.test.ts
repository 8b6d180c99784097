import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ApiClient, type WireEvent } from '../support/api-client.ts';
import { startServer } from '../support/test-server.ts';

const lostShare = 0.3;
const messages = 400;

test('[P-2] a client that loses 30 % of the answers to its polls misses nothing', async (t) => {
  const server = await startServer({
    SEND_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
    CREATE_LIMIT: 'off',
    ROOMS: '*',
  });
  t.after(() => server.close());
  let runs = 0;
  const fate = fc.infiniteStream(
    fc.record({ chance: fc.double({ min: 0, max: 1, noNaN: true }), aborts: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fate, async (fates) => {
      const options = { room: `room-${runs++}` };
      const reader = await ApiClient.join(server.url, 'Reader', options);
      const sender = await ApiClient.join(server.url, 'Ada', options);
      const sending = (async () => {
        for (let count = 0; count < messages; count++) await sender.send(`message ${count}`);
        await sender.send('the end');
      })();
      const seen: WireEvent[] = [];
      let { cursor } = reader;
      let lost = 0;
      let answers = 0;
      for (const { chance, aborts } of fates) {
        if (seen.at(-1)?.message === 'the end') break;
        const isLost = chance < lostShare;
        const hangUp = new AbortController();
        const asked = reader.updates({ after: cursor, limit: 20, wait: 5 }, hangUp.signal);
        if (isLost && aborts) hangUp.abort();
        const answer = await asked.catch(() => undefined);
        answers += 1;
        if (isLost) lost += 1;
        else {
          assert.equal(answer?.status, 200);
          seen.push(...(answer?.body.events ?? []));
          cursor = answer?.body.cursor ?? cursor;
        }
      }
      await sending;
      assert.ok(lost > 0 && lost < answers);
      assert.deepEqual(
        seen.map(({ id }) => id),
        seen.map((_event, index) => index + 1),
      );
      const texts = seen.filter(({ type }) => type === 'message').map(({ message }) => message);
      assert.deepEqual(texts, [
        ...Array.from({ length: messages }, (_, count) => `message ${count}`),
        'the end',
      ]);
    }),
    { numRuns: 3, endOnFailure: true },
  );
});
