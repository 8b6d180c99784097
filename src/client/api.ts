/**
 * The room's REST operations, one method each, named as in the API. Nothing is thrown: an answer is a body or
 * a problem, and a server that cannot be reached is a problem too.
 */

import type { Problem, Result } from './problem.ts';
import type { Schedule } from './schedule.ts';
import type { Keepsakes } from './storage.ts';
import {
  type HistoryPage,
  type Joiner,
  parseJson,
  type Sent,
  type SessionInfo,
  type Updates,
  type Users,
} from './wire.ts';

/** Longer than any of the server's own deadlines, so that its 503 arrives and not our impatience. */
const answerTimeoutMs = 15_000;
/** A stream whose head takes longer is held up on the way. */
const headTimeoutMs = 10_000;

/** Answers without validators may be guessed to be fresh. */
const uncached = { cache: 'no-store' } as const;

/** What proves a session: the browser's cookie for the server's own pages, or a token for everybody else. */
export type Credential = 'cookie' | 'bearer';

interface ApiParts {
  /** Where the room's addresses begin. */
  readonly base: string;
  readonly credential: Credential;
  /** Has the token. */
  readonly kept: Keepsakes;
  readonly fetch: typeof fetch;
  readonly schedule: Schedule;
}

export class Api {
  readonly #parts: ApiParts;

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  getRoom(): Promise<Result<{ name: string; members: number }>> {
    return this.#request('GET', '');
  }

  getSession(): Promise<Result<SessionInfo>> {
    return this.#request('GET', '/session');
  }

  /** @param idempotencyKey a UUID, the same for every try of one attempt */
  async create({ name, password }: Joiner, idempotencyKey: string): Promise<Result<SessionInfo>> {
    const { credential, kept } = this.#parts;
    const wish = { name, password, delivery: 'push', credential };
    const answer = await this.#request<SessionInfo & { token?: string }>(
      'POST',
      '/session',
      wish,
      idempotencyKey,
    );
    if (answer.ok && answer.body.token !== undefined) kept.set('token', answer.body.token);
    return answer;
  }

  destroy(): Promise<Result<undefined>> {
    return this.#request('DELETE', '/session');
  }

  ping(): Promise<Result<undefined>> {
    return this.#request('POST', '/session/ping');
  }

  getInitialUsers(): Promise<Result<Users>> {
    return this.#request('GET', '/session/users');
  }

  /**
   * @param wait seconds the server may wait for an event
   * @param life ends it
   */
  getUpdates(after: string, wait: number, life: AbortController): Promise<Result<Updates>> {
    const path = `/session/updates?after=${after}&limit=1000&wait=${wait}`;
    return this.#fetch(path, {}, answerTimeoutMs + wait * 1000, life, bodyOf<Updates>);
  }

  /** A page of the log on one side of a cursor. */
  history(side: 'before' | 'after', cursor: string, limit: number): Promise<Result<HistoryPage>> {
    return this.#request('GET', `/history?${side}=${cursor}&limit=${limit}`);
  }

  send(message: string, key: string): Promise<Result<Sent>> {
    return this.#request('POST', '/session/messages', { message, key });
  }

  /**
   * Asks for the push stream; the body is the caller's to read. A plain stream keeps a session alive until
   * TCP gives up on a vanished reader, so the client asks for `liveness=ping` and pings [SES-6].
   *
   * @param life ends it; aborted when the head of the answer does not come
   */
  subscribe(after: string, life: AbortController): Promise<Result<Response>> {
    const init = { headers: { Accept: 'text/event-stream' } };
    const path = `/session/events?liveness=ping&after=${after}`;
    return this.#fetch(path, init, headTimeoutMs, life, async (response) => response);
  }

  #request<T>(method: string, path: string, json?: object, idempotencyKey = ''): Promise<Result<T>> {
    const headers: Record<string, string> = {};
    if (json !== undefined) headers['Content-Type'] = 'application/json';
    if (idempotencyKey !== '') headers['Idempotency-Key'] = idempotencyKey;
    // A message sent just before a reload still arrives.
    const init = { method, headers, body: JSON.stringify(json) ?? null, keepalive: json !== undefined };
    return this.#fetch(path, init, answerTimeoutMs, new AbortController(), bodyOf<T>);
  }

  async #fetch<T>(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
    timeoutMs: number,
    life: AbortController,
    read: (response: Response) => Promise<T>,
  ): Promise<Result<T>> {
    const { base, credential, kept, fetch, schedule } = this.#parts;
    const token = credential === 'bearer' ? kept.get('token') : '';
    const headers: Record<string, string> = { ...init.headers };
    // What `create` carries as `Authorization` would be the authenticator's.
    if (token !== '' && !headers['Idempotency-Key']) headers.Authorization = `Bearer ${token}`;
    const isRead = new AbortController();
    void schedule.sleep(timeoutMs, isRead.signal).then(() => {
      if (!isRead.signal.aborted) life.abort();
    });
    try {
      const response = await fetch(base + path, {
        ...init,
        ...uncached,
        headers,
        // A cookie beside the token would be another session.
        credentials: credential === 'bearer' ? 'omit' : 'same-origin',
        signal: life.signal,
      });
      if (response.ok) return { ok: true, body: await read(response) };
      return { ok: false, problem: problemOf(response, await response.text(), schedule.now()) };
    } catch {
      const detail = 'The server cannot be reached.';
      return { ok: false, problem: { status: 0, code: 'unreachable', detail } };
    } finally {
      isRead.abort();
    }
  }
}

/** What the rest of the client needs of `Api`; a test may bring its own. */
export type RoomApi = Pick<Api, keyof Api>;

/** What is no JSON (a hotel's sign-in page answers 200 too) is no answer: it throws. */
async function bodyOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (text === '') return undefined as T;
  // Of null it throws too.
  const { ...body } = JSON.parse(text);
  return body;
}

function problemOf({ status, headers }: Response, text: string, now: number): Problem {
  // Parlor gives seconds; proxies may give a date.
  const after = headers.get('Retry-After') ?? '';
  return {
    code: 'unknown',
    detail: `The server is in trouble (${status}).`,
    ...(parseJson(text) as Partial<Problem> | undefined),
    status,
    retryAfterMs: Math.max(0, Number(after) * 1000 || Date.parse(after) - now || 0) || undefined,
  };
}
