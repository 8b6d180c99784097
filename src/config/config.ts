/** What the server runs with: the values of all options, and what follows from several of them together. */

import { quote } from '../core/quote.ts';
import { BadValue } from './bad-value.ts';
import { ConfigError } from './config-error.ts';
import { optionTable } from './options.ts';

type OptionValues = Readonly<ReturnType<typeof optionTable>>;

/**
 * A frozen configuration. A count without limit is `Infinity`; a limit or timeout that is off is null.
 * `heartbeatMs` is the effective one, which clients are told [SES-7].
 */
export interface Config extends OptionValues {
  readonly feed: NonNullable<OptionValues['feed']>;
  /** The room whose page is at `/`. */
  readonly frontRoom: string;
  /** The longest body that is read: the longest message still fits, however it is escaped. */
  readonly bodyLimitBytes: number;
}

/** Names of options with their texts. */
export type OptionTexts = Readonly<Record<string, string | undefined>>;

const usualRoom = 'lobby';
const leastBodyLimitBytes = 16 * 1024;

/**
 * Makes a configuration of texts; those of unknown names are passed over, and an empty one is as good as none.
 *
 * @param texts for example `process.env`
 * @param placeOf where an option's text comes from, as a remark for the error: ` in .env`
 * @throws ConfigError on the first option that cannot be used
 */
export function parseConfig(texts: OptionTexts, placeOf: (variable: string) => string = () => ''): Config {
  const values: OptionValues = optionTable((variable, type, fallback) => {
    const text = texts[variable]?.trim() || fallback;
    try {
      return type.parse(text, variable);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      // What is wrong with one item of a list is told as it is; else the words belong to what is expected.
      const words = error.came === undefined ? (type.words ?? []).map(({ word }) => `, or ${word}`) : [];
      const expected = `${error.expected}${words.join('')}`;
      throw new ConfigError(
        `${variable}${placeOf(variable)}: expected ${expected}; got ${error.came ?? quote(text)}.`,
      );
    }
  });
  checkTogether(values);
  const { heartbeatMs, sessionTimeoutMs, maxMessageBytes } = values;
  return Object.freeze({
    ...values,
    feed: values.feed ?? (values.auth.every(({ type }) => type === 'open') ? 'public' : 'members'),
    frontRoom: values.rooms === '*' ? usualRoom : (values.rooms[0] ?? usualRoom),
    heartbeatMs:
      sessionTimeoutMs === null ? heartbeatMs : Math.min(heartbeatMs, Math.floor(sessionTimeoutMs / 4)),
    // JSON may write each byte of a message as `\u00xx`; the rest is room for the other members.
    bodyLimitBytes: Math.max(leastBodyLimitBytes, 6 * maxMessageBytes + 1024),
  });
}

/** What each value cannot know of the others. */
function checkTogether(values: OptionValues): void {
  // An event's JSON: a message of which each byte is escaped once, with name, key and numbers.
  const largestEvent = 2 * values.maxMessageBytes + 1024;
  atLeast(
    'HISTORY_BYTES',
    values.historyBytes,
    largestEvent,
    'one event with a message of MAX_MESSAGE_BYTES',
  );
  atLeast(
    'SLOW_CLIENT_BYTES',
    values.slowClientBytes,
    largestEvent,
    'one event with a message of MAX_MESSAGE_BYTES',
  );
  atLeast('HISTORY_TOTAL_BYTES', values.historyTotalBytes, values.historyBytes, 'HISTORY_BYTES');
  const roomCount = values.rooms === '*' ? 1 : values.rooms.length;
  checkJwt(values);
  checkTls(values);
  checkStoreTls(values);
  if (values.sessionWebhookAuthorize.length > 0 && values.sessionWebhook.length === 0) {
    throw new ConfigError('SESSION_WEBHOOK_AUTHORIZE: expected SESSION_WEBHOOK too; it is not set.');
  }
  atLeast('MAX_ROOMS', values.maxRooms, roomCount, 'the number of ROOMS');
}

/** A public key is no secret: whoever has it could sign with it, if HS256 were allowed. */
function checkJwt({ auth, jwtSecret, jwtPublicKey, jwtJwksUrl, jwtAlgorithms }: OptionValues): void {
  if (!auth.some(({ type }) => type === 'jwt')) return;
  const keys = [jwtSecret, jwtPublicKey, jwtJwksUrl].filter((key) => key !== null);
  if (keys.length !== 1) {
    throw new ConfigError(
      `AUTH: jwt expects one of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL; got ${keys.length}.`,
    );
  }
  const wrong = jwtAlgorithms.find((algorithm) => algorithm.startsWith('HS') !== (jwtSecret !== null));
  if (wrong === undefined) return;
  const fitting =
    jwtSecret === null ? 'none of HS256, HS384 and HS512 without' : 'HS256, HS384 or HS512 with';
  throw new ConfigError(`JWT_ALGORITHMS: expected ${fitting} JWT_SECRET; got ${wrong}.`);
}

function checkTls({ tlsCert, tlsKey, tlsClientCa }: OptionValues): void {
  requireBoth({ TLS_CERT: tlsCert, TLS_KEY: tlsKey });
  if (tlsClientCa !== null && tlsCert === null) {
    throw new ConfigError('TLS_CLIENT_CA: expected TLS_CERT and TLS_KEY beside it; got neither.');
  }
}

function checkStoreTls({ storeUrl, storeCa, storeCert, storeKey }: OptionValues): void {
  const files = { STORE_CA: storeCa, STORE_CERT: storeCert, STORE_KEY: storeKey };
  const [given] = Object.entries(files).flatMap(([variable, value]) => (value === null ? [] : [variable]));
  if (given === undefined) return;
  if (storeUrl.scheme !== 'redis' || !storeUrl.address.connection.tls) {
    throw new ConfigError(`${given}: expected STORE_URL to begin with rediss://; it does not.`);
  }
  requireBoth({ STORE_CERT: storeCert, STORE_KEY: storeKey });
}

/** A certificate is nothing without its key, nor the key without it. */
function requireBoth(pair: Readonly<Record<string, string | null>>): void {
  const variables = Object.keys(pair);
  const given = variables.find((variable) => pair[variable] !== null);
  const missing = variables.find((variable) => pair[variable] === null);
  if (given === undefined || missing === undefined) return;
  throw new ConfigError(`${missing}: expected the path of a file, as ${given} is set; got none.`);
}

function atLeast(variable: string, value: number, least: number, why: string): void {
  if (value < least) throw new ConfigError(`${variable}: expected at least ${least} (${why}); got ${value}.`);
}
