/**
 * Who may come in: the port behind which users are recognised. `test/contract/authenticator-contract.ts` is what every
 * authenticator passes.
 */

/** Somebody an authenticator vouches for. */
export interface User {
  /** Stable over time and unique; a second login of the same id takes over [SES-10]. */
  readonly id: string;
  /** The name shown in the room. */
  readonly name: string;
  /** What else the authenticator said; at most 4 KiB as JSON [SES-8]. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** When nobody vouches for him any more, in wall milliseconds: his sessions end then. Never, if it is missing. */
  readonly expiresAt?: number;
  /** By what he was vouched for, such as a digest of it that tells nobody more: for `vouching` to compare. */
  readonly basis?: string;
}

/** Whether a user is vouched for; undefined: that is another's to say. */
export type Vouching = (user: User) => boolean | undefined;

export interface AlternativeName {
  readonly type: 'email' | 'dns' | 'uri';
  readonly value: string;
}

/** The certificate by which a client has proved on its connection who it is. */
export interface Certificate {
  /** Whether an authority that is trusted for clients has issued it. */
  readonly isTrusted: boolean;
  /** The whole name, as RFC 4514 has it: `CN=Ada,O=Example`. */
  readonly subject: string;
  /** CN; null if there is none, or several. */
  readonly commonName: string | null;
  /** Those of its alternative names that may stand for somebody, in their order. */
  readonly names: readonly AlternativeName[];
  /** SHA-256, as `AB:CD:…`. */
  readonly fingerprint: string;
  /** In wall milliseconds. */
  readonly validFrom: number;
  /** In wall milliseconds. */
  readonly validTo: number;
}

/** What a client gave to be let in. */
export interface Credentials {
  readonly name: string | undefined;
  readonly password: string | undefined;
  readonly remoteAddress: string;
  /** `authorization` if it was given, and those that `AUTH_TOKENS` names; by their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those that `AUTH_TOKENS` names. */
  readonly cookies: Readonly<Record<string, string>>;
  /** Those that `AUTH_TOKENS` names. */
  readonly query: Readonly<Record<string, string>>;
  /** If it has one, and no proxy stands between. */
  readonly certificate?: Certificate | undefined;
}

/** Tells when nobody waits for an answer any more: an `AbortSignal`, of which the domain knows no more than this. */
export interface Patience {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
}

/**
 * What an authenticator judges by, for forms to ask no more than that: a name alone, a name with its password, a token or
 * a certificate that a browser or program brings along, or whatever it is given, of which only it knows what it is.
 */
export const loginWays = ['name', 'password', 'token', 'certificate', 'anything'] as const;
export type LoginWay = (typeof loginWays)[number];

export interface Authenticator {
  /** `anything` if it is missing. */
  readonly way?: LoginWay;
  /** What it judges by: ends the sentence "This room asks for …". */
  readonly asksFor?: string;
  /**
   * Decides about one login. What it throws tells whoever tries nothing that helps him to try again: a wrong name is
   * refused as a wrong password is.
   *
   * @param patience is aborted when nobody waits for the answer any more, which is void from then on
   * @returns the name to use, and the user if somebody was vouched for; undefined if nothing was given that it could judge
   * @throws ChatError `credentials-required`, `permission-denied`, `rate-limited`, or `unavailable` if nobody could decide
   */
  authenticate(credentials: Credentials, patience: Patience): Promise<Admission | undefined>;
  /** Whether something came along, without anybody typing it, that it would judge. It is not judged yet. */
  isGiven?(credentials: Credentials): boolean;
  /**
   * Whether it knows a user of this name, as it was typed, or of one that looks the same: then nobody has it who is not vouched for.
   * @throws ChatError `invalid-name`
   */
  holds?(name: string): Promise<boolean>;
  /**
   * What it knows now of users it has vouched for; asked twice in REVOKE_SECONDS. Sessions of those it denies end as `revoked`.
   * @returns the same function as long as nothing has changed
   */
  vouching?(): Promise<Vouching>;
}

export interface Admission {
  readonly name: string;
  /** Null if nobody vouches for the name: the user is whoever holds the session. */
  readonly user: User | null;
}
