import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { startServer } from '../support/test-server.ts';
import { adasClaims, encode, hmac, keys, secret, signed } from '../support/tokens.ts';

const now = Date.now();
const audience = 'parlor';
const issuer = 'https://login.example';
const good = adasClaims(now, { aud: audience, iss: issuer });
const hs = { alg: 'HS256', typ: 'JWT' };
const rs = { alg: 'RS256', typ: 'JWT' };
const rsaPem = String(keys.rsa.publicKey.export({ type: 'spki', format: 'pem' }));
const rsaPkcs1 = String(keys.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }));
const rsaDer = keys.rsa.publicKey.export({ type: 'spki', format: 'der' });
const rsaJwk = keys.rsa.publicKey.export({ format: 'jwk' });
const foreignJwk = { ...keys.otherRsa.publicKey.export({ format: 'jwk' }), kid: 'mine' };
const without = (claim: string) =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== claim));

/** Claims that make a token no good, however well it is signed. */
const wrongClaims: readonly Readonly<Record<string, unknown>>[] = [
  { ...good, exp: Math.floor(now / 1000) - 10 },
  { ...good, exp: 0 },
  { ...good, exp: -1 },
  { ...good, exp: String(Math.floor(now / 1000) + 3600) },
  { ...good, exp: null },
  without('exp'),
  { ...good, nbf: Math.floor(now / 1000) + 3600 },
  { ...good, nbf: 'now' },
  { ...good, aud: 'another' },
  { ...good, aud: ['another', 'parlor2'] },
  { ...good, aud: 'Parlor' },
  { ...good, aud: '' },
  without('aud'),
  { ...good, iss: 'https://login.example.evil' },
  { ...good, iss: 'https://login.example/' },
  { ...good, iss: [issuer, 'x'] },
  without('iss'),
  without('sub'),
  { ...good, sub: '' },
  { ...good, sub: 7 },
  { ...good, sub: 'x'.repeat(1000) },
];

function unsigned(alg: unknown, signature = ''): string {
  return `${encode({ alg, typ: 'JWT' })}.${encode(good)}.${signature}`;
}

function changed(token: string): string[] {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const bob = encode({ ...good, sub: 'u-2', preferred_username: 'Bob' });
  return [
    `${head}.${bob}.${signature}`,
    `${encode({ alg: 'HS512' })}.${payload}.${signature}`,
    `${head}.${payload}.`,
    `${head}.${payload}.${signature.slice(0, -4)}`,
    `${head}.${payload}.${signature.slice(0, 2)}`,
    `${head}..${signature}`,
    `${head}.${payload}.${Buffer.alloc(32).toString('base64url')}`,
    `${head}.${payload}.${signature}${signature}`,
  ];
}

/** Refused by both servers: unsigned, changed, signed with what anybody has, or pointing to keys of the forger's. */
const forged: readonly string[] = [
  ...['none', 'None', 'NONE', 'nOnE', '', null, 0, ['HS256'], { alg: 'HS256' }].map((alg) => unsigned(alg)),
  unsigned('none', encode('x')),
  unsigned(undefined),
  ...changed(hmac(hs, good)),
  ...changed(signed(rs, good, keys.rsa.privateKey)),
  // The public key as the secret.
  ...[rsaPem, rsaPem.trim(), rsaPkcs1, rsaDer, JSON.stringify(rsaJwk)].map((key) => hmac(hs, good, key)),
  hmac({ alg: 'HS512' }, good, rsaPem),
  // Keys that are empty, guessed, or what a path in `kid` would lead to.
  ...['', '\0', 'secret', `${secret} `, secret.toUpperCase()].map((key) =>
    hmac(hs, good, key || Buffer.alloc(0)),
  ),
  ...['../../../../dev/null', '/dev/null', "x' UNION SELECT ''--", '|/bin/true', '\0'].map((kid) =>
    hmac({ ...hs, kid }, good, Buffer.alloc(0)),
  ),
  // Keys that the token itself brings.
  signed({ ...rs, jwk: foreignJwk }, good, keys.otherRsa.privateKey),
  signed({ ...rs, jku: 'http://127.0.0.1:9/keys', kid: 'mine' }, good, keys.otherRsa.privateKey),
  signed({ ...rs, x5u: 'http://127.0.0.1:9/cert' }, good, keys.otherRsa.privateKey),
  signed({ ...rs, x5c: ['MIIB'] }, good, keys.otherRsa.privateKey),
  signed(rs, good, keys.otherRsa.privateKey),
  signed({ alg: 'ES256' }, good, keys.ec.privateKey),
  signed({ alg: 'EdDSA' }, good, keys.ed.privateKey),
  signed({ alg: 'RS256', crit: ['x'], x: 1 }, good, keys.rsa.privateKey),
  hmac({ alg: 'HS256', crit: ['x'], x: 1 }, good),
  hmac({ alg: 'HS256', crit: [] }, good),
];

const forBoth = { AUTH: 'jwt', JWT_AUDIENCE: audience, JWT_ISSUER: issuer, CREATE_LIMIT: 'off' };

for (const [kind, options, genuine, others] of [
  [
    'a secret',
    { JWT_SECRET: secret },
    (claims: typeof good) => hmac(hs, claims),
    signed(rs, good, keys.rsa.privateKey),
  ],
  [
    'a public key',
    { JWT_PUBLIC_KEY: rsaPem },
    (claims: typeof good) => signed(rs, claims, keys.rsa.privateKey),
    hmac(hs, good),
  ],
] as const) {
  test(`of more than 60 forged tokens none is accepted where tokens are checked by ${kind}`, async (t) => {
    const server = await startServer({ ...forBoth, ...options });
    t.after(() => server.close());
    const cases = [...forged, others, ...wrongClaims.map(genuine)];
    assert.ok(cases.length >= 60, `${cases.length} cases`);
    for (const token of cases) {
      const client = new ApiClient(server.url);
      client.token = token;
      const { status, body } = await client.create({ name: 'Ada', password: token });
      assert.equal(status, 401, `${token}: ${JSON.stringify(body)}`);
      assert.ok(!JSON.stringify(body).includes(token), 'no error repeats it');
    }
    const client = new ApiClient(server.url);
    client.token = genuine(good);
    assert.equal((await client.create({})).status, 201, 'the genuine one is');
    t.diagnostic(`${cases.length} forged tokens: 0 accepted`);
    assert.deepEqual(server.faults, []);
  });
}

test('where JWT_AUDIENCE is not set, a token that is meant for somebody else is refused', async (t) => {
  const server = await startServer({ AUTH: 'jwt', JWT_SECRET: secret });
  t.after(() => server.close());
  const client = new ApiClient(server.url);
  client.token = hmac(hs, good);
  assert.equal((await client.create({})).status, 401);
  client.token = hmac(hs, without('aud'));
  assert.equal((await client.create({})).status, 201);
});
