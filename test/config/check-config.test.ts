import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { checkConfig } from '../../src/config/check-config.ts';
import type { OptionTexts } from '../../src/config/config.ts';
import { Authority } from '../support/certificates.ts';
import { has } from '../support/needs.ts';
import { sqliteStore, temporaryFolder } from '../support/sqlite.ts';

const day = 86_400_000;

/** In a folder without `.env` and database, unless given. */
async function check(environment: OptionTexts, directory: string, now = Date.now()) {
  const store = `sqlite:${join(directory, 'parlor.db')}`;
  return checkConfig({ environment: { STORE_URL: store, ...environment }, directory }, now);
}

async function problems(t: TestContext, environment: OptionTexts, directory = temporaryFolder(t)) {
  return (await check(environment, directory)).problems;
}

describe('checking a configuration', () => {
  it('finds nothing by default, and leaves nothing behind', async (t) => {
    const directory = temporaryFolder(t);
    const found = await check({ STORE_URL: `sqlite:${join(directory, 'a/b/parlor.db')}` }, directory);
    assert.deepEqual([found.problems, found.warnings], [[], []]);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('tells all that is wrong, each in a line, in one go', async (t) => {
    const directory = temporaryFolder(t);
    writeFileSync(join(directory, '.env'), 'PORT: 3000\nSESION_TIMEOUT=2\nMAX_ROOMS=many\nTZ=UTC\nbad\n');
    const found = await check(
      {
        HOST: 'a b',
        TLS_CERT: join(directory, 'cert.pem'),
        TLS_KEY: directory,
        AUTH: `file:${join(directory, 'users')},jwt,certificate`,
        JWT_PUBLIC_KEY: join(directory, 'key.pem'),
        MAX_MESSAGE_BYTES: '64KiB',
        SLOW_CLIENT_BYTES: '4KiB',
        STORE_URL: `sqlite:${directory}`,
      },
      directory,
    );
    assert.deepEqual(
      found.problems.map((line) => /^(?:Line \d|[\w ]+"SESION_TIMEOUT"|[A-Z_]+)/.exec(line)?.[0]),
      [
        'Line 1',
        'Line 5',
        'Unknown option "SESION_TIMEOUT"',
        'HOST',
        'MAX_ROOMS',
        'SLOW_CLIENT_BYTES',
        'AUTH',
        'TLS_CERT',
        'TLS_KEY',
        'AUTH',
        'JWT_PUBLIC_KEY',
        'STORE_URL',
      ],
    );
    for (const line of found.problems) assert.match(line, /^[^\n]+[.?]$/);
    assert.deepEqual(found.warnings, ['"TZ" in .env is not an option and was ignored.']);
  });

  it('blames no option for what is wrong with another', async (t) => {
    // By default there would be more rooms than one.
    assert.deepEqual(await problems(t, { ROOMS: 'tea,coffee', MAX_ROOMS: 'x' }), [
      'MAX_ROOMS: expected a whole number from 1 to 1000000, or off; got "x".',
    ]);
    assert.equal((await problems(t, { AUTH: 'jwt', JWT_SECRET: 'short' })).length, 1);
  });

  it('warns of what is unsafe', async (t) => {
    const { warnings } = await check({ HOST: '0.0.0.0' }, temporaryFolder(t));
    assert.match(warnings.join('\n'), /^HOST: [^\n]+ \(plain-http\)$/);
  });

  it('says when a certificate has expired, is not valid yet, or soon will not be', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const { cert: TLS_CERT, key: TLS_KEY } = await authority.server('server', { days: 30 });
    const directory = temporaryFolder(t);
    const at = async (days: number) => {
      const found = await check({ TLS_CERT, TLS_KEY }, directory, Date.now() + days * day);
      return [found.problems.join(), found.warnings.join()];
    };
    assert.deepEqual(await at(0), ['', '']);
    const [problem = '', soon = ''] = await at(20);
    assert.equal(problem, '');
    assert.match(soon, /^TLS_CERT: "[^"]+" expires on \d{4}-/);
    assert.match(String(await at(31)), /^TLS_CERT: "[^"]+" has expired on \d{4}-[^,]+,$/);
    assert.match(String(await at(-1)), /^TLS_CERT: "[^"]+" counts only from \d{4}-[^,]+ on\.,$/);
    const other = await authority.server('other');
    assert.match(String(await problems(t, { TLS_CERT, TLS_KEY: other.key })), /^TLS_KEY: .+ is not that of/);
  });

  it('says of what is no file that it is none, and does not wait for its end', async (t) => {
    const no = (option: string) => `${option}: "/dev/zero" cannot be read (it is no file).`;
    const both = { TLS_CERT: '/dev/zero', TLS_KEY: '/dev/zero' };
    assert.deepEqual(await problems(t, both), [no('TLS_CERT'), no('TLS_KEY')]);
    const ofStore = { STORE_URL: 'rediss://127.0.0.1:9', STORE_CA: '/dev/zero' };
    assert.deepEqual(await problems(t, ofStore), [no('STORE_CA')]);
  });

  it('looks into the files for a Redis over TLS, and asks no Redis', async (t) => {
    const directory = temporaryFolder(t);
    writeFileSync(join(directory, 'ca.pem'), 'no certificate');
    // Nobody listens there.
    const STORE_URL = 'rediss://127.0.0.1:9';
    assert.deepEqual(await problems(t, { STORE_URL }), []);
    const found = await problems(t, { STORE_URL, STORE_CA: join(directory, 'ca.pem') });
    assert.match(String(found), /^STORE_CA: .+ cannot be used \(no certificate in PEM\)\.$/);
    const both = { STORE_CERT: join(directory, 'c'), STORE_KEY: join(directory, 'k') };
    assert.equal((await problems(t, { STORE_URL, ...both })).length, 2);
  });

  it('takes a database that a server has open, and no other file', async (t) => {
    const directory = temporaryFolder(t);
    const path = join(directory, 'parlor.db');
    const store = sqliteStore(path);
    t.after(() => store.close());
    await store.opened();
    const before = readdirSync(directory);
    assert.deepEqual(await problems(t, {}, directory), []);
    assert.deepEqual(readdirSync(directory), before);
    const place = async (name: string) =>
      String(await problems(t, { STORE_URL: `sqlite:${join(directory, name)}` }));
    writeFileSync(join(directory, 'text'), 'This is no database. '.repeat(100));
    mkdirSync(join(directory, 'folder'));
    symlinkSync(join(directory, 'nowhere'), join(directory, 'link'));
    for (const name of ['text', 'folder', 'link', 'text/parlor.db', 'text/a/parlor.db']) {
      assert.match(await place(name), /^STORE_URL: \/[^\n]+\.$/, name);
    }
    writeFileSync(join(directory, 'empty'), '');
    assert.equal(await place('empty'), '');
  });
});
