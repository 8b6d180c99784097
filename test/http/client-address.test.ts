import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey } from '../../src/http/client-address.ts';

test('an IPv4 address counts for itself, however it is written', () => {
  assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('::FFFF:192.0.2.1'), '192.0.2.1');
});

test('an IPv6 address counts with its /64, which is one customer’s', () => {
  const same = [
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff:0:0:1',
    '2001:0DB8:0001:0002::',
    '2001:db8:1:2:3:4:5:6%eth0',
  ];
  for (const address of same) assert.equal(addressKey(address), '2001:db8:1:2::/64', address);
  assert.equal(addressKey('2001:db8:1:3::1'), '2001:db8:1:3::/64');
  assert.equal(addressKey('2001:db8::1'), '2001:db8:0:0::/64');
  assert.equal(addressKey('::1'), '0:0:0:0::/64');
  assert.equal(addressKey('::'), '0:0:0:0::/64');
});

test('what is no address counts for itself', () => {
  assert.equal(addressKey('unknown'), 'unknown');
  assert.equal(addressKey(''), '');
});
