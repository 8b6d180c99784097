/**
 * One person in one room: keeps the session through restarts of the server, tells what happens in the room and sends
 * what is to be said.
 *
 * States, told as `state`: `ended` (outside: not in the room yet, or no more) → `connecting` (with a session, or
 * looking for one) → `live` or `polling` (the link) → `connecting` or `offline` (between tries, also while a session is
 * created again) → `ended`. Who makes each transition stands in `session-keeper.ts` and `connection.ts`.
 */

import { Api, type RoomApi } from './api.ts';
import { storeBackMs } from './bounds.ts';
import type { ClientOptions } from './client-options.ts';
import { eventsOf, type Gap } from './event-queue.ts';
import { Listeners } from './listeners.ts';
import type { ClientState, RoomNews, Tell } from './news.ts';
import { Outbox } from './outbox.ts';
import { endingOf, outside } from './outcome.ts';
import type { Outgoing } from './outgoing.ts';
import { ProblemError } from './problem.ts';
import { realSchedule } from './schedule.ts';
import { SessionKeeper } from './session-keeper.ts';
import { Keepsakes } from './storage.ts';
import type { ChatRoomEvent, Ending, Joiner, Sent, SessionInfo } from './wire.ts';

export class RoomClient extends Listeners<RoomNews> implements AsyncIterable<ChatRoomEvent | Gap> {
  /** The operations, as they are. */
  readonly api: RoomApi;
  readonly #hasSession: () => boolean;
  readonly #outbox: Outbox;
  readonly #keeper: SessionKeeper;
  #state: ClientState = 'ended';

  constructor(options: ClientOptions) {
    super();
    const { url = '', room, schedule = realSchedule, credential = url ? 'bearer' : 'cookie' } = options;
    const base = `${url.replace(/\/$/, '')}/v1/rooms/${encodeURIComponent(room)}`;
    const kept = new Keepsakes(options.storage, base);
    const {
      fetch: ask = fetch,
      token,
      api = new Api(base, credential, kept, ask, schedule, token),
    } = options;
    const tell: Tell = (type, ...news) => this.tell(type, ...news);
    const outbox = new Outbox(
      api,
      schedule,
      kept,
      () => ({ sessionId: this.session?.sessionId ?? '', name: this.name, cursor: this.cursor ?? '0' }),
      (messages) => tell('outbox', messages),
      (problem) => void keeper.gone(endingOf(problem) ?? {}),
    );
    const keeper = new SessionKeeper(api, schedule, kept, options, outbox, tell);
    this.api = api;
    this.#hasSession = () => credential === 'cookie' || kept.get('token') !== '';
    this.#outbox = outbox;
    this.#keeper = keeper;
    const seen: RoomNews['events'] = (events) => outbox.seen(events);
    this.on('begin', seen);
    this.on('events', seen);
    this.on('gap', () => outbox.gap());
    this.on('store', async (isAway) => {
      if (isAway) return;
      // What it refused need not wait for its turn, but not all clients at once.
      await schedule.sleep(schedule.random() * storeBackMs, new AbortController().signal);
      if (this.#state === 'live') outbox.open();
    });
    this.on('state', (state) => {
      this.#state = state;
      if (state !== 'live' && state !== 'polling') return;
      keeper.maker.worked();
      outbox.open();
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Why one is outside; undefined if it was one's own wish, or was never inside. */
  get ending(): Ending | undefined {
    return this.#keeper.ending;
  }

  /** The session, as long as one is inside. */
  get session(): SessionInfo | undefined {
    return this.#keeper.session;
  }

  /** One's own name, as the room shows it; empty outside. */
  get name(): string {
    return this.session?.name ?? '';
  }

  /** Who is here, as far as the log has been told. */
  get roster(): readonly string[] {
    return this.#keeper.follower?.names ?? [];
  }

  /** The position in the log up to which events have come. */
  get cursor(): string | undefined {
    return this.#keeper.follower?.cursor;
  }

  /** Messages that are not in the log yet. */
  get outbox(): readonly Outgoing[] {
    return this.#outbox.messages;
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
    return this.#hasSession() && this.#keeper.resume();
  }

  /**
   * Joins. Asked again after no answer came, it is the same attempt: the name is not taken by oneself.
   *
   * @throws ProblemError if one is not let in, or the server cannot be reached
   */
  join(joiner: Joiner & { readonly isPatient?: boolean }): Promise<void> {
    return this.#keeper.join(joiner);
  }

  /**
   * Logs in anew from within, as with a fresh `token`: the session is another one then, and nobody sees a leave or a join
   * if it is the same user.
   *
   * @throws ProblemError if that was refused: one is still inside, as before
   */
  renew(): Promise<void> {
    return this.#keeper.renew();
  }

  /**
   * Leaves the room for good; what is not sent yet is dropped.
   *
   * @throws ProblemError if that could not be said to the server: one is still inside
   */
  leave(): Promise<void> {
    return this.#keeper.leave();
  }

  /** Stops, and tells the server nothing: the session stays for `resume` until it expires. */
  close(): void {
    this.#keeper.end();
  }

  /**
   * Says something. It is sent as soon as possible, also after the connection was lost, and is said once.
   *
   * @returns its place in the log, once it is acknowledged
   * @throws ProblemError if the server will not have it, if nobody can know whether it arrived, or if one is outside
   */
  send(text: string): Promise<Sent> {
    if (this.#keeper.session) return this.#outbox.add(text);
    return Promise.reject(new ProblemError(outside(this.ending)));
  }

  /** Sends a failed message again. */
  retry(key: string): void {
    this.#outbox.retry(key);
  }

  /** Takes a message out of the outbox. */
  discard(key: string): void {
    this.#outbox.discard(key);
  }

  /** Whatever waits for its turn is tried now: the network is back, or somebody is looking. */
  nudge(): void {
    this.#keeper.nudge();
  }
}
