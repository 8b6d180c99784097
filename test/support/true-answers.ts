/** Watches the servers of a test: what they answer must be as their own document says, or the test fails. */

import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { documentOf } from '../../src/http/openapi/document.ts';
import { apiRoutesOf } from '../../src/http/openapi-routes.ts';
import { DocumentCheck, type RealAnswer, type RealEvent } from './api-document.ts';

/** Of the first server of this process: but for addresses, all have the same. */
let check: DocumentCheck | undefined;
const untrue = new Set<string>();
// Who is wrong always would fill the terminal.
const maxTold = 20;

/** Builds an application of Parlor that is watched from then on. */
export async function watchAnswers(build: () => Promise<FastifyInstance>): Promise<FastifyInstance> {
  const app = check ? await build() : await learn(build);
  app.addHook('onSend', (request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    try {
      note(
        check?.ofAnswer({
          method: request.method,
          route: request.is404 ? undefined : request.routeOptions.url,
          status: reply.statusCode,
          contentType: typeof type === 'string' ? type : undefined,
          body: textOf(payload, reply.getHeader('content-encoding')),
        }),
      );
    } catch (error) {
      note(`${request.method} ${request.url}: ${error}`);
    }
    done();
  });
  return app;
}

/** Its document, as it is made of its routes: to ask for it would be a request that a test does not know of. */
async function learn(build: () => Promise<FastifyInstance>): Promise<FastifyInstance> {
  // Others may come into being at the same time.
  const routes = new Map<FastifyInstance, ReturnType<typeof apiRoutesOf>>();
  const note = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    routes.set(fastify, apiRoutesOf(fastify));
  };
  diagnostics.subscribe('fastify.initialization', note);
  const app = await build().finally(() => diagnostics.unsubscribe('fastify.initialization', note));
  const document = documentOf(routes.get(app) ?? [], { version: '', serverUrl: '/' });
  assert.ok(document.paths['/v1/rooms'], 'the routes of the application were seen');
  check ??= new DocumentCheck(JSON.parse(JSON.stringify(document)));
  return app;
}

/** Told of each event that a test reads off a stream. */
export function noteEvent(event: RealEvent): void {
  note(check?.ofEvent(event));
}

/** @throws AssertionError if something was not as the document says since it was asked before */
export function assertTrue(): void {
  const told = [...untrue];
  untrue.clear();
  assert.deepEqual(told, [], 'all answers are as /openapi.json says');
}

function note(line: string | undefined): void {
  if (line !== undefined && untrue.size < maxTold) untrue.add(line);
}

const unpack: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  deflate: inflateSync,
};

/** What leaves bit by bit is not seen. */
function textOf(payload: unknown, encoding: unknown): RealAnswer['body'] {
  if (payload === undefined || payload === null) return '';
  if (typeof payload === 'string') return payload;
  if (!(payload instanceof Uint8Array)) return undefined;
  return (unpack[String(encoding)]?.(payload) ?? Buffer.from(payload)).toString();
}
