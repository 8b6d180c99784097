import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Restriction } from '../../src/core/restriction.ts';
import { type Restricted, RestrictionIndex } from '../../src/core/restriction-index.ts';
import { user } from '../support/domain.ts';

let count = 0;

function restriction(kind: Restriction['kind'], value: string, room: string | null = null): Restriction {
  count += 1;
  return { id: `r${count}`, kind, value, room, reason: null, createdAt: count, until: null };
}

function indexOf(...restrictions: Restriction[]) {
  const index = new RestrictionIndex((name) => name.toLowerCase());
  for (const each of restrictions) index.put(each);
  const hits = (who: Partial<Restricted>) =>
    [...index.hitting({ room: 'lobby', ...who })].map(({ value }) => value);
  return { index, hits };
}

test('somebody is hit by what he is, where it counts', () => {
  const { hits } = indexOf(
    restriction('user', 'u1'),
    restriction('user', 'u2', 'attic'),
    restriction('name', 'Ada'),
    restriction('room', 'cellar', 'cellar'),
  );
  assert.deepEqual(hits({ user: user('u1') }), ['u1']);
  assert.deepEqual(hits({ user: user('u1'), room: 'attic', nameKey: 'ada' }), ['u1', 'Ada']);
  assert.deepEqual(hits({ user: user('u2') }), []);
  assert.deepEqual(hits({ user: user('u2'), room: 'attic' }), ['u2']);
  assert.deepEqual(hits({ user: null, nameKey: 'u1' }), [], 'a name is no user id');
  assert.deepEqual(hits({ room: 'cellar' }), ['cellar']);
  assert.deepEqual(hits({ nameKey: 'bob', address: '192.0.2.1' }), []);
});

test('an address is hit by every network around it, of its own family', () => {
  const [one, network, other] = [
    restriction('address', '192.0.2.7'),
    restriction('address', '192.0.0.0/16', 'attic'),
    restriction('address', '2001:db8:0:0::/32'),
  ];
  const { index, hits } = indexOf(one, network, other);
  assert.deepEqual(hits({ address: '::ffff:192.0.2.7', room: 'attic' }).sort(), [
    '192.0.0.0/16',
    '192.0.2.7',
  ]);
  assert.deepEqual(hits({ address: '192.0.2.7' }), ['192.0.2.7']);
  assert.deepEqual(hits({ address: '192.0.2.8' }), []);
  assert.deepEqual(hits({ address: '2001:db8:ffff::1' }), ['2001:db8:0:0::/32']);
  assert.deepEqual(hits({ address: '2001:db8:1:2::/64' }), ['2001:db8:0:0::/32'], 'as limits name it');
  assert.deepEqual(hits({ address: '2001:db9::1' }), []);
  assert.deepEqual(hits({ address: 'unknown' }), []);
  index.remove(one.id);
  assert.deepEqual(hits({ address: '192.0.2.7' }), [], 'nothing is remembered of what was lifted');
  assert.equal(index.hasAddresses, true);
  for (const { id } of [network, other]) index.remove(id);
  assert.equal(index.hasAddresses, false);
});

test('what is put again under its id replaces what was there', () => {
  const first = restriction('name', 'Ada');
  const { index, hits } = indexOf(first, { ...first, value: 'ADA', reason: 'again' });
  assert.equal(index.size, 1);
  assert.deepEqual(hits({ nameKey: 'ada' }), ['ADA']);
  index.clear();
  assert.deepEqual(hits({ nameKey: 'ada' }), []);
});

test('with ten thousand bans a hundred thousand look-ups are done while one waits', () => {
  const all = Array.from({ length: 10_000 }, (_, i) =>
    restriction('address', i % 2 ? `10.${i >> 8}.${i & 255}.0/24` : `11.${i >> 8}.${i & 255}.1`),
  );
  const { index } = indexOf(...all);
  const before = performance.now();
  let found = 0;
  for (let i = 0; i < 100_000; i++) {
    for (const _ of index.hitting({ room: 'lobby', address: `10.${i & 63}.${i & 255}.${i % 7}` })) found += 1;
  }
  assert.ok(found > 0);
  // Going through all of them would be a thousand million steps.
  assert.ok(performance.now() - before < 5_000);
});
