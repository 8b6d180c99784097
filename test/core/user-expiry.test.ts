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
