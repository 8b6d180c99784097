import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { AdminApi } from '../../../src/cli/admin/admin-api.ts';
import { Failure } from '../../../src/cli/failure.ts';
import { listening } from '../../support/listening.ts';

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

async function asking(t: TestContext, answering: Answering): Promise<AdminApi> {
  return new AdminApi(await listening(t, createServer(answering)), 'token');
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
}

async function refused(asked: Promise<unknown>): Promise<readonly [exitCode: number, line: string]> {
  try {
    await asked;
  } catch (error) {
    assert(error instanceof Failure, String(error));
    assert.doesNotMatch(error.message, /[\p{Cc}]/u);
    return [error.exitCode, error.message];
  }
  assert.fail('it was not refused');
}

describe('the administration of a server', () => {
  it('reads lists to their end, each item once, also while others end between two pages', async (t) => {
    const ids = Array.from({ length: 2500 }, (_, index) => `${index}`);
    const paths: string[] = [];
    const api = await asking(t, ({ url = '', headers }, response) => {
      assert.equal(headers.authorization, 'Bearer token');
      paths.push(url);
      const { searchParams } = new URL(url, 'http://x');
      const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
      const sessions = ids.slice(offset, offset + limit).map((sessionId) => ({ sessionId }));
      json(response, 200, { sessions, total: ids.length });
      // The oldest ones go, so that all others move ahead.
      ids.splice(0, 20);
    });
    const sessions = await api.sessions('lobby');
    assert.deepEqual(
      sessions.map(({ sessionId }) => Number(sessionId)),
      Array.from({ length: 2500 }, (_, index) => index),
    );
    assert.equal(paths[0], '/v1/admin/sessions?room=lobby&offset=0&limit=1000');
    assert.equal(paths.length, 3);
  });

  it('ends a list at a page without news, whatever its total is said to be', async (t) => {
    const bans = Array.from({ length: 1000 }, (_, index) => ({ id: `${index}` }));
    const api = await asking(t, (_request, response) => json(response, 200, { bans, total: 1e9 }));
    assert.equal((await api.bans()).length, 1000);
  });

  it('says what the server says, and whether one was let in', async (t) => {
    const answers: Answering[] = [
      (_, response) => json(response, 404, { code: 'not-found', detail: 'There is no \u001b[2Jban.' }),
      (_, response) =>
        json(response, 401, { code: 'credentials-required', detail: 'This is not the ADMIN_TOKEN.' }),
      (_, response) => json(response, 429, { code: 'rate-limited', detail: 'Too many.' }),
      (_, response) => json(response, 503, { code: 'unavailable', detail: 'The store is away.' }),
    ];
    const api = await asking(t, (...both) => answers.shift()?.(...both));
    const ask = () => refused(api.ask('DELETE', '/bans/x'));
    assert.deepEqual(await ask(), [1, 'There is no \\u{1b}[2Jban.']);
    assert.deepEqual(await ask(), [4, 'This is not the ADMIN_TOKEN.']);
    assert.deepEqual(await ask(), [4, 'Too many.']);
    assert.deepEqual(await ask(), [3, 'The store is away.']);
  });

  it('takes for an answer only what is one, and carries the token nowhere else', async (t) => {
    let followed = 0;
    const elsewhere = await listening(
      t,
      createServer((_, response) => {
        followed += 1;
        response.end();
      }),
    );
    const answers: Answering[] = [
      (_, response) => response.writeHead(302, { location: elsewhere }).end(),
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in'),
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{"other":1}'),
      (_, response) => response.writeHead(502).end('<p>bad gateway'),
      (request) => request.socket.destroy(),
    ];
    const api = await asking(t, (...both) => answers.shift()?.(...both));
    const ask = (has?: string) => refused(api.ask('GET', '/bans', has === undefined ? {} : { has }));
    assert.match(
      (await ask('bans')).join(' '),
      /^3 Expected a Parlor server at \S+; got the answer 302, which leads to http/,
    );
    assert.match((await ask()).join(' '), /^3 Expected .+; got the answer 200 with text\/html\.$/);
    assert.match((await ask('bans')).join(' '), /^3 Expected .+; got the answer 200 with/);
    assert.match((await ask('bans')).join(' '), /^3 Expected .+; got the answer 502 with nothing\.$/);
    assert.match((await ask('bans')).join(' '), /^3 http:\S+ cannot be reached: it hung up/);
    assert.equal(followed, 0);
  });

  it('goes by the clock of the server', async (t) => {
    const ahead = 3_600_000;
    const api = await asking(t, (_request, response) => {
      response.setHeader('date', new Date(Date.now() + ahead).toUTCString());
      response.writeHead(204).end();
    });
    await api.ask('PUT', '/rooms/lobby/closure');
    assert(Math.abs(api.now() - Date.now() - ahead) < 60_000);
  });
});
