import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ READ_LIMIT: 'off', UPDATES_LIMIT: 'off' });
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

const room = '/v1/rooms/lobby';
const addresses: [path: string, allow: string][] = [
  ['/v1/rooms', 'GET, HEAD, OPTIONS'],
  [room, 'GET, HEAD, OPTIONS'],
  [`${room}/feed`, 'GET, HEAD, OPTIONS'],
  [`${room}/history`, 'GET, HEAD, OPTIONS'],
  [`${room}/session`, 'GET, HEAD, POST, DELETE, OPTIONS'],
  [`${room}/session/ping`, 'POST, OPTIONS'],
  [`${room}/session/users`, 'GET, HEAD, OPTIONS'],
  [`${room}/session/updates`, 'GET, HEAD, OPTIONS'],
  [`${room}/session/messages`, 'POST, OPTIONS'],
  [`${room}/session/events`, 'GET, HEAD, OPTIONS'],
  ['/livez', 'GET, HEAD, OPTIONS'],
  ['/readyz', 'GET, HEAD, OPTIONS'],
  ['/', 'GET, HEAD, OPTIONS'],
  ['/lobby', 'GET, HEAD, OPTIONS'],
  ['/assets/x.js', 'GET, HEAD, OPTIONS'],
];

for (const [path, allow] of addresses) {
  test(`${path} takes ${allow}, and says so`, async () => {
    const options = await fetch(`${server.url}${path}`, { method: 'OPTIONS' });
    assert.deepEqual([options.status, options.headers.get('allow')], [204, allow]);
    assert.equal(await options.text(), '');
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'];
    for (const method of methods.filter((each) => !allow.split(', ').includes(each))) {
      const answer = await exchange(
        server.port,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{`,
      );
      assert.equal(answer.headers.get('allow'), allow, method);
      if (method === 'HEAD') assert.equal(answer.status, 405);
      else assertProblem(answer, 405, 'method-not-allowed');
    }
  });
}

test('HEAD answers as GET does, without the body', async () => {
  const ada = await ApiClient.join(server.url, 'Ada');
  for (let i = 0; i < 15; i++) await ada.send('x'.repeat(100));
  const paths = addresses.filter(
    ([path, allow]) => allow.includes('HEAD') && !/events|feed|assets|messages/.test(path),
  );
  for (const [path] of paths) {
    const get = (method: string) =>
      fetch(`${server.url}${path}`, {
        method,
        headers: { ...ada.credentials(), 'accept-encoding': 'identity' },
      });
    const [head, full] = [await get('HEAD'), await get('GET')];
    assert.equal(head.status, 200, path);
    assert.equal(await head.text(), '');
    assert.equal(head.headers.get('content-type'), full.headers.get('content-type'), path);
    if (!path.endsWith('updates')) {
      assert.equal(head.headers.get('content-length'), full.headers.get('content-length'), path);
    }
  }
});

test('HEAD of something large that would be compressed ends as it should', async () => {
  const response = await fetch(`${server.url}${room}/history`, {
    method: 'HEAD',
    headers: { 'accept-encoding': 'gzip' },
  });
  assert.deepEqual([response.status, await response.text()], [200, '']);
});

test('what is nowhere is 404, as a problem', async () => {
  for (const path of ['/v1/', '/v2/rooms', `${room}/`, `${room}/session/nothing`, '/a/b', '/metrics/x']) {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', body: '{' });
    const { status, headers } = response;
    const problem = assertProblem({ status, headers, body: await response.json() }, 404, 'not-found');
    assert.match(problem.detail, /^There is nothing at "/);
  }
});
