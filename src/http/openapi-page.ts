/** `/docs`: the API's document for people. No scripts, and nothing from elsewhere: it works where there is no internet. */

import type { FastifyInstance } from 'fastify';
import { FixedText } from './fixed-text.ts';
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
};

export async function openApiPage(
  scope: FastifyInstance,
  { apiDocument, stylesheet }: OpenApiPageOptions,
): Promise<void> {
  const finishMethods = useMethods(scope);
  let page: FixedText | undefined;
  for (const url of ['/docs', '/docs/']) {
    scope.get(url, { config: { answeredWhile: always } }, (request, reply) => {
      page ??= new FixedText(docsPage(apiDocument().document, stylesheet));
      reply.headers(headers);
      return page.send(request, reply, 'text/html; charset=utf-8');
    });
  }
  finishMethods();
}
