/** `/openapi.json`: what the API is, for programs, and for people at `/docs` where that page is. */

import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../schemas/common.ts';
import { version } from '../system/version.ts';
import { FixedText } from './fixed-text.ts';
import { type ApiRoute, documentOf } from './openapi/document.ts';
import type { OpenApiDocument } from './openapi/types.ts';
import { always } from './server-state.ts';
import type { Services } from './services.ts';

/** The document and what is served of it, made when somebody asks first: most servers are never asked. */
export interface ApiDocument {
  readonly document: OpenApiDocument;
  readonly text: FixedText;
}

/** The routes of this scope from here on that say of themselves what they are: the list grows with them. */
export function apiRoutesOf(app: FastifyInstance): readonly ApiRoute[] {
  const routes: ApiRoute[] = [];
  app.addHook('onRoute', ({ routePath, method, schema, config: own }) => {
    if (schema?.api === undefined || method === 'HEAD') return;
    routes.push({
      method: String(method),
      path: routePath,
      schema: { ...schema, api: schema.api },
      acceptsText: own?.acceptsText === true,
      isAlwaysAnswered: own?.answeredWhile?.length === always.length,
    });
  });
  return routes;
}

/**
 * Notes the routes of this scope from here on.
 * @returns what makes the document; call it once all routes are there
 */
export function useOpenApi(app: FastifyInstance, { config }: Services): () => ApiDocument {
  const routes = apiRoutesOf(app);
  let made: ApiDocument | undefined;
  return () => {
    made ??= make(routes, (config.publicUrl ?? '') + app.prefix || '/');
    return made;
  };
}

function make(routes: readonly ApiRoute[], serverUrl: string): ApiDocument {
  const document = documentOf(routes, { version: version(), serverUrl });
  return { document, text: new FixedText(`${JSON.stringify(document)}\n`) };
}

const Document = Type.Object(
  { openapi: Type.String(), info: Type.Unknown(), paths: Type.Unknown() },
  { additionalProperties: true },
);

export async function openApiRoutes(app: FastifyInstance, apiDocument: () => ApiDocument): Promise<void> {
  app.get(
    '/openapi.json',
    {
      config: { answeredWhile: always },
      schema: {
        operationId: 'openapi',
        summary: 'This document',
        api: {
          tag: 'operation',
          access: 'anybody',
          answers: { 200: 'OpenAPI 3.1', 304: 'It is still the one of `If-None-Match`' },
        },
        response: { 200: Document, 304: Type.Null(), default: Problem },
      },
    },
    (request, reply) => apiDocument().text.send(request, reply, 'application/json; charset=utf-8'),
  );
}
