/** Listening beside the server: for the figures, at an address of their own. And what is said where nobody can listen. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenAddress } from './config/network-types.ts';
import { codeOf } from './core/errors.ts';
import type { MetricsPage } from './http/services.ts';

const refusals: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'something else listens there; stop that, or take another port'],
  ['EACCES', 'this user may not; take a port from 1024 on'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOTFOUND', 'there is no host of this name'],
]);

/** @param options those that name the address */
export function cannotListen(options: string, { host, port }: ListenAddress, error: unknown): unknown {
  const why = refusals.get(codeOf(error) ?? '');
  return why ? new Error(`${options}: cannot listen on ${host}, port ${port}: ${why}.`) : error;
}

// Whoever scrapes needs one; what comes beyond is dropped [P-3].
const maxConnections = 32;
// A place is not for whoever lets it lie: to ask and to take the answer has this time, and is looked after this often.
const usualPatienceMs = 10_000;
const checkingIntervalMs = 2_000;

/** Answers `GET /metrics`, to whoever reaches it. */
export class MetricsListener {
  readonly #page: MetricsPage;
  readonly #onFault: (error: unknown) => void;
  readonly #server: Server;

  /**
   * @param onFault told why the figures could not be given
   * @param patienceMs how long somebody may take to ask, and how long nothing of an answer may be taken
   */
  constructor(page: MetricsPage, onFault: (error: unknown) => void, patienceMs = usualPatienceMs) {
    this.#page = page;
    this.#onFault = onFault;
    const timeouts = {
      requestTimeout: patienceMs,
      headersTimeout: patienceMs,
      connectionsCheckingInterval: Math.min(checkingIntervalMs, patienceMs),
    };
    this.#server = createServer(timeouts, (request, response) => {
      // One answer at a time: what is asked for before it is taken would wait in memory, however often it is asked for.
      if (response.socket === null) {
        request.socket.destroy();
        return;
      }
      this.#answer(request, response).catch((error) => {
        this.#onFault(error);
        say(response, 500, 'The figures cannot be given; the log says why.');
      });
    });
    this.#server.maxConnections = maxConnections;
    // Node destroys a connection on which nothing moves for so long.
    this.#server.timeout = patienceMs;
  }

  /**
   * @returns the address of the figures
   * @throws Error with a line that says which option to change
   */
  async listen(address: ListenAddress): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(cannotListen('METRICS', address, error)));
      this.#server.listen(address, resolve);
    });
    // Out of descriptors, for a moment: no reason to end what is open.
    this.#server.removeAllListeners('error').on('error', this.#onFault);
    const bound = this.#server.address();
    const port = typeof bound === 'object' && bound ? bound.port : address.port;
    return `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}/metrics`;
  }

  /** Whoever asks last may miss his answer: he asks again, or looks elsewhere. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(
    { url = '', method = '', headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (url.split('?')[0] !== '/metrics') say(response, 404, 'Expected /metrics.');
    else if (method !== 'GET' && method !== 'HEAD')
      say(response, 405, 'Expected GET.', { allow: 'GET, HEAD' });
    else {
      const { type, text } = await this.#page.answer(headers.accept);
      send(response, 200, text, { 'content-type': type });
    }
  }
}

function say(
  response: ServerResponse,
  status: number,
  line: string,
  headers: Record<string, string> = {},
): void {
  send(response, status, `${line}\n`, { 'content-type': 'text/plain; charset=utf-8', ...headers });
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string>): void {
  response.writeHead(status, {
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  // To `HEAD` Node sends no body.
  response.end(text);
}
