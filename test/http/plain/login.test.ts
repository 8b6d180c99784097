import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { builtPage } from '../../support/built-page.ts';
import { FormClient } from '../../support/form-client.ts';
import { writePasswords } from '../../support/password-file.ts';
import { signOn } from '../../support/sign-on.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer } from '../../support/test-server.ts';
import { adasClaims, hmac, secret } from '../../support/tokens.ts';

async function visitor(t: TestContext, options: Record<string, string>) {
  const server = await startServer(options, { publicDirectory: await builtPage() });
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return { client: new FormClient(server.url), url: server.url };
}

const asksFor = ({ page: { html } }: FormClient) => ({
  name: / name="name"/.test(html),
  password: / name="password"/.test(html),
  button: /value="Join the room"/.test(html),
});
const token = (more: object = {}) => hmac({ alg: 'HS256' }, adasClaims(Date.now(), { ...more }));

test('without scripts too, a sign-on is led to, and lets in with one button', async (t) => {
  const sso = await signOn(t);
  const { client, url } = await visitor(t, sso.options);
  await client.open('/plain/lobby');
  assert.deepEqual(asksFor(client), { name: false, password: false, button: false });
  assert.match(client.text, /To come in, sign in first\./);
  const [, link = ''] = /<a href="([^"]*)">Sign in</.exec(client.page.html) ?? [];
  assert.equal(link, sso.options.LOGIN_URL?.replace('{url}', encodeURIComponent(`${url}/plain/lobby`)));

  client.cookie = `SSO=${token()}`;
  await client.open('/plain/lobby');
  assert.deepEqual(asksFor(client), { name: false, password: false, button: true });
  assert.match(client.text, /You are signed in, and come in under that name\./);
  assert.doesNotMatch(client.page.html, />Sign in</);
  assert.equal((await client.submit('join')).status, 200);
  assert.match(client.text, /You are Ada\./);
});

test('without scripts a sign-on that is not valid any more is said to be, and a new one is led to', async (t) => {
  const sso = await signOn(t);
  const { client } = await visitor(t, sso.options);
  client.cookie = `SSO=${token({ exp: Math.floor(Date.now() / 1000) - 3600 })}`;
  await client.open('/plain/lobby');
  assert.equal((await client.submit('join')).status, 403);
  assert.match(client.text, /Your token is not valid here, or no longer\./);
  assert.match(client.page.html, />Sign in</);
  assert.deepEqual(asksFor(client), { name: false, password: false, button: false });
});

test('without scripts nothing is asked for that nobody looks at', async (t) => {
  const { client } = await visitor(t, { AUTH: 'jwt', JWT_SECRET: secret });
  await client.open('/plain/lobby');
  assert.deepEqual(asksFor(client), { name: false, password: false, button: false });
  assert.match(client.text, /sign in where this room belongs to/);

  const { client: twice } = await visitor(t, {
    AUTH: 'jwt,open',
    JWT_SECRET: secret,
    AUTH_TOKENS: 'cookie:SSO',
  });
  const both = { cookie: 'SSO=a.b.c; SSO=d.e.f' };
  assert.equal((await twice.open('/plain/lobby', both)).status, 200);
  assert.deepEqual(asksFor(twice), { name: true, password: false, button: true });
});

test('without scripts a password is asked for at once where there is no way without, and the wait told', async (t) => {
  const file = join(temporaryFolder(t), 'users');
  writePasswords(file, { Ada: 'correct horse' });
  const { client } = await visitor(t, { AUTH: `file:${file}` });
  await client.open('/plain/lobby');
  assert.deepEqual(asksFor(client), { name: true, password: true, button: true });
  for (
    let time = 0;
    !/too many failed attempts .* this name\. Try again in \d seconds?\./.test(client.text);
  ) {
    assert.ok(time++ < 50, client.text);
    await client.submit('join', { name: 'Ada', password: 'a guess' });
  }
  assert.deepEqual(asksFor(client), { name: true, password: true, button: true });

  const { client: mixed } = await visitor(t, { AUTH: `file:${file},open` });
  await mixed.open('/plain/lobby');
  assert.deepEqual(asksFor(mixed), { name: true, password: false, button: true });
  await mixed.submit('join', { name: 'Ada' });
  assert.deepEqual(asksFor(mixed), { name: true, password: true, button: true });
});
