import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OptionTexts, parseConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { storeUrl } from '../../src/config/network-types.ts';
import { listOptions } from '../../src/config/options.ts';
import { quote } from '../../src/core/quote.ts';

test('a secret that is too short, or has other characters, is refused without being told', () => {
  for (const secret of ['only-twenty-three-chars', `${'x'.repeat(24)} y`, 'ä'.repeat(24), 'x'.repeat(257)]) {
    assert.throws(
      () => parseConfig({ ADMIN_TOKEN: secret }),
      (error) =>
        error instanceof ConfigError &&
        /^ADMIN_TOKEN: expected a secret of 24 to 256 visible ASCII characters/.test(error.message) &&
        !error.message.includes(secret.slice(0, 10)),
    );
  }
  assert.equal(parseConfig({ ADMIN_TOKEN: 'x'.repeat(24) }).adminToken, 'x'.repeat(24));
});

test('without any setting everything has its default', () => {
  const config = parseConfig({});
  assert.deepEqual(config, {
    host: '127.0.0.1',
    port: 3000,
    publicUrl: null,
    trustProxy: [],
    tlsCert: null,
    tlsKey: null,
    tlsClientCa: null,
    logLevel: 'info',
    storeUrl: { scheme: 'sqlite', path: './data/parlor.db' },
    storeCa: null,
    storeCert: null,
    storeKey: null,
    storeSynchronous: 'full',
    rooms: ['lobby'],
    frontRoom: 'lobby',
    maxRooms: 1000,
    historyEvents: 10_000,
    historyBytes: 16 * 2 ** 20,
    historyAgeMs: 24 * 3_600_000,
    historyTotalBytes: 256 * 2 ** 20,
    sessionTimeoutMs: 60_000,
    reaperIntervalMs: 5000,
    heartbeatMs: 15_000,
    liveness: 'stream',
    maxSessions: 20_000,
    maxMembers: 2000,
    maxStreamsPerSession: 8,
    maxStreamsPerIp: 256,
    maxLoopDelayMs: 1000,
    maxMemoryBytes: null,
    maxMessageBytes: 1024,
    maxNameLength: 32,
    sendLimit: { option: 'SEND_LIMIT', count: 20, seconds: 10 },
    updatesLimit: { option: 'UPDATES_LIMIT', count: 30, seconds: 10 },
    createLimit: { option: 'CREATE_LIMIT', count: 120, seconds: 60 },
    readLimit: { option: 'READ_LIMIT', count: 120, seconds: 10 },
    floodStrikes: { option: 'FLOOD_STRIKES', count: 20, seconds: 60 },
    slowClientBytes: 256 * 1024,
    slowClientMs: 10_000,
    auth: [{ type: 'open' }],
    authTimeoutMs: 2000,
    authTokens: [],
    loginUrl: null,
    sessionWebhook: [],
    sessionWebhookAuthorize: [],
    jwtSecret: null,
    jwtPublicKey: null,
    jwtJwksUrl: null,
    jwtAlgorithms: [],
    jwtAudience: null,
    jwtIssuer: null,
    certificateUser: 'subject',
    jwtNameClaim: null,
    revokeMs: 5_000,
    feed: 'public',
    feedOrigins: '*',
    embedOrigins: [],
    allowedOrigins: [],
    adminToken: null,
    metrics: 'admin',
    acceptedRisks: [],
    shutdownMs: 5000,
    bodyLimitBytes: 16 * 1024,
  });
});

test('a configuration and what it holds is frozen', () => {
  const config = parseConfig({ TRUST_PROXY: '10.0.0.1', FEED_ORIGINS: 'https://a.example' });
  for (const value of [config, ...Object.values(config)]) assert.ok(Object.isFrozen(value), String(value));
});

test('every value is read as its type says', () => {
  const cases: [texts: OptionTexts, expected: object][] = [
    [{ HOST: '::1' }, { host: '::1' }],
    [{ HOST: ' chat_1.example.org ' }, { host: 'chat_1.example.org' }],
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: '' }, { port: 3000 }],
    [{ PORT: '  ' }, { port: 3000 }],
    [{ PUBLIC_URL: 'HTTPS://Chat.example.org:443/' }, { publicUrl: 'https://chat.example.org' }],
    [{ TRUST_PROXY: '10.0.0.0/8, ::1,FD00::/8,::1' }, { trustProxy: ['10.0.0.0/8', '::1', 'fd00::/8'] }],
    [{ ROOMS: 'tea, coffee,tea' }, { rooms: ['tea', 'coffee'], frontRoom: 'tea' }],
    [{ ROOMS: '*' }, { rooms: '*', frontRoom: 'lobby' }],
    [{ LOGIN_URL: 'https://a.b/in?to={url}' }, { loginUrl: 'https://a.b/in?to={url}' }],
    [{ HISTORY_BYTES: '65536' }, { historyBytes: 65_536 }],
    [{ HISTORY_BYTES: '64 kib' }, { historyBytes: 65_536 }],
    [{ HISTORY_TOTAL_BYTES: '1GiB' }, { historyTotalBytes: 2 ** 30 }],
    [{ HISTORY_HOURS: '0.5' }, { historyAgeMs: 1_800_000 }],
    [{ SESSION_TIMEOUT: '0.5' }, { sessionTimeoutMs: 500, heartbeatMs: 125 }],
    [{ SHUTDOWN_SECONDS: '0' }, { shutdownMs: 0 }],
    [{ METRICS: '127.0.0.1:9464' }, { metrics: { host: '127.0.0.1', port: 9464 } }],
    [{ METRICS: '[::1]:0' }, { metrics: { host: '::1', port: 0 } }],
    [{ SEND_LIMIT: '5/0.5' }, { sendLimit: { option: 'SEND_LIMIT', count: 5, seconds: 0.5 } }],
    [{ AUTH: 'file:./users' }, { auth: [{ type: 'file', path: './users' }], feed: 'members' }],
    [
      { AUTH: 'file:a b:c, open,open', FEED: 'public' },
      { auth: [{ type: 'file', path: 'a b:c' }, { type: 'open' }], feed: 'public' },
    ],
    [
      { AUTH: 'file:users,open' },
      { auth: [{ type: 'file', path: 'users' }, { type: 'open' }], feed: 'members' },
    ],
    [
      { AUTH_TOKENS: 'header:X-SSO, cookie:SSO,query:t' },
      {
        authTokens: [
          { from: 'header', name: 'x-sso' },
          { from: 'cookie', name: 'SSO' },
          { from: 'query', name: 't' },
        ],
      },
    ],
    [
      { SESSION_WEBHOOK: 'http://a.b/x https://c.d|http://a.b/x', SESSION_WEBHOOK_AUTHORIZE: 'send, feed' },
      {
        sessionWebhook: ['http://a.b/x', 'https://c.d/'],
        sessionWebhookAuthorize: ['send', 'feed'],
      },
    ],
    [{ JWT_PUBLIC_KEY: '-----BEGIN X\\nY' }, { jwtPublicKey: '-----BEGIN X\nY' }],
    [{ JWT_ALGORITHMS: 'RS256, EdDSA' }, { jwtAlgorithms: ['RS256', 'EdDSA'] }],
    [
      { AUTH: 'jwt,webhook:http://a.b/x https://c.d|http://a.b/x', JWT_SECRET: 'x'.repeat(32) },
      {
        auth: [{ type: 'jwt' }, { type: 'webhook', urls: ['http://a.b/x', 'https://c.d/'] }],
        jwtSecret: 'x'.repeat(32),
        feed: 'members',
      },
    ],
    [{ FEED: 'off' }, { feed: 'off' }],
    [{ FEED_ORIGINS: 'none' }, { feedOrigins: [] }],
    [{ EMBED_ORIGINS: '*' }, { embedOrigins: '*' }],
    [
      { EMBED_ORIGINS: 'https://Shop.example/,http://localhost:8080' },
      { embedOrigins: ['https://shop.example', 'http://localhost:8080'] },
    ],
    [
      { ALLOWED_ORIGINS: 'http://localhost:8080,https://[::1]' },
      { allowedOrigins: ['http://localhost:8080', 'https://[::1]'] },
    ],
    [{ MAX_MESSAGE_BYTES: '8KiB' }, { maxMessageBytes: 8192, bodyLimitBytes: 50_176 }],
  ];
  for (const [texts, expected] of cases)
    assert.deepEqual(parseConfig(texts), { ...parseConfig({}), ...expected });
});

const mayBeOff = [
  'HOST',
  'ROOMS',
  'TLS_CERT',
  'TLS_KEY',
  'TLS_CLIENT_CA',
  'STORE_CA',
  'STORE_CERT',
  'STORE_KEY',
  'JWT_PUBLIC_KEY',
  'JWT_AUDIENCE',
  'JWT_ISSUER',
  'JWT_NAME_CLAIM',
];

test('off lifts what it can lift', () => {
  const lifted: Record<string, unknown> = {
    TRUST_PROXY: [],
    MAX_ROOMS: Number.POSITIVE_INFINITY,
    HISTORY_EVENTS: Number.POSITIVE_INFINITY,
    HISTORY_HOURS: Number.POSITIVE_INFINITY,
    SESSION_TIMEOUT: null,
    MAX_SESSIONS: Number.POSITIVE_INFINITY,
    MAX_MEMBERS: Number.POSITIVE_INFINITY,
    MAX_STREAMS_PER_SESSION: Number.POSITIVE_INFINITY,
    MAX_STREAMS_PER_IP: Number.POSITIVE_INFINITY,
    MAX_LOOP_DELAY: null,
    MAX_MEMORY: Number.POSITIVE_INFINITY,
    SEND_LIMIT: null,
    UPDATES_LIMIT: null,
    CREATE_LIMIT: null,
    READ_LIMIT: null,
    FLOOD_STRIKES: null,
    FEED: 'off',
    METRICS: 'off',
  };
  for (const { variable, type } of listOptions()) {
    if (variable in lifted) assert.deepEqual(type.parse('off', variable), lifted[variable], variable);
    // A host, a room, a file or a claim may be called off.
    else if (!mayBeOff.includes(variable)) assert.throws(() => type.parse('off', variable), variable);
  }
});

test('a heartbeat is a quarter of the session timeout at most [SES-7]', () => {
  assert.equal(parseConfig({ HEARTBEAT: '15', SESSION_TIMEOUT: '20' }).heartbeatMs, 5000);
  assert.equal(parseConfig({ HEARTBEAT: '2', SESSION_TIMEOUT: '20' }).heartbeatMs, 2000);
  assert.equal(parseConfig({ HEARTBEAT: '30', SESSION_TIMEOUT: 'off' }).heartbeatMs, 30_000);
});

test('a bad value gives one line with the option, what was expected and what came', () => {
  const cases: [variable: string, came: string, line: string][] = [
    [
      'HOST',
      'localhost:80',
      'expected an IP address or a host name, without port or brackets; got "localhost:80".',
    ],
    ['HOST', '[::1]', 'expected an IP address or a host name, without port or brackets; got "[::1]".'],
    [
      'HOST',
      '1.2.3.400',
      'expected an IP address or a host name, without port or brackets; got "1.2.3.400".',
    ],
    ['PORT', '65536', 'expected a whole number from 0 to 65535; got "65536".'],
    ['PORT', '-1', 'expected a whole number from 0 to 65535; got "-1".'],
    ['PORT', '8e3', 'expected a whole number from 0 to 65535; got "8e3".'],
    ['PORT', '0x50', 'expected a whole number from 0 to 65535; got "0x50".'],
    ['PORT', '80.5', 'expected a whole number from 0 to 65535; got "80.5".'],
    [
      'METRICS',
      '9464',
      'expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin, or off; got "9464".',
    ],
    [
      'METRICS',
      '127.0.0.1',
      'expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin, or off; got "127.0.0.1".',
    ],
    [
      'METRICS',
      '127.0.0.1:65536',
      'expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin, or off; got "127.0.0.1:65536".',
    ],
    [
      'METRICS',
      '::1:9464',
      'expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin, or off; got "::1:9464".',
    ],
    [
      'METRICS',
      '[127.0.0.1]:9464',
      'expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin, or off; got "[127.0.0.1]:9464".',
    ],
    [
      'METRICS',
      ':9464',
      'expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464, or admin, or off; got ":9464".',
    ],
    [
      'PUBLIC_URL',
      'chat.example.org',
      'expected an origin such as https://chat.example.org, without a path; got "chat.example.org".',
    ],
    [
      'PUBLIC_URL',
      'https://a.b/chat',
      'expected an origin such as https://chat.example.org, without a path; got "https://a.b/chat".',
    ],
    [
      'PUBLIC_URL',
      'ftp://a.b',
      'expected an origin such as https://chat.example.org, without a path; got "ftp://a.b".',
    ],
    ['LOG_LEVEL', 'loud', 'expected one of trace, debug, info, warn, error, fatal, silent; got "loud".'],
    ['STORE_URL', 'postgres://me:secret@host', `${aStore}; got "postgres:…", whose scheme is none of these.`],
    ['STORE_URL', 'localhost', `${aStore}; got "localhost", whose scheme is none of these.`],
    ...(
      [
        ['redis:host', 'which lacks the // before its host'],
        ['redis://', 'which names no host'],
        ['redis://:6379', 'which names no host'],
        ['redis://me:secret@', 'which names no host'],
        ['redis://me:secret@a b', 'whose host is no name and no address'],
        ['redis://me:secret@[::g]', 'whose host is no name and no address'],
        ['redis://me:secret@host/a', 'whose database, behind the /, is no number such as 0'],
        ['redis://me:secret@host/0/1', 'whose database, behind the /, is no number such as 0'],
        ['redis://me:secret@host:99999', 'whose port is no number from 1 to 65535'],
        ['redis://me:secret@host:0', 'whose port is no number from 1 to 65535'],
        ['redis://me:secret@host:redis', 'whose port is no number from 1 to 65535'],
        ['redis://me:secret', 'whose port is no number from 1 to 65535'],
        ['redis://me:%zz@host', unescapedUser],
        ['redis://%E0%A4%A:secret@host', unescapedUser],
        ['redis://me:sec/ret@host', unescapedUser],
        ['redis://me:sec#ret@host:6379/0', unescapedUser],
        ['redis://host?prefix=', 'whose prefix is not 1 to 64 letters, digits or signs of _ . : -'],
        ['redis://host?prefix=a%20b', 'whose prefix is not 1 to 64 letters, digits or signs of _ . : -'],
        ['redis://host?password=secret', 'which has something else than prefix= behind its ?'],
        ['rediss://host#0', 'which has something behind a #'],
      ] as const
    ).map(([text, wrong]): [string, string, string] => [
      'STORE_URL',
      text,
      `expected redis://[user:password@]host[:port][/database][?prefix=name]; got "${text.split(':')[0]}:…", ${wrong}.`,
    ]),
    ...['sqlite:', 'sqlite:.', 'sqlite::memory:', 'sqlite:./data/', 'sqlite:a.db?ro', 'memory:x'].map(
      (text): [string, string, string] => ['STORE_URL', text, `${aStore}; got "${text}".`],
    ),
    ['STORE_SYNCHRONOUS', 'off', 'expected one of full, normal; got "off".'],
    ['ROOMS', 'lobby,Tea Room', `${aRoomName}; got "Tea Room".`],
    ['ROOMS', 'lobby,,tea', `${aRoomName}; got "".`],
    ['ROOMS', 'admin', `${aRoomName}; got "admin".`],
    ['ROOMS', 'lobby,*', `${aRoomName}; got "*".`],
    ['MAX_ROOMS', '0', 'expected a whole number from 1 to 1000000, or off; got "0".'],
    [
      'HISTORY_BYTES',
      '16MB',
      'expected a number of bytes from 1KiB to 16GiB, such as 65536 or 64KiB; got "16MB".',
    ],
    [
      'HISTORY_BYTES',
      '1.5MiB',
      'expected a number of bytes from 1KiB to 16GiB, such as 65536 or 64KiB; got "1.5MiB".',
    ],
    [
      'HISTORY_BYTES',
      '17GiB',
      'expected a number of bytes from 1KiB to 16GiB, such as 65536 or 64KiB; got "17GiB".',
    ],
    ['HISTORY_HOURS', '-1', 'expected a number of hours from 0.001 to 876000, or off; got "-1".'],
    ['SESSION_TIMEOUT', '60s', 'expected a number of seconds from 0.05 to 604800, or off; got "60s".'],
    ['SESSION_TIMEOUT', '0', 'expected a number of seconds from 0.05 to 604800, or off; got "0".'],
    [
      'SESSION_TIMEOUT',
      'Infinity',
      'expected a number of seconds from 0.05 to 604800, or off; got "Infinity".',
    ],
    ['HEARTBEAT', '.5', 'expected a number of seconds from 0.05 to 3600; got ".5".'],
    ['LIVENESS', 'Ping', 'expected one of stream, ping; got "Ping".'],
    ['SEND_LIMIT', '20', 'expected a limit such as 20/10 (20 per 10 seconds), or off; got "20".'],
    ['SEND_LIMIT', '20/0', 'expected a limit such as 20/10 (20 per 10 seconds), or off; got "20/0".'],
    ['SEND_LIMIT', '0/10', 'expected a limit such as 20/10 (20 per 10 seconds), or off; got "0/10".'],
    ['SEND_LIMIT', '1/2/3', 'expected a limit such as 20/10 (20 per 10 seconds), or off; got "1/2/3".'],
    ...['', 'closed', 'file:', 'file:users/', 'open:x', 'webhook'].map((part): [string, string, string] => [
      'AUTH',
      `file:users,${part}`,
      `expected open, jwt, certificate, file: with a path or webhook: with addresses, several separated by commas; got "${part}".`,
    ]),
    [
      'AUTH',
      'webhok:https://a.example/?key=hunter2',
      'expected open, jwt, certificate, file: with a path or webhook: with addresses, several separated by commas; got "webhok:https://a.example/?key\\u{3d}********".',
    ],
    [
      'AUTH',
      'open,file:users',
      'expected open to be the last, as it leaves nothing to those behind it; got "open,file:users".',
    ],
    ['AUTH_TOKENS', 'SSO', 'expected header:NAME, cookie:NAME or query:NAME; got "SSO".'],
    ['AUTH_TOKENS', 'cookie:a;b', 'expected header:NAME, cookie:NAME or query:NAME; got "cookie:a;b".'],
    [
      'AUTH_TOKENS',
      'query:a,header:Authorization',
      'expected a header with a name of its own; got "header:Authorization".',
    ],
    ['JWT_SECRET', 'hunter2', 'expected a secret of at least 32 bytes; got one of 7.'],
    [
      'JWT_PUBLIC_KEY',
      '-----BEGIN PRIVATE KEY-----',
      'expected a public key in PEM, or the path of a file with one; got a private one.',
    ],
    ...['ftp://a.b/keys', 'https://me:secret@a.b/', 'keys'].map((came): [string, string, string] => [
      'JWT_JWKS_URL',
      came,
      'expected an address such as https://login.example.org/keys, without name and password; got something else.',
    ]),
    ...['ftp://a.b/in', 'https://{url}/', 'https://me@a.b/', 'javascript:{url}', 'https://a b/'].map(
      (came): [string, string, string] => [
        'LOGIN_URL',
        came,
        `expected an address such as https://login.example.org/?return={url}; got "${came.replace('me@', '********@')}".`,
      ],
    ),
    [
      'JWT_ALGORITHMS',
      'HS256,none',
      'expected one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA; got "none".',
    ],
    ['JWT_ISSUER', 'a\u0007', 'expected a text without control characters; got "a\\u{7}".'],
    [
      'AUTH',
      'webhook:https://a.b/x|ftp://secret',
      'expected an address such as https://login.example.org/keys, without name and password; got something else.',
    ],
    ['AUTH_TIMEOUT', '0', 'expected a number of seconds from 0.05 to 60; got "0".'],
    ['FEED', 'yes', 'expected one of public, members, or off; got "yes".'],
    [
      'FEED_ORIGINS',
      'https://a.b,c.d',
      'expected an origin such as https://chat.example.org, without a path; got "c.d".',
    ],
    [
      'FEED_ORIGINS',
      'https://*.a.b',
      'expected an origin such as https://chat.example.org, without a path; got "https://*.a.b".',
    ],
    // They go into headers and pages as they are.
    ...['https://a;sandbox', 'https://a"b', "https://'a'", 'https://$&', 'javascript:alert(1)', '*'].map(
      (text): [string, string, string] => [
        'EMBED_ORIGINS',
        `https://a.b,${text}`,
        `expected an origin such as https://chat.example.org, without a path; got ${quote(text)}.`,
      ],
    ),
    ['ALLOWED_ORIGINS', '*', 'expected an origin such as https://chat.example.org, without a path; got "*".'],
    [
      'ALLOWED_ORIGINS',
      'null',
      'expected an origin such as https://chat.example.org, without a path; got "null".',
    ],
    [
      'MAX_MEMBERS',
      '\u001b[31m\nx',
      'expected a whole number from 1 to 10000000, or off; got "\\u{1b}[31m\\u{a}x".',
    ],
  ];
  for (const [variable, came, line] of cases)
    assert.equal(complaintOf({ [variable]: came }), `${variable}: ${line}`);
});

test('there is no way to trust everybody as a proxy', () => {
  const refused = [
    'true',
    '*',
    '0.0.0.0/0',
    '::/0',
    '0.0.0.0/1',
    '128.0.0.0/1',
    '::/1',
    '8000::/1',
    '10.0.0.0/x',
  ];
  const malformed = [
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0',
    'proxy.example',
    'fe80::1%eth0',
    '10.0.0.0/',
  ];
  for (const came of [...refused, ...malformed]) {
    assert.equal(
      complaintOf({ TRUST_PROXY: `127.0.0.1,${came}` }),
      `TRUST_PROXY: expected the address of a proxy or a network such as 10.0.0.0/8; never everybody; got "${came}".`,
    );
  }
  for (const came of ['::ffff:0:0/96', '::ffff:0.0.0.0/96', '::/64', '::ffff:10.0.0.1']) {
    assert.equal(
      complaintOf({ TRUST_PROXY: came }),
      `TRUST_PROXY: expected IPv4 addresses in their own form, such as 10.0.0.0/8; got "${came}".`,
    );
  }
});

test('options that contradict each other are told', () => {
  const cases: [texts: OptionTexts, line: string][] = [
    [
      { HISTORY_TOTAL_BYTES: '8MiB' },
      'HISTORY_TOTAL_BYTES: expected at least 16777216 (HISTORY_BYTES); got 8388608.',
    ],
    [
      { HISTORY_BYTES: '2KiB' },
      'HISTORY_BYTES: expected at least 3072 (one event with a message of MAX_MESSAGE_BYTES); got 2048.',
    ],
    [
      { MAX_MESSAGE_BYTES: '4KiB', SLOW_CLIENT_BYTES: '8KiB' },
      'SLOW_CLIENT_BYTES: expected at least 9216 (one event with a message of MAX_MESSAGE_BYTES); got 8192.',
    ],
    [{ AUTH: 'jwt' }, 'AUTH: jwt expects one of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL; got 0.'],
    [
      { AUTH: 'jwt', JWT_SECRET: 'x'.repeat(32), JWT_JWKS_URL: 'https://a.b/keys' },
      'AUTH: jwt expects one of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL; got 2.',
    ],
    [
      { AUTH: 'jwt', JWT_PUBLIC_KEY: 'key.pem', JWT_ALGORITHMS: 'RS256,HS256' },
      'JWT_ALGORITHMS: expected none of HS256, HS384 and HS512 without JWT_SECRET; got HS256.',
    ],
    [
      { AUTH: 'jwt', JWT_SECRET: 'x'.repeat(32), JWT_ALGORITHMS: 'RS256' },
      'JWT_ALGORITHMS: expected HS256, HS384 or HS512 with JWT_SECRET; got RS256.',
    ],
    [{ ROOMS: 'a,b,c', MAX_ROOMS: '2' }, 'MAX_ROOMS: expected at least 3 (the number of ROOMS); got 2.'],
  ];
  for (const [texts, line] of cases) assert.equal(complaintOf(texts), line);
});

const unescapedUser =
  'whose user or password has a character to be escaped, such as / by %2F, ? by %3F, # by %23, % by %25';
const aStore =
  'expected memory:, sqlite: with the path of a file, such as sqlite:./data/parlor.db, or redis://host:port';
const aRoomName =
  'expected a room name: 1–32 characters of a–z, 0–9 and inner -, and not a word of the server’s own addresses';

/** The message of the error, which must be one line. */
function complaintOf(texts: OptionTexts): string {
  try {
    parseConfig(texts);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}]/u);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(texts)} was accepted`);
}

test('a session manager is asked about operations that there are, and is there', () => {
  const all = parseConfig({ SESSION_WEBHOOK: 'http://a.b/', SESSION_WEBHOOK_AUTHORIZE: '*' });
  assert.equal(all.sessionWebhookAuthorize.length, 9);
  const lines: [texts: Record<string, string>, line: RegExp][] = [
    [
      { SESSION_WEBHOOK_AUTHORIZE: 'send' },
      /^SESSION_WEBHOOK_AUTHORIZE: expected SESSION_WEBHOOK too; it is not set\.$/,
    ],
    [
      { SESSION_WEBHOOK: 'http://a.b/', SESSION_WEBHOOK_AUTHORIZE: 'send,create' },
      /^SESSION_WEBHOOK_AUTHORIZE: expected one of getSession, .+; got "create"\.$/,
    ],
    [
      { SESSION_WEBHOOK: 'http://a:secret@b.c/' },
      /^SESSION_WEBHOOK: expected an address such as .+; got something else\.$/,
    ],
  ];
  for (const [texts, line] of lines) assert.throws(() => parseConfig(texts), { message: line });
});

test('files for TLS with a Redis are given only with one that speaks it, and a certificate with its key', () => {
  const secure = { STORE_URL: 'rediss://host' };
  parseConfig({ ...secure, STORE_CA: 'ca.pem' });
  parseConfig({ ...secure, STORE_CERT: 'own.pem', STORE_KEY: 'own.key' });
  for (const url of ['redis://host', 'memory:', 'sqlite:a.db']) {
    assert.equal(
      complaintOf({ STORE_URL: url, STORE_CA: 'ca.pem' }),
      'STORE_CA: expected STORE_URL to begin with rediss://; it does not.',
    );
  }
  assert.equal(
    complaintOf({ ...secure, STORE_CERT: 'own.pem' }),
    'STORE_KEY: expected the path of a file, as STORE_CERT is set; got none.',
  );
});

test('STORE_URL names a Redis with all that it takes to use it', () => {
  const addressOf = (text: string) => {
    const url = storeUrl.parse(text, 'STORE_URL');
    assert.ok(url.scheme === 'redis');
    return url.address;
  };
  assert.deepEqual(addressOf('redis://localhost'), {
    connection: { host: 'localhost', port: 6379, db: 0 },
    prefix: 'parlor',
  });
  assert.deepEqual(addressOf('rediss://me:p%40ss@[::1]:7000/3?prefix=chat'), {
    connection: { host: '::1', port: 7000, db: 3, username: 'me', password: 'p@ss', tls: {} },
    prefix: 'chat',
  });
});
