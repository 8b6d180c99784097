/** Who comes in, who reads, and from which pages. */

import { certificateUsers } from '../../auth/client-certificate.ts';
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
} from '../auth-types.ts';
import { origin } from '../network-types.ts';
import { choice, duration, list, optional, orOff, orWord, text } from '../option-types.ts';
import type { OptionVisitor } from './option.ts';

const none: readonly string[] = Object.freeze([]);

export function doorOptions(option: OptionVisitor) {
  return {
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
  };
}
