/**
 * What other pages have of a room: the script with its elements, the frame that one of them shows, and the page that
 * builds a snippet. The only answers that pages of other origins may load [`/embed.js`] or frame (`/embed/{room}`).
 */

import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.ts';
import { hasRoom } from '../core/room-names.ts';
import { encodingFor } from './encoding.ts';
import { isKnown } from './etag.ts';

/** The script as it was built. */
export interface EmbedScript {
  /** Changes with its content. */
  readonly etag: string;
  readonly plain: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

/** What of a page's security headers is its own. */
interface PagePolicy {
  /** What it may have in frames. */
  readonly frameSrc?: readonly string[];
  /** Who may have it in a frame. */
  readonly frameAncestors?: readonly string[];
}

interface EmbedPagesOptions {
  readonly config: Config;
  readonly script: EmbedScript;
  /** With `{{room}}`, `{{is-here}}` and `{{embed-origins}}` where those belong. */
  readonly framePage: string;
  /** With `{{rooms}}`, `{{embed-origins}}` and `{{feed-origins}}` where those belong. */
  readonly builderPage: string;
  /** The policy of pages, but for what is given. */
  readonly policyOf: (own: PagePolicy) => string;
}

/** A new version reaches everybody within this time; in between, asking costs an answer without a body. */
const scriptAgeSeconds = 300;

export async function embedPages(
  app: FastifyInstance,
  { config, script, framePage, builderPage, policyOf }: EmbedPagesOptions,
): Promise<void> {
  app.get('/embed.js', { schema: { operationId: 'embedScript' } }, (request, reply) => {
    reply
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('cache-control', `public, max-age=${scriptAgeSeconds}`)
      .header('vary', 'Accept-Encoding');
    if (isKnown(request, reply, script.etag)) return reply.code(304).send();
    const encoding = encodingFor(request);
    if (encoding !== 'plain') reply.header('content-encoding', encoding);
    return reply.type('text/javascript; charset=utf-8').send(script[encoding]);
  });

  // Framing by this host's own pages is always allowed: the page that builds snippets shows one.
  const { embedOrigins } = config;
  const listOf = (list: '*' | readonly string[]) => (list === '*' ? '*' : list.join(' '));
  // Whom the browser lets show it, the room in it listens to.
  const framePageHere = framePage.replaceAll('{{embed-origins}}', listOf(embedOrigins));
  const framePolicy = policyOf({
    frameAncestors: embedOrigins === '*' ? ['*'] : ["'self'", ...embedOrigins],
  });
  const framesOnlyHere = embedOrigins !== '*' && embedOrigins.length === 0;
  app.get<{ Params: { room: string } }>(
    '/embed/:room',
    { schema: { operationId: 'embedFrame' } },
    (request, reply) => {
      const { room } = request.params;
      const isHere = hasRoom(config.rooms, room);
      // It knows no list; browsers that know `frame-ancestors` do not read it.
      if (framesOnlyHere) reply.header('x-frame-options', 'SAMEORIGIN');
      else reply.removeHeader('x-frame-options');
      return reply
        .code(isHere ? 200 : 404)
        .header('content-security-policy', framePolicy)
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(
          framePageHere
            .replaceAll('{{room}}', isHere ? room : '')
            .replaceAll('{{is-here}}', isHere ? 'yes' : 'no'),
        );
    },
  );

  const { feed, feedOrigins, rooms } = config;
  const builder = builderPage
    .replaceAll('{{rooms}}', rooms === '*' ? config.frontRoom : rooms.join(' '))
    .replaceAll('{{embed-origins}}', listOf(embedOrigins))
    .replaceAll('{{feed-origins}}', feed === 'public' ? listOf(feedOrigins) : '');
  const builderPolicy = policyOf({ frameSrc: ["'self'"] });
  for (const url of ['/embed', '/embed/']) {
    app.get(url, (_request, reply) =>
      reply
        .header('content-security-policy', builderPolicy)
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(builder),
    );
  }
}
