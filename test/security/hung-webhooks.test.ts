import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { listening } from '../support/listening.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const hungLogins = 100;

/** A service that lets in Ada, and answers nothing about anybody else. */
async function hungService(t: TestContext) {
  const state = { asked: 0 };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    if (JSON.parse(text).name === 'Ada') response.end('{"accept":true,"id":"ada"}');
    else state.asked++;
  });
  return Object.assign(state, { url: await listening(t, server) });
}

/** How long 300 requests to all that a member asks for take, one after the other, in ascending order. */
async function requestTimes(member: ApiClient): Promise<number[]> {
  const routes = [
    () => member.users(),
    () => member.updates(),
    () => member.getSession(),
    () => member.ping(),
    () => member.history(),
    () => member.send('hello'),
  ];
  const times: number[] = [];
  for (let count = 0; count < 300; count++) {
    const begin = performance.now();
    const answer = await routes[count % routes.length]?.();
    assert.ok(answer && answer.status < 300);
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b);
}

/** @param places how many are asked about at once */
async function goOn(t: TestContext, optionsOf: (url: string) => Record<string, string>, places: number) {
  const service = await hungService(t);
  const server = await startServer({
    ...optionsOf(service.url),
    AUTH_TIMEOUT: '60',
    CREATE_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
    READ_LIMIT: 'off',
    SEND_LIMIT: 'off',
  });
  const ada = await ApiClient.join(server.url, 'Ada');
  await requestTimes(ada);
  const before = await requestTimes(ada);
  const giveUp = new AbortController();
  let answered = 0;
  const logins = Array.from({ length: hungLogins }, async (_, index) => {
    const request = { name: `Member ${index}` };
    await new ApiClient(server.url)
      .call('POST', '/session', request, {}, giveUp.signal)
      .catch(() => undefined);
    answered++;
  });
  t.after(async () => {
    giveUp.abort();
    await Promise.all(logins);
    await server.close();
  });
  await waitUntil(() => service.asked === places, 'all places are taken');
  const during = await requestTimes(ada);
  assert.equal(answered, 0, 'the logins hang all the while');
  const [usual, now] = [before, during].map((times) => ({ median: times[150] ?? 0, p99: times[296] ?? 0 }));
  assert.ok(usual && now);
  const ratios = { median: now.median / usual.median, p99: now.p99 / usual.p99 };
  t.diagnostic(
    `requests with 100 hung logins: median ×${ratios.median.toFixed(2)}, p99 ×${ratios.p99.toFixed(2)} (${now.p99.toFixed(1)} ms)`,
  );
  // Of a login that held them up they would wait for a minute: the median would be a thousand times as long.
  assert.ok(ratios.median < 10, JSON.stringify(ratios));
}

test('while 100 logins hang at the webhook, those who are in go on', async (t) => {
  await goOn(t, (url) => ({ AUTH: `webhook:${url}` }), 64);
});

test('while 100 creates hang at the session manager, those who are in go on', async (t) => {
  await goOn(t, (url) => ({ SESSION_WEBHOOK: url, SESSION_WEBHOOK_AUTHORIZE: 'getInitialUsers' }), 32);
});

test('a login that hangs is answered 503 after AUTH_TIMEOUT, and nobody is let in', async (t) => {
  const service = await hungService(t);
  const server = await startServer({ AUTH: `webhook:${service.url}`, AUTH_TIMEOUT: '0.2', FEED: 'public' });
  t.after(() => server.close());
  const { status, headers } = await new ApiClient(server.url).create({ name: 'Bob' });
  assert.equal(status, 503);
  assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  const room = await (await fetch(`${server.url}/v1/rooms/lobby`)).text();
  assert.match(room, /"members":0/);
});
