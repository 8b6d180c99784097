/**
 * A text that is the same for whoever asks, compressed once for all of them: each time would cost ten milliseconds of a core, and
 * nothing limits how often somebody asks [P-3].
 */

import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodingFor } from './encoding.ts';
import { etagOf, isKnown } from './etag.ts';

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) };

export class FixedText {
  readonly #plain: Buffer;
  readonly #etag: string;
  readonly #compressed: { br?: Promise<Buffer>; gzip?: Promise<Buffer> } = {};

  constructor(text: string) {
    this.#plain = Buffer.from(text);
    this.#etag = etagOf(text);
  }

  /** Answers with it, or without a body whoever has it. */
  async send(request: FastifyRequest, reply: FastifyReply, type: string): Promise<FastifyReply> {
    reply.headers({ 'cache-control': 'no-cache', vary: 'Accept-Encoding' });
    if (isKnown(request, reply, this.#etag)) return reply.code(304).send();
    const encoding = encodingFor(request);
    reply.type(type);
    if (encoding === 'plain') return reply.send(this.#plain);
    this.#compressed[encoding] ??= compressors[encoding](this.#plain);
    return reply.header('content-encoding', encoding).send(await this.#compressed[encoding]);
  }
}
