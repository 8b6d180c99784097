import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { JwtAuthenticator, type JwtOptions } from '../../src/auth/jwt.ts';
import { publicKey, remoteKeys, secretKey } from '../../src/auth/jwt-keys.ts';
import { authenticatorContract, credentials, refusalOf } from '../contract/authenticator-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { listening } from '../support/listening.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { adasClaims, hmac, keys, secret, signed } from '../support/tokens.ts';

const clock = new FakeClock();
const head = { alg: 'HS256' };
const pemOf = (pair: { publicKey: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer } }) =>
  String(pair.publicKey.export({ type: 'spki', format: 'pem' }));

function authenticator(options: Partial<JwtOptions> = {}): JwtAuthenticator {
  return new JwtAuthenticator({
    keys: secretKey(secret),
    algorithms: ['HS256'],
    audience: null,
    issuer: null,
    nameClaim: null,
    maxNameLength: 32,
    clock,
    ...options,
  });
}

const bearing = (token: string) => credentials({ headers: { authorization: `Bearer ${token}` } });
const token = hmac(head, adasClaims(clock.wall(), { iss: 'https://login.example', role: 'host', jti: 'x' }));

authenticatorContract('jwt', async () => {
  const expired = hmac(head, adasClaims(clock.wall() - 3_600_001));
  const { headers } = bearing(token);
  return {
    authenticator: authenticator(),
    right: { headers },
    admission: {
      name: 'Ada',
      user: {
        id: 'jwt:https://login.example u-1',
        name: 'Ada',
        claims: { preferred_username: 'Ada', role: 'host' },
        expiresAt: clock.wall() + 3_600_000,
      },
    },
    wrong: [
      [bearing(expired), 'credentials-required'],
      [bearing(`${token}x`), 'credentials-required'],
      [bearing('a.b.c'), 'credentials-required'],
      [bearing(hmac(head, adasClaims(clock.wall(), { x: 'x'.repeat(4096) }))), 'permission-denied'],
      [bearing(hmac(head, adasClaims(clock.wall(), { preferred_username: 'A<b>' }))), 'invalid-name'],
    ],
    nothing: { name: 'Ada', password: 'correct horse', headers: { authorization: 'Bearer opaque' } },
    secrets: [token, expired, secret],
  };
});

test('a token is found in Authorization, a header, a cookie or the query', async () => {
  const places = [{ headers: { 'x-sso': token } }, { cookies: { SSO: token } }, { query: { ticket: token } }];
  for (const given of places) {
    const admission = await authenticator().authenticate(credentials(given));
    assert.equal(admission?.name, 'Ada');
  }
});

test('the shown name is that of the claim that was chosen, else of the usual ones', async () => {
  const nameOf = async (claims: object) => {
    const made = hmac(head, { ...adasClaims(clock.wall()), preferred_username: undefined, ...claims });
    return (await authenticator({ nameClaim: 'nick' }).authenticate(bearing(made)))?.name;
  };
  assert.equal(
    await nameOf({ nick: ' Countess  of Lovelace', preferred_username: 'Ada' }),
    'Countess of Lovelace',
  );
  assert.equal(await nameOf({ preferred_username: 'Ada' }), 'Ada');
  assert.equal(await nameOf({}), 'u-1');
});

test('a name that will not do is 422, and says of which claim it is', async () => {
  for (const [claims, said] of [
    [{ nick: 'x'.repeat(33) }, /^The claim "nick" of your token is no name\. A name has 1 to 32 characters/],
    [{ nick: 7 }, /^Expected a name in the claim "nick" of your token; it is no text\.$/],
    [{ preferred_username: 'ada@example.org' }, /^The claim "preferred_username" .+ this one has "@"\.$/],
    [{ preferred_username: undefined, sub: 'auth0|1' }, /^The claim "sub" of your token is no name\./],
  ] as const) {
    const made = hmac(head, adasClaims(clock.wall(), claims));
    const { code, message } = await refusalOf(
      authenticator({ nameClaim: 'nick' }).authenticate(bearing(made)),
    );
    assert.equal(code, 'invalid-name');
    assert.match(message, said);
  }
});

test('two subjects, or two issuers, are two users, whatever name they show', async () => {
  const ids = [
    { iss: 'a', sub: 'b c' },
    { iss: 'a b', sub: 'c' },
    { iss: 'a%20b', sub: 'c' },
    { sub: 'a b c' },
    { iss: 'a', sub: 'b' },
  ].map(async (claims) => {
    const admission = await authenticator().authenticate(
      bearing(hmac(head, adasClaims(clock.wall(), claims))),
    );
    return admission?.user?.id;
  });
  assert.equal(new Set(await Promise.all(ids)).size, 5);
});

test('a public key may stand in the option, on one line too, or in a file', async (t) => {
  const path = join(temporaryFolder(t), 'key.pem');
  writeFileSync(path, pemOf(keys.rsa));
  const made = signed({ alg: 'RS256' }, adasClaims(clock.wall()), keys.rsa.privateKey);
  for (const text of [pemOf(keys.rsa), path]) {
    const rs = authenticator({ keys: publicKey(text), algorithms: ['RS256', 'ES256', 'EdDSA'] });
    assert.equal((await rs.authenticate(bearing(made)))?.name, 'Ada');
  }
  assert.throws(() => publicKey(`${path}.not`), /cannot be read \(it is not there\)/);
  assert.throws(() => publicKey('-----BEGIN nonsense'), /expected a public key in PEM/);
  const own = String(keys.rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.throws(() => publicKey(own), /got a private one/);
});

async function keyServer(t: TestContext) {
  const jwk = { ...keys.ec.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' };
  const state = { status: 200, body: JSON.stringify({ keys: [jwk] }), asked: 0 };
  const server = createServer((_request, response) => {
    state.asked++;
    response.writeHead(state.status, { location: 'http://127.0.0.1:9/', 'content-type': 'application/json' });
    response.end(state.body);
  });
  const url = await listening(t, server);
  const troubles: string[] = [];
  const made = authenticator({
    keys: remoteKeys(`${url}/keys`, 60_000, (why) => troubles.push(why)),
    algorithms: ['RS256', 'ES256', 'EdDSA'],
  });
  return { state, troubles, made };
}

const ofServer = (kid?: string) =>
  signed({ alg: 'ES256', ...(kid !== undefined && { kid }) }, adasClaims(clock.wall()), keys.ec.privateKey);

test('keys at an address are fetched once, also if tokens name others', async (t) => {
  const { state, troubles, made } = await keyServer(t);
  for (let login = 0; login < 3; login++) {
    assert.equal((await made.authenticate(bearing(ofServer('k1'))))?.name, 'Ada');
    const { code } = await refusalOf(made.authenticate(bearing(ofServer('k2'))));
    assert.equal(code, 'credentials-required');
  }
  assert.equal(state.asked, 1);
  assert.deepEqual(troubles, []);
});

test('keys that cannot be had let nobody in, and one line tells of it until they can', async (t) => {
  const { state, troubles, made } = await keyServer(t);
  const login = () => refusalOf(made.authenticate(bearing(ofServer('k1'))));
  const { body } = state;
  for (const trouble of [
    { status: 500 },
    { status: 302 },
    { status: 200, body: 'nonsense' },
    { body: '{"keys":1}' },
  ]) {
    Object.assign(state, trouble);
    assert.equal((await login()).code, 'unavailable', JSON.stringify(trouble));
  }
  assert.equal(troubles.length, 1);
  Object.assign(state, { status: 200, body });
  assert.equal((await made.authenticate(bearing(ofServer('k1'))))?.name, 'Ada');
});

test('without a kid each fitting key is tried, but no more than four', async (t) => {
  const { state, troubles, made } = await keyServer(t);
  const own = { ...keys.ec.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  const other = (kid: string) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
  };
  const others = ['a', 'b', 'c'].map(other);
  state.body = JSON.stringify({ keys: [...others, own] });
  assert.equal((await made.authenticate(bearing(ofServer())))?.name, 'Ada');
  const claims = adasClaims(clock.wall());
  const forged = signed(
    { alg: 'ES256' },
    claims,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  );
  assert.equal((await refusalOf(made.authenticate(bearing(forged)))).code, 'credentials-required');
  const expired = signed({ alg: 'ES256' }, adasClaims(clock.wall() - 3_600_001), keys.ec.privateKey);
  assert.equal((await refusalOf(made.authenticate(bearing(expired)))).code, 'credentials-required');
  assert.deepEqual(troubles, []);
  const many = await keyServer(t);
  many.state.body = JSON.stringify({ keys: [...others, other('d'), own] });
  assert.equal((await refusalOf(many.made.authenticate(bearing(ofServer())))).code, 'credentials-required');
});
