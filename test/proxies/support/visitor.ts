/** Whoever comes through a proxy: from an address of his own, over HTTP/1.1 or HTTP/2, and taking what is compressed. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import http2, { type ClientHttp2Session } from 'node:http2';
import https from 'node:https';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { constants, createBrotliDecompress, createGunzip } from 'node:zlib';
import { noteSecret } from '../../support/secrets.ts';
import { waitUntil } from '../../support/wait-until.ts';

export interface Visit {
  readonly url: string;
  readonly ca: string;
  /** Of the loopback. */
  readonly address?: string;
  readonly isHttp2?: boolean;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** When an answer that has not begun is given up. */
const soon = () => AbortSignal.timeout(20_000);

const session = '/v1/rooms/lobby/session';

export class Visitor {
  readonly #t: TestContext;
  readonly #visit: Visit;
  #connection: ClientHttp2Session | undefined;
  #token: string | undefined;

  constructor(t: TestContext, visit: Visit) {
    this.#t = t;
    this.#visit = visit;
    t.after(() => this.#connection?.destroy());
  }

  /** Opens a session with a bearer, which goes along with all that is asked later. */
  static async join(t: TestContext, visit: Visit, name: string, headers = {}): Promise<Visitor> {
    const visitor = new Visitor(t, visit);
    const body = { name, credential: 'bearer' };
    const answer = await visitor.ask(session, { body, headers });
    assert.equal(answer.status, 201, answer.text);
    visitor.#token = JSON.parse(answer.text).token;
    noteSecret(visitor.#token);
    return visitor;
  }

  async say(message: string): Promise<void> {
    const { status, text } = await this.ask(`${session}/messages`, { body: { message } });
    assert.equal(status, 201, text);
  }

  /** A whole answer. */
  async ask(path: string, ask: Ask = {}): Promise<Answer & { text: string }> {
    const { status, headers, body } = await this.#request(path, ask);
    let text = '';
    for await (const piece of decoded(headers, body).setEncoding('utf8')) text += piece;
    return { status, headers, text };
  }

  /** An answer that goes on, as soon as it has begun. */
  async open(path: string, ask: Ask = {}): Promise<Stream> {
    const { status, headers, body } = await this.#request(path, ask);
    const stream = new Stream(status, headers, body);
    this.#t.after(() => stream.close());
    return stream;
  }

  /** His own stream. */
  follow(headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
    return this.open(`${session}/events`, { headers });
  }

  #request(path: string, ask: Ask): Promise<Answer & { body: Readable }> {
    const headers = {
      'accept-encoding': 'gzip, br',
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    };
    const method = ask.method ?? (ask.body === undefined ? 'GET' : 'POST');
    const content = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    return this.#visit.isHttp2
      ? this.#overHttp2(path, method, headers, content)
      : this.#overHttp1(path, method, headers, content);
  }

  async #overHttp1(
    path: string,
    method: string,
    headers: Record<string, string>,
    content: string | undefined,
  ) {
    const { url, ca, address = '127.0.0.1' } = this.#visit;
    const { request } = url.startsWith('https:') ? https : http;
    const options = { method, headers, ca, localAddress: address, family: 4, agent: false };
    const sent = request(url + path, options);
    sent.end(content);
    const [body] = (await once(sent, 'response', { signal: soon() })) as [IncomingMessage];
    return { status: body.statusCode ?? 0, headers: body.headers, body };
  }

  async #overHttp2(
    path: string,
    method: string,
    headers: Record<string, string>,
    content: string | undefined,
  ) {
    const { url, ca, address = '127.0.0.1' } = this.#visit;
    if (this.#connection === undefined) {
      const own = { ca, localAddress: address, family: 4 };
      this.#connection = http2.connect(url, own).on('error', () => {});
    }
    const body = this.#connection.request({ ':method': method, ':path': path, ...headers });
    body.end(content);
    const [head] = (await once(body, 'response', { signal: soon() })) as [Record<string, string>];
    return { status: Number(head[':status']), headers: head, body };
  }
}

/** What comes out of it, as far as it has come. */
function decoded(headers: Answer['headers'], body: Readable): Readable {
  const encoding = headers['content-encoding'];
  if (encoding === 'gzip') return body.pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }));
  if (encoding === 'br') return body.pipe(createBrotliDecompress());
  return body;
}

/** An SSE stream, as text. */
export class Stream {
  readonly status: number;
  readonly headers: Answer['headers'];
  text = '';
  isOver = false;
  readonly #body: Readable;

  constructor(status: number, headers: Answer['headers'], body: Readable) {
    this.status = status;
    this.headers = headers;
    this.#body = body;
    body
      .on('error', () => {})
      .on('close', () => {
        this.isOver = true;
      });
    decoded(headers, body)
      .on('error', () => {})
      .setEncoding('utf8')
      .on('data', (text: string) => {
        this.text += text;
      });
  }

  get heartbeats(): number {
    return this.text.split('\n').filter((line) => line === ':').length;
  }

  /** Where to go on from. */
  get lastEventId(): string {
    return [...this.text.matchAll(/^id: ?(.*)$/gm)].at(-1)?.[1] ?? '';
  }

  /** What was said, in order. */
  get messages(): string[] {
    return [...this.text.matchAll(/"message":"([^"]*)"/g)].map(([, message = '']) => message);
  }

  async has(text: string): Promise<void> {
    await waitUntil(
      () => {
        if (this.isOver && !this.text.includes(text))
          throw new Error(`It ended without ${text}: ${this.text}`);
        return this.text.includes(text);
      },
      `"${text}" came; got ${this.text}`,
      20_000,
      1,
    );
  }

  async hasHeartbeats(count: number): Promise<void> {
    await waitUntil(
      () => this.isOver || this.heartbeats >= count,
      `${count} heartbeats came; got ${this.text}`,
    );
  }

  close(): void {
    this.#body.destroy();
  }
}
