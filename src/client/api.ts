/**
 * The room's REST operations, one method each, named as in the API. Nothing is thrown: an answer is a body or
 * a problem, and a server that cannot be reached is a problem too.
 */

import { answerTimeoutMs, headTimeoutMs, maxKeptAlive, pageSize } from './bounds.ts';
import { ownProblem, type Problem, type Result } from './problem.ts';
import type { Schedule } from './schedule.ts';
import type { Keepsakes } from './storage.ts';
import {
  type HistoryPage,
  type Joiner,
  type Login,
  type LoginToken,
  parseJson,
  type Sent,
  type SessionInfo,
  type Updates,
  type Users,
} from './wire.ts';

/** What proves a session: the browser's cookie for the server's own pages, or a token for everybody else. */
export type Credential = 'cookie' | 'bearer';

export class Api {
  readonly #base: string;
  readonly #credential: Credential;
  readonly #kept: Keepsakes;
  readonly #fetch: typeof fetch;
  readonly #schedule: Schedule;
  readonly #login: string | LoginToken | undefined;

  /**
   * @param base where the room's addresses begin
   * @param kept has the session's token
   * @param login the token to be let in by
   */
  constructor(
    base: string,
    credential: Credential,
    kept: Keepsakes,
    ask: typeof fetch,
    schedule: Schedule,
    login?: string | LoginToken,
  ) {
    this.#base = base;
    this.#credential = credential;
    this.#kept = kept;
    // Called as a member of an object, a browser's own would throw.
    this.#fetch = (...question) => ask(...question);
    this.#schedule = schedule;
    this.#login = login;
  }

  getRoom(): Promise<Result<{ name: string; members: number }>> {
    return this.#ask(withA('name'), 'GET', '');
  }

  getLogin(): Promise<Result<Login>> {
    return this.#ask(withA('takes'), 'GET', '/login');
  }

  getSession(): Promise<Result<SessionInfo>> {
    return this.#ask(withA('sessionId'), 'GET', '/session');
  }

  /** @param idempotencyKey a UUID, the same for every try of one attempt */
  async create({ name, password }: Joiner, idempotencyKey: string): Promise<Result<SessionInfo>> {
    const login = this.#login;
    const bearer = typeof login === 'function' ? await login() : login;
    const answer = await this.#ask<SessionInfo & { token?: string }>(
      withA('sessionId'),
      'POST',
      '/session',
      { name, password, delivery: 'push', credential: this.#credential },
      { 'Idempotency-Key': idempotencyKey, ...(bearer && { Authorization: `Bearer ${bearer}` }) },
    );
    if (answer.ok && answer.body.token) this.#kept.set('token', answer.body.token);
    return answer;
  }

  destroy(): Promise<Result<undefined>> {
    return this.#ask(nothing, 'DELETE', '/session');
  }

  ping(): Promise<Result<undefined>> {
    return this.#ask(nothing, 'POST', '/session/ping');
  }

  getInitialUsers(): Promise<Result<Users>> {
    return this.#ask(withA('users'), 'GET', '/session/users');
  }

  /**
   * @param wait seconds the server may wait for an event
   * @param life ends it
   */
  getUpdates(after: string, wait: number, life: AbortController): Promise<Result<Updates>> {
    const path = `/session/updates?after=${after}&limit=${pageSize}&wait=${wait}`;
    return this.#ask(withA('events'), 'GET', path, undefined, {}, life, answerTimeoutMs + wait * 1000);
  }

  /** A page of the log on one side of a cursor. */
  history(side: 'before' | 'after', cursor: string, limit: number): Promise<Result<HistoryPage>> {
    return this.#ask(withA('events'), 'GET', `/history?${side}=${cursor}&limit=${limit}`);
  }

  send(message: string, key: string): Promise<Result<Sent>> {
    return this.#ask(withA('id'), 'POST', '/session/messages', { message, key });
  }

  /**
   * Asks for the push stream; the body is the caller's to read. A plain stream keeps a session alive until
   * TCP gives up on a vanished reader, so the client asks for `liveness=ping` and pings [SES-6].
   *
   * @param life ends it; aborted when the head of the answer does not come
   */
  subscribe(after: string, life: AbortController): Promise<Result<Response>> {
    const path = `/session/events?liveness=ping&after=${after}`;
    const headers = { Accept: 'text/event-stream' };
    return this.#ask(async (response) => response, 'GET', path, undefined, headers, life, headTimeoutMs);
  }

  async #ask<T>(
    read: (response: Response) => Promise<T>,
    method: string,
    path: string,
    json?: object,
    headers: Record<string, string> = {},
    life = new AbortController(),
    timeoutMs = answerTimeoutMs,
  ): Promise<Result<T>> {
    const isBearer = this.#credential === 'bearer';
    // What `create` carries as `Authorization` would be the authenticator's.
    const token = isBearer && !headers['Idempotency-Key'] && this.#kept.get('token');
    const body = JSON.stringify(json) ?? null;
    const isRead = new AbortController();
    void this.#schedule.sleep(timeoutMs, isRead.signal).then(() => {
      if (!isRead.signal.aborted) life.abort();
    });
    try {
      const response = await this.#fetch(this.#base + path, {
        method,
        headers: {
          ...(json && { 'Content-Type': 'application/json' }),
          ...(token && { Authorization: `Bearer ${token}` }),
          ...headers,
        },
        body,
        // A message sent just before a reload still arrives, and so does that somebody leaves.
        keepalive: method === 'DELETE' || (!!body && body.length < maxKeptAlive),
        // An answer without validators may be guessed to be fresh. Node's types have not heard of it.
        ...{ cache: 'no-store' },
        // A cookie beside the token would be another session.
        credentials: isBearer ? 'omit' : 'same-origin',
        signal: life.signal,
      });
      if (response.ok) return { ok: true, body: await read(response) };
      return { ok: false, problem: problemOf(response, await response.text(), this.#schedule.now()) };
    } catch {
      return { ok: false, problem: ownProblem('unreachable', 'The server does not answer.') };
    } finally {
      isRead.abort();
    }
  }
}

/** What the rest of the client needs of `Api`; a test may bring its own. */
export type RoomApi = Pick<Api, keyof Api>;

/** Reads what has this in it: all else (a hotel's sign-in page answers 200 too) is no answer, and it throws. */
function withA<T>(field: keyof T): (response: Response) => Promise<T> {
  return async (response) => {
    const { ...body } = JSON.parse(await response.text());
    // Of null it throws too.
    if (!(field in body)) throw new TypeError();
    return body;
  };
}

/** Reads what says nothing. */
async function nothing(response: Response): Promise<undefined> {
  await response.text();
}

/** What an answer other than 2xx says. */
export function problemOf({ status, headers }: Response, text: string, now: number): Problem {
  // Parlor gives seconds; proxies may give a date.
  const after = headers.get('Retry-After') ?? '';
  return {
    code: 'unknown',
    detail: `The server answered ${status}.`,
    ...parseJson(text),
    status,
    retryAfterMs: Math.max(0, Number(after) * 1000 || Date.parse(after) - now || 0) || undefined,
  };
}
