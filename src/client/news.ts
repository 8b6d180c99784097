/** What a client tells, by the name under which one listens. */

import type { NoStream } from './outcome.ts';
import type { Outgoing } from './outgoing.ts';
import type { ChatRoomEvent, SessionInfo } from './wire.ts';

/** `ended`: outside the room; the client's `ending` says why, if one was inside. */
export type ClientState = 'connecting' | 'live' | 'polling' | 'offline' | 'ended';

/** What there is to say about a state. */
export interface StateDetail {
  /** With `connecting` and `offline`: when the next try is made, in the schedule's milliseconds; if one is waited for. */
  readonly retryAt?: number | undefined;
  /** With `polling`: why there is no stream. */
  readonly why?: NoStream | undefined;
}

export type RoomNews = {
  /** Each event of the room, in order, each once. */
  [T in ChatRoomEvent as T['type']]: (event: T) => void;
} & {
  /**
   * The events from before; others follow.
   * @param before the cursor at which the log goes on before them; undefined if it begins with them
   */
  begin(events: readonly ChatRoomEvent[], before: string | undefined): void;
  /** The same events as one by one, as they come together. */
  events(events: readonly ChatRoomEvent[]): void;
  /** Events were lost. @param lost how many; null: all there were */
  gap(lost: number | null): void;
  /** Events were missing without a word, and were fetched before what follows was told. */
  healed(count: number): void;
  /** Who is here. */
  roster(names: readonly string[]): void;
  state(state: ClientState, detail: StateDetail): void;
  /** Whether the server can keep nothing at the moment: what is sent waits. */
  store(isAway: boolean): void;
  /** The server tells this client something, outside the log: whatever its hooks say. */
  notice(data: unknown): void;
  /** Messages that are not in the log yet; what the server will not have is `failed`. */
  outbox(messages: readonly Outgoing[]): void;
  /** One is inside with this session, by `join`, `resume`, or again after one was lost. */
  session(session: SessionInfo): void;
};

export type Tell = <K extends keyof RoomNews>(type: K, ...news: Parameters<RoomNews[K]>) => void;
