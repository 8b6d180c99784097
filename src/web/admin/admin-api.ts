/**
 * What an operator may ask of the server, one method each. The token goes into a header of each request and nowhere
 * else. What is refused, or cannot be asked, is thrown as a `ProblemError`.
 */

import { problemOf } from '../../client/api.ts';
import { answerTimeoutMs } from '../../client/bounds.ts';
import { ownProblem, ProblemError } from '../../client/problem.ts';
import type { HistoryPage } from '../../client/wire.ts';
import type { AdminRoom, AdminSession, Ban, BanWish, Stats } from './answers.ts';

/** The most that the server gives at once. */
export const pageLimit = 1000;
/** In characters, as the server has it. */
export const longestReason = 200;
/** How many events of a room are looked at in one go. */
const glanceLimit = 100;

/** A part of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** How many there are in all. */
  readonly total: number;
}

export class AdminApi {
  readonly #token: string;
  readonly #fetch: typeof fetch;

  constructor(token: string, ask: typeof fetch) {
    this.#token = token;
    // Called as a member of an object, a browser's own would throw.
    this.#fetch = (...question) => ask(...question);
  }

  stats(life?: AbortSignal): Promise<Stats> {
    return this.#ask('GET', '/stats', { has: 'counters', life });
  }

  async sessions(offset: number, life?: AbortSignal): Promise<ListPage<AdminSession>> {
    const query = { offset, limit: pageLimit };
    const { sessions, total } = await this.#ask<{
      sessions: readonly AdminSession[];
      total: number;
    }>('GET', '/sessions', { query, has: 'sessions', life });
    return { items: sessions, total };
  }

  /** @param reason is told to the client, too */
  async removeSession(sessionId: string, reason: string): Promise<void> {
    await this.#ask('DELETE', `/sessions/${encodeURIComponent(sessionId)}`, { query: { reason } });
  }

  async rooms(life?: AbortSignal): Promise<readonly AdminRoom[]> {
    const { rooms } = await this.#ask<{ rooms: AdminRoom[] }>('GET', '/rooms', { has: 'rooms', life });
    return rooms;
  }

  async closeRoom(room: string, reason: string): Promise<void> {
    const body = reason === '' ? {} : { reason };
    await this.#ask('PUT', `/rooms/${encodeURIComponent(room)}/closure`, { body });
  }

  async reopenRoom(room: string): Promise<void> {
    await this.#ask('DELETE', `/rooms/${encodeURIComponent(room)}/closure`);
  }

  announce(room: string, message: string): Promise<{ readonly id: number; readonly timestamp: number }> {
    const path = `/rooms/${encodeURIComponent(room)}/announcements`;
    return this.#ask('POST', path, { body: { message }, has: 'id' });
  }

  /** @param before where an earlier page ended; the newest without it */
  history(room: string, before?: string): Promise<HistoryPage> {
    const path = `/rooms/${encodeURIComponent(room)}/history`;
    return this.#ask('GET', path, { query: { before, limit: glanceLimit }, has: 'events' });
  }

  redact(room: string, id: number, reason: string): Promise<{ readonly id: number }> {
    const path = `/rooms/${encodeURIComponent(room)}/messages/${id}`;
    return this.#ask('DELETE', path, { query: { reason }, has: 'id' });
  }

  async bans(offset: number, life?: AbortSignal): Promise<ListPage<Ban>> {
    const query = { offset, limit: pageLimit };
    const { bans, total } = await this.#ask<{ bans: readonly Ban[]; total: number }>('GET', '/bans', {
      query,
      has: 'bans',
      life,
    });
    return { items: bans, total };
  }

  ban(wish: BanWish): Promise<Ban> {
    return this.#ask('POST', '/bans', { body: wish, has: 'id' });
  }

  async unban(id: string): Promise<void> {
    await this.#ask('DELETE', `/bans/${encodeURIComponent(id)}`);
  }

  async #ask<T>(method: string, path: string, { query = {}, body, has, life }: Question = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== '') search.set(name, String(value));
    }
    const answer = new AbortController();
    const giveUp = () => answer.abort();
    const timer = setTimeout(giveUp, answerTimeoutMs);
    life?.addEventListener('abort', giveUp);
    try {
      const response = await this.#fetch(`/v1/admin${path}${search.size > 0 ? `?${search}` : ''}`, {
        method,
        headers: {
          Authorization: `Bearer ${this.#token}`,
          ...(body && { 'Content-Type': 'application/json' }),
        },
        body: JSON.stringify(body) ?? null,
        // Node's types have not heard of it.
        ...{ cache: 'no-store' },
        // A cookie has no business here, and a redirect would carry the token elsewhere.
        credentials: 'omit',
        redirect: 'error',
        signal: answer.signal,
      });
      const text = await response.text();
      if (!response.ok) throw new ProblemError(problemOf(response, text, Date.now()));
      const read = text === '' ? {} : JSON.parse(text);
      // What a hotel's sign-in page says is no answer.
      if (has !== undefined && !(has in Object(read))) throw new TypeError();
      return read;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError(ownProblem('unreachable', 'The server does not answer.'));
    } finally {
      clearTimeout(timer);
      life?.removeEventListener('abort', giveUp);
    }
  }
}

interface Question {
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  /** What an answer must have to be one. */
  readonly has?: string;
  readonly life?: AbortSignal | undefined;
}
