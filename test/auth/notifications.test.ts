import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Notifications } from '../../src/auth/notifications.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Lets answers arrive that are there. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = new FakeClock();
  const sent: string[] = [];
  const dropped: number[] = [];
  let underWay = 0;
  let most = 0;
  const state = { take: async (_said: string, _closing: AbortSignal) => true };
  const notifications = new Notifications({
    clock,
    dropped: (count) => dropped.push(count),
    send: async (content, closing) => {
      const said = 'said' in content ? String(content.said) : '';
      sent.push(said);
      underWay += 1;
      most = Math.max(most, underWay);
      const isTaken = await state.take(said, closing);
      underWay -= 1;
      return isTaken;
    },
  });
  const tell = (lane: string, said: string) => notifications.tell(lane, { said });
  /** Lets time pass in steps of a second, in which answers arrive. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      for (let step = 0; step < 3; step++) await settle();
    }
  };
  return { clock, notifications, state, sent, dropped, tell, pass, most: () => most };
}

test('what is told of one session comes in its order, of others meanwhile, and of eight at once at most', async () => {
  const { tell, sent, state, notifications, most } = setUp();
  const answers: ((isTaken: boolean) => void)[] = [];
  state.take = () => new Promise((resolve) => answers.push(resolve));
  for (let lane = 0; lane < 20; lane++) {
    tell(`${lane}`, `${lane} begins`);
    tell(`${lane}`, `${lane} ends`);
  }
  assert.equal(sent.length, 8);
  while (notifications.size > 0) {
    answers.shift()?.(true);
    await settle();
  }
  assert.equal(sent.length, 40);
  assert.equal(most(), 8);
  for (let lane = 0; lane < 20; lane++) {
    assert.ok(sent.indexOf(`${lane} begins`) < sent.indexOf(`${lane} ends`));
  }
});

test('what is not taken is tried again, one at a time and less and less often, and everything once that goes', async () => {
  const { tell, sent, state, dropped, notifications, pass } = setUp();
  state.take = async () => false;
  tell('a', 'a begins');
  await settle();
  for (const lane of ['a', 'b', 'c']) tell(lane, `${lane} goes on`);
  const tries: number[] = [];
  for (let second = 0; second < 120; second++) {
    const before = sent.length;
    await pass(1);
    tries.push(sent.length - before);
  }
  assert.equal(Math.max(...tries), 1);
  // After 1, 2, 4, 8, 16, 30, 30 … seconds.
  const at = tries.flatMap((count, second) => (count > 0 ? [second + 1] : []));
  assert.deepEqual(at, [1, 3, 7, 15, 31, 61, 91]);
  state.take = async () => true;
  sent.length = 0;
  await pass(30);
  assert.deepEqual([...sent].sort(), ['a begins', 'a goes on', 'b goes on', 'c goes on']);
  assert.ok(sent.indexOf('a begins') < sent.indexOf('a goes on'));
  assert.deepEqual([dropped, notifications.size], [[], 0]);
});

test('one that is never taken holds up the others for half a minute at most, and is given up after five', async () => {
  const { tell, sent, state, dropped, notifications, pass } = setUp();
  state.take = async (said) => said !== 'poison';
  tell('bad', 'poison');
  tell('bad', 'behind it');
  await settle();
  for (let minute = 0; minute < 5; minute++) {
    tell(`${minute}`, `fine ${minute}`);
    await pass(31);
    assert.ok(sent.includes(`fine ${minute}`), `fine ${minute}`);
    await pass(29);
  }
  await pass(60);
  assert.deepEqual(dropped, [2], 'what came in the same second is as old');
  assert.equal(notifications.size, 0);
  tell('bad', 'again');
  await settle();
  assert.equal(sent.at(-1), 'again');
});

test('[P-3] no more than 10,000 wait; the others are dropped, and told of at once and then by the minute', async () => {
  const { tell, state, dropped, notifications, pass } = setUp();
  state.take = async () => false;
  for (let i = 0; i < 10_100; i++) tell(`${i % 3_000}`, `${i}`);
  await settle();
  assert.equal(notifications.size, 10_000);
  assert.deepEqual(dropped, [1]);
  await pass(60);
  assert.deepEqual(dropped, [1, 99]);
  await pass(300);
  assert.equal(notifications.size, 0);
  assert.equal(
    dropped.reduce((sum, count) => sum + count, 0),
    10_100,
  );
  assert.ok(dropped.length <= 8, dropped.join());
});

test('at the end everything is tried once more, for as long as there is', async () => {
  const { tell, sent, state, dropped, notifications, clock } = setUp();
  state.take = async () => false;
  for (let i = 0; i < 50; i++) tell(`${i % 10}`, `${i}`);
  for (let step = 0; step < 3; step++) await settle();
  sent.length = 0;
  state.take = async (said) => said !== '7';
  await notifications.close(1_000);
  assert.equal(new Set(sent).size, 50);
  assert.equal(notifications.size, 0);
  assert.deepEqual(dropped, [1]);
  assert.equal(clock.pending, 0);
});

test('what hangs at the end is cut off when the time is over, and counted', async () => {
  const { tell, state, dropped, notifications, clock } = setUp();
  state.take = (_said, closing) =>
    new Promise((resolve) => closing.addEventListener('abort', () => resolve(false)));
  for (let i = 0; i < 30; i++) tell(`${i % 10}`, `${i}`);
  const closed = notifications.close(1_000);
  clock.advance(999);
  await settle();
  assert.deepEqual(dropped, []);
  clock.advance(1);
  await closed;
  assert.equal(
    dropped.reduce((sum, count) => sum + count, 0),
    30,
  );
  assert.equal(notifications.size, 0);
  tell('late', 'too late');
  assert.equal(notifications.size, 0);
});

test('where nothing is left the end waits for nothing', async () => {
  const { tell, notifications, clock } = setUp();
  tell('a', 'a');
  await settle();
  await notifications.close(60_000);
  assert.equal(clock.pending, 0);
});
