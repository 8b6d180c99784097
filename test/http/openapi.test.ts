import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { after, before, describe, it } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import type { Answer, OpenApiDocument, OpenApiOperation } from '../../src/http/openapi/types.ts';
import { parlor } from '../../src/index.ts';
import { streamEvents } from '../../src/schemas/stream.ts';
import { version } from '../../src/system/version.ts';
import { DocumentCheck } from '../support/api-document.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** What browsers open and load: for people, and so in no document. */
const pages = [
  'GET /',
  'GET /:room',
  'GET /admin',
  'GET /admin/',
  'GET /assets/*',
  'GET /docs',
  'GET /docs/',
  'GET /embed',
  'GET /embed.js',
  'GET /embed/',
  'GET /embed/:room',
  'GET /manifest/:room',
  'GET /plain',
  'GET /plain/',
  'GET /plain/:room',
  'GET /plain/:room/join',
  'GET /plain/:room/leave',
  'GET /plain/:room/log',
  'GET /plain/:room/news',
  'GET /plain/:room/send',
  'GET /static/*',
  'POST /plain/:room/join',
  'POST /plain/:room/leave',
  'POST /plain/:room/send',
];

describe('/openapi.json', () => {
  let server: TestServer;
  let document: OpenApiDocument;
  const routes: RouteOptions[] = [];

  before(async () => {
    const note = (message: unknown): void => {
      const { fastify } = message as { fastify: FastifyInstance };
      fastify.addHook('onRoute', (route) => {
        routes.push(route);
      });
    };
    diagnostics.subscribe('fastify.initialization', note);
    server = await startServer({ ADMIN_TOKEN: 'an-operators-secret-of-enough-characters' });
    diagnostics.unsubscribe('fastify.initialization', note);
    document = await documentAt(server.url);
  });

  after(() => server.close());

  it('passes the recommended rules of Redocly, without an exception', async () => {
    assert.deepEqual(await lint(document), []);
    const [path = ''] = Object.keys(document.paths);
    const worse: { paths: Record<string, { get?: { operationId?: string } }> } = JSON.parse(
      JSON.stringify(document),
    );
    delete worse.paths[path]?.get?.operationId;
    assert.deepEqual(
      (await lint(worse)).map(({ ruleId }) => ruleId),
      ['operation-operationId'],
    );
  });

  it('has every route of the server but its pages', () => {
    const answered = routes
      // What only says that a method is not for an address takes TRACE too.
      .filter(({ method }) => !method.includes('TRACE'))
      .flatMap(({ method, url }) => [method].flat().map((each) => `${each} ${url}`))
      .filter((route) => !/^(HEAD|OPTIONS) /.test(route));
    const described = operationsOf(document).map(
      ([path, method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    );
    assert.deepEqual([...new Set(answered)].sort(), [...described, ...pages].sort());
  });

  it('calls the operations by names that are each there once', () => {
    const names = operationsOf(document).map(([, , { operationId }]) => operationId);
    assert.deepEqual(names.filter((name) => name === '').length, 0);
    assert.equal(new Set(names).size, names.length);
    const designed =
      'create getSession destroy ping getInitialUsers getUpdates send subscribe feed history getRoom listRooms';
    for (const name of [...designed.split(' '), 'listSessions', 'removeSession', 'livez', 'readyz']) {
      assert.ok(names.includes(name), name);
    }
  });

  it('says of each operation what it is for, who may ask, and what it is refused as', () => {
    for (const [path, method, operation] of operationsOf(document)) {
      const what = `${method} ${path}`;
      assert.match(operation.summary, /\w/, what);
      assert.ok(operation.security.length > 0, what);
      const isAdmin = path.startsWith('/v1/admin/') || path === '/metrics';
      assert.equal('adminToken' in (operation.security[0] ?? {}), isAdmin, what);
      const statuses = Object.keys(operation.responses).map(Number);
      assert.ok(statuses.some((status) => status < 300) && statuses.includes(500), what);
      assert.equal(path.includes('{room}') ? statuses.includes(404) : true, true, what);
    }
  });

  it('has examples of what is sent and answered, and each is as the document itself says', () => {
    const check = new DocumentCheck(document);
    const { schemas, responses, examples } = document.components;
    let held = 0;
    for (const [name, { examples: own }] of Object.entries(schemas)) {
      for (const example of Array.isArray(own) ? own : []) {
        assert.equal(check.ofJson(`#/components/schemas/${name}`, example), undefined);
        held++;
      }
    }
    for (const [name, { content }] of Object.entries(responses)) {
      const media = content?.['application/problem+json'];
      for (const code of Object.keys(media?.examples ?? {})) {
        const place = `#/components/responses/${name}/content/application~1problem+json/schema`;
        assert.equal(check.ofJson(place, examples[code]?.value), undefined);
        held++;
      }
    }
    assert.ok(held > 50, `${held} examples`);
    for (const [path, method, { requestBody, responses: own }] of operationsOf(document)) {
      const told = [requestBody?.content, ...Object.values(own).map((answer) => contentOf(answer))];
      for (const media of told.map((content) => content?.['application/json']).filter(Boolean)) {
        const name =
          String(media?.schema.$ref ?? '')
            .split('/')
            .at(-1) ?? '';
        // The figures, and this very document, would be long.
        if (name === 'StatsAnswer' || path === '/openapi.json') continue;
        assert.ok(schemas[name]?.examples, `${method} ${path} ${name}`);
      }
    }
  });

  it('has what is refused before anybody looks for the room', async () => {
    const check = new DocumentCheck(document);
    const answer = await fetch(`${server.url}/v1/rooms/${'x'.repeat(200)}/history`);
    const { status, headers } = answer;
    const contentType = headers.get('content-type') ?? '';
    const route = '/v1/rooms/:room/history';
    assert.equal(
      check.ofAnswer({ method: 'GET', route, status, contentType, body: await answer.text() }),
      undefined,
    );
  });

  it('has a whole stream as its example, of events as it describes them', () => {
    const check = new DocumentCheck(document);
    const { EventStream, StreamEvent } = document.components.schemas;
    const [text = ''] = (EventStream?.examples ?? []) as string[];
    const blocks = text.split('\n\n').filter((block) => /^data: /m.test(block));
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const event = { type: field('event') ?? 'message', id: field('id'), data: field('data') ?? '' };
      assert.equal(check.ofEvent(event), undefined);
    }
    assert.equal(blocks.length, 4);
    const { anyOf } = StreamEvent as { anyOf: { properties: { event: { const: string } } }[] };
    const names = anyOf.map(({ properties }) => properties.event.const);
    assert.deepEqual(names, Object.keys(streamEvents));
    assert.match(check.ofEvent({ type: 'bye', id: undefined, data: '{"reason":"bored"}' }) ?? '', /reason/);
    assert.match(check.ofEvent({ type: 'status', id: '7f3a-1', data: '{"store":"away"}' }) ?? '', /the id/);
    assert.match(check.ofEvent({ type: 'hello', id: undefined, data: '{}' }) ?? '', /not in the document/);
  });

  it('would have an answer found that is not as it says', () => {
    const check = new DocumentCheck(document);
    const answer = {
      method: 'GET',
      route: '/v1/rooms/:room',
      status: 200,
      contentType: 'application/json; charset=utf-8',
      body: '{"name":"lobby","members":1}',
    };
    const wrong = (other: Partial<typeof answer>): string => check.ofAnswer({ ...answer, ...other }) ?? '';
    assert.equal(wrong({}), '');
    assert.match(wrong({ status: 202 }), /202 is not in the document/);
    assert.match(wrong({ contentType: 'text/html' }), /text\/html, which is not/);
    assert.match(wrong({ body: '{"name":"lobby"}' }), /members/);
    assert.match(wrong({ body: '{"name":"lobby","members":1,"owner":"Ada"}' }), /additional properties/);
    assert.match(wrong({ body: '<p>' }), /no JSON/);
    assert.match(wrong({ route: '/v1/news' }), /not in the document/);
    assert.match(wrong({ route: '/v1/rooms/:room/session', method: 'DELETE', status: 200 }), /200 is not/);
    const problem = { type: 'about:blank', title: 'Forbidden', status: 403, detail: '', requestId: '1' };
    const refused = (code: string) =>
      wrong({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ ...problem, code }),
      });
    assert.equal(refused('permission-denied'), '');
    assert.match(refused('cross-origin'), /code/);
  });

  it('is compressed, and answered without a body to whoever has it', async () => {
    const first = await fetch(`${server.url}/openapi.json`);
    assert.equal(first.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.ok(first.headers.get('content-encoding'));
    assert.match(first.headers.get('vary') ?? '', /accept-encoding/i);
    assert.equal(first.headers.get('cache-control'), 'no-cache');
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^W\/"[\w-]{22}"$/);
    await first.text();
    const again = await fetch(`${server.url}/openapi.json`, { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    const other = await fetch(`${server.url}/openapi.json`, { headers: { 'if-none-match': 'W/"other"' } });
    assert.equal(other.status, 200);
    await other.text();
  });

  it('says which version it is of, and whose licence', () => {
    assert.equal(document.info.version, version());
    assert.deepEqual(document.info.license, { name: 'MIT', identifier: 'MIT' });
    assert.match(document.openapi, /^3\.1\./);
  });

  it('tells where the API is: at PUBLIC_URL, or on this host', async (t) => {
    assert.deepEqual(addressesIn(document), ['/']);
    const known = await startServer({ PUBLIC_URL: 'https://chat.example' });
    t.after(() => known.close());
    assert.deepEqual(addressesIn(await documentAt(known.url)), ['https://chat.example']);
  });

  it('tells below which prefix the API is, where it is a plugin, beside an application’s own document', async (t) => {
    const app = Fastify();
    t.after(() => app.close());
    // As the plugin for such documents does: Parlor must not need the same name.
    app.decorate('swagger', () => ({}));
    await app.register(parlor, { prefix: '/chat', rooms: ['lobby'], storeUrl: 'memory:' });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const own = await documentAt(`${url}/chat`);
    assert.deepEqual(addressesIn(own), ['/chat']);
    assert.deepEqual(own.paths, document.paths);
    const [address] = addressesIn(own);
    const room = await fetch(new URL(`${address}/v1/rooms/lobby`, url));
    assert.deepEqual(await room.json(), { name: 'lobby', members: 0 });
  });
});

async function documentAt(url: string): Promise<OpenApiDocument> {
  const answer = await fetch(`${url}/openapi.json`);
  assert.equal(answer.status, 200);
  return JSON.parse(await answer.text());
}

function addressesIn({ servers }: OpenApiDocument): string[] {
  return servers.map(({ url }) => url);
}

function operationsOf({ paths }: OpenApiDocument): [path: string, method: string, OpenApiOperation][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, OpenApiOperation] => [
      path,
      method,
      operation,
    ]),
  );
}

function contentOf(answer: OpenApiOperation['responses'][string]): Answer['content'] {
  return '$ref' in answer ? undefined : answer.content;
}

async function lint(document: unknown) {
  const config = await createConfig({ extends: ['recommended'] });
  return lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config });
}
