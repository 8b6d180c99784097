/** An HTTP proxy that shows what a client asks for and meddles with the answers, as the wide world does. */

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';

/** Which requests: method and path as one text, such as `POST /v1/rooms/lobby/session/messages`. */
type Which = RegExp;
/** What becomes of an answer; undefined: the server does what is asked, and nobody hears of it. */
type Meddle = ((response: ServerResponse) => void) | undefined;

interface Asked {
  readonly what: string;
  readonly headers: http.IncomingHttpHeaders;
  /** What the server answered, once it has. */
  status?: number | undefined;
}

export class MeddlingProxy {
  /** Everything that was asked for, in order. */
  readonly requests: Asked[] = [];
  /** The server, without a slash at the end; another one may take its place. */
  target: string;
  /** What becomes of the text of the answers. */
  rewrite: (text: string) => string = (text) => text;
  /** Such requests are refused. */
  barred: Which | undefined;
  /** Called before a request is passed on. */
  look: (headers: http.IncomingHttpHeaders) => void = () => {};
  readonly #server: http.Server;
  readonly #meddlings: { readonly which: Which; readonly meddle: Meddle }[] = [];
  readonly #passing = new Set<{
    isMute: boolean;
    readonly what: string;
    readonly response: ServerResponse;
  }>();

  private constructor(target: string) {
    this.target = target;
    this.#server = http.createServer((request, response) => this.#pass(request, response));
  }

  /** Gone after the test. */
  static async open(t: TestContext, target: string): Promise<MeddlingProxy> {
    const proxy = new MeddlingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    t.after(() => {
      proxy.#server.closeAllConnections();
      proxy.#server.close();
    });
    return proxy;
  }

  /** Without a slash at the end. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The meddlings that nothing came for yet. */
  get unmet(): number {
    return this.#meddlings.length;
  }

  /** The next such request reaches the server, but its answer nobody. */
  loseAnswer(which: Which): void {
    this.#meddlings.push({ which, meddle: undefined });
  }

  /** The next such request is refused, as by a proxy whose server is away. */
  refuse(which: Which, status: number): void {
    this.#meddlings.push({ which, meddle: (response) => refuse(response, status) });
  }

  /** The next such request is answered by something else. */
  answer(which: Which, status: number, type: string, text: string): void {
    const headers = { 'content-type': type };
    this.#meddlings.push({ which, meddle: (response) => response.writeHead(status, headers).end(text) });
  }

  /** Of the answer to the next such request comes only a part of its head. */
  cutHead(which: Which): void {
    this.#meddlings.push({
      which,
      meddle: ({ socket }) => socket?.end('HTTP/1.1 200 OK\r\nContent-Ty'),
    });
  }

  /** How many such requests have been asked for. */
  count(which: Which): number {
    return this.asked(which).length;
  }

  asked(which: Which): readonly Asked[] {
    return this.requests.filter(({ what }) => which.test(what));
  }

  /** From now on such requests are refused, and what is being answered is cut off. */
  bar(which: Which): void {
    this.barred = which;
    for (const { what, response } of this.#passing) if (which.test(what)) response.destroy();
  }

  /** Of what is being answered now nothing comes any more, and nothing says so. */
  mute(which: Which): void {
    for (const passing of this.#passing) if (which.test(passing.what)) passing.isMute = true;
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const what = `${request.method} ${request.url}`;
    const asking: Asked = { what, headers: request.headers };
    this.requests.push(asking);
    this.look(request.headers);
    const index = this.#meddlings.findIndex(({ which }) => which.test(what));
    const [meddling] = index < 0 ? [] : this.#meddlings.splice(index, 1);
    const barred = this.barred?.test(what) ? (refused: ServerResponse) => refuse(refused, 503) : undefined;
    const meddle = meddling ? meddling.meddle : barred;
    if (meddle !== undefined) {
      request.resume();
      meddle(response);
      return;
    }
    const isLost = meddling !== undefined;
    const passing = { isMute: false, what, response };
    this.#passing.add(passing);
    const asked = http.request(`${this.target}${request.url}`, {
      method: request.method,
      headers: request.headers,
      agent: false,
    });
    response.once('close', () => {
      this.#passing.delete(passing);
      asked.destroy();
    });
    asked.on('error', () => response.destroy());
    asked.on('response', (answer) => {
      asking.status = answer.statusCode;
      // The server has done what was asked.
      if (isLost) {
        response.destroy();
        return;
      }
      const { 'content-length': _length, connection: _connection, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, headers).flushHeaders();
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        if (!passing.isMute) response.write(this.rewrite(text));
      });
      answer.on('error', () => response.destroy());
      answer.on('end', () => {
        if (!passing.isMute) response.end();
      });
    });
    request.pipe(asked);
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
}
