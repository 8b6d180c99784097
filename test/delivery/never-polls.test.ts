import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Domain, openDomain } from '../support/domain.ts';
import { poll } from '../support/poll.ts';

const kept = 1_000;
const messages = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A room with one who speaks and others who never poll. */
async function openRoom(silent: number): Promise<Domain & { speak: (count: number) => Promise<void> }> {
  const domain = openDomain({ history: { events: kept } });
  const { session: speaker } = await domain.create('Speaker');
  for (let i = 0; i < silent; i++) await domain.create(`Silent ${i}`);
  return {
    ...domain,
    async speak(count) {
      // Each is a batch of its own, as for one who types.
      for (let i = 0; i < count; i++) await speaker.send(`message ${i}`, null);
    },
  };
}

function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** How many bytes the heap grows while so many messages pass by so many who never poll. */
async function growth(silent: number): Promise<{ bytes: number; room: Domain }> {
  const room = await openRoom(silent);
  // Until the log is full it grows, as it should.
  await room.speak(kept * 2);
  const before = heapAfterCollection();
  await room.speak(messages);
  return { bytes: heapAfterCollection() - before, room };
}

test('[LOG-3, P-3] 200 sessions that never poll cost no memory while 20,000 messages pass', async () => {
  await growth(1);
  const one = await growth(1);
  const many = await growth(200);
  const told = `${one.bytes} bytes with one, ${many.bytes} with 200`;
  // A word for each message and session would be 32 MB, the messages alone, if they were kept, 6 MB.
  assert.ok(many.bytes < 3e6 && many.bytes - one.bytes < 3e6, told);
  assert.equal(many.room.registry.size, 201);
});

test('[LOG-5] the next poll of one who never polled tells how many events are lost, and brings all that are kept', async () => {
  const room = await openRoom(200);
  await room.speak(messages);
  const silent = [...room.registry.sessions()].slice(1);
  const head = 1 + 200 + messages;
  assert.equal(silent.length, 200);
  for (const [i, session] of silent.entries()) {
    // Each stands just before his own join: the speaker and those before him are behind.
    const start = 1 + i;
    const { gap, events, cursor, more } = await poll(room, session);
    assert.equal(gap?.lost, head - kept - start);
    assert.equal(gap?.roster.size, 201);
    assert.deepEqual(
      events.map(({ event }) => event.id),
      Array.from({ length: kept }, (_, k) => head - kept + 1 + k),
    );
    assert.equal(cursor.id, head);
    assert.equal(more, false);
    const next = await poll(room, session);
    assert.deepEqual({ gap: next.gap, events: next.events }, { gap: null, events: [] });
  }
});
