/** A room with a log and one session, as all tabs of a browser see it: by streams, polls and `create`. */

import type { Result } from '../../../../src/client/problem.ts';
import type { AnyEvent, Ending, Sent } from '../../../../src/client/wire.ts';
import {
  FakeApi,
  type FakeStream,
  ok,
  page,
  refused,
  said,
  session,
  unreachable,
} from '../../../client/support/fake-api.ts';

export class FakeRoom {
  #log: ReturnType<typeof said>[] = [];
  #epoch = 'e';
  readonly #streams: FakeStream[] = [];
  #ending: Ending | undefined;
  sessionId = 's1';
  /** As which one is inside. */
  name = 'Ada';
  /** How many sessions were created. */
  created = 0;
  isReachable = true;
  isPolled = false;
  /** So many messages are kept whose senders do not learn it. */
  lostAnswers = 0;
  /** What was kept under each key, in each session. */
  readonly #kept = new Map<string, Sent>();

  get cursor(): string {
    return `${this.#epoch}-${this.#log.length}`;
  }

  get texts(): string[] {
    return this.#log.map(({ message }) => message);
  }

  /** Streams that nobody has ended. */
  get openStreams(): number {
    return this.#streams.filter(({ isCancelled }) => !isCancelled).length;
  }

  /** As one tab has it. */
  api(): FakeApi {
    const api = new FakeApi();
    api.streamAnswer = (after) => {
      if (this.isPolled) return 'hang';
      const refusal = this.#refusal();
      if (refusal !== undefined) return refusal;
      const answer = api.openStream(after);
      this.#streams.push(api.stream);
      for (const event of this.#since(after)) this.#tell(api.stream, event);
      return answer;
    };
    api.updates = async (after, wait) => {
      if (wait > 0 && this.#since(after).length === 0) await this.#nextEvent();
      const refusal = this.#refusal();
      if (refusal !== undefined) return refusal;
      const gap = after.startsWith(this.#epoch) ? {} : { lost: null, users: ['Ada'] };
      return ok({ events: this.#since(after), cursor: this.cursor, more: false, ...gap });
    };
    api.sessionAnswer = async () => this.#refusal() ?? session(this.sessionId, this.name);
    api.createAnswer = async () => {
      if (!this.isReachable) return unreachable;
      if (this.#ending !== undefined) {
        this.#ending = undefined;
        this.created += 1;
        this.sessionId = `s${this.created + 1}`;
      }
      return session(this.sessionId, this.name);
    };
    api.sendAnswer = async (message, key) => this.#refusal() ?? this.#keep(message, key);
    api.historyAnswer = async (_side, cursor) => this.#refusal() ?? page(this.#since(cursor), this.cursor);
    Object.defineProperty(api, 'users', {
      get: () => ok({ users: ['Ada'], cursor: this.cursor }),
    });
    return api;
  }

  /** The log begins anew, and streams are told so. */
  restart(): void {
    this.#epoch = 'f';
    this.#log = [];
    for (const stream of this.#streams) {
      if (!stream.isCancelled) stream.event('init', 'f-0', { users: ['Ada'], cursor: 'f-0', lost: null });
    }
  }

  /** Somebody says the next text, and no stream hears it. */
  mutter(): void {
    const id = this.#log.length + 1;
    this.#log.push(said(id, 'Bob', `text ${id}`));
  }

  /** Somebody says the next text. */
  say(): void {
    this.#append('Bob', `text ${this.#log.length + 1}`);
  }

  /** Keeps a message once for each key of a session, as the server does. */
  #keep(message: string, key: string): Result<Sent> {
    const name = `${this.sessionId} ${key}`;
    const sent = this.#kept.get(name) ?? this.#append(this.name, message, key);
    this.#kept.set(name, sent);
    if (this.lostAnswers === 0) return ok(sent);
    this.lostAnswers -= 1;
    return unreachable;
  }

  #append(name: string, text: string, key?: string): Sent {
    const event = said(this.#log.length + 1, name, text, key);
    this.#log.push(event);
    if (!this.isReachable) return event;
    for (const stream of this.#streams) if (!stream.isCancelled) this.#tell(stream, event);
    for (const wake of this.#wakes.splice(0)) wake();
    return event;
  }

  /** Everybody's stream gets a word. */
  tell(text: string): void {
    for (const stream of this.#streams) if (!stream.isCancelled) stream.write(text);
  }

  /** The session ends. */
  end(ending: Ending): void {
    this.#ending = ending;
    this.tell(`event: bye\ndata: ${JSON.stringify(ending)}\n\n`);
  }

  /** Another tab has brought a session of its own. */
  begin(sessionId: string, name: string): void {
    this.#ending = undefined;
    this.sessionId = sessionId;
    this.name = name;
  }

  /** Nobody gets through any more. */
  cut(): void {
    this.isReachable = false;
    for (const stream of this.#streams) {
      if (stream.isCancelled) continue;
      stream.end();
      stream.isCancelled = true;
    }
  }

  readonly #wakes: (() => void)[] = [];

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #refusal() {
    if (!this.isReachable) return unreachable;
    const { reason = '', action = '' } = this.#ending ?? {};
    return this.#ending && refused(410, 'session-gone', { reason, action });
  }

  #since(cursor: string): AnyEvent[] {
    const [epoch, id] = cursor.split('-');
    return this.#log.slice(epoch === this.#epoch ? Number(id) : 0);
  }

  #tell(stream: FakeStream, event: AnyEvent): void {
    stream.event(event.type, `${this.#epoch}-${event.id}`, event);
  }
}
