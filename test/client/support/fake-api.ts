/** A server's answers, as a test gives them; what was asked is noted. */

import type { RoomApi } from '../../../src/client/api.ts';
import type { Problem, Result } from '../../../src/client/problem.ts';
import type {
  AnyEvent,
  HistoryPage,
  Joiner,
  Sent,
  SessionInfo,
  Updates,
  Users,
} from '../../../src/client/wire.ts';

export function ok<T>(body: T): Result<T> {
  return { ok: true, body };
}

export function refused(status: number, code: string, more: Partial<Problem> = {}): Result<never> {
  return { ok: false, problem: { status, code, detail: `detail of ${code}`, ...more } };
}

export const unreachable = refused(0, 'unreachable');

/** A session, as `create` and `getSession` tell it. */
export function session(sessionId: string, name = 'Ada', more: Partial<SessionInfo> = {}) {
  return ok<SessionInfo>({ sessionId, name, heartbeat: 10, timeout: 60, maxMessageBytes: 1024, ...more });
}

export function page(events: readonly AnyEvent[], cursor: string, more = false): Result<HistoryPage> {
  return ok({ events, cursor, more });
}

/** A push stream that a test writes. */
export class FakeStream {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  isCancelled = false;
  readonly response: Response;
  readonly after: string;

  constructor(after: string, type = 'text/event-stream') {
    this.after = after;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.isCancelled = true;
      },
    });
    this.response = new Response(body, { headers: { 'content-type': type } });
  }

  write(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  event(type: string, id: string, data: unknown): void {
    this.write(`event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#controller?.close();
  }
}

/** Answers are taken from the scripts; where none is left, the server cannot be reached. */
export class FakeApi implements RoomApi {
  readonly streams: FakeStream[] = [];
  readonly asked: string[] = [];
  readonly sent: { message: string; key: string }[] = [];
  readonly createKeys: string[] = [];
  /** What a stream begins with; nothing: it is mute. */
  greeting = 'retry: 2000\n\n';
  streamAnswer: (after: string) => Result<Response> | 'hang' = (after) => this.openStream(after);
  updates: (after: string, wait: number) => Promise<Result<Updates>> = async () => unreachable;
  historyAnswer: (side: string, cursor: string) => Promise<Result<HistoryPage>> = async (_side, cursor) =>
    page([], cursor);
  sendAnswer: (message: string, key: string) => Promise<Result<Sent>> = async () => unreachable;
  createAnswer: (name: string | undefined) => Promise<Result<SessionInfo>> = async () => unreachable;
  sessionAnswer: () => Promise<Result<SessionInfo>> = async () => unreachable;
  destroyAnswer: Result<undefined> = ok(undefined);
  users: Result<Users> = ok({ users: ['Ada'], cursor: 'e-5' });

  openStream(after: string, type?: string): Result<Response> {
    const stream = new FakeStream(after, type);
    if (this.greeting !== '') stream.write(this.greeting);
    this.streams.push(stream);
    return ok(stream.response);
  }

  get stream(): FakeStream {
    const last = this.streams.at(-1);
    if (last === undefined) throw new Error('No stream was opened.');
    return last;
  }

  /** Forgets what was asked so far and tells it. */
  takeAsked(): string[] {
    return this.asked.splice(0);
  }

  async subscribe(after: string, life: AbortController) {
    this.asked.push(`subscribe ${after}`);
    const answer = this.streamAnswer(after);
    if (answer !== 'hang') return answer;
    life.abort();
    return refused(0, 'no head in time');
  }

  async getUpdates(after: string, wait: number, life: AbortController) {
    this.asked.push(`getUpdates ${after} ${wait}`);
    const ended = new Promise<Result<Updates>>((resolve) => {
      life.signal.addEventListener('abort', () => resolve(unreachable));
    });
    return Promise.race([this.updates(after, wait), ended]);
  }

  async getInitialUsers() {
    this.asked.push('getInitialUsers');
    return this.users;
  }

  async history(side: string, cursor: string) {
    this.asked.push(`history ${side} ${cursor}`);
    return this.historyAnswer(side, cursor);
  }

  async ping() {
    this.asked.push('ping');
    return ok(undefined);
  }

  async send(message: string, key: string) {
    this.sent.push({ message, key });
    return this.sendAnswer(message, key);
  }

  async create({ name, password }: Joiner, idempotencyKey: string) {
    this.asked.push(password === undefined ? `create ${name}` : `create ${name} with ${password}`);
    this.createKeys.push(idempotencyKey);
    return this.createAnswer(name);
  }

  async getSession() {
    this.asked.push('getSession');
    return this.sessionAnswer();
  }

  async destroy() {
    this.asked.push('destroy');
    return this.destroyAnswer;
  }

  async getLogin() {
    return ok({ takes: ['name'], given: false, maxNameLength: 32 });
  }

  async getRoom() {
    return ok({ name: 'lobby', members: 0 });
  }
}

/** A message, a join or a leave, as it comes over the wire. */
export function said(id: number, name: string, message: string, key?: string) {
  return { id, type: 'message', timestamp: id, name, message, ...(key === undefined ? {} : { key }) };
}

export function came(id: number, name: string) {
  return { id, type: 'join', timestamp: id, name };
}

export function announced(id: number, message: string) {
  return { id, type: 'announcement', timestamp: id, message };
}

export function redacted(id: number, target: number) {
  return { id, type: 'redaction', timestamp: id, target };
}

export function went(id: number, name: string) {
  return { id, type: 'leave', timestamp: id, name };
}
