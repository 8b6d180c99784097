/** What a client can be told at its making. */

import type { Credential, RoomApi } from './api.ts';
import type { LinkFactory } from './link.ts';
import type { Schedule } from './schedule.ts';
import type { ClientStorage } from './storage.ts';
import type { LoginToken } from './wire.ts';

export interface ClientOptions {
  readonly room: string;
  /** The server's address, such as `https://chat.example.org`; the page's own if not given. */
  readonly url?: string | undefined;
  /** `cookie` if no `url` is given, else `bearer`. */
  readonly credential?: Credential | undefined;
  /**
   * By which one is let in: of an application or a single sign-on (JWT), or what gives the newest one, which is asked each
   * time a session is created.
   */
  readonly token?: string | LoginToken | undefined;
  /** Where the session's token and what is not sent yet are kept; in memory only if not given. */
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
