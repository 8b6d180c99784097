import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, RoomBatches } from '../../../src/stores/redis/room-batches.ts';
import { refused } from '../../support/domain.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const mark = { epoch: 'e1', head: 0, pub: 0 };

function openBatches() {
  const clock = new FakeClock();
  const batches = new RoomBatches(clock);
  const ask = (room: string, name: string) => batches.add(room, name, [], (reply) => reply);
  return { clock, batches, ask };
}

function askedIn(flight: readonly Batch[]): string[] {
  return flight.flatMap(({ room, operations }) => operations.map(({ name }) => `${room} ${name}`));
}

test('[P-3] a round trip carries so much and no more; the rest follows in order, after other rooms had their turn', () => {
  const { batches, ask } = openBatches();
  const big = Array.from({ length: 2_500 }, (_, i) => `big ${i}`);
  const small = Array.from({ length: 300 }, (_, i) => `room-${i} x`);
  for (const one of [...big, ...small]) {
    const [room = '', name = ''] = one.split(' ');
    void ask(room, name);
  }
  const flights: string[][] = [];
  while (!batches.isEmpty) {
    const flight = batches.take();
    assert.ok(flight.length <= 256);
    flights.push(askedIn(flight));
  }
  assert.ok(flights.every(({ length }) => length <= 1_024));
  assert.equal(flights[1]?.[0], 'room-0 x');
  const asked = flights.flat();
  assert.deepEqual(
    asked.filter((one) => one.startsWith('big')),
    big,
  );
  assert.deepEqual(
    asked.filter((one) => !one.startsWith('big')),
    small,
  );
});

test('[P-1] what was broken off is sent again by itself, with its number, before anything else', async () => {
  const { batches, ask } = openBatches();
  const answer = ask('lobby', 'first');
  const flight = batches.take();
  void ask('lobby', 'second');
  batches.breakOff(flight);
  assert.equal(batches.size, 2);
  const again = batches.take();
  assert.deepEqual(again, flight);
  again[0]?.operations[0]?.answer('done', mark);
  assert.equal(await answer, 'done');
  const [next] = batches.take();
  assert.equal(next?.operations[0]?.name, 'second');
  assert.notEqual(next?.number, flight[0]?.number);
});

test('what waits too long is refused, and what was broken off as a whole', async () => {
  const { clock, batches, ask } = openBatches();
  const old = [ask('lobby', 'old'), ask('other', 'old')];
  batches.breakOff(batches.take());
  const waiting = ask('lobby', 'waiting');
  clock.advance(1_000);
  const late = ask('lobby', 'late');
  batches.refuseOlder(1_000, 'Too late.');
  for (const one of [...old, waiting]) await assert.rejects(one, refused('unavailable'));
  assert.equal(batches.size, 1);
  batches.refuseAll('Closed.');
  await assert.rejects(late, refused('unavailable'));
  assert.ok(batches.isEmpty);
});
