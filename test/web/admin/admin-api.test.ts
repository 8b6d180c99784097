import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProblemError } from '../../../src/client/problem.ts';
import { AdminApi } from '../../../src/web/admin/admin-api.ts';
import { statsOf } from './support/stats.ts';

const token = 'a-secret-of-enough-characters';

/** An API whose server answers each question with what is next. */
function apiThat(...answers: readonly (Response | Error)[]) {
  const asked: { readonly url: string; readonly init: RequestInit }[] = [];
  const rest = [...answers];
  const api = new AdminApi(token, async (url, init = {}) => {
    asked.push({ url: String(url), init });
    const answer = rest.shift();
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  });
  return { api, asked };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

async function problemOf(asking: Promise<unknown>) {
  const error = await asking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProblemError, String(error));
  return error.problem;
}

describe('what an operator asks of the server', () => {
  it('has the token in a header, and in nothing else', async () => {
    const nothing = () => new Response(null, { status: 204 });
    const { api, asked } = apiThat(
      json(statsOf(0)),
      json({ sessions: [], total: 0 }),
      nothing(),
      json({ rooms: [] }),
      nothing(),
      nothing(),
      json({ id: 1, timestamp: 2 }, 201),
      json({ events: [], cursor: 'a-1', more: false }),
      json({ id: 3 }),
      json({ bans: [], total: 0 }),
      json({ id: 'b1' }, 201),
      nothing(),
    );
    await api.stats();
    await api.sessions(950);
    await api.removeSession('id/../x', 'a & b');
    await api.rooms();
    await api.closeRoom('tea', '');
    await api.reopenRoom('tea');
    await api.announce('tea', 'Hello');
    await api.history('tea', 'a-7');
    await api.redact('tea', 5, '');
    await api.bans(0);
    await api.ban({ kind: 'name', value: 'Mallory', seconds: 60 });
    await api.unban('b/1');
    assert.deepEqual(
      asked.map(({ url, init }) => `${init.method} ${url} ${init.body ?? ''}`.trimEnd()),
      [
        'GET /v1/admin/stats',
        'GET /v1/admin/sessions?offset=950&limit=1000',
        'DELETE /v1/admin/sessions/id%2F..%2Fx?reason=a+%26+b',
        'GET /v1/admin/rooms',
        'PUT /v1/admin/rooms/tea/closure {}',
        'DELETE /v1/admin/rooms/tea/closure',
        'POST /v1/admin/rooms/tea/announcements {"message":"Hello"}',
        'GET /v1/admin/rooms/tea/history?before=a-7&limit=100',
        'DELETE /v1/admin/rooms/tea/messages/5',
        'GET /v1/admin/bans?offset=0&limit=1000',
        'POST /v1/admin/bans {"kind":"name","value":"Mallory","seconds":60}',
        'DELETE /v1/admin/bans/b%2F1',
      ],
    );
    for (const { url, init } of asked) {
      assert.equal(new Headers(init.headers).get('authorization'), `Bearer ${token}`);
      assert.deepEqual(
        [init.credentials, init.redirect, Reflect.get(init, 'cache')],
        ['omit', 'error', 'no-store'],
        url,
      );
      assert.doesNotMatch(`${url} ${init.body}`, new RegExp(token));
    }
  });

  it('is told what is refused, and when to ask again', async () => {
    const detail = 'This is not the ADMIN_TOKEN.';
    const { api } = apiThat(
      json({ code: 'credentials-required', detail, status: 401 }, 401),
      json({ code: 'rate-limited', detail: 'Slowly.', status: 429 }, 429, { 'retry-after': '12' }),
      new Response('<h1>Bad gateway</h1>', { status: 502 }),
    );
    assert.deepEqual(await problemOf(api.stats()), {
      code: 'credentials-required',
      detail,
      status: 401,
      retryAfterMs: undefined,
    });
    assert.equal((await problemOf(api.stats())).retryAfterMs, 12_000);
    const broken = await problemOf(api.unban('b1'));
    assert.deepEqual([broken.code, broken.status], ['unknown', 502]);
  });

  it('takes nothing for an answer that is none', async () => {
    const { api } = apiThat(
      new TypeError('fetch failed'),
      new Response('<h1>Sign in to the hotel</h1>'),
      json({ hello: 'world' }),
      json(null),
      json({ hello: 'world' }),
    );
    for (const asking of [api.stats(), api.stats(), api.rooms(), api.bans(0), api.announce('tea', 'x')]) {
      assert.equal((await problemOf(asking)).code, 'unreachable');
    }
  });

  it('ends with whoever asked', async () => {
    const life = new AbortController();
    const api = new AdminApi(token, (_url, init) => {
      const { promise, reject } = withResolvers<Response>();
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      return promise;
    });
    const asking = problemOf(api.stats(life.signal));
    life.abort();
    assert.equal((await asking).code, 'unreachable');
  });
});

function withResolvers<T>(): { promise: Promise<T>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((_resolve, rejecting) => {
    reject = rejecting;
  });
  return { promise, reject };
}
