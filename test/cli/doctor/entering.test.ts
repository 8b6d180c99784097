import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { isThisMachine } from '../../../src/cli/doctor/this-machine.ts';
import { adminToken } from '../../support/admin.ts';
import { runCli } from '../../support/cli.ts';
import { writePasswords } from '../../support/password-file.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer } from '../../support/test-server.ts';
import { adasClaims, hmac, secret } from '../../support/tokens.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { faultyProxy } from './faulty-proxy.ts';
import { faultsOf, findings, sentence } from './findings.ts';

const password = 'correct horse battery staple';

async function called(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await runCli(['doctor', ...args, '--json'], { env });
  assert.equal(stderr, '');
  const all: Finding[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { code, all };
}

/** A server that knows Ada by her password, or by a token of hers. */
async function judging(t: TestContext) {
  const folder = temporaryFolder(t);
  const [passwords, token] = [join(folder, 'passwords'), join(folder, 'token')];
  writePasswords(passwords, { Ada: password });
  writeFileSync(token, `${hmac({ alg: 'HS256' }, adasClaims(Date.now()))}\n`);
  const byPassword = await startServer({ AUTH: `file:${passwords}` });
  t.after(() => byPassword.close());
  const byToken = await startServer({ AUTH: 'jwt', JWT_SECRET: secret });
  t.after(() => byToken.close());
  return { byPassword, byToken, token };
}

/** The same server by an address that leads here, as any other does, and is not known to. */
const abroad = (url: string): string => url.replace('127.0.0.1', '0.0.0.0');

const inside = ['cookie', 'buffering', 'message'];

describe('parlor doctor that goes in', () => {
  it('goes in by a password, or by a token, and not by a wrong one', async (t) => {
    const { byPassword, byToken, token } = await judging(t);
    const withName = [byPassword.url, '--name', 'Ada'];
    const [right, wrong, none, tokens] = await Promise.all([
      called(withName, { PARLOR_PASSWORD: password }),
      called(withName, { PARLOR_PASSWORD: 'a wrong one' }),
      called(withName),
      called([byToken.url, '--token-file', token]),
    ]);
    for (const { code, all } of [right, tokens]) {
      assert.deepEqual([code, faultsOf(all)], [0, []]);
      for (const check of inside) sentence(all, 'ok', check);
    }
    for (const { code, all } of [wrong, none]) {
      assert.deepEqual([code, faultsOf(all)], [1, ['problem member']]);
      assert.match(sentence(all, 'problem', 'member'), /not let in/);
    }
  });

  it('sends neither over plain HTTP beyond this machine, unless it is told to', async (t) => {
    const { byPassword, byToken, token } = await judging(t);
    const seen: string[] = [];
    const watched = async (url: string) =>
      abroad(
        await faultyProxy(t, url, {
          request: ({ headers, path }) => {
            if (headers.authorization !== undefined || headers['idempotency-key'] !== undefined)
              seen.push(path);
          },
        }),
      );
    const [passwordUrl, tokenUrl] = [await watched(byPassword.url), await watched(byToken.url)];
    const calls: [string[], Record<string, string>, RegExp][] = [
      [[passwordUrl, '--name', 'Ada'], { PARLOR_PASSWORD: password }, /would read the password/],
      [[tokenUrl, '--token-file', token], {}, /would read the token/],
    ];
    await Promise.all(
      calls.map(async ([args, env, expected]) => {
        const { code, all } = await called(args, env);
        assert.equal(code, 0);
        assert.match(sentence(all, 'warning', 'member'), expected);
      }),
    );
    assert.deepEqual(seen, []);
    await Promise.all(
      calls.map(async ([args, env]) => {
        const { all } = await called([...args, '--plain-http'], env);
        assert.deepEqual(faultsOf(all), ['warning certificate']);
        sentence(all, 'ok', 'message');
      }),
    );
    assert.ok(seen.length > 0);
  });

  it('asks for no password there, sends no operator’s token, and goes in by a name alone', async (t) => {
    const { byPassword } = await judging(t);
    const asked = await findings(abroad(byPassword.url), { name: 'Ada' });
    assert.match(sentence(asked, 'warning', 'member'), /would read the password/);
    const open = await startServer({ ADMIN_TOKEN: adminToken });
    t.after(() => open.close());
    const operator = await findings(abroad(open.url), { name: 'Doc', adminToken });
    assert.match(sentence(operator, 'warning', 'member'), /would read the token/);
    sentence(await findings(abroad(open.url), { name: 'Doc' }), 'ok', 'message');
  });

  it('knows what is within this machine', () => {
    const hosts = ['localhost', 'chat.localhost', '127.0.0.1', '127.8.8.8', '[::1]', '127.example.org'];
    assert.deepEqual(hosts.map(isThisMachine), [true, true, true, true, true, false]);
    assert.deepEqual(['192.168.1.5', '[fe80::1]', 'notlocalhost', '0.0.0.0'].filter(isThisMachine), []);
  });

  it('leads to what overload is where nobody new is let in', async (t) => {
    const server = await startServer({ MAX_MEMORY: '16MiB' });
    t.after(() => server.close());
    const ready = async () => (await fetch(`${server.url}/readyz`)).text();
    await waitUntil(async () => (await ready()).includes('overload'), 'it is overloaded', 60_000);
    const linked = (all: readonly Finding[]) =>
      all.flatMap(({ check, advice }) => (advice?.includes('docs/configuration.md#overload') ? check : []));
    assert.deepEqual(linked(await findings(server.url, { name: 'Doc' })), ['state', 'member']);
    assert.deepEqual(linked(await findings(server.url)), ['state', 'stream']);
  });
});
