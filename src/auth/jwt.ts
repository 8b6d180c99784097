/** Users with signed tokens (JWT): of an application around the room, or of a single sign-on. */

import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Admission, Authenticator, Credentials, User } from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { isTokensFault, type JwtKeys } from './jwt-keys.ts';
import { areClaimsTooLong, maxClaimsBytes, maxIdLength, vouchedName } from './vouched-user.ts';

export interface JwtOptions {
  readonly keys: JwtKeys;
  /** Never `none`, and none of the symmetric ones with a public key. */
  readonly algorithms: readonly string[];
  /** What `aud` must name; null: there must be none. */
  readonly audience: string | null;
  /** What `iss` must be; null: anything. */
  readonly issuer: string | null;
  /** The claim with the shown name; where it is missing, the usual ones. */
  readonly nameClaim: string | null;
  readonly maxNameLength: number;
  readonly clock: Clock;
}

const compact = /^[\w-]+\.[\w-]*\.[\w-]*$/;
const bearer = /^Bearer +(\S+) *$/i;
const usualNameClaims = ['preferred_username', 'sub'];
/** So many keys of an issuer are tried on a token that names none: each costs a signature. */
const maxTriedKeys = 4;
/** What is about the token, not about the user. */
const ofToken: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

export class JwtAuthenticator implements Authenticator {
  readonly asksFor = 'a token';
  readonly way = 'token';
  readonly #options: JwtOptions;

  constructor(options: JwtOptions) {
    this.#options = options;
  }

  async authenticate(given: Credentials): Promise<Admission | undefined> {
    const token = tokenIn(given);
    if (token === undefined) return undefined;
    const user = this.#userOf(await this.#verify(token));
    return { name: user.name, user };
  }

  isGiven(given: Credentials): boolean {
    return tokenIn(given) !== undefined;
  }

  async #verify(token: string): Promise<JWTPayload> {
    const { keys, algorithms, audience, issuer, clock } = this.#options;
    const options = {
      algorithms: [...algorithms],
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(clock.wall()),
      ...(audience === null ? {} : { audience }),
      ...(issuer === null ? {} : { issuer }),
    };
    try {
      const payload =
        typeof keys === 'function'
          ? await verifyByAny(token, keys, options)
          : (await jwtVerify(token, keys, options)).payload;
      // One that is meant for somebody else must be refused by who does not know himself by a name (RFC 7519, 4.1.3).
      if (audience === null && payload.aud !== undefined) throw refused();
      return payload;
    } catch (error) {
      if (error instanceof ChatError) throw error;
      // Keys that are at hand are there: whatever is wrong is wrong with the token.
      if (typeof keys !== 'function' || isTokensFault(error)) throw refused(error);
      throw new ChatError('unavailable', 'The keys to check your token with cannot be had. Try again.', {
        cause: error,
      });
    }
  }

  #userOf(payload: JWTPayload): User {
    const { iss, sub, exp } = payload;
    const isSound = (iss === undefined || typeof iss === 'string') && typeof sub === 'string' && sub !== '';
    // Escaped, so that no issuer and subject together read as two others.
    const id = isSound ? `jwt:${encodeIssuer(iss ?? '')} ${sub}` : '';
    if (id === '' || id.length > maxIdLength || exp === undefined) throw refused();
    const claims = Object.fromEntries(Object.entries(payload).filter(([claim]) => !ofToken.has(claim)));
    if (areClaimsTooLong(claims)) {
      throw new ChatError('permission-denied', `Your token has more than ${maxClaimsBytes} bytes of claims.`);
    }
    return { id, name: this.#nameIn(payload), claims, expiresAt: exp * 1000 };
  }

  #nameIn(payload: JWTPayload): string {
    const { nameClaim, maxNameLength } = this.#options;
    const candidates = [...(nameClaim === null ? [] : [nameClaim]), ...usualNameClaims];
    const claim = candidates.find((each) => Object.hasOwn(payload, each)) ?? 'sub';
    const name = payload[claim];
    if (typeof name !== 'string') {
      throw new ChatError(
        'invalid-name',
        `Expected a name in the claim ${quote(claim)} of your token; it is no text.`,
      );
    }
    return vouchedName(name, maxNameLength, `claim ${quote(claim)} of your token`);
  }
}

/** Of a token without `kid`, each key that fits by its kind may be the one. */
async function verifyByAny(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      if (++tried > maxTriedKeys) break;
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (failure) {
        // Whatever else is wrong with it is wrong by every key.
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw error;
  }
}

/** The first that looks like one. */
function tokenIn({
  headers: { authorization, ...headers },
  cookies,
  query,
}: Credentials): string | undefined {
  const [, bearerToken] = bearer.exec(authorization ?? '') ?? [];
  const others = [headers, cookies, query].flatMap((tokens) => Object.values(tokens));
  return [bearerToken ?? '', ...others].find((token) => compact.test(token));
}

function encodeIssuer(issuer: string): string {
  return issuer.replace(/[%\s]/g, (char) => `%${char.codePointAt(0)?.toString(16)}`);
}

/** Why is for its issuer to know, not for whoever tries. */
function refused(cause?: unknown): ChatError {
  return new ChatError('credentials-required', 'Your token is not valid here, or no longer.', { cause });
}
