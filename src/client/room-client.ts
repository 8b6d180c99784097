/**
 * One person in one room: finds the session that is held or creates one, keeps it through restarts of the server, tells
 * what happens in the room and sends what is to be said.
 *
 * States, told as `state`: `ended` (outside: not in the room yet, or no more: `#end`) → `connecting` (`#enter`, with a
 * session; or `resume`, looking for one) → `live` or `polling` (the link) → `connecting` or `offline` (between tries,
 * also while a session is created again: `#recover`) → `ended`.
 */

import { Api, type Credential, type RoomApi } from './api.ts';
import { Connection, type Link, type LinkFactory } from './connection.ts';
import { eventsOf, type Gap } from './event-queue.ts';
import { Follower } from './follower.ts';
import { Listeners } from './listeners.ts';
import type { ClientState, RoomNews } from './news.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import { endingOf, isPassing } from './outcome.ts';
import { type Problem, ProblemError, type Result } from './problem.ts';
import { backoffMs, realSchedule, type Schedule } from './schedule.ts';
import { SessionMaker } from './session-maker.ts';
import { type ClientStorage, Keepsakes } from './storage.ts';
import {
  type ChatRoomEvent,
  type Ending,
  type Joiner,
  knownOf,
  parseJson,
  type Sent,
  type SessionInfo,
} from './wire.ts';

/** How long another tab may need to get a new session's cookie after the old one has ended. */
const otherTabMs = 1000;

/** Clients send what they have within this time after the store has come back. */
const storeBackMs = 2000;

/** How often a name is asked for again that was one's own before. */
const nameInUseTries = 5;

export interface ClientOptions {
  readonly room: string;
  /** The server's address, such as `https://chat.example.org`; the page's own if not given. */
  readonly url?: string | undefined;
  /** `cookie` if no `url` is given, else `bearer`. */
  readonly credential?: Credential | undefined;
  /** Where the token and what is not sent yet are kept; in memory only if not given. */
  readonly storage?: ClientStorage | undefined;
  /** How many events from before are told first; 0 if not given, 1000 at most. */
  readonly history?: number | undefined;
  /** A `cursor` of an earlier client: events are told from there on. */
  readonly after?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Time and chance. */
  readonly schedule?: Schedule | undefined;
  /** In place of requests of one's own: for tests. */
  readonly api?: RoomApi | undefined;
  /** In place of a connection of one's own: for tabs that share one. */
  readonly link?: LinkFactory | undefined;
}

export class RoomClient extends Listeners<RoomNews> implements AsyncIterable<ChatRoomEvent | Gap> {
  /** The operations, as they are. */
  readonly api: RoomApi;
  readonly #options: ClientOptions;
  readonly #credential: Credential;
  readonly #schedule: Schedule;
  readonly #kept: Keepsakes;
  readonly #maker: SessionMaker;
  #state: ClientState = 'ended';
  #ending: Ending | undefined;
  #session: SessionInfo | undefined;
  #follower: Follower | undefined;
  #link: Link | undefined;
  #outbox: Outbox | undefined;
  /** What ends meanwhile is no news: one is leaving, or creating a session. */
  #isBusy = false;
  #pause = new AbortController();
  /** Counts the times somebody has asked to go in or out: what was asked before is void. */
  #wish = 0;

  constructor(options: ClientOptions) {
    super();
    const { url = '', room, schedule = realSchedule } = options;
    this.#options = options;
    this.#credential = options.credential ?? (url === '' ? 'cookie' : 'bearer');
    this.#schedule = schedule;
    const base = `${url.replace(/\/$/, '')}/v1/rooms/${encodeURIComponent(room)}`;
    this.#kept = new Keepsakes(options.storage, base);
    this.api =
      options.api ??
      new Api({
        base,
        credential: this.#credential,
        kept: this.#kept,
        // Called through an object, a browser's own would throw.
        fetch: options.fetch ?? ((input, init) => fetch(input, init)),
        schedule,
      });
    this.#maker = new SessionMaker(this.api);
    const seen: RoomNews['events'] = (events) => this.#outbox?.seen(events);
    this.on('begin', seen);
    this.on('events', seen);
    this.on('gap', () => this.#outbox?.gap());
    this.on('store', (isAway) => {
      if (!isAway) void this.#sendSoon();
    });
    this.on('outbox', (messages) => this.#kept.set('outbox', JSON.stringify(messages)));
    this.on('state', (state) => {
      this.#state = state;
      if (state !== 'live' && state !== 'polling') return;
      this.#maker.worked();
      this.#outbox?.open();
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Why one is outside; undefined if it was one's own wish, or was never inside. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** The session, as long as one is inside. */
  get session(): SessionInfo | undefined {
    return this.#session;
  }

  /** One's own name, as the room shows it; empty outside. */
  get name(): string {
    return this.#session?.name ?? '';
  }

  /** Who is here, as far as the log has been told. */
  get roster(): readonly string[] {
    return this.#follower?.names ?? [];
  }

  /** The position in the log up to which events have come. */
  get cursor(): string | undefined {
    return this.#follower?.cursor;
  }

  /** Messages that are not in the log yet. */
  get outbox(): readonly Outgoing[] {
    return this.#outbox?.messages ?? [];
  }

  /** Events and gaps from now on until one is outside, `history` first if it is still to come. */
  [Symbol.asyncIterator](): AsyncGenerator<ChatRoomEvent | Gap, void, void> {
    return eventsOf(this);
  }

  /**
   * Goes on with the session that the browser or the storage holds.
   *
   * @returns whether there is one; waits as long as the server cannot be reached
   */
  async resume(): Promise<boolean> {
    if (this.#credential === 'bearer' && this.#kept.get('token') === '') return false;
    this.#wish += 1;
    this.tell('state', 'connecting', {});
    const answer = await this.#persist(() => this.api.getSession());
    if (answer?.ok) await this.#enter(answer.body);
    else if (answer !== undefined) this.#end(endingAfter(answer.problem, 'stop'));
    return answer?.ok ?? false;
  }

  /**
   * Joins. Asked again after no answer came, it is the same attempt: the name is not taken by oneself.
   *
   * @throws ProblemError if one is not let in, or the server cannot be reached
   */
  async join(joiner: Joiner & { readonly isPatient?: boolean }): Promise<void> {
    this.#maker.isFor(joiner);
    this.#wish += 1;
    const create = () => this.#maker.create();
    const answer = await (joiner.isPatient ? this.#persist(create) : create());
    if (answer?.ok) await this.#enter(answer.body);
    else throw new ProblemError(answer?.problem ?? outside(undefined));
  }

  /**
   * Leaves the room for good; what is not sent yet is dropped.
   *
   * @throws ProblemError if that could not be said to the server: one is still inside
   */
  async leave(): Promise<void> {
    // Kept first: the streams of this tab and of others end before the answer is here.
    this.#kept.set('left', this.#session?.sessionId ?? '');
    this.#isBusy = true;
    const answer = await this.api.destroy();
    this.#isBusy = false;
    if (!answer.ok && endingOf(answer.problem) === undefined) {
      this.#kept.set('left', '');
      // If it has ended meanwhile, it is told now.
      this.#link?.open();
      throw new ProblemError(answer.problem);
    }
    this.#end({ reason: 'destroyed', action: 'stop' });
    this.#kept.set('token', '');
    this.#kept.set('outbox', '');
  }

  /** Stops, and tells the server nothing: the session stays for `resume` until it expires. */
  close(): void {
    this.#end(undefined);
  }

  /**
   * Says something. It is sent as soon as possible, also after the connection was lost, and is said once.
   *
   * @returns its place in the log, once it is acknowledged
   * @throws ProblemError if the server will not have it, if nobody can know whether it arrived, or if one is outside
   */
  send(text: string): Promise<Sent> {
    return this.#outbox?.add(text) ?? Promise.reject(new ProblemError(outside(this.#ending)));
  }

  /** Sends a failed message again. */
  retry(key: string): void {
    this.#outbox?.retry(key);
  }

  /** Takes a message out of the outbox. */
  discard(key: string): void {
    this.#outbox?.discard(key);
  }

  /** Whatever waits for its turn is tried now: the network is back, or somebody is looking. */
  nudge(): void {
    this.#pause.abort();
    this.#link?.nudge();
  }

  async #enter(session: SessionInfo): Promise<void> {
    // Of a stream that was superseded, nothing but the link has ended.
    if (session.sessionId !== this.#session?.sessionId) {
      this.#shut();
      const kept = parseJson(this.#kept.get('outbox'));
      this.#outbox = new Outbox(
        this.api,
        this.#schedule,
        {
          changed: (messages) => this.tell('outbox', messages),
          sessionLost: (problem) => void this.#gone(endingOf(problem) ?? {}),
        },
        Array.isArray(kept) ? kept : [],
      );
    }
    this.#ending = undefined;
    await this.#goOn(session);
  }

  /** Goes on with a session, or begins. */
  async #goOn(session: SessionInfo): Promise<void> {
    const { after, history = 0, link } = this.#options;
    this.#session = session;
    this.tell('session', session);
    this.tell('state', 'connecting', {});
    const { sessionId, name, cursor = '0' } = session;
    this.#outbox?.sessionIs(() => ({ sessionId, name, cursor: this.cursor ?? cursor }));
    if (this.#link !== undefined) return this.#link.open();
    const answer = await this.#persist(() => this.api.getInitialUsers());
    if (answer === undefined) return;
    if (!answer.ok) return this.#gone(endingAfter(answer.problem, 'create'));
    const { users, cursor: head } = answer.body;
    const follower = new Follower(
      after ?? session.cursor ?? head,
      users,
      (type, ...news) => this.tell(type, ...news),
      (ending) => void this.#gone(ending),
      () => this.#link?.open(),
    );
    this.#follower = follower;
    const parts = [this.api, follower, this.#schedule, session.heartbeat * 1000] as const;
    this.#link = link?.(...parts) ?? new Connection(...parts);
    void this.#begin(history);
  }

  /** Tells the events before those that are followed, and then those. */
  async #begin(limit: number): Promise<void> {
    const link = this.#link;
    const cursor = this.cursor ?? '';
    const answer = limit > 0 ? await this.api.history('before', cursor, limit) : undefined;
    if (this.#link !== link) return;
    const page =
      answer?.ok && answer.body.lost === undefined ? answer.body : { events: [], cursor, more: true };
    this.tell('begin', knownOf(page.events), page.more ? page.cursor : undefined);
    link?.open();
  }

  /** The store is back: what it refused need not wait for its turn, but not all clients at once. */
  async #sendSoon(): Promise<void> {
    await this.#schedule.sleep(this.#schedule.random() * storeBackMs, new AbortController().signal);
    if (this.#state === 'live') this.#outbox?.open();
  }

  async #gone(ending: Ending): Promise<void> {
    if (this.#isBusy || this.#session === undefined) return;
    this.#link?.close();
    this.#outbox?.close();
    const wasLeft = this.#kept.get('left') === this.#session.sessionId;
    if (ending.action === 'create' && !wasLeft) return this.#recover(ending);
    if (ending.reason !== 'destroyed' && !wasLeft) return this.#end(ending);
    // In another tab the session was left, or given up for one under another name, whose cookie follows in a
    // moment. Asked too early, the answer would be about the old one.
    const wish = this.#wish;
    await this.#schedule.sleep(otherTabMs, new AbortController().signal);
    const answer = await this.api.getSession();
    if (this.#wish !== wish) return;
    if (answer.ok) await this.#enter(answer.body);
    else this.#end({ reason: 'destroyed', action: 'stop' });
  }

  /** Creates a session anew under the same name and goes on where the log was left. */
  async #recover(ending: Ending): Promise<void> {
    if (!this.#maker.hasHope) return this.#end({ ...ending, action: 'create' });
    this.#isBusy = true;
    this.tell('state', 'connecting', {});
    let refusals = 0;
    const answer = await this.#persist(
      () => this.#maker.create(this.name),
      // Another tab of this browser may have been quicker; then its cookie is ours.
      ({ code }) => code === 'name-in-use' && ++refusals < nameInUseTries,
    );
    this.#isBusy = false;
    if (answer === undefined) return;
    if (!answer.ok) return this.#end(endingAfter(answer.problem, 'create'));
    await this.#goOn(answer.body);
  }

  /** Asks until an answer comes that waiting does not change; undefined if something else was wished meanwhile. */
  async #persist<T>(
    ask: () => Promise<Result<T>>,
    isWorthwhile: (problem: Problem) => boolean = () => false,
  ): Promise<Result<T> | undefined> {
    const wish = this.#wish;
    for (let failures = 1; ; failures++) {
      const answer = await ask();
      if (this.#wish !== wish) return undefined;
      if (answer.ok) return answer;
      const { problem } = answer;
      if (!isPassing(problem) && !isWorthwhile(problem)) return answer;
      this.#pause = new AbortController();
      const ms = backoffMs(this.#schedule, failures, problem.retryAfterMs);
      const state = isPassing(problem) && failures > 1 ? 'offline' : 'connecting';
      this.tell('state', state, { retryAt: this.#schedule.now() + ms });
      await this.#schedule.sleep(ms, this.#pause.signal);
    }
  }

  /** One is outside from now on. Of a stream that was superseded, the session is there to go on with. */
  #end(ending: Ending | undefined): void {
    this.#ending = ending;
    this.#outbox?.end(outside(ending));
    if (ending?.reason !== 'superseded') this.#shut();
    this.tell('state', 'ended', {});
  }

  #shut(): void {
    this.#wish += 1;
    this.#pause.abort();
    this.#link?.close();
    this.#outbox?.close();
    this.#session = undefined;
    this.#follower = undefined;
    this.#link = undefined;
    this.#outbox = undefined;
  }
}

function endingAfter(problem: Problem, action: string): Ending {
  return endingOf(problem) ?? { reason: problem.code, action, detail: problem.detail };
}

function outside(ending: Ending | undefined): Problem {
  return {
    status: 0,
    code: 'ended',
    detail: ending?.detail ?? 'You are not in the room.',
    reason: ending?.reason,
  };
}
