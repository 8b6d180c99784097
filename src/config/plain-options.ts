/** What an embedding application may set. Written by `npm run options` from `options.ts`: change that. */

export interface PlainOptions {
  /**
   * How the world reaches this server, if not by the host that requests name.
   *
   * Takes an origin such as https://chat.example.org, without a path.
   *
   * Default: none.
   */
  readonly publicUrl?: string | undefined;
  /**
   * Where events, sessions and names live: a file that survives restarts, memory only, or a Redis that several instances share.
   *
   * Takes memory:, sqlite: with the path of a file, such as sqlite:./data/parlor.db, or redis://host:port.
   *
   * Default: `sqlite:./data/parlor.db`.
   */
  readonly storeUrl?: string | undefined;
  /**
   * The authorities by which the certificate of a rediss:// is judged, instead of those that everybody knows.
   *
   * Takes the path of a file.
   *
   * Default: none.
   */
  readonly storeCa?: string | undefined;
  /**
   * The certificate by which the server makes itself known to a rediss:// that asks for one.
   *
   * Takes the path of a file.
   *
   * Default: none.
   */
  readonly storeCert?: string | undefined;
  /**
   * The private key of STORE_CERT.
   *
   * Takes the path of a file.
   *
   * Default: none.
   */
  readonly storeKey?: string | undefined;
  /**
   * When a message is acknowledged: once the disk has it (full), or once the system has it (normal), which a loss of power may lose.
   *
   * Takes one of full, normal.
   *
   * Default: `full`.
   */
  readonly storeSynchronous?: 'full' | 'normal' | undefined;
  /**
   * The rooms there are; the page at / shows the first.
   *
   * Takes room names, separated by commas, or * (any room opens on first use, and lobby is at /).
   *
   * Default: `lobby`.
   */
  readonly rooms?: readonly string[] | string | '*' | undefined;
  /**
   * How many rooms may be open at once.
   *
   * Takes a whole number from 1 to 1000000, or off (no limit).
   *
   * Default: `1000`.
   */
  readonly maxRooms?: number | 'off' | undefined;
  /**
   * How many events a room keeps.
   *
   * Takes a whole number from 1 to 10000000, or off (only the other HISTORY_* limits count).
   *
   * Default: `10000`.
   */
  readonly historyEvents?: number | 'off' | undefined;
  /**
   * How many bytes of events a room keeps.
   *
   * Takes a number of bytes from 1KiB to 16GiB, such as 65536 or 64KiB.
   *
   * Default: `16MiB`.
   */
  readonly historyBytes?: number | string | undefined;
  /**
   * How long a room keeps its events, in hours.
   *
   * Takes a number of hours from 0.001 to 876000, or off (events do not age).
   *
   * Default: `24`.
   */
  readonly historyHours?: number | 'off' | undefined;
  /**
   * How many bytes of events all rooms keep together.
   *
   * Takes a number of bytes from 1KiB to 64GiB, such as 65536 or 64KiB.
   *
   * Default: `256MiB`.
   */
  readonly historyTotalBytes?: number | string | undefined;
  /**
   * After how many seconds without a sign of life a session ends.
   *
   * Takes a number of seconds from 0.05 to 604800, or off (sessions never expire by idleness).
   *
   * Default: `60`.
   */
  readonly sessionTimeout?: number | 'off' | undefined;
  /**
   * Every how many seconds idle sessions are looked for.
   *
   * Takes a number of seconds from 0.01 to 3600.
   *
   * Default: `5`.
   */
  readonly reaperInterval?: number | undefined;
  /**
   * After how many seconds of silence a stream carries a heartbeat; a quarter of SESSION_TIMEOUT at most.
   *
   * Takes a number of seconds from 0.05 to 3600.
   *
   * Default: `15`.
   */
  readonly heartbeat?: number | undefined;
  /**
   * What keeps a push session alive: its stream as long as it drains, or only its own requests.
   *
   * Takes one of stream, ping.
   *
   * Default: `stream`.
   */
  readonly liveness?: 'stream' | 'ping' | undefined;
  /**
   * How many sessions there may be at once.
   *
   * Takes a whole number from 1 to 10000000, or off (no limit).
   *
   * Default: `20000`.
   */
  readonly maxSessions?: number | 'off' | undefined;
  /**
   * How many sessions a room may have.
   *
   * Takes a whole number from 1 to 10000000, or off (no limit).
   *
   * Default: `2000`.
   */
  readonly maxMembers?: number | 'off' | undefined;
  /**
   * How many open streams and waiting polls a session may have; one more ends the oldest.
   *
   * Takes a whole number from 1 to 1000, or off (no limit).
   *
   * Default: `8`.
   */
  readonly maxStreamsPerSession?: number | 'off' | undefined;
  /**
   * How many open streams and waiting polls a client address (IPv6: its /64) may have.
   *
   * Takes a whole number from 1 to 1000000, or off (no limit).
   *
   * Default: `256`.
   */
  readonly maxStreamsPerIp?: number | 'off' | undefined;
  /**
   * How many seconds late the event loop may be before nobody new is let in.
   *
   * Takes a number of seconds from 0.01 to 60, or off (however late).
   *
   * Default: `1`.
   */
  readonly maxLoopDelay?: number | 'off' | undefined;
  /**
   * How many bytes of memory the process may take before nobody new is let in; unless set, 85 % of what machine and container give, and of the heap of Node.
   *
   * Takes a number of bytes from 16MiB to 1024GiB, such as 65536 or 64KiB, or off (however much).
   *
   * Default: none.
   */
  readonly maxMemory?: number | string | 'off' | undefined;
  /**
   * How many bytes of UTF-8 a message may have.
   *
   * Takes a number of bytes from 1 to 64KiB, such as 65536 or 64KiB.
   *
   * Default: `1024`.
   */
  readonly maxMessageBytes?: number | string | undefined;
  /**
   * How many characters (code points) a name may have.
   *
   * Takes a whole number from 1 to 128.
   *
   * Default: `32`.
   */
  readonly maxNameLength?: number | undefined;
  /**
   * How many messages a session may send in how many seconds.
   *
   * Takes a limit such as 20/10 (20 per 10 seconds), or off (no limit).
   *
   * Default: `20/10`.
   */
  readonly sendLimit?: `${number}/${number}` | 'off' | undefined;
  /**
   * How often a session may poll, ping or open a stream in how many seconds; a long poll over it is held, not refused.
   *
   * Takes a limit such as 20/10 (20 per 10 seconds), or off (no limit).
   *
   * Default: `30/10`.
   */
  readonly updatesLimit?: `${number}/${number}` | 'off' | undefined;
  /**
   * How many sessions a client address may create in how many seconds.
   *
   * Takes a limit such as 20/10 (20 per 10 seconds), or off (no limit).
   *
   * Default: `120/60`.
   */
  readonly createLimit?: `${number}/${number}` | 'off' | undefined;
  /**
   * How often a client address may read rooms, history and feeds, or come with an unknown credential.
   *
   * Takes a limit such as 20/10 (20 per 10 seconds), or off (no limit).
   *
   * Default: `120/10`.
   */
  readonly readLimit?: `${number}/${number}` | 'off' | undefined;
  /**
   * How many refused messages within a minute end a session as flooding.
   *
   * Takes a whole number from 1 to 10000, or off (nobody is shown out for it).
   *
   * Default: `20`.
   */
  readonly floodStrikes?: number | 'off' | undefined;
  /**
   * How many bytes may be queued for one connection.
   *
   * Takes a number of bytes from 4KiB to 64MiB, such as 65536 or 64KiB.
   *
   * Default: `256KiB`.
   */
  readonly slowClientBytes?: number | string | undefined;
  /**
   * After how many seconds in which a connection took nothing its stream ends as slow.
   *
   * Takes a number of seconds from 0.1 to 3600.
   *
   * Default: `10`.
   */
  readonly slowClientSeconds?: number | undefined;
  /**
   * Who may join: anybody under a free name, users with passwords in a file, with signed tokens or with certificates, or whom a service accepts; the first that has something to judge decides.
   *
   * Takes open, jwt, certificate, file: with a path or webhook: with addresses, several separated by commas.
   *
   * Default: `open`.
   */
  readonly auth?: string | undefined;
  /**
   * After how many seconds without a decision nobody is let in.
   *
   * Takes a number of seconds from 0.05 to 60.
   *
   * Default: `2`.
   */
  readonly authTimeout?: number | undefined;
  /**
   * Where else than in Authorization somebody’s token may be when he joins, such as the cookie of a single sign-on.
   *
   * Takes header:NAME, cookie:NAME or query:NAME, several separated by commas.
   *
   * Default: none.
   */
  readonly authTokens?: string | undefined;
  /**
   * Where somebody signs in who comes without a token: a link at the door; {url} in it becomes the address to come back to.
   *
   * Takes an address such as https://login.example.org/?return={url}.
   *
   * Default: none.
   */
  readonly loginUrl?: string | undefined;
  /**
   * A service that is asked before a session is created, and told of its beginning and end, whatever AUTH is.
   *
   * Takes an address such as https://app.example.org/sessions, without name and password, several separated by spaces or |.
   *
   * Default: none.
   */
  readonly sessionWebhook?: string | undefined;
  /**
   * The operations of sessions that SESSION_WEBHOOK is asked about too, such as send,subscribe.
   *
   * Takes names of operations (getSession, ping, getInitialUsers, getUpdates, send, subscribe, history, feed, getRoom), separated by commas, or * (all).
   *
   * Default: none.
   */
  readonly sessionWebhookAuthorize?: string | undefined;
  /**
   * The secret by which tokens are signed, for AUTH=jwt.
   *
   * Takes a secret of at least 32 bytes.
   *
   * Default: none.
   */
  readonly jwtSecret?: string | undefined;
  /**
   * The key by which signatures of tokens are checked, for AUTH=jwt.
   *
   * Takes a public key in PEM, or the path of a file with one.
   *
   * Default: none.
   */
  readonly jwtPublicKey?: string | undefined;
  /**
   * Where the keys are by which signatures of tokens are checked, for AUTH=jwt.
   *
   * Takes an address such as https://login.example.org/keys, without name and password.
   *
   * Default: none.
   */
  readonly jwtJwksUrl?: string | undefined;
  /**
   * How tokens may be signed; unless set, HS256 with JWT_SECRET, else RS256, ES256 or EdDSA.
   *
   * Takes names of algorithms such as RS256, separated by commas.
   *
   * Default: none.
   */
  readonly jwtAlgorithms?: readonly string[] | string | undefined;
  /**
   * Whom a token must be meant for (aud); unless set, it must be meant for nobody in particular.
   *
   * Takes a text without control characters.
   *
   * Default: none.
   */
  readonly jwtAudience?: string | undefined;
  /**
   * Who must have issued a token (iss); unless set, anybody with the key.
   *
   * Takes a text without control characters.
   *
   * Default: none.
   */
  readonly jwtIssuer?: string | undefined;
  /**
   * The claim of a token that has the name to show; where it has none, preferred_username, then sub.
   *
   * Takes a text without control characters.
   *
   * Default: none.
   */
  readonly jwtNameClaim?: string | undefined;
  /**
   * What of a certificate is the user, for AUTH=certificate: all of its subject, the certificate itself, or an alternative name of it.
   *
   * Takes one of subject, fingerprint, san:email, san:dns, san:uri.
   *
   * Default: `subject`.
   */
  readonly certificateUser?: 'subject' | 'fingerprint' | 'san:email' | 'san:dns' | 'san:uri' | undefined;
  /**
   * At most how many seconds somebody goes on who may no longer: a user taken out of the password file, or whom an application or SESSION_WEBHOOK denies a stream.
   *
   * Takes a number of seconds from 0.1 to 3600.
   *
   * Default: `5`.
   */
  readonly revokeSeconds?: number | undefined;
  /**
   * Who may read a room’s feed, history and roster: anybody, or members only; unless set, anybody with AUTH=open, else members.
   *
   * Takes one of public, members, or off (there is no feed).
   *
   * Default: none.
   */
  readonly feed?: 'public' | 'members' | 'off' | undefined;
  /**
   * The other origins whose pages may read the feed.
   *
   * Takes origins, separated by commas, or none (no other), or * (all).
   *
   * Default: `*`.
   */
  readonly feedOrigins?: readonly string[] | string | 'none' | '*' | undefined;
  /**
   * The other origins whose pages may have a room in a frame (parlor-room).
   *
   * Takes origins, separated by commas, or none (no other), or * (all).
   *
   * Default: `none`.
   */
  readonly embedOrigins?: readonly string[] | string | 'none' | '*' | undefined;
  /**
   * The other origins whose pages may call the API.
   *
   * Takes origins, separated by commas, or none (only this server’s own pages).
   *
   * Default: `none`.
   */
  readonly allowedOrigins?: readonly string[] | string | 'none' | undefined;
  /**
   * The secret that opens /v1/admin; without it there is no administration.
   *
   * Takes a secret of 24 to 256 visible ASCII characters, such as of `openssl rand -base64 32`.
   *
   * Default: none.
   */
  readonly adminToken?: string | undefined;
  /**
   * Where Prometheus finds the figures; at an address of their own they need no token.
   *
   * Takes an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin (/metrics of the server itself, behind ADMIN_TOKEN), or off (nowhere).
   *
   * Default: `admin`.
   */
  readonly metrics?: string | 'admin' | 'off' | undefined;
  /**
   * How many seconds open streams and requests have to end when the server stops.
   *
   * Takes a number of seconds from 0 to 600.
   *
   * Default: `5`.
   */
  readonly shutdownSeconds?: number | undefined;
}
