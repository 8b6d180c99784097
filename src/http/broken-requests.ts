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
import type { ReportProblem } from './problem-handlers.ts';

// A client that is still sending would lose the answer if the connection were cut at once.
const lingerMs = 1_000;

/** For Fastify's `clientErrorHandler`. */
export function brokenRequestHandler(report: ReportProblem) {
  return (error: Error & { code?: string }, socket: Socket): void => answerBroken(error, socket, report);
}

function answerBroken(error: Error & { code?: string }, socket: Socket, report: ReportProblem): void {
  // Told again because more came after an answer: the timer below ends it.
  if (socket.writableEnded && !socket.destroyed) return;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const problem = problemOf(refusalOf(error.code), randomUUID());
  report(problem, error, {});
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

/** What a name or an address of a host has, and maybe a port; empty is right too. */
const host = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

/**
 * Refuses an `Expect` other than `100-continue`, and heads that Node takes and RFC 9112 does not, or of which whoever stands
 * before the server may think otherwise; Node must not ask for a `Host` (`requireHostHeader`).
 */
export function refuseBrokenHeads(app: FastifyInstance, report: ReportProblem): void {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const expectation = quote(String(request.headers.expect));
    const error = new ChatError('invalid-request', `Expect: expected 100-continue; got ${expectation}.`);
    const problem = problemOf(error, randomUUID());
    report(problem, error, request.method === undefined ? {} : { method: request.method });
    const body = JSON.stringify(problem);
    response.writeHead(400, {
      'content-type': `${problemType}; charset=utf-8`,
      'content-length': Buffer.byteLength(body),
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
    response.end(body);
  });
  // What comes behind such a head may be part of it: Node has read it as requests before the connection is closed.
  const distrusted = new WeakSet<object>();
  let usualHost: string | undefined;
  app.addHook('onRequest', (request, reply, done) => {
    const { socket, headers } = request.raw;
    const isUsual = headers.host !== undefined && headers.host === usualHost;
    const trouble = distrusted.has(socket)
      ? 'Expected nothing behind a request that was refused.'
      : troubleOf(request.raw, isUsual);
    if (trouble === undefined) {
      usualHost = headers.host;
      done();
      return;
    }
    distrusted.add(socket);
    reply.header('connection', 'close');
    done(new ChatError('invalid-request', trouble));
  });
}

/** @param isUsual whether its `Host` has been looked at */
function troubleOf(request: IncomingMessage, isUsual: boolean): string | undefined {
  const { headers, httpVersionMajor, httpVersionMinor } = request;
  const coding = headers['transfer-encoding'];
  if (httpVersionMajor !== 1) {
    return `Expected version 1.1 or 1.0 of HTTP; got ${httpVersionMajor}.${httpVersionMinor}.`;
  }
  // Whatever else is there, one reader takes the body to end with its chunks, and another one with the connection.
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersionMinor === 0)) {
    return `Transfer-Encoding: expected chunked, in HTTP/1.1 alone; got ${quote(coding)}.`;
  }
  if (isUsual) return undefined;
  if (headers.host === undefined) {
    return httpVersionMinor > 0 ? 'Expected a header Host; none was given.' : undefined;
  }
  return host.test(headers.host) ? undefined : `Host: expected a host; got ${quote(headers.host)}.`;
}
