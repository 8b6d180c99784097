/** The authenticators that a configuration names. */

import { AuthenticatorList } from '../auth/authenticator-list.ts';
import { ClientCertificate } from '../auth/client-certificate.ts';
import { LoginFailures } from '../auth/login-failures.ts';
import { openAuthenticator } from '../auth/open.ts';
import { PasswordFile } from '../auth/password-file.ts';
import { Webhook } from '../auth/webhook.ts';
import type { Authenticator } from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import type { Skeleton } from '../core/names.ts';
import type { AuthChoice } from './auth-types.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';

export interface AuthenticatorParts {
  readonly clock: Clock;
  readonly skeleton: Skeleton;
  /** Told in one line of what is probably a mistake. */
  readonly warn: (line: string) => void;
}

export interface ConfiguredAuthenticators {
  readonly authenticators: AuthenticatorList;
  /** To be swept. */
  readonly failures: LoginFailures;
}

/**
 * @param given is asked instead of those that the configuration names
 * @throws ConfigError in one line if one cannot do its work
 */
export async function configuredAuthenticators(
  config: Config,
  parts: AuthenticatorParts,
  given?: Authenticator,
): Promise<ConfiguredAuthenticators> {
  const failures = new LoginFailures();
  const make = async (choice: AuthChoice): Promise<Authenticator> => {
    switch (choice.type) {
      case 'open':
        return openAuthenticator;
      case 'file':
        return openPasswordFile(choice.path, config, parts, failures);
      case 'jwt':
        return jwtAuthenticator(config, parts);
      case 'certificate':
        return new ClientCertificate({
          user: config.certificateUser,
          maxNameLength: config.maxNameLength,
          clock: parts.clock,
        });
      case 'webhook':
        return new Webhook({
          urls: choice.urls,
          timeoutMs: config.authTimeoutMs,
          maxNameLength: config.maxNameLength,
          failures,
          clock: parts.clock,
          skeleton: parts.skeleton,
          warn: (line) => parts.warn(`AUTH: the webhook at ${line}.`),
        });
    }
  };
  const list = given ? [given] : await Promise.all(config.auth.map(make));
  const { clock } = parts;
  return {
    authenticators: new AuthenticatorList(list, { clock, timeoutMs: config.authTimeoutMs }),
    failures,
  };
}

/** @throws ConfigError in one line if there is no such key */
async function jwtAuthenticator(config: Config, { clock, warn }: AuthenticatorParts): Promise<Authenticator> {
  // Loaded where it is wanted: its library is many files, which all would be open at once at the start.
  const { JwtAuthenticator } = await import('../auth/jwt.ts');
  const { publicKey, remoteKeys, secretKey } = await import('../auth/jwt-keys.ts');
  const { jwtSecret, jwtPublicKey, jwtJwksUrl, jwtAlgorithms, jwtAudience, jwtIssuer, jwtNameClaim } = config;
  const rules = { audience: jwtAudience, issuer: jwtIssuer, nameClaim: jwtNameClaim };
  const algorithms = (usual: readonly string[]) => (jwtAlgorithms.length > 0 ? jwtAlgorithms : usual);
  const options = { ...rules, maxNameLength: config.maxNameLength, clock };
  if (jwtSecret !== null) {
    return new JwtAuthenticator({
      ...options,
      keys: secretKey(jwtSecret),
      algorithms: algorithms(['HS256']),
    });
  }
  const asymmetric = algorithms(['RS256', 'ES256', 'EdDSA']);
  if (jwtJwksUrl !== null) {
    const onTrouble = (why: string) => warn(`JWT_JWKS_URL: the keys cannot be had (${why}).`);
    const keys = remoteKeys(jwtJwksUrl, config.authTimeoutMs, onTrouble);
    return new JwtAuthenticator({ ...options, keys, algorithms: asymmetric });
  }
  try {
    return new JwtAuthenticator({ ...options, keys: publicKey(jwtPublicKey ?? ''), algorithms: asymmetric });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`JWT_PUBLIC_KEY: ${why}.`);
  }
}

async function openPasswordFile(
  path: string,
  { maxNameLength }: Config,
  { clock, skeleton, warn }: AuthenticatorParts,
  failures: LoginFailures,
): Promise<Authenticator> {
  try {
    return await PasswordFile.open({
      path,
      maxNameLength,
      skeleton,
      clock,
      failures,
      warn: (line) => warn(`AUTH: the password file ${line}`),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`AUTH: the password file ${why} "parlor users add NAME" makes one.`);
  }
}
