/** What somebody asks for who opens a session, and what he gets. */

import type { User } from './authenticator.ts';
import type { Cursor } from './cursor.ts';
import type { Session } from './session.ts';
import type { Delivery } from './store.ts';

export interface CreateRequest {
  readonly room: string;
  readonly name: string;
  readonly user: User | null;
  readonly delivery: Delivery;
  /** The session that the caller holds in this room already. */
  readonly held: Session | undefined;
  /** Of the client; missing for a member in this process. */
  readonly address?: string;
  /** Lets the caller ask again after a lost answer. */
  readonly createKey: string | null;
  /** Whether the server itself asks, for a member of its own: only the rules on text hold for it, no limits and no hooks. */
  readonly isServerSide?: boolean;
  /** Whether the caller has hung up. */
  isAborted(): boolean;
}

export interface Created {
  readonly session: Session;
  /** Null for a session that the caller held already. */
  readonly token: string | null;
  readonly cursor: Cursor;
}
