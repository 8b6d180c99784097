/** What a stay needs of the page around it: to be shown, and to be remembered. */

import type { ClientState, StateDetail } from '../../client/news.ts';
import type { Outgoing } from '../../client/outgoing.ts';
import type { AnyEvent } from '../../client/wire.ts';

/** How it stands with the connection, inside. */
export type ConnectionState = Exclude<ClientState, 'ended'>;

/** What is known of the log before the first entry. `none`: nothing. */
export type EarlierState = 'none' | 'beginning' | 'more' | 'busy' | 'failed';

/** What outlives the page. */
export interface StayKeepsakes {
  /** The name used last. */
  name: string;
}

/** What of a stay is shown. */
export interface StayView {
  /** @param retryAt when the next try is made, if the room cannot be reached and one is waited for */
  loading(isOffline: boolean, retryAt: number | undefined): void;
  noRoom(): void;
  /**
   * @param notice why, if it was not one's own wish
   * @param needsPassword the server asks for one
   */
  join(name: string, notice: string, needsPassword: boolean): void;
  room(ownName: string): void;
  /** How many bytes of UTF-8 a message may have. */
  limit(maxMessageBytes: number): void;
  stopped(text: string, label: string, onGoOn: () => void): void;
  state(state: ConnectionState, detail: StateDetail): void;
  /** What is not as usual, without being an alarm; empty: nothing. */
  notice(text: string): void;
  roster(names: readonly string[]): void;
  begin(events: readonly AnyEvent[]): void;
  append(events: readonly AnyEvent[]): void;
  prepend(events: readonly AnyEvent[]): void;
  earlier(state: EarlierState): void;
  gap(lost: number | null): void;
  note(text: string): void;
  outgoing(messages: readonly Outgoing[]): void;
  /** Gives a refused text back, unless something else is being written; says whether it did. */
  giveBack(text: string, detail: string): boolean;
}
