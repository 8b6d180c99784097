/**
 * Requests as they are, for who wants to know what is on the way: `fetch` would follow redirects, unpack, and keep
 * cookies and connections to itself.
 */

import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { memberOf, parsed } from '../chat/json.ts';
import { Failure } from '../failure.ts';

/** No answer is waited for longer than this, if nothing else is said. */
const usualPatienceMs = 6000;
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
  /** It cleans up: asked also when nothing more is. */
  readonly isLast?: boolean;
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
  readonly local: string | undefined;
  readonly remote: string | undefined;
}

export interface LineOptions {
  /** Whether its certificate is believed: if not, no secret is sent there. */
  readonly isTrusted?: boolean;
  /** When nothing more is asked, and what was asked is given up. */
  readonly deadline?: AbortSignal | undefined;
  /** How long an answer is waited for. */
  readonly patienceMs?: number;
}

/** The way to one server. */
export class Line {
  /** Without a slash at the end. */
  readonly base: string;
  readonly isTrusted: boolean;
  readonly #deadline: AbortSignal | undefined;
  readonly #patienceMs: number;
  /** Of all lines that are made from each other. */
  #silences = { count: 0 };

  constructor(base: string, options: LineOptions = {}) {
    const { isTrusted = true, deadline, patienceMs = usualPatienceMs } = options;
    this.base = base;
    this.isTrusted = isTrusted;
    this.#deadline = deadline;
    this.#patienceMs = patienceMs;
  }

  /** The way to another address, as patient as this one. */
  elsewhere(base: string, isTrusted = this.isTrusted): Line {
    const line = new Line(base, { isTrusted, deadline: this.#deadline, patienceMs: this.#patienceMs });
    line.#silences = this.#silences;
    return line;
  }

  /** The way to another server. */
  another(base: string): Line {
    return new Line(base, { deadline: this.#deadline, patienceMs: this.#patienceMs });
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
    const { life: ownLife } = asked;
    const life = ownLife ?? new AbortController();
    let what = 'it does not answer';
    const giveUp = () => {
      this.#silences.count++;
      life.abort(new Failure(what));
    };
    const timer = ownLife ? undefined : setTimeout(giveUp, this.#patienceMs);
    try {
      const { message, local, remote } = await this.open(path, { ...asked, life });
      what = 'its answer does not come to an end';
      const text = await textOf(message);
      // A body that is cut off here ends as one that is whole.
      life.signal.throwIfAborted();
      const ms = performance.now() - began;
      return { status: message.statusCode ?? 0, headers: message.headers, text, ms, local, remote };
    } finally {
      clearTimeout(timer);
      life.abort();
    }
  }

  /**
   * As `ask`, without its body, until `life` is aborted.
   * @throws what happened on the way
   */
  async open(path: string, asked: Asked & { readonly life: AbortController }): Promise<Head> {
    const { method = 'GET', headers, body, life, isLast = false } = asked;
    const deadline = isLast ? undefined : this.#deadline;
    deadline?.throwIfAborted();
    if (this.#silences.count >= maxSilences && !isLast) throw new Failure('it has stopped answering');
    const url = new URL(this.base + path);
    const { request } = url.protocol === 'https:' ? https : http;
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
        // With an answer that is whole the connection is gone by itself, and nobody would hear the error.
        if (!whole?.complete) asking.destroy(life.signal.reason);
      };
      const end = () => life.abort(deadline?.reason);
      deadline?.addEventListener('abort', end, { once: true });
      life.signal.addEventListener('abort', cut, { once: true });
      if (life.signal.aborted) cut();
      asking.on('response', (message) => {
        whole = message;
        const { localAddress: local, remoteAddress: remote } = message.socket;
        resolve({ message, local, remote });
      });
      // Also after the answer has begun: whoever reads it hears of it there.
      asking.on('error', reject);
      asking.on('close', () => {
        deadline?.removeEventListener('abort', end);
        // It changed to another protocol, say: that is no error, and no answer.
        reject(new Failure('it hung up without an answer'));
      });
      asking.end(body);
    });
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
