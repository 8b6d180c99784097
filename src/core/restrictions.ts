/**
 * Who may not come in, and which rooms are closed: what the store keeps of that, as this process knows it.
 *
 * 1. As long as that is not known, nobody comes in (`#isKnown`): the store tells it at the start, or when it is back.
 * 2. It changes by what the store tells only, so that all instances agree; then `onChange` is called.
 * 3. What has an end counts until then by the wall clock; the store forgets it by and by.
 */

import { type BanRequest, draftOf } from './ban-request.ts';
import { askStore } from './call-hooks.ts';
import type { Time } from './clock.ts';
import { validateReason } from './deed-reasons.ts';
import { ChatError, isUnavailable } from './errors.ts';
import { nameKey, type Skeleton } from './names.ts';
import type { RoomObserver } from './observer.ts';
import { type Ban, maxRestrictions, type Restriction } from './restriction.ts';
import { type Restricted, RestrictionIndex } from './restriction-index.ts';
import { refusalOf } from './restriction-words.ts';
import type { Store } from './store.ts';
import type { Tokens } from './tokens.ts';

interface RestrictionsOptions {
  readonly store: Store;
  readonly clock: Pick<Time, 'wall'>;
  readonly tokens: Pick<Tokens, 'hash'>;
  readonly skeleton: Skeleton;
  readonly maxNameLength: number;
  /** Throws if there is none of this name. */
  readonly requireRoom: (name: string) => void;
  readonly observer: RoomObserver;
}

const fullRetryMs = 60_000;

export class Restrictions {
  readonly #options: RestrictionsOptions;
  readonly #index: RestrictionIndex;
  readonly #onChange: (() => void)[] = [];
  #isKnown = false;
  #isClosed = false;
  #opening: Promise<void> | undefined;
  #unwatch: () => void = () => {};
  #forgetStatus: () => void = () => {};

  constructor(options: RestrictionsOptions) {
    this.#options = options;
    this.#index = new RestrictionIndex((name) => nameKey(name, options.skeleton));
  }

  /**
   * Hears from the store what there is. Resolves also if that is being opened, or cannot be reached: then it is heard later, and
   * until then a server answers that it is starting.
   */
  async open(): Promise<void> {
    const { store, observer } = this.#options;
    this.#forgetStatus = store.onStatus((status) => {
      if (status === 'ready') void askStore(() => this.#watch(), 'reading bans and closed rooms', observer);
    });
    if (store.status === 'starting') {
      void askStore(() => this.#watch(), 'reading bans and closed rooms', observer);
      return;
    }
    try {
      await this.#watch();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#forgetStatus();
    this.#unwatch();
  }

  /** Whether the store has said what there is. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Calls back whenever somebody who was let in before may be hit now. */
  onChange(listener: () => void): void {
    this.#onChange.push(listener);
  }

  /** Whether any address is banned: if not, nobody has to ask for the address of a request. */
  get hasAddresses(): boolean {
    return this.#index.hasAddresses;
  }

  /** What hits somebody now. */
  hitting(who: Restricted): Restriction | undefined {
    for (const restriction of this.#index.hitting(who)) if (this.#isInForce(restriction)) return restriction;
    return undefined;
  }

  /** @throws ChatError `permission-denied` with why and until when, or `unavailable` if nobody knows */
  require(who: Restricted): void {
    if (!this.#isKnown)
      throw new ChatError(
        'unavailable',
        'The store has not said yet who may come in. Try again in a moment.',
      );
    const restriction = this.hitting(who);
    if (restriction) throw refusalOf(restriction);
  }

  /** The bans in force, in the order in which they were made. */
  bans(): Ban[] {
    return this.#index
      .all()
      .filter(
        (restriction): restriction is Ban => restriction.kind !== 'room' && this.#isInForce(restriction),
      )
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  /** The room's closing, if it is closed. */
  closureOf(room: string): Restriction | undefined {
    return this.#index.get(closureId(room));
  }

  /** The names of all rooms that are closed. */
  closedRooms(): string[] {
    return this.#index.all().flatMap(({ kind, value }) => (kind === 'room' ? [value] : []));
  }

  /** The ban of an id, if it is in force. */
  find(id: string): Ban | undefined {
    return this.bans().find((ban) => ban.id === id);
  }

  /**
   * Keeps somebody out from now on; sessions that it hits end. The same again replaces it.
   * @throws ChatError `invalid-request`, `invalid-name`, `invalid-message` (the reason), `room-not-found`, `unavailable`
   */
  async ban(request: BanRequest): Promise<Ban> {
    const { room } = request;
    if (room !== undefined) this.#options.requireRoom(room);
    const draft = draftOf(request, this.#options);
    const forMs = request.seconds === undefined ? null : request.seconds * 1000;
    return { ...(await this.#put(draft, forMs)), kind: request.kind };
  }

  /**
   * Lifts a ban. False if there is none of this id.
   * @throws ChatError `unavailable`
   */
  async unban(id: string): Promise<boolean> {
    if (this.#index.get(id)?.kind === 'room') return false;
    return this.#options.store.removeRestriction(id);
  }

  /**
   * Lets nobody into a room any more, and shows out who is there.
   * @throws ChatError `room-not-found`, `invalid-message` (the reason), `unavailable`
   */
  async closeRoom(room: string, reason?: string): Promise<void> {
    this.#options.requireRoom(room);
    const said = validateReason(reason) ?? null;
    await this.#put({ id: closureId(room), kind: 'room', value: room, room, reason: said }, null);
  }

  /**
   * Opens a closed room again. False if it was not closed.
   * @throws ChatError `room-not-found`, `unavailable`
   */
  async reopenRoom(room: string): Promise<boolean> {
    this.#options.requireRoom(room);
    return this.#options.store.removeRestriction(closureId(room));
  }

  async #put(...[draft, forMs]: Parameters<Store['putRestriction']>): Promise<Restriction> {
    const restriction = await this.#options.store.putRestriction(draft, forMs);
    if (restriction) return restriction;
    throw new ChatError(
      'unavailable',
      `There are ${maxRestrictions} bans and closed rooms already. Lift some first.`,
      { retryAfterMs: fullRetryMs },
    );
  }

  #watch(): Promise<void> {
    if (this.#isKnown || this.#isClosed) return Promise.resolve();
    this.#opening ??= this.#begin().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #begin(): Promise<void> {
    this.#unwatch = await this.#options.store.watchRestrictions({
      all: (restrictions) => {
        this.#index.clear();
        for (const restriction of restrictions) this.#index.put(restriction);
        this.#isKnown = true;
        this.#changed();
      },
      put: (restriction) => {
        this.#index.put(restriction);
        this.#changed();
      },
      removed: (id) => this.#index.remove(id),
    });
    if (this.#isClosed) this.#unwatch();
  }

  #changed(): void {
    for (const listener of this.#onChange) listener();
  }

  #isInForce({ until }: Restriction): boolean {
    const { store, clock } = this.#options;
    return until === null || until > (store.wall?.() ?? clock.wall());
  }
}

function closureId(room: string): string {
  return `room:${room}`;
}
