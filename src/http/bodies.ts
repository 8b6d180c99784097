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
const charsetPattern = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/** Replaces the parsers of this scope, and its limit, whatever the surrounding application has set. */
export function useBodies(app: FastifyInstance, bodyLimit: number): void {
  const read = (mediaType: string, parse: (text: string, request: FastifyRequest) => unknown): void => {
    app.addContentTypeParser(
      mediaType,
      { parseAs: 'buffer', bodyLimit },
      async (request: FastifyRequest, body: Buffer) => {
        requireUtf8(request);
        return parse(decode(body), request);
      },
    );
  };
  app.removeAllContentTypeParsers();
  read('application/json', parseJson);
  read('application/x-www-form-urlencoded', parseForm);
  read('text/plain', (text, request) => {
    if (request.routeOptions.config.acceptsText) return { message: text };
    throw new ChatError(
      'unsupported-media-type',
      'Only a message may be text/plain; expected application/json.',
    );
  });
}

/** @throws ChatError `unsupported-media-type` for another charset, or an encoded body */
function requireUtf8({ headers }: FastifyRequest): void {
  const [, charset = 'utf-8'] = charsetPattern.exec(headers['content-type'] ?? '') ?? [];
  if (!/^utf-?8$/i.test(charset)) {
    throw new ChatError('unsupported-media-type', `A body is UTF-8; this one has charset ${quote(charset)}.`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new ChatError(
      'unsupported-media-type',
      `A body is not compressed; this one has Content-Encoding ${quote(encoding)}.`,
    );
  }
}

/** @throws ChatError `invalid-request` */
function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ChatError('invalid-request', 'A body is UTF-8; this one has bytes that are not.');
  }
}

function parseJson(text: string): unknown {
  // No body at all is as good as an empty object; `null` is not, but would look the same from here on.
  if (text === '') return undefined;
  const value = tryJson(text);
  if (value === null)
    throw new ChatError('invalid-request', 'body: expected a value of type object; got null.');
  return value;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? quote(error.message) : 'it cannot be read';
    throw new ChatError('invalid-request', `The body is not JSON: ${why}.`);
  }
}

/** @throws ChatError `invalid-request` on an escape that is not UTF-8, or a field given twice */
function parseForm(text: string): Record<string, string> {
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
