import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hooks } from '../../src/core/hooks.ts';
import { UserExpiry } from '../../src/core/user-expiry.ts';
import { openDomain, user } from '../support/domain.ts';
import { FakeClock } from '../support/fake-clock.ts';

function setUp(hooks: Hooks = {}) {
  const clock = new FakeClock();
  const faults: string[] = [];
  const expiry = new UserExpiry(clock, { fault: (_error, doing) => faults.push(doing) });
  const domain = openDomain({ hooks: expiry.watch(hooks) });
  expiry.start();
  const until = async (id: string, ms: number) => {
    const expiring = { ...user(id), expiresAt: clock.wall() + ms };
    return (await domain.create(id, { user: expiring })).session;
  };
  const endings = () => domain.seen.map(({ name, ended }) => [name, ...ended].join(' '));
  return { clock, expiry, domain, until, endings, faults };
}

test('a session ends within a second of the moment until which its user is vouched for', async () => {
  const { clock, domain, until, endings } = setUp();
  await until('Ada', 60_000);
  await until('Bob', 60_500);
  await until('Carl', 3_600_000);
  await domain.create('Dora');
  clock.advance(59_999);
  assert.deepEqual(endings(), ['Ada', 'Bob', 'Carl', 'Dora']);
  clock.advance(1);
  assert.deepEqual(endings(), ['Ada expired', 'Bob', 'Carl', 'Dora']);
  clock.advance(1_000);
  assert.deepEqual(endings(), ['Ada expired', 'Bob expired', 'Carl', 'Dora']);
  await domain.registry.settle();
  assert.deepEqual(await domain.users(), ['Carl', 'Dora']);
});

test('one whose time is over already ends at once, as after a restart', async () => {
  const { until, endings } = setUp();
  await until('Ada', -60_000);
  assert.deepEqual(endings(), ['Ada expired']);
});

test('a session that has ended by itself is forgotten', async () => {
  const { clock, until, endings, faults } = setUp();
  const session = await until('Ada', 60_000);
  await session.destroy('removed');
  clock.advance(61_000);
  assert.deepEqual(endings(), ['Ada removed']);
  assert.deepEqual(faults, []);
});

test('the hooks of an application are called as before, also if they are methods', async () => {
  const called: string[] = [];
  class Application implements Hooks {
    onSessionCreated({ name }: { readonly name: string }) {
      called.push(`created ${name}`);
    }
    validateName(_user: unknown, name: string) {
      called.push(`validate ${name}`);
      return undefined;
    }
  }
  const { until } = setUp(new Application());
  await until('Ada', 60_000);
  assert.deepEqual(called, ['validate Ada', 'created Ada']);
});

test('what is stopped ends nobody and leaves no timer', async () => {
  const { clock, expiry, until, endings } = setUp();
  await until('Ada', 1_000);
  expiry.stop();
  clock.advance(60_000);
  assert.deepEqual(endings(), ['Ada']);
  assert.equal(clock.pending, 0);
});

test('[SES-10] who is vouched for anew in the session he holds stays as long as that says, longer or less long', async () => {
  const { clock, domain, until, endings } = setUp();
  const longer = await until('Ada', 60_000);
  const shorter = await until('Bob', 60_000);
  const forever = await until('Carl', 60_000);
  const again = async (held: typeof longer, ms: number | undefined) => {
    const renewed = { ...user(held.name), ...(ms !== undefined && { expiresAt: clock.wall() + ms }) };
    const created = await domain.create(held.name, { user: renewed, held });
    assert.equal(created.session, held);
  };
  for (let time = 0; time < 3; time++) await again(longer, 120_000);
  await again(shorter, 10_000);
  await again(forever, undefined);
  const record = await domain.store.findSession('lobby', longer.tokenHash);
  assert.equal(record?.user?.expiresAt, clock.wall() + 120_000, 'it is kept over restarts');
  clock.advance(10_000);
  assert.deepEqual(endings(), ['Ada', 'Bob expired', 'Carl']);
  clock.advance(60_000);
  assert.deepEqual(endings(), ['Ada', 'Bob expired', 'Carl']);
  clock.advance(60_000);
  assert.deepEqual(endings(), ['Ada expired', 'Bob expired', 'Carl']);
});

test('[SES-10] a lost answer to create is repeated with what the second login says of the user', async () => {
  const { clock, domain, endings } = setUp();
  const createKey = '6f2c1e0a-0000-4000-8000-000000000001';
  for (const ms of [60_000, 120_000]) {
    await domain.create('Ada', { createKey, user: { ...user('Ada'), expiresAt: clock.wall() + ms } });
  }
  clock.advance(60_000);
  assert.deepEqual(endings(), ['Ada']);
  clock.advance(60_000);
  assert.deepEqual(endings(), ['Ada expired']);
});
