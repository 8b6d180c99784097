/** What the tabs of one browser say to each other, and over what. */

import type { ClientState, StateDetail } from '../../client/news.ts';
import type { Ending, Updates } from '../../client/wire.ts';

/** How it stands with the one connection. */
export interface Status {
  readonly state: ClientState;
  readonly detail: StateDetail;
  /** Whether the server can keep nothing at the moment; undefined: nobody knows yet. */
  readonly isStoreAway: boolean | undefined;
}

export type Told =
  | { readonly type: 'page'; readonly page: Updates }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'gone'; readonly ending: Ending };

/** What the leader tells. On a channel what one tab says arrives in order, so these are the log in pieces. */
export interface Telling {
  readonly type: 'told';
  /** The cursor before it. */
  readonly at: string;
  readonly told: Told;
}

/** The leader is to say how it stands. `isNudge`: and to look after its connection. */
export interface Asking {
  readonly type: 'ask';
  readonly isNudge: boolean;
}

export type TabMessage = Telling | Asking;

/** To all other tabs that have opened it under the same name. Closed, it says and hears nothing. */
export interface Channel<T> {
  post(message: T): void;
  close(): void;
}

export type OpenChannel = <T>(name: string, hear: (message: T) => void) => Channel<T>;
