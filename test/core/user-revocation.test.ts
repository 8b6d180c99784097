import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { User, Vouching } from '../../src/core/authenticator.ts';
import type { Hooks, SessionHandle } from '../../src/core/hooks.ts';
import { UserRevocation } from '../../src/core/user-revocation.ts';
import { openDomain, user } from '../support/domain.ts';
import { FakeClock } from '../support/fake-clock.ts';

const revokeMs = 5_000;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const known =
  (...ids: readonly string[]): Vouching =>
  ({ id }) =>
    ids.includes(id);

function setUp(vouching: () => Promise<Vouching>, hooks: Hooks = {}) {
  const clock = new FakeClock();
  const faults: string[] = [];
  const observer = { fault: (_error: unknown, doing: string) => faults.push(doing) };
  const revocation = new UserRevocation({ clock, observer, revokeMs, vouching });
  const domain = openDomain({ hooks: revocation.watch(hooks) });
  revocation.start();
  const comes = async (id: string, more: Partial<User> = {}) =>
    (await domain.create(id, { user: { ...user(id), ...more } })).session;
  const endings = () => domain.seen.map(({ name, ended }) => [name, ...ended].join(' '));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  return { clock, domain, revocation, comes, endings, pass, faults };
}

test('whoever is vouched for no more is shown out as revoked within REVOKE_SECONDS', async () => {
  let vouching = known('Ada', 'Bob');
  const { domain, comes, endings, pass } = setUp(async () => vouching);
  await comes('Ada');
  await comes('Bob');
  await domain.create('Guest');
  await pass(revokeMs);
  assert.deepEqual(endings(), ['Ada', 'Bob', 'Guest']);
  vouching = known('Bob');
  await pass(revokeMs / 2);
  assert.deepEqual(endings(), ['Ada revoked', 'Bob', 'Guest']);
});

test('who came between two looks is judged too, and who was judged is not again until something has changed', async () => {
  const asked: string[] = [];
  const vouching: Vouching = ({ id }) => {
    asked.push(id);
    return id !== 'Eve';
  };
  let current = vouching;
  const { comes, endings, pass } = setUp(async () => current);
  await comes('Ada');
  await pass(revokeMs);
  await comes('Eve');
  await pass(revokeMs);
  assert.deepEqual(asked, ['Ada', 'Eve']);
  assert.deepEqual(endings(), ['Ada', 'Eve revoked']);
  current = (someone) => vouching(someone);
  await pass(revokeMs / 2);
  assert.deepEqual(asked, ['Ada', 'Eve', 'Ada']);
});

test('whoever is vouched for anew is judged by that', async () => {
  let vouching: Vouching = ({ basis }) => basis === 'old';
  const { domain, comes, endings, pass } = setUp(async () => vouching);
  const [ada, bob] = [await comes('Ada', { basis: 'old' }), await comes('Bob', { basis: 'old' })];
  await pass(revokeMs);
  await domain.create('Ada', { user: { ...user('Ada'), basis: 'new' }, held: ada });
  vouching = ({ basis }) => basis === 'new';
  await pass(revokeMs / 2);
  assert.deepEqual(endings(), ['Ada', 'Bob revoked']);
  assert.deepEqual([ada.isClosed, bob.isClosed], [false, true]);
});

test('what cannot be found out ends nobody, and is told; looks never overlap', async () => {
  let asked = 0;
  let answer: () => Promise<Vouching> = async () => {
    throw new Error('no');
  };
  const { comes, endings, pass, faults, revocation, clock } = setUp(() => {
    asked += 1;
    return answer();
  });
  await comes('Ada');
  await pass(revokeMs / 2);
  assert.deepEqual(endings(), ['Ada']);
  assert.deepEqual(faults, ['asking who is still vouched for']);
  answer = () => new Promise(() => {});
  for (let look = 0; look < 5; look++) await pass(revokeMs / 2);
  assert.equal(asked, 2);
  revocation.stop();
  assert.equal(clock.pending, 0);
});

test('a look that is never answered is told, and is not the last one', async () => {
  let questions = 0;
  let isHung = true;
  const { comes, endings, pass, faults } = setUp(async () => {
    questions += 1;
    if (isHung) await new Promise(() => {});
    return known();
  });
  await comes('Ada');
  await pass(revokeMs / 2);
  await pass(revokeMs / 2);
  assert.deepEqual([questions, faults], [1, []]);
  isHung = false;
  await pass(10_000);
  assert.deepEqual(faults, ['asking who is still vouched for']);
  await pass(revokeMs / 2);
  assert.deepEqual(endings(), ['Ada revoked']);
});

test('the hooks of an application are called as before', async () => {
  const told: string[] = [];
  class Application implements Hooks {
    async onSessionCreated({ name }: SessionHandle) {
      told.push(`created ${name}`);
    }
    async onSessionDestroyed(_user: User | null, _sessionId: string, reason: string) {
      told.push(reason);
    }
  }
  const { comes, pass } = setUp(async () => known(), new Application());
  await comes('Ada');
  await pass(revokeMs);
  assert.deepEqual(told, ['created Ada', 'revoked']);
});
