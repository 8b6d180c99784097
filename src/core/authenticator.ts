/** Who may come in: the port behind which users are recognised. */

/** Somebody an authenticator vouches for. */
export interface User {
  /** Stable over time and unique; a second login of the same id takes over [SES-10]. */
  readonly id: string;
  /** The name shown in the room. */
  readonly name: string;
  /** What else the authenticator said; at most 4 KiB as JSON [SES-8]. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a client gave to be let in. */
export interface Credentials {
  readonly name: string | undefined;
  readonly password: string | undefined;
  readonly remoteAddress: string;
}

export interface Authenticator {
  /**
   * Decides about one login.
   * @returns the name to use, and the user if somebody was vouched for
   * @throws ChatError `credentials-required`, `permission-denied`, or `unavailable` if nobody could decide
   */
  authenticate(credentials: Credentials): Promise<Admission>;
}

export interface Admission {
  readonly name: string;
  /** Null if nobody vouches for the name: the user is whoever holds the session. */
  readonly user: User | null;
}
