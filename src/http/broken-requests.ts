/** Answers what Node's parser refuses before there is a request: as problem details too. */

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { ChatError } from '../core/errors.ts';
import { problemOf, problemType } from './errors.ts';

/** For Fastify's `clientErrorHandler`. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const problem = problemOf(refusalOf(error.code), randomUUID());
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${problemType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n` +
      `X-Content-Type-Options: nosniff\r\n\r\n${body}`,
  );
}

function refusalOf(code: string | undefined): ChatError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ChatError('request-timeout', 'The request did not arrive within 10 seconds.');
    case 'HPE_HEADER_OVERFLOW':
      return new ChatError('headers-too-large', 'The head of a request has at most 16384 bytes.');
    default:
      return new ChatError('invalid-request', 'This is not a well-formed HTTP request.');
  }
}
