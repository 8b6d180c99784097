/** A proxy on the way to a server, which does one thing wrong. */

import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { listening } from '../../support/listening.ts';

export interface Faults {
  /** Changes what is asked. */
  request?(asked: { path: string; headers: http.IncomingHttpHeaders }): void;
  /** Answers instead of the server; false: it does not. */
  instead?(request: IncomingMessage, response: ServerResponse): boolean;
  /** Changes the head of an answer. */
  head?(headers: http.IncomingHttpHeaders, request: IncomingMessage): void;
  /** Passes the body on, if not as it comes. */
  body?(from: IncomingMessage, to: ServerResponse): void;
}

/** Passes everything on to `target`, but for `faults`. */
export function passOn(target: string, faults: Faults = {}): RequestListener {
  return (request, response) => {
    if (faults.instead?.(request, response)) return;
    const asked = { path: request.url ?? '/', headers: { ...request.headers } };
    faults.request?.(asked);
    const onward = http.request(target + asked.path, {
      method: request.method,
      headers: asked.headers,
      agent: false,
    });
    onward.on('response', (answer) => {
      const headers = { ...answer.headers };
      faults.head?.(headers, request);
      response.writeHead(answer.statusCode ?? 502, headers);
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      if (faults.body && isStream(answer)) faults.body(answer, response);
      else answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };
}

/** Its address, without a slash at the end. */
export function faultyProxy(t: TestContext, target: string, faults: Faults = {}): Promise<string> {
  return listening(t, http.createServer(passOn(target, faults)));
}

function isStream({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('text/event-stream') === true;
}
