import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer } from '../support/test-server.ts';

test('what says one thing may stand in a request once, however it is written; what may be there twice may', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  const ask = (path: string, headers: readonly string[]) =>
    exchange(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
    );
  const own = `Authorization: Bearer ${ada.token}`;
  for (const path of ['/v1/rooms/lobby/session', '/plain/lobby', '/lobby']) {
    for (const [name, headers] of [
      ['authorization', [own, own]],
      ['authorization', [own, 'AUTHORIZATION: Bearer x']],
      ['host', ['hOST: x']],
      ['origin', ['Origin: https://a.example', 'Origin: https://a.example']],
      ['sec-fetch-site', ['Sec-Fetch-Site: none', 'Accept: */*', 'sec-fetch-site: none']],
      ['content-type', ['Content-Type: text/plain', 'Content-Type: application/json']],
    ] as const) {
      const answer = await ask(path, headers);
      if (path.startsWith('/plain')) assert.equal(answer.status, 400);
      else assert.match(assertProblem(answer, 400, 'invalid-request').detail, new RegExp(`header ${name};`));
    }
  }
  const once = [
    'Accept: a',
    'Accept: b',
    'Cookie: a=b',
    'Cookie: c=d',
    'X-Origin: y',
    'X-Authorizati: y',
    own,
  ];
  assert.equal((await ask('/v1/rooms/lobby/session', once)).status, 200);
});
