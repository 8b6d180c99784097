/** Reads bodies: JSON, forms, and plain text for a message. Strict UTF-8 in all of them. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a `text/plain` body is read as `{message}`. */
    acceptsText?: boolean;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Replaces the parsers of this scope. */
export function useBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseJson(decode(body)),
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseForm(decode(body)),
  );
  app.addContentTypeParser(
    'text/plain',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      if (request.routeOptions.config.acceptsText) return { message: decode(body) };
      throw new ChatError(
        'unsupported-media-type',
        'Only a message may be text/plain; expected application/json.',
      );
    },
  );
}

/** @throws ChatError `invalid-request` */
export function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ChatError('invalid-request', 'A body is UTF-8; this one has bytes that are not.');
  }
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? quote(error.message) : 'it cannot be read';
    throw new ChatError('invalid-request', `The body is not JSON: ${why}.`);
  }
}

/** @throws ChatError `invalid-request` on an escape that is not UTF-8, or a field given twice */
export function parseForm(text: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const field = unescapeForm(name);
    if (fields.has(field)) throw new ChatError('invalid-request', `The form has ${quote(field)} twice.`);
    fields.set(field, unescapeForm(value));
  }
  // Defines own members also for names such as `__proto__`, which the schema then refuses.
  return Object.fromEntries(fields);
}

function unescapeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ChatError('invalid-request', `The form has an escape that is not UTF-8: ${quote(text)}.`);
  }
}
