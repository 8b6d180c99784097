/**
 * Answers what Node's parser refuses before there is a request, or would answer without a body: as problem
 * details too.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { problemOf, problemType } from './errors.ts';

// A client that is still sending would lose the answer if the connection were cut at once.
const lingerMs = 1_000;

/** For Fastify's `clientErrorHandler`. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // Told again because more came after an answer: the timer below ends it.
  if (socket.writableEnded && !socket.destroyed) return;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const problem = problemOf(refusalOf(error.code), randomUUID());
  const body = `${JSON.stringify(problem)}\n`;
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${problemType}; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n` +
      `X-Content-Type-Options: nosniff\r\n\r\n${body}`,
  );
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Whether an answer has begun on the connection: nothing may be put into the middle of it. */
function isAnswering(socket: Socket): boolean {
  // Node's own handler of this event asks the same member; there is no public one.
  const response = '_httpMessage' in socket ? socket._httpMessage : null;
  return (
    typeof response === 'object' && response !== null && 'headersSent' in response && !!response.headersSent
  );
}

function refusalOf(code: string | undefined): ChatError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ChatError('request-timeout', 'The request did not arrive within 10 seconds.');
    case 'HPE_HEADER_OVERFLOW':
      return new ChatError('headers-too-large', 'The head of a request has at most 16384 bytes.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ChatError('payload-too-large', 'The chunks of the body carry too many extensions.');
    default:
      return new ChatError('invalid-request', 'This is not a well-formed HTTP request.');
  }
}

/** Refuses an `Expect` other than `100-continue`, and HTTP/1.1 without a `Host`; Node must not (`requireHostHeader`). */
export function refuseBrokenHeads(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const expectation = quote(String(request.headers.expect));
    const body = JSON.stringify(
      problemOf(
        new ChatError('invalid-request', `Expect: expected 100-continue; got ${expectation}.`),
        randomUUID(),
      ),
    );
    response.writeHead(400, {
      'content-type': `${problemType}; charset=utf-8`,
      'content-length': Buffer.byteLength(body),
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
    response.end(body);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const isBroken = request.headers.host === undefined && request.raw.httpVersionMinor > 0;
    done(isBroken ? new ChatError('invalid-request', 'Expected a header Host; none was given.') : undefined);
  });
}
