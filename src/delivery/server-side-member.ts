/**
 * A member that lives in the server's process: a bot, or a voice for announcements. The third way of delivery, beside
 * polls and streams: what is committed is told by a call.
 */

import { tell } from '../core/call-hooks.ts';
import type { ChatRoomCallbackAdapter, RoomListener } from '../core/callback-adapter.ts';
import type { ChatRoomEvent, EncodedEvent } from '../core/events.ts';
import type { SessionHandle } from '../core/hooks.ts';
import type { RoomObserver } from '../core/observer.ts';
import type { Session } from '../core/session.ts';

/** Told of each event of the room, in order; what it throws is logged. Nobody waits for a promise that it returns. */
export type EventListener = (event: ChatRoomEvent) => void | Promise<void>;

/** What became of a message: its place in the room's log. */
export interface SentMessage {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** A member of a room without HTTP. Rules on text hold for it as for everybody, limits do not. */
export interface Member {
  /** Its session, for `use`, `destroy` and who it is. */
  readonly handle: SessionHandle;
  readonly room: string;
  readonly name: string;
  /** The names in the room now, its own too. */
  readonly users: readonly string[];
  /**
   * Says something. Resolves once it is committed.
   * @param key makes it safe to repeat: the same key and text again say nothing twice
   * @throws ChatError `invalid-message`, `key-reused`, `session-gone`, `unavailable`
   */
  send(text: string, key?: string): Promise<SentMessage>;
  /** Calls `listener` for each event of the room from now on, what it says itself included. Returns what stops that. */
  listen(listener: EventListener): () => void;
  /** Leaves the room. */
  leave(): Promise<void>;
}

export class ServerSideMember implements Member, ChatRoomCallbackAdapter, RoomListener {
  // It is there as long as its process.
  readonly isActive = true;
  readonly isStream = false;
  readonly reachedAt = undefined;
  readonly #session: Session;
  readonly #observer: RoomObserver;
  readonly #listeners = new Set<EventListener>();

  private constructor(session: Session, observer: RoomObserver) {
    this.#session = session;
    this.#observer = observer;
  }

  /**
   * Makes a session's member, and has it join.
   * @throws ChatError `session-gone`, `unavailable`; the session is then gone
   */
  static async of(session: Session, observer: RoomObserver): Promise<ServerSideMember> {
    const member = new ServerSideMember(session, observer);
    try {
      session.plug(member);
      session.chatRoom.listen(member);
      await session.join();
      return member;
    } catch (error) {
      await session.destroy('failed');
      throw error;
    }
  }

  get handle(): SessionHandle {
    return this.#session;
  }

  get room(): string {
    return this.#session.room;
  }

  get name(): string {
    return this.#session.name;
  }

  get users(): readonly string[] {
    return this.#session.chatRoom.log.roster.names();
  }

  async send(text: string, key?: string): Promise<SentMessage> {
    const { id, timestamp } = await this.#session.send(text, key ?? null);
    return { id, timestamp };
  }

  listen(listener: EventListener): () => void {
    // Wrapped: the same function may listen twice, and each ends for itself.
    const own: EventListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async leave(): Promise<void> {
    await this.#session.destroy('destroyed');
  }

  deliver(batch: readonly EncodedEvent[]): void {
    if (this.#listeners.size === 0) return;
    // Behind the room's own step: what listeners do with the room must not come in between.
    queueMicrotask(() => {
      for (const { event } of batch) this.#tell(event);
    });
  }

  fail(error: unknown): void {
    this.#observer.fault?.(error, `delivering to a server-side member of room ${this.room}`);
    void this.#session.destroy('failed');
  }

  /** Whoever could tell it something is in the same process. */
  notify(): boolean {
    return true;
  }

  end(): void {
    this.#session.chatRoom.unlisten(this);
    this.#listeners.clear();
  }

  #tell(event: ChatRoomEvent): void {
    for (const listener of this.#listeners) {
      void tell(() => listener(event), 'telling a server-side member of an event', this.#observer);
    }
  }
}
