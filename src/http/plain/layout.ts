/** What all pages without scripts have in common: the document, and the headers that keep it from doing anything else. */

// Adds `reply.compress` to the types.
import type {} from '@fastify/compress';
import type { FastifyReply } from 'fastify';
import { type Html, html } from './html.ts';
import { strings } from './strings.ts';

export interface Page {
  readonly title: string;
  /** `room` fills the window, `frame` and `past` stand in its frame and `news` in theirs, `card` is a form or a word; `docs` is the API's. */
  readonly look: 'room' | 'frame' | 'past' | 'news' | 'card' | 'docs';
  /** Where the stylesheet is. */
  readonly stylesheet: string;
  readonly body: Html;
  /** After how many seconds the browser asks again. */
  readonly refreshSeconds?: number | undefined;
}

// Below this, compressing costs more than it saves.
const compressFromLength = 1024;

export function documentOf({ title, look, stylesheet, body, refreshSeconds }: Page): string {
  // The same address again: a browser that is sent to another one notes each as a step for its Back button.
  const refresh =
    refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}">\n`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
${refresh}<title>${title}</title>
<link rel="icon" href="/static/favicon.svg">
<link rel="stylesheet" href="${stylesheet}">
</head>
<body class="${look}">
${body}
</body>
</html>
`.text;
}

/** Where there is no room. @param front the address of the front room */
export function noRoomPage(stylesheet: string, front: string): Page {
  return {
    title: strings.noRoomTitle,
    look: 'card',
    stylesheet,
    body: html`<main>
<h1>${strings.noRoomTitle}</h1>
<p>${strings.noRoom} <a href="${front}">${strings.toFront}</a>.</p>
</main>`,
  };
}

function isFramed(look: Page['look']): boolean {
  return look === 'frame' || look === 'past' || look === 'news';
}

/** No scripts, nothing from elsewhere. @param isFramed whether pages of this host may have it in a frame */
function policyOf(isFramed: boolean): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${isFramed ? "'self'" : "'none'"}`,
  ].join('; ');
}

const policies = { framed: policyOf(true), alone: policyOf(false) };

/** Answers with a page, compressed if it is worth it. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const text = documentOf(page);
  setHead(reply, page);
  if (text.length > compressFromLength) reply.compress(text);
  else reply.send(text);
  return reply;
}

/** Answers with a page in the place of what was asked for. */
export function sendRefusal(reply: FastifyReply, page: Page): FastifyReply {
  setHead(reply, page);
  // Not compressed: what refuses early comes before what compresses.
  return reply.send(documentOf(page));
}

function setHead(reply: FastifyReply, { look }: Page): void {
  const mayFrame = isFramed(look);
  reply.headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': mayFrame ? policies.framed : policies.alone,
    'x-frame-options': mayFrame ? 'SAMEORIGIN' : 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    // With `no-referrer` browsers say `Origin: null` of a form, and so could not be told from other pages.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  });
}
