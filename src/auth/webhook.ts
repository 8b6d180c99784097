/** Asks a service of the administrator's whether somebody may come in. Where it cannot be asked, nobody may. */

import type {
  Admission,
  Authenticator,
  Certificate,
  Credentials,
  Patience,
  User,
} from '../core/authenticator.ts';
import { ChatError } from '../core/errors.ts';
import { nameKey, type Skeleton, validateName } from '../core/names.ts';
import { BoundedQueue } from './bounded-queue.ts';
import type { LoginFailures } from './login-failures.ts';
import { postJson } from './post-json.ts';
import { ServiceAddresses, type ServiceAddressesOptions } from './service-addresses.ts';
import { refusalOf, serviceAnswerOf } from './service-answer.ts';
import { areClaimsTooLong, maxClaimsBytes, maxIdLength } from './vouched-user.ts';

export interface WebhookOptions extends ServiceAddressesOptions {
  readonly failures: LoginFailures;
  readonly maxNameLength: number;
  readonly skeleton: Skeleton;
}

type Verdict =
  | { readonly type: 'accepted'; readonly user: User }
  | { readonly type: 'denied'; readonly refusal: ChatError };

/** So many are asked about at once; of those who wait behind them each is told in time that nobody could decide. */
const asking = { atOnce: 64, waiting: 256 };

export class Webhook implements Authenticator {
  readonly asksFor = 'a login';
  readonly way = 'anything';
  readonly #options: WebhookOptions;
  readonly #addresses: ServiceAddresses;
  readonly #queue = new BoundedQueue(asking);

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#addresses = new ServiceAddresses(options);
    this.#addresses.connectOnce();
  }

  async authenticate(given: Credentials, patience: Patience): Promise<Admission> {
    const { clock, failures, skeleton, maxNameLength } = this.#options;
    const ask = () => this.#queue.run(() => this.#ask(given), patience);
    // Without a name nothing can be guessed but a token, which nobody guesses.
    if (given.name === undefined) return admissionOf(await ask());
    const key = nameKey(validateName(given.name, { maxLength: maxNameLength }), skeleton);
    let verdict: Verdict | undefined;
    await failures.count(key, clock.monotonic(), async () => {
      verdict = await ask();
      return verdict.type === 'accepted' ? verdict : undefined;
    });
    return admissionOf(verdict);
  }

  isGiven({ headers, cookies, query, certificate }: Credentials): boolean {
    return (
      certificate !== undefined || [headers, cookies, query].some((tokens) => Object.keys(tokens).length > 0)
    );
  }

  async #ask(given: Credentials): Promise<Verdict> {
    const { name, password, headers, cookies, query, remoteAddress: address } = given;
    const certificate = given.certificate && saidOf(given.certificate, this.#options.clock.wall());
    const question = { name, password, headers, cookies, query, address, certificate };
    const verdict = await this.#addresses.call(async (url, signal) =>
      this.#verdictOf(await postJson(url, question, signal), name),
    );
    if (verdict) return verdict;
    throw new ChatError('unavailable', 'Who decides about logins cannot be reached. Try again.');
  }

  /** @throws Error if it is no answer; what is wrong with a user, who may have chosen it, is no fault of the service */
  #verdictOf(answer: unknown, askedName: string | undefined): Verdict {
    const { accept, members } = serviceAnswerOf(answer);
    const { reason, code } = members;
    if (!accept) return { type: 'denied', refusal: refusalOf(reason, 'You may not come in.', code) };
    try {
      return { type: 'accepted', user: this.#userOf({ name: askedName, ...members }) };
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return { type: 'denied', refusal: error };
    }
  }

  /** @throws ChatError `invalid-name`, `permission-denied` */
  #userOf({ id, name, claims = {}, expiresAt }: Readonly<Record<string, unknown>>): User {
    if (typeof id !== 'string' || id === '' || id.length > maxIdLength) {
      throw unusable(`an id of 1 to ${maxIdLength} characters`);
    }
    if (typeof name !== 'string') throw unusable('a name');
    if (expiresAt !== undefined && typeof expiresAt !== 'number') throw unusable('expiresAt as a number');
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw unusable('claims as an object');
    }
    if (areClaimsTooLong(claims)) throw unusable(`at most ${maxClaimsBytes} bytes of claims`);
    const shown = validateName(name, { maxLength: this.#options.maxNameLength });
    const until = expiresAt === undefined ? {} : { expiresAt };
    return { id: `webhook:${id}`, name: shown, claims: { ...claims }, ...until };
  }
}

/** What the service is told of a certificate. */
function saidOf(certificate: Certificate, now: number) {
  const { isTrusted, subject, names, fingerprint, validFrom, validTo } = certificate;
  return { subject, names, fingerprint, validTo, trusted: isTrusted && now >= validFrom && now < validTo };
}

function admissionOf(verdict: Verdict | undefined): Admission {
  if (verdict?.type === 'accepted') return { name: verdict.user.name, user: verdict.user };
  throw verdict?.refusal ?? new ChatError('permission-denied', 'You may not come in.');
}

function unusable(expected: string): ChatError {
  return new ChatError('permission-denied', `You were accepted, but without ${expected}.`);
}
