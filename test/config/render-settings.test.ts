import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { OptionTexts } from '../../src/config/config.ts';
import { hidden } from '../../src/config/hiding.ts';
import { loadSettings } from '../../src/config/load-config.ts';
import { listOptions } from '../../src/config/options.ts';
import { renderSettings } from '../../src/config/render-settings.ts';
import { temporaryFolder } from '../support/sqlite.ts';

function load(environment: OptionTexts, directory = '/nowhere') {
  return loadSettings({ environment, directory, warn: assert.fail });
}

function printed(environment: OptionTexts, directory?: string): string {
  const { config, settings } = load(environment, directory);
  return renderSettings(config, settings);
}

describe('the settings that count', () => {
  it('are printed once each, by who set them', (t) => {
    const directory = temporaryFolder(t);
    writeFileSync(join(directory, '.env'), 'PORT=5000\nROOMS=tea, coffee\nMAX_ROOMS=5\n');
    const text = printed({ PORT: '4000', MAX_ROOMS: ' ', SESSION_TIMEOUT: '20' }, directory);
    const [head, environment, file, implied, defaults, ...rest] = text.split('\n\n');
    assert.match(head ?? '', /^# .+hidden/);
    assert.equal(environment, '# Of the environment, which wins over .env:\nPORT=4000\nSESSION_TIMEOUT=20');
    assert.equal(file, "# Of .env:\nROOMS='tea, coffee'\nMAX_ROOMS=5");
    assert.equal(implied, '# What others imply:\nHEARTBEAT=5\nFEED=public');
    assert.match(defaults ?? '', /^# Defaults:\nHOST=127\.0\.0\.1\n/);
    assert.deepEqual(rest, []);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(
      lines.map((line) => line.split('=', 1)[0]).sort(),
      listOptions()
        .map(({ variable }) => variable)
        .sort(),
    );
  });

  it('are the same for a server that has them as its .env', (t) => {
    const directory = temporaryFolder(t);
    const pem = '-----BEGIN PUBLIC KEY-----\nMFkw+/==\n-----END PUBLIC KEY-----';
    const environment = {
      JWT_PUBLIC_KEY: pem,
      JWT_AUDIENCE: `it's # "quoted"`,
      JWT_ISSUER: 'a `b` "c" \'d\'',
      JWT_NAME_CLAIM: '$HOME \\n ; & | <>',
      LOGIN_URL: 'https://login.example.org/?return={url}&x=1',
      CERTIFICATE_USER: 'san:email',
      SESSION_TIMEOUT: '20',
      FEED_ORIGINS: 'https://a.example.org, https://b.example.org',
    };
    writeFileSync(join(directory, '.env'), printed(environment));
    assert.deepEqual(load({}, directory).config, load(environment).config);
  });

  it('have no secret in them', () => {
    const secrets = [
      's3cret-of-the-operator-0001',
      's3cret-of-tokens-00000000000000002',
      's3cret:of/re@dis#3',
    ];
    const text = printed({
      ADMIN_TOKEN: secrets[0],
      JWT_SECRET: secrets[1],
      STORE_URL: `rediss://chat:${encodeURIComponent(secrets[2] ?? '')}@cache.example.org:7000/2?prefix=tea`,
      AUTH: 'webhook:https://a.example.org/in?key=s3cret-4|https://b.example.org/in?x=1&key=s3cret-5,open',
      SESSION_WEBHOOK: 'https://c.example.org/of?key=s3cret-6 https://d.example.org/',
      JWT_JWKS_URL: 'https://e.example.org/keys?client=s3cret-7',
    });
    assert.doesNotMatch(text, /s3cret/);
    const has = (line: string) => assert(text.split('\n').includes(line), line);
    has(`ADMIN_TOKEN=${hidden}`);
    has(`JWT_SECRET=${hidden}`);
    has(`STORE_URL=rediss://chat:${hidden}@cache.example.org:7000/2?prefix=tea`);
    has(
      `AUTH='webhook:https://a.example.org/in?key=${hidden}|https://b.example.org/in?x=${hidden}&key=${hidden},open'`,
    );
    has(`SESSION_WEBHOOK='https://c.example.org/of?key=${hidden} https://d.example.org/'`);
    has(`JWT_JWKS_URL=https://e.example.org/keys?client=${hidden}`);
  });

  it('have no secret in them that stands where a name would', () => {
    const text = printed({
      STORE_URL: 'redis://s3cret@cache.example.org',
      AUTH: 'webhook:https://a.example.org/in?s3cret|https://b.example.org/in?s3cret&x=1,open',
      SESSION_WEBHOOK: 'https://c.example.org/?s3cret',
    });
    assert.doesNotMatch(text, /s3cret/);
    assert.match(text, /^STORE_URL=redis:\/\/\*{8}@cache\.example\.org$/m);
  });

  it('have no key in them that was given in place of its file, nor does who says so', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIGHs3cret\n-----END PRIVATE KEY-----';
    for (const key of [pem, pem.replaceAll('\n', '\\n')]) {
      assert.throws(
        () => load({ TLS_CERT: 'a.pem', TLS_KEY: key }),
        /^ConfigError: TLS_KEY: expected the path of a file; got what is to stand in it\.$/,
      );
    }
    assert.throws(() => load({ TLS_CERT: 'a\u{1b}[2Jb', TLS_KEY: 'b' }), /got "a\\u\{1b\}\[2Jb"/);
  });

  it('that are lists tell no password of what they do not take', () => {
    assert.throws(
      () => load({ EMBED_ORIGINS: 'https://a.b,https://me:s3cret@c.d' }),
      (error: Error) => !error.message.includes('s3cret') && error.message.includes('https://me:'),
    );
  });

  it('that are hidden are no values for a server that forgets to fill them in', () => {
    for (const variable of ['ADMIN_TOKEN', 'JWT_SECRET']) {
      assert.throws(
        () => load({ [variable]: hidden }),
        new RegExp(`^ConfigError: ${variable}: expected a secret`),
      );
    }
  });
});
