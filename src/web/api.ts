/**
 * The room's REST operations, one method each, named as in the API. Nothing is thrown: an answer is a body or
 * a problem, and a server that cannot be reached is a problem too.
 */

import { strings } from './strings.ts';
import { type HistoryPage, parseJson, type SessionInfo, type Updates } from './wire.ts';

/** All addresses of the API begin here. */
const base = '/v1/rooms/';

/** Longer than any of the server's own deadlines, so that its 503 arrives and not our impatience. */
const answerTimeoutMs = 15_000;

/** Answers without validators may be guessed to be fresh. */
const neverCached = { cache: 'no-store' } as const;

export interface Problem {
  /** HTTP status; 0 if there was no answer, or none of this server. */
  readonly status: number;
  readonly code: string;
  /** A sentence for the user. */
  readonly detail: string;
  /** With `session-gone`, while the server remembers. */
  readonly reason?: string | undefined;
  readonly action?: string | undefined;
  /** When trying again may help. */
  readonly retryAfterMs?: number | undefined;
}

export type Result<T> =
  | { readonly ok: true; readonly status: number; readonly body: T }
  | { readonly ok: false; readonly problem: Problem };

interface RequestOptions {
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
  /** How long the server may hold the answer on top, in milliseconds. */
  readonly heldMs?: number;
  /** Let the request outlive the page: a message sent just before a reload still arrives. */
  readonly keepalive?: boolean;
}

export class Api {
  readonly #room: string;

  constructor(room: string) {
    this.#room = `${base}${encodeURIComponent(room)}`;
  }

  getRoom(): Promise<Result<{ name: string; members: number }>> {
    return this.#request('GET', '');
  }

  getSession(): Promise<Result<SessionInfo>> {
    return this.#request('GET', '/session');
  }

  /** @param idempotencyKey a UUID, the same for every try of one attempt */
  create(name: string, idempotencyKey: string): Promise<Result<SessionInfo>> {
    return this.#request('POST', '/session', {
      json: { name, delivery: 'push' },
      headers: { 'Idempotency-Key': idempotencyKey },
    });
  }

  destroy(): Promise<Result<undefined>> {
    return this.#request('DELETE', '/session');
  }

  ping(): Promise<Result<undefined>> {
    return this.#request('POST', '/session/ping');
  }

  getInitialUsers(signal?: AbortSignal): Promise<Result<{ users: readonly string[]; cursor: string }>> {
    return this.#request('GET', '/session/users', { signal });
  }

  /** @param wait seconds the server may wait for an event */
  getUpdates(after: string, wait: number, signal?: AbortSignal): Promise<Result<Updates>> {
    const query = `?${new URLSearchParams({ after, limit: '1000', wait: String(wait) })}`;
    return this.#request('GET', `/session/updates${query}`, { signal, heldMs: wait * 1000 });
  }

  /** The page of the log before a cursor. */
  history(before: string, limit: number, signal?: AbortSignal): Promise<Result<HistoryPage>> {
    const query = `?${new URLSearchParams({ before, limit: String(limit) })}`;
    return this.#request('GET', `/history${query}`, { signal });
  }

  send(message: string, key: string, signal?: AbortSignal): Promise<Result<{ id: number }>> {
    return this.#request('POST', '/session/messages', { json: { message, key }, keepalive: true, signal });
  }

  /**
   * Asks for the push stream; the body is the caller's to read. A plain stream keeps a session alive until
   * TCP gives up on a vanished reader, so the page asks for `liveness=ping` and pings.
   *
   * @param headTimeoutMs how long the head of the answer may take
   * @param life aborted when it takes longer; the caller aborts it to end the stream
   */
  async subscribe(
    after: string | undefined,
    headTimeoutMs: number,
    life: AbortController,
  ): Promise<Result<Response>> {
    const query = new URLSearchParams({ liveness: 'ping', ...(after === undefined ? {} : { after }) });
    const timer = setTimeout(() => life.abort(), headTimeoutMs);
    try {
      const response = await fetch(`${this.#room}/session/events?${query}`, {
        headers: { Accept: 'text/event-stream' },
        ...neverCached,
        signal: life.signal,
      });
      if (!response.ok) return { ok: false, problem: problemOf(response, await response.text()) };
      return { ok: true, status: response.status, body: response };
    } catch {
      return { ok: false, problem: unreachable() };
    } finally {
      clearTimeout(timer);
    }
  }

  async #request<T>(method: string, path: string, options: RequestOptions = {}): Promise<Result<T>> {
    const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
    if (options.json !== undefined) headers['Content-Type'] = 'application/json';
    try {
      return await withTimeout(answerTimeoutMs + (options.heldMs ?? 0), options.signal, async (signal) => {
        const response = await fetch(this.#room + path, {
          method,
          headers,
          ...neverCached,
          keepalive: options.keepalive ?? false,
          ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
          signal,
        });
        const text = await response.text();
        if (!response.ok) return { ok: false, problem: problemOf(response, text) };
        const body = text === '' ? undefined : parseJson(text);
        // A sign-in page of a hotel network answers 200 too.
        if (text !== '' && (typeof body !== 'object' || body === null)) {
          return { ok: false, problem: unreachable() };
        }
        return { ok: true, status: response.status, body: body as T };
      });
    } catch {
      return { ok: false, problem: unreachable() };
    }
  }
}

/** Runs `task` with a signal that aborts with `outer` or after `ms` without a result. */
async function withTimeout<T>(
  ms: number,
  outer: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort);
  const timer = setTimeout(abort, ms);
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}

/** What the rest of the page needs of `Api`; a test may bring its own. */
export type RoomApi = Pick<Api, keyof Api>;

function problemOf(response: Response, text: string): Problem {
  const body = response.headers.get('Content-Type')?.includes('json') ? parseJson(text) : undefined;
  const member = (name: string): string | undefined => {
    const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return {
    status: response.status,
    code: member('code') ?? 'unknown',
    detail: member('detail') ?? member('title') ?? strings.serverTrouble(response.status),
    reason: member('reason'),
    action: member('action'),
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  };
}

function unreachable(): Problem {
  return { status: 0, code: 'unreachable', detail: strings.unreachable };
}
