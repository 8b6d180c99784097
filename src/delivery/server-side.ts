/** The rooms for code in the server's process: who is there, whom to speak to, and members without HTTP. */

import type { BanRequest } from '../core/ban-request.ts';
import type { SessionHandle } from '../core/hooks.ts';
import { announce, redact } from '../core/moderation.ts';
import type { RoomObserver } from '../core/observer.ts';
import type { Ban } from '../core/restriction.ts';
import type { Restrictions } from '../core/restrictions.ts';
import type { Rooms } from '../core/rooms.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import { type Member, type SentMessage, ServerSideMember } from './server-side-member.ts';

/** A room as server-side code sees it. */
export interface RoomInfo {
  readonly name: string;
  /** Who is there. */
  readonly users: readonly string[];
}

/** What `app.parlor` is. */
export interface Parlor {
  /** The configured rooms and those in use, by name. */
  rooms(): Promise<readonly RoomInfo[]>;
  /** The sessions that this process serves, of one room or of all. */
  sessions(room?: string): readonly SessionHandle[];
  /** The session of an id, as hooks are told it; undefined if it has ended. */
  session(sessionId: string): SessionHandle | undefined;
  /**
   * Makes a member of the room, or gives the one that was made before under this name. It stays until it leaves, is removed
   * or the process ends; after a restart whoever joins under its name goes on with it, without `leave` and `join`.
   * @throws ChatError `room-not-found`, `invalid-name`, `name-in-use` (by a client), `unavailable`
   */
  join(room: string, name: string): Promise<Member>;
  /**
   * Says something as a member, which joins if it is not there. Resolves once it is committed.
   * @throws ChatError as `join` and `Member.send`
   */
  send(room: string, name: string, text: string): Promise<SentMessage>;
  /**
   * Says something to everybody in the room, in nobody's name. Resolves once it is committed.
   * @throws ChatError `room-not-found`, `invalid-message`, `unavailable`
   */
  announce(room: string, text: string): Promise<SentMessage>;
  /**
   * Takes the text out of a message or announcement for good; every client is told by a `redaction`. Again: the same answer.
   * @returns where the redaction stands
   * @throws ChatError `room-not-found`, `not-found` (it is no longer kept, or has no text), `unavailable`
   */
  redact(room: string, id: number): Promise<SentMessage>;
  /**
   * Keeps somebody out from now on, and shows him out where he is; the same again replaces it. Resolves once it is committed.
   * Members that were made here are hit by their names and user ids, and have no address.
   * @throws ChatError `invalid-request`, `invalid-name`, `invalid-message` (the reason), `room-not-found`, `unavailable`
   */
  ban(request: BanRequest): Promise<Ban>;
  /** Lifts a ban; false if there is none of this id. */
  unban(id: string): Promise<boolean>;
  /** The bans in force, the oldest first. */
  bans(): readonly Ban[];
  /**
   * Closes a room: who is there is shown out, and nobody comes in or reads.
   * @param reason told to those whom it hits: one line of at most 200 characters
   * @throws ChatError `room-not-found`, `invalid-message` (the reason), `unavailable`
   */
  closeRoom(room: string, reason?: string): Promise<void>;
  /** Opens a closed room again; false if it was not closed. */
  reopenRoom(room: string): Promise<boolean>;
}

export interface ServerSideOptions {
  readonly rooms: Rooms;
  readonly registry: SessionRegistry;
  readonly restrictions: Restrictions;
  readonly observer: RoomObserver;
  readonly config: { readonly maxMessageBytes: number };
}

export class ServerSide implements Parlor {
  readonly #options: ServerSideOptions;
  // Those that joined here and are there, or are on their way: at most MAX_MEMBERS of each room.
  readonly #members = new Map<string, Promise<Member>>();

  constructor(options: ServerSideOptions) {
    this.#options = options;
  }

  async rooms(): Promise<readonly RoomInfo[]> {
    const { rooms } = this.#options;
    const open = await Promise.all(rooms.names().map((name) => rooms.open(name)));
    return open.map(({ name, log }) => ({ name, users: log.roster.names() }));
  }

  sessions(room?: string): readonly SessionHandle[] {
    return [...this.#options.registry.sessions()].filter(
      (session) => session.isOpened && (room === undefined || session.room === room),
    );
  }

  session(sessionId: string): SessionHandle | undefined {
    return this.#options.registry.get(sessionId);
  }

  async join(room: string, name: string): Promise<Member> {
    const key = JSON.stringify([room, name]);
    const known = this.#members.get(key);
    if (known) return known;
    const forget = (): void => {
      if (this.#members.get(key) === joining) this.#members.delete(key);
    };
    const joining = this.#join(room, name, forget);
    this.#members.set(key, joining);
    joining.catch(forget);
    return joining;
  }

  async send(room: string, name: string, text: string): Promise<SentMessage> {
    return (await this.join(room, name)).send(text);
  }

  async announce(room: string, text: string): Promise<SentMessage> {
    const { rooms, config } = this.#options;
    return announce(await rooms.open(room), text, config.maxMessageBytes);
  }

  async redact(room: string, id: number): Promise<SentMessage> {
    return redact(await this.#options.rooms.open(room), id);
  }

  ban(request: BanRequest): Promise<Ban> {
    return this.#options.restrictions.ban(request);
  }

  unban(id: string): Promise<boolean> {
    return this.#options.restrictions.unban(id);
  }

  bans(): readonly Ban[] {
    return this.#options.restrictions.bans();
  }

  closeRoom(room: string, reason?: string): Promise<void> {
    return this.#options.restrictions.closeRoom(room, reason);
  }

  reopenRoom(room: string): Promise<boolean> {
    return this.#options.restrictions.reopenRoom(room);
  }

  async #join(room: string, name: string, onEnd: () => void): Promise<Member> {
    const { registry, observer } = this.#options;
    const { session } = await registry.create({
      room,
      name,
      // By it, it takes its own session over that an earlier process has left [SES-10].
      user: { id: `server-side:${name}`, name, claims: {} },
      // Nobody comes back for it by its token, so that it ends after a restart in which it is not made again [SES-7].
      delivery: 'push',
      held: undefined,
      createKey: null,
      isServerSide: true,
      isAborted: () => false,
    });
    session.use(onEnd);
    return ServerSideMember.of(session, observer);
  }
}
