/** The authenticators of a server, in their order: the first that has something to judge decides. */

import type {
  Admission,
  Authenticator,
  Credentials,
  LoginWay,
  Patience,
  Vouching,
} from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import { ChatError } from '../core/errors.ts';
import { inTime } from './in-time.ts';

interface AuthenticatorListOptions {
  readonly clock: Clock;
  /** How long all of them together may take. */
  readonly timeoutMs: number;
}

export class AuthenticatorList {
  /** What each of them judges by, in their order. */
  readonly ways: readonly LoginWay[];
  readonly #authenticators: readonly Authenticator[];
  readonly #options: AuthenticatorListOptions;
  #vouchings: readonly Vouching[] = [];
  #vouching: Vouching = () => undefined;

  constructor(authenticators: readonly Authenticator[], options: AuthenticatorListOptions) {
    this.#authenticators = authenticators;
    this.#options = options;
    this.ways = [...new Set(authenticators.map(({ way = 'anything' }) => way))];
  }

  /** Whether something came along that one of them would judge, so that nothing need be typed. */
  isGiven(credentials: Credentials): boolean {
    return this.#authenticators.some((each) => each.isGiven?.(credentials) ?? false);
  }

  /**
   * Decides about one login.
   * @throws ChatError as `Authenticator.authenticate`; `unavailable` too if there is no answer in time, and
   *   `credentials-required` if nothing was given that could be judged, or the name is one that has to be vouched for
   */
  async admit(credentials: Credentials): Promise<Admission> {
    const { clock, timeoutMs } = this.#options;
    return inTime(clock, timeoutMs, (patience) => this.#decide(credentials, patience), tooLate);
  }

  /** Whether any of them says what has become of users. */
  get hasVouching(): boolean {
    return this.#authenticators.some(({ vouching }) => vouching !== undefined);
  }

  /** As `Authenticator.vouching`: who is denied by one, and vouched for by no other, is vouched for no more. */
  async vouching(): Promise<Vouching> {
    const asked = this.#authenticators.map((authenticator) => authenticator.vouching?.());
    const vouchings = (await Promise.all(asked)).filter((vouching) => vouching !== undefined);
    const isSame =
      vouchings.length === this.#vouchings.length &&
      vouchings.every((vouching, index) => vouching === this.#vouchings[index]);
    if (!isSame) {
      this.#vouchings = vouchings;
      this.#vouching = (user) => {
        const answers = vouchings.map((vouching) => vouching(user));
        return answers.includes(true) || (answers.includes(false) ? false : undefined);
      };
    }
    return this.#vouching;
  }

  async #decide(credentials: Credentials, patience: Patience): Promise<Admission> {
    for (const authenticator of this.#authenticators) {
      const admission = await authenticator.authenticate(credentials, patience);
      if (!admission) continue;
      if (admission.user === null) await this.#requireFreeName(admission.name, authenticator);
      return admission;
    }
    throw this.#nothingGiven('This room');
  }

  /** Where some are vouched for and others come as they like, nobody comes under the name of the former. */
  async #requireFreeName(name: string, admitting: Authenticator): Promise<void> {
    for (const other of this.#authenticators) {
      if (other === admitting || !(await other.holds?.(name))) continue;
      throw this.#nothingGiven('This name', [other]);
    }
  }

  #nothingGiven(who: string, authenticators = this.#authenticators): ChatError {
    const wanted = authenticators.map(({ asksFor }) => asksFor ?? 'a credential');
    return new ChatError('credentials-required', `${who} asks for ${[...new Set(wanted)].join(' or ')}.`);
  }
}

function tooLate(): ChatError {
  return new ChatError('unavailable', 'Nobody could say in time whether you may come in (AUTH_TIMEOUT).');
}
