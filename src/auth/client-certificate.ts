/** Users with certificates of an authority that the administrator trusts, by which they prove themselves on their connection. */

import type { Admission, Authenticator, Certificate, Credentials, User } from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import { ChatError } from '../core/errors.ts';
import { areClaimsTooLong, maxIdLength, vouchedName } from './vouched-user.ts';

/** What of a certificate is the user: it has to stay the same when the certificate is renewed, except for `fingerprint`. */
export const certificateUsers = ['subject', 'fingerprint', 'san:email', 'san:dns', 'san:uri'] as const;
export type CertificateUser = (typeof certificateUsers)[number];

export interface ClientCertificateOptions {
  readonly user: CertificateUser;
  readonly maxNameLength: number;
  readonly clock: Clock;
}

const inWords = {
  'san:email': 'e-mail address (SAN email)',
  'san:dns': 'host name (SAN DNS)',
  'san:uri': 'address (SAN URI)',
} as const;

export class ClientCertificate implements Authenticator {
  readonly asksFor = 'a certificate';
  readonly way = 'certificate';
  readonly #options: ClientCertificateOptions;

  constructor(options: ClientCertificateOptions) {
    this.#options = options;
  }

  async authenticate({ certificate }: Credentials): Promise<Admission | undefined> {
    if (!certificate) return undefined;
    // A connection may be resumed, or last, longer than the certificate: so the time is looked at here too.
    requireCurrent(certificate, this.#options.clock.wall());
    const user = this.#userOf(certificate);
    return { name: user.name, user };
  }

  isGiven({ certificate }: Credentials): boolean {
    return certificate !== undefined;
  }

  #userOf(certificate: Certificate): User {
    const { subject, fingerprint, names, validTo } = certificate;
    const id = `certificate:${this.#idIn(certificate)}`;
    const claims = { subject, fingerprint, names };
    if (id.length > maxIdLength || areClaimsTooLong(claims)) {
      throw new ChatError('permission-denied', 'Your certificate says more of you than is kept here.');
    }
    return { id, name: this.#nameIn(certificate), claims, expiresAt: validTo };
  }

  #idIn({ subject, fingerprint, names }: Certificate): string {
    const { user } = this.#options;
    if (user === 'fingerprint') return fingerprint;
    if (user !== 'subject') return alternativeName(names, user);
    if (subject === '') throw new ChatError('permission-denied', 'Your certificate has no subject.');
    return subject;
  }

  /** The common name; an alternative one where that is the user and there is no other. */
  #nameIn({ commonName, names }: Certificate): string {
    const { user, maxNameLength } = this.#options;
    const isOther = commonName === null && user !== 'subject' && user !== 'fingerprint';
    const field = isOther ? inWords[user] : 'common name (CN)';
    // Of an e-mail address, what stands before the @.
    const name = isOther ? alternativeName(names, user).replace(/@.*$/s, '') : commonName;
    if (name === null)
      throw new ChatError('invalid-name', `Expected a ${field} in your certificate; it has none.`);
    return vouchedName(name, maxNameLength, `${field} of your certificate`);
  }
}

/** @throws ChatError `permission-denied` */
function requireCurrent({ isTrusted, validFrom, validTo }: Certificate, now: number): void {
  const why =
    now >= validTo
      ? `has expired (${dayOf(validTo)})`
      : now < validFrom
        ? `is not valid before ${dayOf(validFrom)}`
        : isTrusted
          ? undefined
          : 'is of no authority that is trusted here, or not one for clients';
  if (why !== undefined) throw new ChatError('permission-denied', `Your certificate ${why}.`);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The first of its kind. */
function alternativeName(names: Certificate['names'], user: keyof typeof inWords): string {
  const found = names.find(({ type }) => `san:${type}` === user);
  if (found) return found.value;
  throw new ChatError('permission-denied', `Your certificate has no ${inWords[user]}.`);
}
