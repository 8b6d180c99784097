/** A Redis over TLS that asks for certificates, and what of it is trusted. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { withTlsFiles } from '../../src/stores/redis/tls-files.ts';
import type { RedisStore } from '../../src/stores/redis-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { Authority, type Pair } from '../support/certificates.ts';
import { has } from '../support/needs.ts';
import { freePort, RedisServer } from '../support/redis-server.ts';
import { openRedisStore } from '../support/redis-store.ts';

interface Trust {
  readonly authority?: Authority;
  readonly own?: Pair;
}

async function open(t: TestContext, port: number, { authority, own }: Trust): Promise<RedisStore> {
  const { storeUrl } = parseConfig({ STORE_URL: `rediss://127.0.0.1:${port}` });
  assert.ok(storeUrl.scheme === 'redis');
  const files = { ca: authority?.cert ?? null, cert: own?.cert ?? null, key: own?.key ?? null };
  const { connection, prefix } = await withTlsFiles(storeUrl.address, files);
  return openRedisStore(t, connection, prefix);
}

test('a Redis over TLS is used if its certificate is trusted and it trusts ours; else the start ends, or waits', async (t) => {
  if (!has(t, 'redis-server') || !has(t, 'openssl')) return;
  const authority = await Authority.create(t);
  const [its, own] = [await authority.server(), await authority.issue('parlor')];
  const port = await freePort();
  const files = [
    '--tls-cert-file',
    its.cert,
    '--tls-key-file',
    its.key,
    '--tls-ca-cert-file',
    authority.cert,
  ];
  const redis = await RedisServer.start(['--tls-port', `${port}`, '--tls-auth-clients', 'yes', ...files]);
  t.after(() => redis.dispose());
  const store = await open(t, port, { authority, own });
  assert.equal(store.status, 'ready');
  const { outcome } = await store.openSession(claimOf('Ada'), true, 10);
  assert.equal(outcome, 'opened');
  await assert.rejects(
    open(t, port, { own }),
    /^StoreRefusal: the certificate of Redis is not trusted .*STORE_CA names its authority$/,
  );
  const stranger = await open(t, port, { authority });
  assert.equal(stranger.status, 'away');
  assert.ok(stranger.trouble, 'why is told');
});
