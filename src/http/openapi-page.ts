/** `/docs`: the API's document for people. No scripts, and nothing from elsewhere: it works where there is no internet. */

// Adds `reply.compress` to the types.
import type {} from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import { etagOf, isKnown } from './etag.ts';
import { useMethods } from './methods.ts';
import { docsPage } from './openapi/page.ts';
import type { ApiDocument } from './openapi-routes.ts';
import { always } from './server-state.ts';

interface OpenApiPageOptions {
  readonly apiDocument: () => ApiDocument;
  /** Where its stylesheet is. */
  readonly stylesheet: string;
}

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

export async function openApiPage(
  scope: FastifyInstance,
  { apiDocument, stylesheet }: OpenApiPageOptions,
): Promise<void> {
  const finishMethods = useMethods(scope);
  let made: { readonly text: string; readonly etag: string } | undefined;
  for (const url of ['/docs', '/docs/']) {
    scope.get(url, { config: { answeredWhile: always } }, (request, reply) => {
      made ??= make(docsPage(apiDocument().document, stylesheet));
      const { text, etag } = made;
      reply.headers(headers);
      if (isKnown(request, reply, etag)) return reply.code(304).send();
      reply.compress(text);
      return reply;
    });
  }
  finishMethods();
}

function make(text: string) {
  return { text, etag: etagOf(text) };
}
