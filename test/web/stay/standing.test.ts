import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quietMs, type Standing, StandingWatch } from '../../../src/web/stay/standing.ts';
import { FakeSchedule } from '../../client/support/fake-schedule.ts';

function setUp() {
  const schedule = new FakeSchedule();
  const told: Standing[] = [];
  const watch = new StandingWatch(schedule, (standing) => told.push(standing));
  return { schedule, watch, take: () => told.splice(0) };
}

test('a short drop is not worth a word', async () => {
  const { schedule, watch, take } = setUp();
  watch.state('connecting', {});
  watch.state('live', {});
  for (let drop = 0; drop < 5; drop++) {
    watch.state('connecting', { retryAt: schedule.now() + 1000 });
    await schedule.advance(quietMs - 1);
    watch.state('live', {});
    await schedule.advance(quietMs);
  }
  assert.deepEqual(take(), []);
});

test('a longer one is told, with each next try, until it is over', async () => {
  const { schedule, watch, take } = setUp();
  watch.state('live', {});
  watch.state('connecting', { retryAt: 1 });
  await schedule.advance(1000);
  watch.state('offline', { retryAt: 2 });
  await schedule.advance(quietMs - 1000);
  assert.deepEqual(take(), [{ kind: 'lost', retryAt: 2 }]);
  watch.state('offline', { retryAt: 3 });
  watch.state('connecting', {});
  watch.state('live', {});
  assert.deepEqual(take(), [
    { kind: 'lost', retryAt: 3 },
    { kind: 'lost', retryAt: undefined },
    { kind: 'fine' },
  ]);
});

test('a browser without network is told of at once, and nothing of tries that are in vain', async () => {
  const { schedule, watch, take } = setUp();
  watch.state('live', {});
  watch.network(false);
  watch.network(false);
  watch.state('connecting', { retryAt: 1 });
  await schedule.advance(quietMs);
  assert.deepEqual(take(), [{ kind: 'offline' }]);
  watch.network(true);
  watch.state('live', {});
  assert.deepEqual(take(), [{ kind: 'lost', retryAt: 1 }, { kind: 'fine' }]);
});

test('whoever is heard is not offline, whatever the browser says', () => {
  const { watch, take } = setUp();
  watch.state('live', {});
  watch.network(false);
  watch.state('polling', { why: 'broken' });
  watch.state('live', {});
  assert.deepEqual(
    take().map(({ kind }) => kind),
    ['offline', 'polling', 'fine'],
  );
});

test('that it polls, and why, is told until the user knows', async () => {
  const { schedule, watch, take } = setUp();
  watch.state('polling', { why: 'mute' });
  assert.deepEqual(take(), [{ kind: 'polling', why: 'mute' }]);
  watch.dismiss();
  watch.state('live', {});
  watch.state('polling', { why: 'mute' });
  assert.deepEqual(take(), [{ kind: 'fine' }]);
  watch.state('offline', { retryAt: 9 });
  await schedule.advance(quietMs);
  assert.deepEqual(take(), [{ kind: 'lost', retryAt: 9 }]);
});

test('once the stay is over, nothing is said of the connection', async () => {
  const { schedule, watch, take } = setUp();
  watch.state('offline', { retryAt: 1 });
  await schedule.advance(quietMs);
  watch.network(false);
  watch.state('ended', {});
  await schedule.advance(quietMs);
  assert.deepEqual(
    take().map(({ kind }) => kind),
    ['lost', 'offline', 'fine'],
  );
});
