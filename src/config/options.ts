/**
 * The one table of options. What is validated, `.env.example` and the README's table all come from here.
 *
 * The table is a function that hands each option to its argument and gathers what that returns: reading the
 * environment and rendering documentation are two such arguments, and the type of a configuration follows.
 */
import { certificateUsers } from '../auth/client-certificate.ts';
import { isRoomName } from '../core/room-names.ts';
import {
  algorithms,
  askedOperations,
  authChoices,
  publicKey,
  secret,
  serviceUrl,
  serviceUrls,
  signInUrl,
  tokenPlaces,
} from './auth-types.ts';
import { BadValue } from './bad-value.ts';
import { host, listenAddress, origin, proxyAddress, storeUrl } from './network-types.ts';
import {
  bytes,
  choice,
  countPerMinute,
  duration,
  headerSecret,
  list,
  type OptionType,
  optional,
  orOff,
  orWord,
  path,
  rateLimit,
  text,
  wholeNumber,
} from './option-types.ts';
import { isRiskName, riskNames } from './risk-names.ts';

export interface Option<T> {
  /** The environment variable. */
  readonly variable: string;
  readonly type: OptionType<T>;
  /** As it would be written in the environment; empty if it is not set. */
  readonly fallback: string;
  /** One sentence on what it does. */
  readonly sentence: string;
}

/** What the table does with each option. */
type OptionVisitor = <T>(variable: string, type: OptionType<T>, fallback: string, sentence: string) => T;

const none: readonly string[] = Object.freeze([]);
const noLimit = Number.POSITIVE_INFINITY;
const million = 1_000_000;

export function optionTable(option: OptionVisitor) {
  return {
    host: option('HOST', host, '127.0.0.1', 'The address to listen on; 0.0.0.0 or :: for all of them.'),
    port: option('PORT', wholeNumber(0, 65_535), '3000', 'The port to listen on; 0 takes any free one.'),
    publicUrl: option(
      'PUBLIC_URL',
      optional(origin),
      '',
      'How the world reaches this server, if not by the host that requests name.',
    ),
    trustProxy: option(
      'TRUST_PROXY',
      orOff(list(proxyAddress, 'addresses or networks of proxies, never everybody'), none, 'trust nobody'),
      'off',
      'The proxies whose X-Forwarded-* headers count.',
    ),
    tlsCert: option(
      'TLS_CERT',
      optional(path),
      '',
      'The certificate by which the server speaks HTTPS itself, with those that lead to its authority; read again when it changes.',
    ),
    tlsKey: option('TLS_KEY', optional(path), '', 'The private key of TLS_CERT.'),
    tlsClientCa: option(
      'TLS_CLIENT_CA',
      optional(path),
      '',
      'The authorities whose certificates of clients are trusted, for AUTH=certificate; without it clients are asked for none.',
    ),
    logLevel: option(
      'LOG_LEVEL',
      choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      'info',
      'The least severe level that is logged.',
    ),
    storeUrl: option(
      'STORE_URL',
      storeUrl,
      'sqlite:./data/parlor.db',
      'Where events, sessions and names live: a file that survives restarts, memory only, or a Redis that several instances share.',
    ),
    storeCa: option(
      'STORE_CA',
      optional(path),
      '',
      'The authorities by which the certificate of a rediss:// is judged, instead of those that everybody knows.',
    ),
    storeCert: option(
      'STORE_CERT',
      optional(path),
      '',
      'The certificate by which the server makes itself known to a rediss:// that asks for one.',
    ),
    storeKey: option('STORE_KEY', optional(path), '', 'The private key of STORE_CERT.'),
    storeSynchronous: option(
      'STORE_SYNCHRONOUS',
      choice('full', 'normal'),
      'full',
      'When a message is acknowledged: once the disk has it (full), or once the system has it (normal), which a loss of power may lose.',
    ),
    rooms: option(
      'ROOMS',
      orWord(rooms, '*', '*', 'any room opens on first use, and lobby is at /'),
      'lobby',
      'The rooms there are; the page at / shows the first.',
    ),
    maxRooms: option(
      'MAX_ROOMS',
      orOff(wholeNumber(1, million), noLimit, 'no limit'),
      '1000',
      'How many rooms may be open at once.',
    ),
    historyEvents: option(
      'HISTORY_EVENTS',
      orOff(wholeNumber(1, 10 * million), noLimit, 'only the other HISTORY_* limits count'),
      '10000',
      'How many events a room keeps.',
    ),
    historyBytes: option(
      'HISTORY_BYTES',
      bytes('1KiB', '16GiB'),
      '16MiB',
      'How many bytes of events a room keeps.',
    ),
    historyAgeMs: option(
      'HISTORY_HOURS',
      orOff(duration('hours', 0.001, 876_000), noLimit, 'events do not age'),
      '24',
      'How long a room keeps its events, in hours.',
    ),
    historyTotalBytes: option(
      'HISTORY_TOTAL_BYTES',
      bytes('1KiB', '64GiB'),
      '256MiB',
      'How many bytes of events all rooms keep together.',
    ),
    sessionTimeoutMs: option(
      'SESSION_TIMEOUT',
      orOff(duration('seconds', 0.05, 604_800), null, 'sessions never expire by idleness'),
      '60',
      'After how many seconds without a sign of life a session ends.',
    ),
    reaperIntervalMs: option(
      'REAPER_INTERVAL',
      duration('seconds', 0.01, 3600),
      '5',
      'Every how many seconds idle sessions are looked for.',
    ),
    heartbeatMs: option(
      'HEARTBEAT',
      duration('seconds', 0.05, 3600),
      '15',
      'After how many seconds of silence a stream carries a heartbeat; a quarter of SESSION_TIMEOUT at most.',
    ),
    liveness: option(
      'LIVENESS',
      choice('stream', 'ping'),
      'stream',
      'What keeps a push session alive: its stream as long as it drains, or only its own requests.',
    ),
    maxSessions: option(
      'MAX_SESSIONS',
      orOff(wholeNumber(1, 10 * million), noLimit, 'no limit'),
      '20000',
      'How many sessions there may be at once.',
    ),
    maxMembers: option(
      'MAX_MEMBERS',
      orOff(wholeNumber(1, 10 * million), noLimit, 'no limit'),
      '2000',
      'How many sessions a room may have.',
    ),
    maxStreamsPerSession: option(
      'MAX_STREAMS_PER_SESSION',
      orOff(wholeNumber(1, 1000), noLimit, 'no limit'),
      '8',
      'How many open streams and waiting polls a session may have; one more ends the oldest.',
    ),
    maxStreamsPerIp: option(
      'MAX_STREAMS_PER_IP',
      orOff(wholeNumber(1, million), noLimit, 'no limit'),
      '256',
      'How many open streams and waiting polls a client address (IPv6: its /64) may have.',
    ),
    maxLoopDelayMs: option(
      'MAX_LOOP_DELAY',
      orOff(duration('seconds', 0.01, 60), null, 'however late'),
      '1',
      'How many seconds late the event loop may be before nobody new is let in.',
    ),
    maxMemoryBytes: option(
      'MAX_MEMORY',
      optional(orOff(bytes('16MiB', '1024GiB'), Number.POSITIVE_INFINITY, 'however much')),
      '',
      'How many bytes of memory the process may take before nobody new is let in; unless set, 85 % of what machine and container give, and of the heap of Node.',
    ),
    maxMessageBytes: option(
      'MAX_MESSAGE_BYTES',
      bytes('1', '64KiB'),
      '1024',
      'How many bytes of UTF-8 a message may have.',
    ),
    maxNameLength: option(
      'MAX_NAME_LENGTH',
      wholeNumber(1, 128),
      '32',
      'How many characters (code points) a name may have.',
    ),
    sendLimit: option(
      'SEND_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '20/10',
      'How many messages a session may send in how many seconds.',
    ),
    updatesLimit: option(
      'UPDATES_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '30/10',
      'How often a session may poll, ping or open a stream in how many seconds; a long poll over it is held, not refused.',
    ),
    createLimit: option(
      'CREATE_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '120/60',
      'How many sessions a client address may create in how many seconds.',
    ),
    readLimit: option(
      'READ_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '120/10',
      'How often a client address may read rooms, history and feeds, or come with an unknown credential.',
    ),
    floodStrikes: option(
      'FLOOD_STRIKES',
      orOff(countPerMinute(10_000), null, 'nobody is shown out for it'),
      '20',
      'How many refused messages within a minute end a session as flooding.',
    ),
    slowClientBytes: option(
      'SLOW_CLIENT_BYTES',
      bytes('4KiB', '64MiB'),
      '256KiB',
      'How many bytes may be queued for one connection.',
    ),
    slowClientMs: option(
      'SLOW_CLIENT_SECONDS',
      duration('seconds', 0.1, 3600),
      '10',
      'After how many seconds in which a connection took nothing its stream ends as slow.',
    ),
    auth: option(
      'AUTH',
      authChoices,
      'open',
      'Who may join: anybody under a free name, users with passwords in a file, with signed tokens or with certificates, or whom a service accepts; the first that has something to judge decides.',
    ),
    authTimeoutMs: option(
      'AUTH_TIMEOUT',
      duration('seconds', 0.05, 60),
      '2',
      'After how many seconds without a decision nobody is let in.',
    ),
    authTokens: option(
      'AUTH_TOKENS',
      tokenPlaces,
      '',
      'Where else than in Authorization somebody’s token may be when he joins, such as the cookie of a single sign-on.',
    ),
    loginUrl: option(
      'LOGIN_URL',
      optional(signInUrl),
      '',
      'Where somebody signs in who comes without a token: a link at the door; {url} in it becomes the address to come back to.',
    ),
    sessionWebhook: option(
      'SESSION_WEBHOOK',
      serviceUrls,
      '',
      'A service that is asked before a session is created, and told of its beginning and end, whatever AUTH is.',
    ),
    sessionWebhookAuthorize: option(
      'SESSION_WEBHOOK_AUTHORIZE',
      askedOperations,
      '',
      'The operations of sessions that SESSION_WEBHOOK is asked about too, such as send,subscribe.',
    ),
    jwtSecret: option(
      'JWT_SECRET',
      optional(secret),
      '',
      'The secret by which tokens are signed, for AUTH=jwt.',
    ),
    jwtPublicKey: option(
      'JWT_PUBLIC_KEY',
      optional(publicKey),
      '',
      'The key by which signatures of tokens are checked, for AUTH=jwt.',
    ),
    jwtJwksUrl: option(
      'JWT_JWKS_URL',
      optional(serviceUrl),
      '',
      'Where the keys are by which signatures of tokens are checked, for AUTH=jwt.',
    ),
    jwtAlgorithms: option(
      'JWT_ALGORITHMS',
      algorithms,
      '',
      'How tokens may be signed; unless set, HS256 with JWT_SECRET, else RS256, ES256 or EdDSA.',
    ),
    jwtAudience: option(
      'JWT_AUDIENCE',
      optional(text),
      '',
      'Whom a token must be meant for (aud); unless set, it must be meant for nobody in particular.',
    ),
    jwtIssuer: option(
      'JWT_ISSUER',
      optional(text),
      '',
      'Who must have issued a token (iss); unless set, anybody with the key.',
    ),
    jwtNameClaim: option(
      'JWT_NAME_CLAIM',
      optional(text),
      '',
      'The claim of a token that has the name to show; where it has none, preferred_username, then sub.',
    ),
    certificateUser: option(
      'CERTIFICATE_USER',
      choice(...certificateUsers),
      'subject',
      'What of a certificate is the user, for AUTH=certificate: all of its subject, the certificate itself, or an alternative name of it.',
    ),
    revokeMs: option(
      'REVOKE_SECONDS',
      duration('seconds', 0.1, 3600),
      '5',
      'At most how many seconds somebody goes on who may no longer: a user taken out of the password file, or whom an application or SESSION_WEBHOOK denies a stream.',
    ),
    feed: option(
      'FEED',
      optional(orOff(choice('public', 'members'), 'off', 'there is no feed')),
      '',
      'Who may read a room’s feed, history and roster: anybody, or members only; unless set, anybody with AUTH=open, else members.',
    ),
    feedOrigins: option(
      'FEED_ORIGINS',
      orWord(orWord(list(origin, 'origins'), 'none', none, 'no other'), '*', '*', 'all'),
      '*',
      'The other origins whose pages may read the feed.',
    ),
    embedOrigins: option(
      'EMBED_ORIGINS',
      orWord(orWord(list(origin, 'origins'), 'none', none, 'no other'), '*', '*', 'all'),
      'none',
      'The other origins whose pages may have a room in a frame (parlor-room).',
    ),
    allowedOrigins: option(
      'ALLOWED_ORIGINS',
      orWord(list(origin, 'origins'), 'none', none, 'only this server’s own pages'),
      'none',
      'The other origins whose pages may call the API.',
    ),
    adminToken: option(
      'ADMIN_TOKEN',
      optional(headerSecret(24)),
      '',
      'The secret that opens /v1/admin; without it there is no administration.',
    ),
    metrics: option(
      'METRICS',
      orOff(
        orWord(listenAddress, 'admin', 'admin', '/metrics of the server itself, behind ADMIN_TOKEN'),
        'off',
        'nowhere',
      ),
      'admin',
      'Where Prometheus finds the figures; at an address of their own they need no token.',
    ),
    acceptedRisks: option(
      'ACCEPTED_RISKS',
      list(riskName, 'names of risks'),
      '',
      'What is not to be warned of at the start, by the names that the warnings end with.',
    ),
    shutdownMs: option(
      'SHUTDOWN_SECONDS',
      duration('seconds', 0, 600),
      '5',
      'How many seconds open streams and requests have to end when the server stops.',
    ),
  };
}

const riskName: OptionType<string> = {
  expected: `one of ${Object.keys(riskNames).join(', ')}`,
  parse(text) {
    if (!isRiskName(text)) throw new BadValue(riskName.expected);
    return text;
  },
};

const roomName: OptionType<string> = {
  expected:
    'a room name: 1–32 characters of a–z, 0–9 and inner -, and not a word of the server’s own addresses',
  parse(text) {
    if (!isRoomName(text)) throw new BadValue(roomName.expected);
    return text;
  },
};

const roomNames = list(roomName, 'room names');

const rooms: OptionType<readonly string[]> = {
  ...roomNames,
  parse(text, variable) {
    const names = roomNames.parse(text, variable);
    if (names.length === 0) throw new BadValue(roomNames.expected);
    return names;
  },
};

/** The themes of the table, each by the option with which it begins. */
export const optionThemes: ReadonlyMap<string, string> = new Map([
  ['HOST', 'Where it is reached'],
  ['LOG_LEVEL', 'What it says'],
  ['STORE_URL', 'Where it keeps what'],
  ['ROOMS', 'Rooms, and what they keep'],
  ['SESSION_TIMEOUT', 'Sessions and streams'],
  ['MAX_SESSIONS', 'How many'],
  ['MAX_LOOP_DELAY', 'Overload'],
  ['MAX_MESSAGE_BYTES', 'How much, and how often'],
  ['AUTH', 'Who comes in'],
  ['JWT_SECRET', 'Tokens and certificates'],
  ['FEED', 'Who reads, and from which pages'],
  ['ADMIN_TOKEN', 'Operating it'],
]);

/** What the table says, read. */
export type OptionValues = Readonly<ReturnType<typeof optionTable>>;

/** Every option, in the order of the table. */
export function listOptions(): readonly Option<unknown>[] {
  const options: Option<unknown>[] = [];
  optionTable((variable, type, fallback, sentence) => {
    options.push({ variable, type, fallback, sentence });
    return type.parse(fallback, variable);
  });
  return options;
}
