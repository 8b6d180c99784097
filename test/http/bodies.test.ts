import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { assertProblem } from '../support/problem.ts';
import { exchange, type RawAnswer } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let ada: ApiClient;
before(async () => {
  server = await startServer({
    SEND_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
    CREATE_LIMIT: 'off',
    FLOOD_STRIKES: 'off',
  });
  ada = await ApiClient.join(server.url, 'Ada');
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

/** Sends these bytes as a message. */
function send(type: string | undefined, body: string | Uint8Array, headers = ''): Promise<RawAnswer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return exchange(
    server.port,
    `POST /v1/rooms/lobby/session/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
      `Authorization: Bearer ${ada.token}\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}${headers}` +
      `Content-Length: ${bytes.length}\r\n\r\n`,
    bytes,
  );
}

async function lastMessage(): Promise<string | undefined> {
  return (await ada.history('?limit=1')).body.events[0]?.message;
}

const invalid = (...bytes: number[]) => Buffer.from(bytes);

test('bytes that are not UTF-8 are refused in every kind of body', async () => {
  const broken = [
    invalid(0xff),
    invalid(0xc3, 0x28),
    invalid(0xed, 0xa0, 0x80),
    invalid(0xf4, 0x90, 0x80, 0x80),
    invalid(0xc0, 0xaf),
    invalid(0xe2, 0x82),
  ];
  for (const bytes of broken) {
    const kinds: [string, Buffer][] = [
      ['text/plain', bytes],
      ['application/json', Buffer.concat([Buffer.from('{"message":"'), bytes, Buffer.from('"}')])],
      ['application/x-www-form-urlencoded', Buffer.concat([Buffer.from('message='), bytes])],
    ];
    for (const [type, body] of kinds) {
      const { detail } = assertProblem(await send(type, body), 400, 'invalid-request');
      assert.equal(detail, 'A body is UTF-8; this one has bytes that are not.');
    }
  }
});

test('escapes in forms that are not UTF-8 are refused, as are fields given twice', async () => {
  const form = 'application/x-www-form-urlencoded';
  for (const body of ['message=%zz', 'message=%', 'message=%ff', 'message=%ed%a0%80', '%c3=1&message=x']) {
    assert.match(assertProblem(await send(form, body), 400, 'invalid-request').detail, /not UTF-8/);
  }
  assert.match(
    assertProblem(await send(form, 'message=a&message=b'), 400, 'invalid-request').detail,
    /"message" twice/,
  );
  for (const body of [
    'message=x&__proto__=y',
    'message=x&constructor=y',
    'message=x&=',
    'message[]=x',
    'x',
  ]) {
    assertProblem(await send(form, body), 400, 'invalid-request');
  }
  assert.equal((await send(form, '&message=a=b&&')).status, 201);
  assert.equal(await lastMessage(), 'a=b');
});

test('members that are not in the schema are refused, __proto__ among them', async () => {
  for (const member of ['__proto__', 'constructor', 'toString', 'Message', 'name']) {
    const body = `{"message":"x",${JSON.stringify(member)}:{"message":"y"}}`;
    const problem = assertProblem(await send('application/json', body), 400, 'invalid-request');
    assert.equal(problem.detail.startsWith('body: expected no other members; got "'), true);
    assert.deepEqual(problem.errors?.[0]?.expected, 'no other members');
  }
  assertProblem(await send('application/json', '{"__proto__":{"message":"y"}}'), 400, 'invalid-request');
});

test('nothing is coerced in a body, and the refusal says what was expected and what came', async () => {
  const cases: [body: string, detail: string][] = [
    ['{"message":1}', 'body/message: expected a value of type string; got 1.'],
    ['{"message":null}', 'body/message: expected a value of type string; got null.'],
    ['{"message":["x"]}', 'body/message: expected a value of type string; got a list.'],
    ['{"message":{"toString":"x"}}', 'body/message: expected a value of type string; got an object.'],
    ['{"message":"x","key":1}', 'body/key: expected a value of type string; got 1.'],
    ['{"message":"x","key":"ü"}', 'body/key: expected pattern "^[A-Za-z0-9_-]{1,64}$"; got "ü".'],
    ['{}', 'body: expected a member "message"; got none.'],
    ['', 'body: expected a member "message"; got none.'],
    ['null', 'body: expected a value of type object; got null.'],
    ['[]', 'body: expected a value of type object; got a list.'],
    ['"message"', 'body: expected a value of type object; got "message".'],
    ['true', 'body: expected a value of type object; got true.'],
  ];
  for (const [body, detail] of cases) {
    const problem = assertProblem(await send('application/json', body), 400, 'invalid-request');
    assert.equal(problem.detail, detail);
    if (body !== 'null') assert.equal(problem.errors?.length, 1);
  }
});

test('JSON that is none is refused; a byte order mark makes it none', async () => {
  for (const body of [
    '{',
    '{"message":"x"}}',
    "{'message':'x'}",
    '\ufeff{"message":"x"}',
    '\0',
    '{"message":"\n"}',
  ]) {
    assert.match(
      assertProblem(await send('application/json', body), 400, 'invalid-request').detail,
      /^The body is not JSON: /,
    );
  }
});

test('a byte order mark in a text is text', async () => {
  assert.equal((await send('text/plain', '\ufeffhello')).status, 201);
  assert.equal(await lastMessage(), '\ufeffhello');
});

test('deep and long JSON costs nothing but a refusal', async () => {
  const deep = '['.repeat(8_000) + ']'.repeat(8_000);
  assertProblem(await send('application/json', deep), 400, 'invalid-request');
  assertProblem(await send('application/json', `{"message":${deep}}`), 400, 'invalid-request');
});

test('the media type counts whatever its case and parameters, the charset must be UTF-8', async () => {
  for (const type of [
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/json; version=1; charset=utf8',
    'application/json;',
  ]) {
    assert.equal((await send(type, '{"message":"x"}')).status, 201, type);
  }
  for (const type of [
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'text/plain;charset=iso-8859-1',
    'application/x-www-form-urlencoded; charset=windows-1252',
  ]) {
    assert.match(
      assertProblem(await send(type, 'message=x'), 415, 'unsupported-media-type').detail,
      /A body is UTF-8; this one has charset "/,
    );
  }
  for (const type of [
    'application/xml',
    'multipart/form-data; boundary=x',
    'text/html',
    'application/jsonx',
    'x',
  ]) {
    assertProblem(await send(type, '{"message":"x"}'), 415, 'unsupported-media-type');
  }
  assertProblem(await send(undefined, '{"message":"x"}'), 415, 'unsupported-media-type');
});

test('a compressed body is refused as such', async () => {
  const body = gzipSync('{"message":"x"}');
  const { detail } = assertProblem(
    await send('application/json', body, 'Content-Encoding: gzip\r\n'),
    415,
    'unsupported-media-type',
  );
  assert.match(detail, /Content-Encoding "gzip"/);
  assert.equal(
    (await send('application/json', '{"message":"x"}', 'Content-Encoding: identity\r\n')).status,
    201,
  );
});

test('only a message may be text/plain', async () => {
  const answer = await new ApiClient(server.url).call(
    'POST',
    '/session',
    { name: 'Text' },
    { 'content-type': 'text/plain' },
  );
  assertProblem(answer, 415, 'unsupported-media-type');
});

test('a body may come in chunks, and a character may be cut in two', async () => {
  const body = Buffer.from('{"message":"grüße 你好"}');
  const chunks = [...body].map((byte) => Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a]));
  const answer = await exchange(
    server.port,
    `POST /v1/rooms/lobby/session/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${ada.token}\r\n` +
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    ...chunks,
    '0\r\n\r\n',
  );
  assert.equal(answer.status, 201);
  assert.equal(await lastMessage(), 'grüße 你好');
});

test('a message of MAX_MESSAGE_BYTES fits, however it is escaped', async () => {
  const worst = `{"message":"${'\\u0078'.repeat(1024)}","key":"k"}`;
  assert.equal((await send('application/json', worst)).status, 201);
  assert.equal(
    (await send('application/x-www-form-urlencoded', `message=${'%78'.repeat(1024)}`)).status,
    201,
  );
});

test('a body over 16 KiB is refused with 413, announced or in chunks', async () => {
  const announced = await send('text/plain', 'x'.repeat(16_385));
  assert.equal(assertProblem(announced, 413, 'payload-too-large').detail, 'A body has at most 16384 bytes.');
  const head =
    `POST /v1/rooms/lobby/session/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${ada.token}\r\n` +
    'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunked = await exchange(server.port, head, `4001\r\n${'x'.repeat(16_385)}\r\n`);
  assertProblem(chunked, 413, 'payload-too-large');
  assert.equal((await send('text/plain', 'x'.repeat(16_384))).status, 422, 'the limit itself is read');
  const create = await new ApiClient(server.url).create({ name: 'x'.repeat(20_000) });
  assertProblem(create, 413, 'payload-too-large');
});

test('each body that is too large is a strike, as is each other refused send', async (t) => {
  const own = await startServer(
    { FLOOD_STRIKES: '4', SEND_LIMIT: '2/10', UPDATES_LIMIT: 'off' },
    { clock: new FakeClock() },
  );
  t.after(() => own.close());
  const flood = await ApiClient.join(own.url, 'Flood');
  const others = await ApiClient.join(own.url, 'Others');
  assertProblem(await flood.send('x'.repeat(17_000)), 413, 'payload-too-large');
  assertProblem(await flood.send(''), 422, 'invalid-message');
  await flood.send('counts');
  const limited = await flood.send('one too many');
  assertProblem(limited, 429, 'rate-limited');
  assert.equal((await flood.ping()).status, 204, 'three strikes are not four');
  assertProblem(await flood.send('x'.repeat(17_000)), 413, 'payload-too-large');
  const gone = assertProblem(await flood.ping(), 410, 'session-gone');
  assert.deepEqual([gone.reason, gone.action], ['flooding', 'stop']);
  const left = (await others.updates()).body.events.at(-1);
  assert.deepEqual([left?.type, left?.name], ['leave', 'Flood']);
});
