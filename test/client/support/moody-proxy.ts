/** An HTTP proxy that is as bad as a test wants it, at the moment at which it wants it. */

import { once } from 'node:events';
import http from 'node:http';

/**
 * `fair`: it passes everything on. `gathers`: it passes an answer on once it is whole, so a stream never. `deaf`: it
 * passes requests on and nothing back, and cuts the connection in place of the answer to a POST. `alone`: it answers 502, as
 * proxies do whose server is away. `gone`: it cuts everything.
 */
export type Mood = 'fair' | 'gathers' | 'deaf' | 'alone' | 'gone';

export class MoodyProxy {
  /** Requests by method and path, as they came. */
  readonly asked: string[] = [];
  readonly #port: number;
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true });
  #mood: Mood = 'fair';

  private constructor(port: number) {
    this.#port = port;
    this.#server = http.createServer((request, response) => this.#take(request, response));
  }

  /** @param port where the server is, on the loopback */
  static async open(port: number): Promise<MoodyProxy> {
    const proxy = new MoodyProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Without a slash at the end. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** From now on. What is open is cut, but not on becoming deaf: a request on a connection just cut may never arrive. */
  become(mood: Mood): void {
    this.#mood = mood;
    if (mood !== 'deaf') this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const mood = this.#mood;
    this.asked.push(`${method} ${url}`);
    if (mood === 'alone') {
      response.writeHead(502).end();
      return;
    }
    if (mood === 'gone') {
      request.socket.destroy();
      return;
    }
    const onward = http.request({
      port: this.#port,
      host: '127.0.0.1',
      method,
      path: url,
      headers,
      agent: this.#agent,
    });
    const cut = () => response.destroy();
    onward.on('error', cut);
    response.on('close', () => onward.destroy());
    onward.on('response', (answer) => {
      answer.on('error', cut);
      if (mood === 'deaf' && method === 'POST') {
        answer.resume();
        answer.on('end', cut);
      } else if (mood === 'gathers') {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          response.end(Buffer.concat(pieces));
        });
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.on('data', (piece: Buffer) => {
          if (this.#mood !== 'deaf') response.write(piece);
        });
        answer.on('end', () => response.end());
      }
    });
    request.pipe(onward);
  }
}
