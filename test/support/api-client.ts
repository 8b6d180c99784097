/** A plain client of the HTTP API: one method per operation, nothing hidden. */

import { request } from './request.ts';
import { noteSecret } from './secrets.ts';
import { SseReader } from './sse-reader.ts';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface WireEvent {
  readonly id: number;
  readonly type: string;
  readonly timestamp: number;
  readonly name: string;
  readonly message?: string;
  readonly key?: string;
}

export interface Updates {
  readonly events: WireEvent[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost?: number | null;
  readonly users?: string[];
  readonly notices?: unknown[];
}

export interface CreateAnswer {
  readonly sessionId: string;
  readonly name: string;
  readonly cursor: string;
  readonly token?: string;
}

export class ApiClient {
  readonly room: string;
  readonly base: string;
  token: string | undefined;
  /** As in the header `Cookie`; sent when there is no token. */
  cookie: string | undefined;

  constructor(url: string, room = 'lobby') {
    this.room = room;
    this.base = `${url}/v1/rooms/${room}`;
  }

  /** Opens a session with a bearer token, which later calls carry. */
  static async join(
    url: string,
    name: string,
    options: { room?: string; delivery?: string } = {},
  ): Promise<ApiClient & { cursor: string }> {
    const client = new ApiClient(url, options.room);
    const { status, body } = await client.create({ name, delivery: options.delivery ?? 'pull' });
    if (status !== 201) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
    return Object.assign(client, { cursor: body.cursor });
  }

  /** Opens a session with a cookie, which later calls carry. */
  static async joinWithCookie(url: string, name: string, room?: string): Promise<ApiClient> {
    const client = new ApiClient(url, room);
    const { status, body } = await client.create({ name, credential: 'cookie' });
    if (status !== 201) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
    return client;
  }

  async create(
    body: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<Answer<CreateAnswer>> {
    const answer = await this.call<CreateAnswer>(
      'POST',
      '/session',
      { credential: 'bearer', ...body },
      headers,
    );
    if (answer.body?.token !== undefined) this.token = answer.body.token;
    noteSecret(answer.body?.token);
    const [cookie] = answer.headers.getSetCookie();
    if (cookie !== undefined) this.cookie = cookie.split(';')[0];
    return answer;
  }

  destroy(): Promise<Answer> {
    return this.call('DELETE', '/session');
  }

  ping(): Promise<Answer> {
    return this.call('POST', '/session/ping');
  }

  getSession(): Promise<Answer<Record<string, unknown>>> {
    return this.call('GET', '/session');
  }

  users(): Promise<Answer<{ users: string[]; cursor: string }>> {
    return this.call('GET', '/session/users');
  }

  updates(query: Record<string, string | number> = {}, signal?: AbortSignal): Promise<Answer<Updates>> {
    const text = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    return this.call('GET', `/session/updates?${text}`, undefined, {}, signal);
  }

  send(message: string, key?: string): Promise<Answer<{ id: number; timestamp: number }>> {
    return this.call('POST', '/session/messages', key === undefined ? { message } : { message, key });
  }

  history(query = ''): Promise<Answer<Updates>> {
    return this.call('GET', `/history${query}`);
  }

  subscribe(query = '', headers: Record<string, string> = {}): Promise<SseReader> {
    return SseReader.open(`${this.base}/session/events${query}`, {
      headers: { ...this.credentials(), ...headers },
    });
  }

  feed(query = '', headers: Record<string, string> = {}): Promise<SseReader> {
    return SseReader.open(`${this.base}/feed${query}`, { headers });
  }

  credentials(): Record<string, string> {
    if (this.token !== undefined) return { authorization: `Bearer ${this.token}` };
    return this.cookie === undefined ? {} : { cookie: this.cookie };
  }

  /** Any request below the room's address; the body is sent as JSON. */
  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer<T>> {
    const answer = await request(`${this.base}${path}`, {
      method,
      headers: {
        ...this.credentials(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
    const { status, headers: heads, text } = answer;
    const isJson = /json/.test(heads.get('content-type') ?? '') && text !== '';
    return { status, headers: heads, body: (isJson ? JSON.parse(text) : text) as T };
  }
}
