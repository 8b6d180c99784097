/**
 * Requests as they are, for who wants to know what is on the way: `fetch` would follow redirects, unpack, and keep
 * cookies and connections to itself.
 */

import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { memberOf, parsed } from '../chat/json.ts';
import { Failure } from '../failure.ts';

/** No answer is waited for longer than this. */
const answerTimeoutMs = 6000;
/** After so many that did not come, nothing more is asked: a whole examination has an end. */
const maxSilences = 2;
/** More of an answer is not read. */
const maxBodyBytes = 256 * 1024;

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborted by whoever asks, it is not given up by itself. */
  readonly life?: AbortController;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Until all of it was there. */
  readonly ms: number;
  /** The addresses of both ends of its connection, as this machine has them. */
  readonly local: string | undefined;
  readonly remote: string | undefined;
}

/** An answer whose body is still to be read. */
export interface Head {
  readonly message: IncomingMessage;
  /** Ends it. */
  readonly hangUp: () => void;
  readonly local: string | undefined;
  readonly remote: string | undefined;
}

/** The way to one server. */
export class Line {
  /** Without a slash at the end. */
  readonly base: string;
  /** Whether its certificate is believed: if not, no secret is sent there. */
  readonly isTrusted: boolean;
  #silences = 0;

  constructor(base: string, isTrusted = true) {
    this.base = base;
    this.isTrusted = isTrusted;
  }

  /** The way to another address of the same host. */
  elsewhere(base: string): Line {
    return new Line(base, this.isTrusted);
  }

  get origin(): string {
    return new URL(this.base).origin;
  }

  /**
   * @param path begins with a slash
   * @throws what happened on the way
   */
  async ask(path: string, asked: Asked = {}): Promise<Answer> {
    const began = performance.now();
    const { message, hangUp, local, remote } = await this.open(path, asked);
    try {
      const text = await textOf(message);
      return {
        status: message.statusCode ?? 0,
        headers: message.headers,
        text,
        ms: performance.now() - began,
        local,
        remote,
      };
    } finally {
      hangUp();
    }
  }

  /**
   * As `ask`, without its body; the time runs until `hangUp`.
   * @throws what happened on the way
   */
  open(path: string, { method = 'GET', headers, body, life: ownLife }: Asked): Promise<Head> {
    if (this.#silences >= maxSilences) throw new Failure('it has stopped answering');
    const url = new URL(this.base + path);
    const { request } = url.protocol === 'https:' ? https : http;
    const life = ownLife ?? new AbortController();
    const timer = ownLife ? undefined : setTimeout(() => this.#giveUp(life), answerTimeoutMs);
    return new Promise((resolve, reject) => {
      const asking = request(url, {
        method,
        // As a browser has it: some proxies treat who closes at once in another way.
        headers: {
          Connection: 'keep-alive',
          ...headers,
          ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
        },
        agent: false,
        rejectUnauthorized: this.isTrusted,
      });
      let whole: IncomingMessage | undefined;
      const cut = () => {
        clearTimeout(timer);
        // With an answer that is whole the connection is gone by itself, and nobody would hear the error.
        if (!whole?.complete) asking.destroy(life.signal.reason);
      };
      life.signal.addEventListener('abort', cut, { once: true });
      if (life.signal.aborted) cut();
      asking.on('response', (message) => {
        whole = message;
        const { localAddress: local, remoteAddress: remote } = message.socket;
        resolve({ message, hangUp: () => life.abort(), local, remote });
      });
      // Also after the answer has begun: whoever reads it hears of it there.
      asking.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      asking.end(body);
    });
  }

  #giveUp(life: AbortController): void {
    this.#silences++;
    life.abort(new DOMException('It did not answer in time.', 'TimeoutError'));
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message) {
    parts.push(part);
    bytes += part.length;
    if (bytes > maxBodyBytes) break;
  }
  return Buffer.concat(parts).subarray(0, maxBodyBytes).toString();
}

/** A header as one text; of several the first. */
export function headerOf({ headers }: Pick<Answer, 'headers'>, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** A body as JSON; undefined if it is none. */
export function jsonIn({ text }: Pick<Answer, 'text'>): unknown {
  return parsed(text);
}

/** The code of a refusal of Parlor's; undefined if it is somebody else's. */
export function codeOf(answer: Answer): string | undefined {
  const body = jsonIn(answer);
  const [code, id] = [memberOf(body, 'code'), memberOf(body, 'requestId')];
  return typeof code === 'string' && typeof id === 'string' ? code : undefined;
}
