import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressFinding } from '../../../src/cli/doctor/client-address.ts';
import { adminToken, startAdminServer } from '../../support/admin.ts';
import { faultyProxy } from './faulty-proxy.ts';
import { findings, sentence } from './findings.ts';

describe('parlor doctor and the address of a client', () => {
  it('finds that a forged one is believed, and that one is not', async (t) => {
    const server = await startAdminServer(t, { TRUST_PROXY: '127.0.0.1' });
    const wish = { name: 'Doc', adminToken };
    const believed = await findings(await faultyProxy(t, server.url), wish);
    assert.match(sentence(believed, 'problem', 'client address'), /believes what a client says/);
    const overwritten = await faultyProxy(t, server.url, {
      request: ({ headers }) => {
        headers['x-forwarded-for'] = '127.0.0.1';
      },
    });
    const all = await findings(overwritten, wish);
    assert.match(sentence(all, 'ok', 'client address'), /this machine’s address, 127\.0\.0\.1/);
    const refused = await findings(overwritten, { ...wish, adminToken: 'another-one-of-enough-characters' });
    assert.match(sentence(refused, 'untried', 'client address'), /does not tell/);
  });

  it('tells a proxy from a network that many share', () => {
    const way = { local: '192.168.1.7', remote: '203.0.113.1' };
    for (const [seen, level] of [
      ['192.168.1.7', 'ok'],
      ['198.51.100.9', 'ok'],
      ['203.0.113.1', 'problem'],
      ['127.0.0.1', 'problem'],
      ['fd00::2', 'problem'],
    ] as const) {
      assert.equal(addressFinding(seen, way).level, level, seen);
    }
  });
});
