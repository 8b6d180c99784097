/** What an operator asks of a server, and its lists as a whole, however many pages they have. */

import type { AdminSession } from '../../schemas/admin.ts';
import { maxPageLimit } from '../../schemas/page-limits.ts';
import type { Ban } from '../../schemas/restrictions.ts';
import { notLetIn, notReached } from '../chat/exit-codes.ts';
import { memberOf, parsed } from '../chat/json.ts';
import { safeLine } from '../chat/safe-text.ts';
import { troubleOf } from '../chat/trouble.ts';
import { Failure } from '../failure.ts';

const answerTimeoutMs = 30_000;
/**
 * By how much each page reaches back into the one before. Whatever ends between two pages moves all after it one place
 * ahead: only if more than so many of those already read end meanwhile, some are passed over.
 */
const overlap = 50;
/** More than ten times what MAX_SESSIONS is by default: a server that has ever more is not read for ever. */
const most = 250_000;

/** Of refusals; of all others it is 1. */
const exitCodes: Readonly<Record<number, number>> = { 401: notLetIn, 429: notLetIn, 503: notReached };

interface Question {
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  /** A member that the answer must have to be one; without it there is no content. */
  readonly has?: string;
}

export class AdminApi {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #token: string;
  #ahead = 0;

  constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** The server's time, in ms since 1970: its clock may differ from the one here. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  sessions(room?: string): Promise<readonly AdminSession[]> {
    return this.#all('/sessions', 'sessions', ({ sessionId }) => sessionId, { room });
  }

  bans(): Promise<readonly Ban[]> {
    return this.#all('/bans', 'bans', ({ id }) => id);
  }

  /**
   * Asks below `/v1/admin`.
   * @throws Failure in one line that says why not
   */
  // biome-ignore lint/suspicious/noExplicitAny: what comes is JSON; who asks says by its type what it expects
  async ask(method: string, path: string, { query = {}, body, has }: Question = {}): Promise<any> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, `${value}`);
    const response = await this.#fetch(`${path}${search.size > 0 ? `?${search}` : ''}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.#token}`,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      // It would carry the token elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const { status, headers, text } = response;
    this.#ahead = (Date.parse(headers.get('Date') ?? '') || Date.now()) - Date.now();
    if (status === 204 && has === undefined) return undefined;
    const read = parsed(text);
    if (status < 300 && has !== undefined && memberOf(read, has) !== undefined) return read;
    throw this.#refusal(status, headers, read);
  }

  async #all<Item>(
    path: string,
    member: string,
    idOf: (item: Item) => string,
    query: Question['query'] = {},
  ): Promise<readonly Item[]> {
    const found = new Map<string, Item>();
    for (let offset = 0; ; offset += maxPageLimit - overlap) {
      const answer = await this.ask('GET', path, {
        query: { ...query, offset, limit: maxPageLimit },
        has: member,
      });
      const items: readonly Item[] = answer[member];
      const known = found.size;
      for (const item of items) found.set(idOf(item), item);
      const isLast =
        items.length < maxPageLimit || found.size === known || offset + items.length >= answer.total;
      if (isLast || found.size >= most) return [...found.values()];
    }
  }

  async #fetch(path: string, init: RequestInit) {
    try {
      const response = await fetch(`${this.url}/v1/admin${path}`, init);
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      throw new Failure(`${this.url} cannot be reached: ${troubleOf(error)}.`, notReached);
    }
  }

  #refusal(status: number, headers: Headers, read: unknown): Failure {
    const [code, detail] = [memberOf(read, 'code'), memberOf(read, 'detail')];
    if (status >= 400 && typeof code === 'string' && typeof detail === 'string') {
      return new Failure(safeLine(detail), exitCodes[status]);
    }
    const place = headers.get('Location') ?? '';
    const type = headers.get('Content-Type') ?? 'nothing';
    const came = place === '' ? `${status} with ${type}` : `${status}, which leads to ${place}`;
    return new Failure(
      `Expected a Parlor server at ${this.url}; got the answer ${safeLine(came)}.`,
      notReached,
    );
  }
}
