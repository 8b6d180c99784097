import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { OptionTexts } from '../../src/config/config.ts';
import { loadSettings } from '../../src/config/load-config.ts';
import { type RiskName, riskNames } from '../../src/config/risk-names.ts';
import { risksOf } from '../../src/config/risks.ts';
import { temporaryFolder } from '../support/sqlite.ts';

/** The names of what is warned of, each of which must be a line with what to do. */
function warned(environment: OptionTexts, directory = '/nowhere'): string[] {
  const { config, settings } = loadSettings({ environment, directory, warn: assert.fail });
  return risksOf({ config, settings, directory }).map((line) => {
    const [, option, name = ''] = /^([A-Z_]+): [^\n]+[:,] [^\n]+\. \(([a-z-]+)\)$/.exec(line) ?? [];
    assert(option !== undefined && Object.hasOwn(riskNames, name), line);
    return name;
  });
}

const abroad = { HOST: '0.0.0.0', TLS_CERT: '/nowhere/c.pem', TLS_KEY: '/nowhere/k.pem' };
const jwt = { AUTH: 'jwt', JWT_JWKS_URL: 'https://login.example.org/keys' };
const token = 'a-secret-of-enough-characters';

/** What is warned of, and the nearest that is not. */
const cases: Readonly<
  Record<Exclude<RiskName, 'readable-secrets'>, readonly [OptionTexts, ...OptionTexts[]]>
> = {
  'plain-http': [
    { HOST: '0.0.0.0' },
    { HOST: '127.0.0.2' },
    abroad,
    { HOST: '::', TRUST_PROXY: '10.0.0.1' },
    { HOST: '::', PUBLIC_URL: 'https://chat.example.org' },
  ],
  'open-admin': [
    { ...abroad, ADMIN_TOKEN: token },
    { ...abroad, ...jwt, ADMIN_TOKEN: token },
    { ...abroad, AUTH: 'open' },
  ],
  'public-feed': [
    { ...abroad, ...jwt, FEED: 'public', FEED_ORIGINS: 'none' },
    { ...abroad, ...jwt, FEED_ORIGINS: 'none' },
    { ...abroad, FEED: 'public' },
  ],
  'feed-origins': [
    { ...abroad, ...jwt, FEED: 'public' },
    { ...abroad, ...jwt, FEED: 'members' },
    { ...abroad },
  ],
  'embed-origins': [
    { ...abroad, EMBED_ORIGINS: '*' },
    { ...abroad, EMBED_ORIGINS: 'https://www.example.org' },
  ],
  'open-metrics': [
    { ...abroad, METRICS: '0.0.0.0:9100' },
    { ...abroad, METRICS: '127.0.0.1:9100' },
    { ...abroad, METRICS: '[::1]:9100' },
    { ...abroad, METRICS: 'admin' },
  ],
  'memory-store': [
    { ...abroad, STORE_URL: 'memory:' },
    { ...abroad, STORE_URL: 'sqlite:x.db' },
    { ...abroad, STORE_URL: 'redis://cache' },
  ],
};

describe('what is warned of at the start', () => {
  for (const [name, [risky, ...safe]] of Object.entries(cases)) {
    it(`${name}: ${JSON.stringify(risky)}`, () => {
      assert(warned(risky).includes(name));
      for (const texts of safe) assert(!warned(texts).includes(name), JSON.stringify(texts));
      assert(!warned({ ...risky, ACCEPTED_RISKS: `${name}` }).includes(name), 'not if it is accepted');
    });
  }

  it('is nothing by default, nor whatever is set while only this machine comes here', () => {
    assert.deepEqual(warned({}), []);
    const all = Object.assign({}, ...Object.values(cases).map(([risky]) => risky));
    delete all.METRICS;
    for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
      assert.deepEqual(warned({ ...all, HOST }), []);
    assert(warned({ ...all, HOST: '127.0.0.1', TRUST_PROXY: '127.0.0.1' }).includes('embed-origins'));
    assert(warned({ ...all, HOST: '::1', PUBLIC_URL: 'https://a.org' }).includes('embed-origins'));
  });

  it('readable-secrets: files that others may read or write, and .env if a secret is in it', (t) => {
    const directory = temporaryFolder(t);
    const file = (name: string, mode: number, text = ''): string => {
      const path = join(directory, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    };
    const key = { ...abroad, TLS_KEY: file('key', 0o644) };
    assert.deepEqual(warned(key), ['readable-secrets']);
    for (const mode of [0o600, 0o640, 0o400])
      assert.deepEqual(warned({ ...key, TLS_KEY: file('key', mode) }), []);
    assert.deepEqual(warned({ ...abroad, AUTH: `file:${file('users', 0o660)}` }), ['readable-secrets']);
    assert.deepEqual(warned({ ...abroad, AUTH: `file:${file('users', 0o640)}` }), []);
    file('.env', 0o644, `JWT_SECRET=${'s'.repeat(40)}\n`);
    assert.deepEqual(warned(abroad, directory), ['readable-secrets']);
    assert.deepEqual(warned({ ...abroad, ACCEPTED_RISKS: 'readable-secrets' }, directory), []);
    assert.deepEqual(
      warned({ ...abroad, JWT_SECRET: 't'.repeat(40) }, directory),
      [],
      'it is not that of .env',
    );
    file('.env', 0o644, 'PORT=4000\n');
    assert.deepEqual(warned(abroad, directory), []);
  });
});
