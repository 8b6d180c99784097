import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRange, rangeText, widened } from '../../src/core/address-range.ts';

function canonical(text: string): string | undefined {
  const range = parseRange(text);
  return range && rangeText(range);
}

test('an address is written in one way: of IPv6 the /64, which is one customer’s', () => {
  for (const [text, expected] of [
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7/32', '192.0.2.7'],
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['::ffff:192.0.2.7/120', '192.0.2.0/24'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:0:0:ffff:1:2:3', '2001:db8:0:0::/64'],
    ['2001:db8::1/128', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::/48', '2001:db8:1:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['::/0', '0:0:0:0::/0'],
  ] as const) {
    assert.equal(canonical(text), expected, text);
    assert.equal(canonical(expected), expected, 'what was written is read again as it is');
  }
});

test('what is no address is none', () => {
  for (const text of [
    ...[
      '',
      ' ',
      'lobby',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4/33',
      '1.2.3.4/',
      '1.2.3.4/-1',
    ],
    ...['1.2.3.4/024', '1.2.3.4/8/8', '1.2.3.4/8 ', '/8', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '12345::'],
    ...[
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::8:9',
      'g::',
      '::/129',
      '1.2.3.4:80',
      '[::1]',
      '::1.2.3',
      '::1.2.3.4:5',
    ],
    ...['0x1.2.3.4', '1e1.2.3.4', '١.2.3.4', `::${'0'.repeat(80)}`],
  ]) {
    assert.equal(parseRange(text), undefined, text);
  }
});

test('it agrees with Node about what an address is, and what is within a network', () => {
  const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/));
  fc.assert(
    fc.property(texts, (text) => {
      if (!/[%/]/.test(text)) assert.equal(parseRange(text) !== undefined, isIP(text) !== 0, text);
    }),
  );
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), (network, address, prefix) => {
      const list = new BlockList();
      list.addSubnet(network, prefix);
      const [range, single] = [parseRange(`${network}/${prefix}`), parseRange(address)];
      assert.ok(range && single);
      assert.equal(rangeText(widened(single, prefix)) === rangeText(range), list.check(address));
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), fc.integer({ min: 1, max: 64 }), (network, address, prefix) => {
      const list = new BlockList();
      list.addSubnet(network, prefix, 'ipv6');
      const [range, single] = [parseRange(`${network}/${prefix}`), parseRange(address)];
      if (range?.family !== 6 || single?.family !== 6) return;
      assert.equal(rangeText(widened(single, prefix)) === rangeText(range), list.check(address, 'ipv6'));
    }),
  );
});
