/** What each value of a configuration cannot know of the others. */

import type { OptionValues } from './options.ts';

export interface Contradiction {
  /** The options that do not go together. */
  readonly between: readonly string[];
  /** A line that begins with the option to change. */
  readonly message: string;
}

/** All that there are, in the order of what to change first. */
export function* contradictions(values: OptionValues): Generator<Contradiction> {
  // An event's JSON: a message of which each byte is escaped once, with name, key and numbers.
  const largestEvent = 2 * values.maxMessageBytes + 1024;
  const oneEvent = 'one event with a message of MAX_MESSAGE_BYTES';
  yield* atLeast('HISTORY_BYTES', values.historyBytes, largestEvent, oneEvent, 'MAX_MESSAGE_BYTES');
  yield* atLeast('SLOW_CLIENT_BYTES', values.slowClientBytes, largestEvent, oneEvent, 'MAX_MESSAGE_BYTES');
  yield* atLeast(
    'HISTORY_TOTAL_BYTES',
    values.historyTotalBytes,
    values.historyBytes,
    'HISTORY_BYTES',
    'HISTORY_BYTES',
  );
  yield* ofJwt(values);
  yield* ofTls(values);
  yield* ofStoreTls(values);
  if (values.sessionWebhookAuthorize.length > 0 && values.sessionWebhook.length === 0) {
    yield {
      between: ['SESSION_WEBHOOK_AUTHORIZE', 'SESSION_WEBHOOK'],
      message: 'SESSION_WEBHOOK_AUTHORIZE: expected SESSION_WEBHOOK too; it is not set.',
    };
  }
  const roomCount = values.rooms === '*' ? 1 : values.rooms.length;
  yield* atLeast('MAX_ROOMS', values.maxRooms, roomCount, 'the number of ROOMS', 'ROOMS');
}

/** A public key is no secret: whoever has it could sign with it, if HS256 were allowed. */
function* ofJwt(values: OptionValues): Generator<Contradiction> {
  const { auth, jwtSecret, jwtPublicKey, jwtJwksUrl, jwtAlgorithms } = values;
  if (!auth.some(({ type }) => type === 'jwt')) return;
  const between = ['AUTH', 'JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URL'];
  const keys = [jwtSecret, jwtPublicKey, jwtJwksUrl].filter((key) => key !== null);
  if (keys.length !== 1) {
    const message = `AUTH: jwt expects one of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL; got ${keys.length}.`;
    yield { between, message };
    return;
  }
  const wrong = jwtAlgorithms.find((algorithm) => algorithm.startsWith('HS') !== (jwtSecret !== null));
  if (wrong === undefined) return;
  const fitting =
    jwtSecret === null ? 'none of HS256, HS384 and HS512 without' : 'HS256, HS384 or HS512 with';
  const message = `JWT_ALGORITHMS: expected ${fitting} JWT_SECRET; got ${wrong}.`;
  yield { between: [...between, 'JWT_ALGORITHMS'], message };
}

function* ofTls({ tlsCert, tlsKey, tlsClientCa }: OptionValues): Generator<Contradiction> {
  yield* bothOrNone({ TLS_CERT: tlsCert, TLS_KEY: tlsKey });
  if (tlsClientCa !== null && tlsCert === null) {
    yield {
      between: ['TLS_CLIENT_CA', 'TLS_CERT'],
      message: 'TLS_CLIENT_CA: expected TLS_CERT and TLS_KEY beside it; got neither.',
    };
  }
}

function* ofStoreTls({ storeUrl, storeCa, storeCert, storeKey }: OptionValues): Generator<Contradiction> {
  const files = { STORE_CA: storeCa, STORE_CERT: storeCert, STORE_KEY: storeKey };
  const [given] = Object.entries(files).flatMap(([variable, value]) => (value === null ? [] : [variable]));
  if (given === undefined) return;
  if (storeUrl.scheme !== 'redis' || !storeUrl.address.connection.tls) {
    const message = `${given}: expected STORE_URL to begin with rediss://; it does not.`;
    yield { between: [given, 'STORE_URL'], message };
  }
  yield* bothOrNone({ STORE_CERT: storeCert, STORE_KEY: storeKey });
}

/** A certificate is nothing without its key, nor the key without it. */
function* bothOrNone(pair: Readonly<Record<string, string | null>>): Generator<Contradiction> {
  const between = Object.keys(pair);
  const given = between.find((variable) => pair[variable] !== null);
  const missing = between.find((variable) => pair[variable] === null);
  if (given === undefined || missing === undefined) return;
  yield { between, message: `${missing}: expected the path of a file, as ${given} is set; got none.` };
}

function* atLeast(
  variable: string,
  value: number,
  least: number,
  why: string,
  other: string,
): Generator<Contradiction> {
  if (value >= least) return;
  const message = `${variable}: expected at least ${least} (${why}); got ${value}.`;
  yield { between: [variable, other], message };
}
